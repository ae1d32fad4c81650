#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What each program has given up by the time it ends, asked from within it: see lib/confine.h.
load helper
load mock/mock

setup_file() {
	local name
	for name in probe oldkernel; do "${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/$name.so" "$FIXTURES/$name.c"; done
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
	ATHENA_PROBE=${ELSEWHERE:-$PWD/elsewhere} LD_PRELOAD=$BATS_FILE_TMPDIR/probe.so \
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

@test "athena-query: no file but beside the database, in the cache and where SQLite sorts, no network and no programs" {
	local event='{"id":"1","source_id":"s","source_type":"s","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"c"}'
	# this test may be below /tmp, where it may write
	local ELSEWHERE
	ELSEWHERE=$(mktemp -d -p /dev/shm) || skip 'no other place to be kept from'
	mkdir data
	athena-store data/a.db <<<"$event"
	probed athena-query --match c data/a.db >out 2>said
	rm -r "$ELSEWHERE"
	gave_up said 0
	same 1 "$(wc -l <out)"
	[ -s data/a.db.fts ] || fail 'the index is written all the same'
	rm data/a.db.fts
	chmod 500 data
	XDG_CACHE_HOME=$PWD/new/cache athena-query --match c data/a.db >out
	same 1 "$(wc -l <out)"
}

@test "athena-config: nothing but reading" {
	printf '[store]\ndatabase = d.db\n' >config
	probed athena-config --config config >out 2>said
	gave_up said 0
	contains "$(cat out)" d.db
}

@test "athena-store: before it has opened the database, and for a question" {
	athena-store a.db </dev/null
	probed athena-store --check a.db >out 2>said
	gave_up said 4
	run probed athena-store --cursor-of none a.db
	printf '%s\n' "$output" >said
	gave_up said 4
}

# on_kernel LANDLOCK SECCOMP COMMAND...: a kernel that knows just so much, with the probe inside.
on_kernel() {
	local landlock=$1 seccomp=$2
	shift 2
	ATHENA_LANDLOCK=$landlock ATHENA_SECCOMP=$seccomp ATHENA_PROBE=$PWD/elsewhere \
		LD_PRELOAD="$BATS_FILE_TMPDIR/oldkernel.so $BATS_FILE_TMPDIR/probe.so" \
		ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@"
}

@test "on an older kernel each gives up what that knows, and says nothing" {
	local landlock
	repo_new repo
	repo_commit repo one file
	athena-src-git repo >want
	mkdir state
	for landlock in 0 1 2 3; do
		on_kernel $landlock 1 athena-src-git --cursor state/F$landlock --commit=exit repo >out 2>said
		events out | cmp - want
		gave_up said $((landlock ? 0 : 4))
		same 1 "$(wc -l <said)" "$(cat said)"
		[ -s state/F$landlock ]
	done
	on_kernel 0 0 athena-src-git repo >out 2>said
	cmp out want
	gave_up said 7
	same 1 "$(wc -l <said)" "$(cat said)"
	on_kernel 0 0 athena-store d.db <out 2>said
	gave_up said 7
	same 1 "$(sql d.db 'SELECT count(*) FROM events')"
	on_kernel 0 0 athena-query d.db >out 2>said
	gave_up said 7
	same 1 "$(wc -l <out)"
}

# What a source could do that somebody else has taken over: built as one, with its library.
@test "a source that was taken over cannot change what lies elsewhere" {
	((CONFINES & 4)) || skip 'no Landlock here'
	mkdir state elsewhere/folder
	echo precious >elsewhere/file
	ln -s ../elsewhere/file state/link
	cat >taken.c <<-'END'
		#include <errno.h>
		#include <fcntl.h>
		#include <stdio.h>
		#include <sys/ptrace.h>
		#include <sys/socket.h>
		#include <sys/stat.h>
		#include <unistd.h>
		#include "source.h"
		#define TRY(what) printf("%-9s %s\n", #what, (errno = 0, what()) ? errno == EACCES || errno == EPERM || errno == EXDEV ? "refused" : "failed" : "done")
		static int writes(void) { return open("elsewhere/file", O_WRONLY) < 0; }
		static int by_link(void) { return open("state/link", O_WRONLY | O_TRUNC) < 0; }
		static int makes(void) { return open("elsewhere/new", O_WRONLY | O_CREAT, 0600) < 0; }
		static int renames(void) { return rename("elsewhere/file", "elsewhere/other"); }
		static int fetches(void) { return rename("elsewhere/file", "state/file"); }
		static int links(void) { return link("elsewhere/file", "state/hard"); }
		static int removes(void) { return unlink("elsewhere/file"); }
		static int empties(void) { return truncate("elsewhere/file", 0); }
		static int folder(void) { return mkdir("elsewhere/new", 0700); }
		static int node(void) { return mknod("elsewhere/new", S_IFIFO | 0600, 0); }
		static int symbolic(void) { return symlink("x", "elsewhere/new"); }
		static int connects(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0; }
		static int local(void) { return socket(AF_UNIX, SOCK_STREAM, 0) < 0; }
		static int traces(void) { return ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0; }
		static int runs(void) { return execl("/bin/true", "true", (char *)0); }
		static int own(void) { return open("state/new", O_WRONLY | O_CREAT, 0600) < 0; }
		static int reads(void) { return open("elsewhere/file", O_RDONLY) < 0; }
		int main(void)
		{
			struct source src = {.cursor_path = "state/F"};
			source_confine(&src, 0, NULL, 0);
			TRY(writes); TRY(by_link); TRY(makes); TRY(renames); TRY(fetches); TRY(links); TRY(removes); TRY(empties);
			TRY(folder); TRY(node); TRY(symbolic); TRY(connects); TRY(local); TRY(traces); TRY(runs);
			TRY(own); TRY(reads);
			return 0;
		}
	END
	local lib
	lib=$(dirname "$ATHENA_BIN")/libathena.a
	[ -f "$lib" ] || skip 'no library of this build'
	! grep -q __asan_init "$lib" || skip 'linked without the sanitizer that it was built with'
	cc -D_GNU_SOURCE -I "$REPO_ROOT/lib" taken.c "$lib" -ljansson -o taken
	./taken >did
	same 'own done reads done' "$(awk '$2 != "refused"' did | xargs)" "$(cat did)"
	same 15 "$(grep -c refused did)"
	same precious "$(cat elsewhere/file)"
}

@test "each program is linked as it is to be: nothing that is executed can be written, nor the other way round" {
	need readelf nm
	local p
	[ "$(uname -s)" = Linux ] || skip 'no ELF'
	for p in "$ATHENA_BIN"/*; do
		LC_ALL=C readelf -hldW "$p" >elf 2>/dev/null || continue
		grep -q 'Type: *DYN' elf || fail "$p: not position-independent"
		grep -q GNU_RELRO elf || fail "$p: no RELRO"
		grep -q 'Flags:.*NOW' elf || fail "$p: RELRO is not full"
		grep -q 'GNU_STACK.*RW ' elf || fail "$p: the stack can be executed"
		! awk '$1 == "LOAD" && /W/ && /E/' elf | grep . || fail "$p: a segment for both"
		grep -q __stack_chk_fail < <(nm -D "$p") || fail "$p: no stack protector"
		grep -q __asan_init "$p" || grep -q '_chk@' < <(nm -D "$p") || fail "$p: no FORTIFY"
	done
	case $(uname -m) in x86_64)
		p=$(dirname "$ATHENA_BIN")/cmd/athena-store/main.o
		[ ! -f "$p" ] || contains "$(LC_ALL=C readelf -nW "$p")" 'IBT, SHSTK'
		contains "$(LC_ALL=C readelf -nW "$ATHENA_BIN/athena-store")" SHSTK
		;;
	esac
}
