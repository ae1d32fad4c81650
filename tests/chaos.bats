#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A short round of tests/chaos/run; `make chaos` runs the long one.
load helper

@test "chaos: killed at random moments, nothing is lost and nothing doubled" {
	need jq sqlite3 git awk
	run "$REPO_ROOT/tests/chaos/run" 40 6000
	[ "$status" -eq 0 ] || fail "events were lost or doubled"
}
