#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What each program has given up by the time it ends, asked from within it: see lib/confine.h.
load helper
load mock/mock

setup_file() {
	"${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/probe.so" "$FIXTURES/probe.c"
	# What this build can give up on this kernel: network 1, programs 2, files 4.
	CONFINES=$("$(dirname "$ATHENA_BIN")/tests/unit/confine" | sed -n 's/.*all given up (\(.*\))/\1/p')
	export CONFINES
}

setup() {
	need cc python3 curl
	mkdir elsewhere
}
teardown() { mock_stop; }

# probed COMMAND...: runs it with the probe inside.
probed() {
	ATHENA_PROBE=$PWD/elsewhere LD_PRELOAD=$BATS_FILE_TMPDIR/probe.so \
		ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@"
}

# gave_up FILE KEPT: the program that wrote FILE to stderr could do just what is kept (a sum of 1, 2, 4), and what
# cannot be given up here.
gave_up() {
	local left=$((7 & ~(CONFINES & ~$2))) no_yes=(no yes)

	same "probe: network ${no_yes[left & 1]}, programs ${no_yes[left >> 1 & 1]}, files ${no_yes[left >> 2]}" \
		"$(grep '^probe: ' "$1")"
}

@test "athena-src-git: no network, no programs, no file but the cursor's and the metrics'" {
	repo_new repo
	repo_commit repo one file
	mkdir state metrics
	probed athena-src-git --cursor state/F --metrics metrics/m --commit=exit repo >out 2>said
	gave_up said 0
	same '' "$(ls elsewhere)"
	[ -s state/F ] && [ -s metrics/m ] || fail "the cursor and the metrics are written all the same"
}

@test "athena-src-git: refused what it would start or send, it reads on" {
	repo_new repo
	repo_commit repo one file
	git -C repo config core.fsmonitor 'touch elsewhere/started'
	git -C repo config core.sshCommand 'touch elsewhere/started'
	probed athena-src-git --worktree repo >out 2>said
	gave_up said 0
	same 1 "$(events out | wc -l)"
	same '' "$(ls elsewhere)"
}

@test "athena-src-github: the network, and no file but those of cursor, cache and state" {
	mock_start github '{"ops":[{"do":"commit","message":"first"},{"do":"issue","title":"one"}]}'
	mkdir state
	GITHUB_TOKEN=ghp_$MARK probed athena-src-github --api-url "$MOCK_URL" --cursor state/F --cache cache octo/hello >out 2>said
	gave_up said 1
	[ -n "$(ls cache)" ] || fail "the cache is written all the same"
}

@test "athena-store: files, which its input may name, but no network and no programs" {
	probed athena-store a.db </dev/null 2>said
	gave_up said 4
}

# is_confined PID: it has as many threads as it is to have, and calls of each of them are filtered.
is_confined() {
	[ "$(cat /proc/"$1"/task/*/status | grep -c '^Seccomp:.2$')" = $(($(nproc) > 1 ? 2 : 1)) ] &&
		! grep -q '^Seccomp:.0$' /proc/"$1"/task/*/status
}

@test "athena-store: the thread that reads has given up the same" {
	[ $((CONFINES & 1)) = 1 ] && [ -r /proc/self/status ] || skip 'nothing can be given up here, or there is no /proc'
	! under_valgrind && ! grep -q __tsan_init "$ATHENA_BIN/athena-store" || skip 'not its own threads alone'
	pipe_open
	athena-store a.db <&8 8<&- 9>&- &
	eventually 10 is_confined $!
	pipe_close
	wait $!
}

@test "athena-src-apilog: no network, and no file but those of cursor and rejects" {
	printf '%s\n' '1.2.3.4 - - [24/Nov/2026:03:04:02 +0000] "GET /a HTTP/1.1" 200 5' nonsense >a.log
	mkdir state
	run -65 probed athena-src-apilog --cursor state/F --rejects state/rejects --commit=exit a.log
	printf '%s\n' "$output" >said
	gave_up said 2
	[ -s state/F ] && [ -s state/rejects ] || fail "the cursor and the rejects are written all the same"
}

@test "athena-src-slack: as athena-src-github; from an export, no network either" {
	mkdir -p export/general state
	echo '[{"id":"U1","team_id":"T1","name":"ann"}]' >export/users.json
	echo '[{"id":"C1","name":"general"}]' >export/channels.json
	echo '[{"type":"message","user":"U1","text":"hello","ts":"1700000000.000100"}]' >export/general/2023-11-14.json
	probed athena-src-slack --export export --workspace T1 >out 2>said
	gave_up said 0
	same 1 "$(events out | wc -l)"
	mock_start slack '{}'
	SLACK_TOKEN=xoxb-$MARK probed athena-src-slack --api-url "$MOCK_URL" --cursor state/F --cache cache >out 2>said || cat said
	gave_up said 1
}

@test "athena-query: files, for its index and for sorting, but no network and no programs" {
	athena-store a.db </dev/null
	probed athena-query a.db 2>said
	gave_up said 4
}
