#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A short round of tests/chaos/run; `make chaos` runs the long one.
load helper

@test "chaos: a server and a repository as bad as it gets, and the database holds what there is" {
	need python3
	run "$REPO_ROOT/tests/chaos/github.py" 6 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "events were lost, doubled or old"
}

@test "chaos: killed at random moments, nothing is lost and nothing doubled" {
	need jq sqlite3 git awk
	run "$REPO_ROOT/tests/chaos/run" 40 6000
	[ "$status" -eq 0 ] || fail "events were lost or doubled"
}
