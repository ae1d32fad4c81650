#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Short rounds of what is in tests/chaos; `make chaos` runs the long ones.
load helper

@test "chaos: a server and a repository as bad as it gets, and the database holds what there is" {
	need python3
	run "$REPO_ROOT/tests/chaos/github.py" 6 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "events were lost, doubled or old"
}

@test "chaos: a workspace as bad as it gets, and the database holds what it does" {
	need python3
	run "$REPO_ROOT/tests/chaos/slack.py" 8 "${SEED:-100}"
	[ "$status" -eq 0 ] || fail "messages were lost, doubled or old"
}

@test "chaos: killed at random moments, nothing is lost and nothing doubled" {
	need jq sqlite3 git awk
	run "$REPO_ROOT/tests/chaos/run" 40 6000
	[ "$status" -eq 0 ] || fail "events were lost or doubled"
}

@test "chaos: each source into each sink, whatever happens to it or to its cursor" {
	need python3 curl sqlite3 git awk gzip pgrep
	run "$REPO_ROOT/tests/chaos/matrix" 2
	[ "$status" -eq 0 ] || fail "$output"
	contains "$output" '48 passed, 0 failed'
}
