#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What we wrote ourselves against what others wrote, on inputs drawn from a seed: short rounds; `make differential` runs
# the long ones.
load helper

setup() { need python3 git jq iconv; }

@test "differential: any bytes come out as Python's decoder, iconv and jq have them" {
	run "$REPO_ROOT/tests/differential/text.py" 5 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "differential: a position is named by the bytes of jq -cSj" {
	run "$REPO_ROOT/tests/differential/canonical.py" 1 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "differential: the counts of git log --numstat" {
	run "$REPO_ROOT/tests/differential/numstat.py" 8 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "$output"
}

@test "differential: lines of Common and Combined Log Format as regular expressions read them" {
	run "$REPO_ROOT/tests/differential/clf.py" 1 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "$output"
}
