#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2034 # SOURCE_ENV and SINK_ENV are for run_SINK
# What the disk and the memory do to those that trust them: a short round of tests/faults/run, the order of
# writes from a trace, the power that fails, and disks that are full for real. `make faults` runs it all.
load helper
load world

INJECT=${ATHENA_BIN%/*}/tests/faults/inject.so
POWER=$REPO_ROOT/tests/faults/power.py

setup() {
	need jq git sqlite3 python3
	[ -f "$INJECT" ] || fail "$INJECT is missing"
	case $BATS_TEST_DESCRIPTION in
	*'left behind'*) grep -q __asan_init "$ATHENA_BIN/athena-store" || skip 'a sanitizer looks for it, see make check-asan' ;;
	*) ! grep -q __asan_init "$ATHENA_BIN/athena-store" || skip 'the same is tried without a sanitizer' ;;
	esac
	SOURCE_ENV=() SINK_ENV=()
}

teardown() { world_end; }

# traced SINK RUNS [SOURCE]: so many runs of a source, git's, that grows, in a trace that holds all their writes; stream is
# what the source said. Its clock runs fast, so that it has many checkpoints.
traced() {
	local i
	world "${3:-git}"
	export FAULT_TRACE=$PWD/trace FAULT_CLOCK=2000
	for ((i = 0; i < $2; i++)); do
		SOURCE_ENV=(LD_PRELOAD="$INJECT") SINK_ENV=(LD_PRELOAD="$INJECT")
		"run_$1"
		same '0 0' "$S $T" "run $i: $(cat src.err sink.err)"
		grow 20
	done
	unset FAULT_TRACE FAULT_CLOCK
	SOURCE_ENV=() SINK_ENV=()
}

# without PATTERN: the trace as it would be had nobody made those calls
without() { grep -vE "$1" trace >trace.less; }

# promotes: F is synced before it gets its name, and its folder after that; without either the trace would tell
promotes() {
	without $'\tfsync\t[0-9]+\t.*/F[^/]*$'
	run -1 "$POWER" order trace.less .
	contains "$output" 'which is not synced'
	without $'\tfsync\t[0-9]+\t'"$PWD\$"
	run -1 "$POWER" order trace.less .
	contains "$output" 'its folder not synced'
}

@test "order: nothing is renamed before it is synced, and F only moves when its events are on the disk" {
	traced store 2
	run -0 "$POWER" order trace .
	without $'\tfsync\t[0-9]+\t.*/d\\.db-wal$'
	run -1 "$POWER" order trace.less .
	contains "$output" 'while d.db-wal is not synced'
	promotes
}

@test "order: a regular file as the reader, and any command" {
	traced file 2
	run -0 "$POWER" order trace .
	without $'\tfsync\t[0-9]+\t.*/out\\.ndjson$'
	run -1 "$POWER" order trace.less .
	contains "$output" 'while out.ndjson is not synced'
	rm -rf ./*
	traced commit 2
	run -0 "$POWER" order trace .
}

@test "order: a source that moves F itself, at its end" {
	traced exit 2
	run -0 "$POWER" order trace .
	promotes
}

@test "order: every source, into the store" {
	local source
	for source in github slack logs; do
		rm -rf ./* && traced store 2 "$source"
		world_end
		run -0 "$POWER" order trace .
	done
}

@test "calls that fail: no memory is left behind" {
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'fsync rename' git/store/athena-src-git git/store/athena-store
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'fsync rename open pipe spawn' git/commit/athena-commit
}

@test "calls that fail, site after site: each is found again in the next run" {
	SEED=1 EVERY=60 run -0 "$REPO_ROOT/tests/faults/run" -s -c alloc git/store/athena-src-git
	[[ $output =~ athena-src-git\ alloc:ENOMEM:1,\ ([0-9]+)\ sites,\ ([0-9]+)\ rounds ]] || fail "$output"
	((BASH_REMATCH[1] > 2 && BASH_REMATCH[2] >= BASH_REMATCH[1])) || fail "$output"
	contains "$output" ' 0 more were not made again'
	SEED=1 run -0 "$REPO_ROOT/tests/faults/run" -s -c fsync git/store/athena-src-git
	contains "$output" 'fsync:EIO:1, '
}

@test "the power fails: what F stands for is there, and the database is sound" {
	local i
	world git
	export FAULT_TRACE=$PWD/trace FAULT_CLOCK=2000
	for i in 1 2 3; do
		LD_PRELOAD=$INJECT athena-src-git -q --cursor F repo | tee -a stream | LD_PRELOAD=$INJECT athena-store d.db
		grow 20
	done
	unset FAULT_TRACE FAULT_CLOCK
	run -0 "$POWER" cut trace . stream 120 1
	contains "$output" '120 cuts in '
	without $'\tfsync\t[0-9]+\t.*/F[^/]*$'
	run -1 "$POWER" cut trace.less . stream 60 1
	without $'\tfsync\t[0-9]+\t.*/d\\.db-wal$'
	run -1 "$POWER" cut trace.less . stream 60 1
}

@test "the power fails: a regular file" {
	local i
	world git
	export FAULT_TRACE=$PWD/trace FAULT_CLOCK=2000
	for i in 1 2 3; do
		LD_PRELOAD=$INJECT athena-src-git -q --cursor F repo >>out.ndjson
		grow 20
	done
	unset FAULT_TRACE FAULT_CLOCK
	run -0 "$POWER" cut trace . out.ndjson 120 2
	without $'\tfsync\t[0-9]+\t.*/out\\.ndjson$'
	run -1 "$POWER" cut trace.less . out.ndjson 60 2
}

@test "calls that fail: the store, the source, a command" {
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'fsync alloc' git/store/athena-store
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'open rename' git/store/athena-src-git
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'write spawn' git/commit/athena-commit
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'read rename stat folder' logs/store/athena-src-apilog
	run -0 "$REPO_ROOT/tests/faults/run" -q -c 'fsync alloc' slack/store/athena-src-slack
}

@test "calls that fail in the middle of a revision: it is there with the version before, or not at all" {
	local i call how at status now before after rounds
	event() { # N WORD LENGTH REVISION
		printf '{"id":"e%d","source_id":"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"%s %s","revision":%d}\n' "$1" "$2" "$(printf "%0${3}d")" "$4"
	}
	state() { sql d.db 'SELECT seq, id, revision, content FROM events ORDER BY seq; SELECT seq, id, revision, content, replaced_by FROM event_history ORDER BY seq; PRAGMA integrity_check'; }
	# long enough to overflow a page; more of them than a small cache holds
	for i in {1..60}; do event $i old 3000 1; done | athena-store -q base.db
	for i in {1..60}; do event $i new 5000 2; done >revisions
	for i in {61..70}; do event $i other 10 1; done >>revisions
	cp base.db d.db && before=$(state)
	athena-store -q d.db <revisions && after=$(state)
	contains "$after" '|new '
	[ "$before" != "$after" ]
	for call in write:ENOSPC:0 write:EIO:1 write:short:0 fsync:EIO:1 alloc:ENOMEM:1 read:EIO:1 truncate:EIO:1; do
		IFS=: read -r call how at <<<"$call"
		rounds=0
		for ((i = 1; ; i += 1 + i / 3)); do
			rm -f d.db* hit
			status=0
			cp base.db d.db
			LD_PRELOAD=$INJECT FAULT_CALL=$call FAULT_HOW=$how FAULT_AT=$i FAULT_TIMES=$at FAULT_HIT=$PWD/hit \
				athena-store -q d.db <revisions 2>said || status=$?
			[ -s hit ] || break
			rounds=$((rounds + 1))
			now=$(state)
			[ "$now" = "$before" ] || [ "$now" = "$after" ] || fail "$call:$how at $i: neither before nor after: $(cat said)"
			[ "$status" != 0 ] || same "$after" "$now" "$call:$how at $i: all is well"
		done
		[ $rounds -gt 1 ] || fail "$call:$how: $rounds rounds"
	done
	# What SQLite itself refuses leaves what the statements before it have done: the program takes that back.
	for call in 'UPDATE ON event_rows' 'INSERT ON event_history'; do
		rm -f d.db*
		cp base.db d.db
		sql d.db "CREATE TRIGGER no BEFORE $call WHEN new.id = 'e30' BEGIN SELECT raise(FAIL, 'not this one'); END"
		run -70 athena-store -q d.db <revisions
		contains "$output" 'not this one after 0 events; cursor not moved'
		same "$before" "$(state)" "$call"
	done
}

@test "a pack that cannot be opened, or is read in pieces, is no history that was pruned" {
	local call how path fault
	world git
	run_store
	grow
	cp F before
	for fault in 'open EMFILE *.pack' 'open EACCES *.idx' 'open EIO */refs/heads/main' 'open EIO */HEAD' 'read short *.pack'; do
		read -r call how path <<<"$fault"
		SOURCE_ENV=(LD_PRELOAD="$INJECT" FAULT_CALL="$call" FAULT_HOW="$how" FAULT_PATH="$path" FAULT_TIMES=0)
		run_store
		case $S in 65 | 74 | 77) ;; *) fail "$fault: exit status $S" ;; esac
		grep -q '^athena-src-git: ' src.err
		cmp F before
	done
	SOURCE_ENV=()
	run_store
	same '0 0' "$S $T"
	same "$(git -C repo rev-list --count HEAD)" "$(sql d.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
	same 0 "$(sql d.db "SELECT count(*) FROM events WHERE kind <> 'commit'")"
}

# on_small SIZE COMMAND: in ./small, a file system of so many bytes of our own. The command can enlarge it.
on_small() {
	unshare -rm sh -c 'mount -t tmpfs -o "size=$1" small small && shift && cd small && exec "$@"' sh "$@"
}

@test "a disk that is full: said, nothing half-written, and with room it goes on" {
	mkdir small
	on_small 64k true 2>/dev/null || skip 'this user may not mount a file system'
	world git
	grow 400
	cat >story <<-'END'
		set -u
		athena-src-git -q --cursor F ../repo 2>../src.err | athena-store -q d.db 2>../sink.err
		status=$?
		case $status in 73 | 74) ;; *) echo "size $1: exit status $status"; cat ../sink.err; exit 1 ;; esac
		grep -q 'disk full\|No space left\|database or disk is full' ../src.err ../sink.err || { echo "size $1:"; cat ../src.err ../sink.err; exit 1; }
		mount -o remount,size=16m small . || exit 1
		[ ! -s F ] || at=$(jq -cSj . F | sha256sum | cut -c1-64)
		[ ! -s F ] || [ "$(sqlite3 d.db "SELECT count(*) FROM positions WHERE position = '$at'")" = 1 ] || { echo "size $1: F is ahead"; exit 1; }
		set -o pipefail
		athena-src-git -q --cursor F ../repo | athena-store d.db || { echo "size $1: afterwards: $?"; exit 1; }
		[ "$(sqlite3 d.db 'PRAGMA integrity_check; SELECT count(*) FROM events' | paste -sd ' ')" = 'ok 412' ] || exit 1
	END
	for size in 24k 120k 280k 480k; do
		run on_small "$size" bash ../story $size
		[ "$status" -eq 0 ] || fail "$size"
	done
}

@test "a disk that is full: a regular file, a command, athena sync" {
	local way size
	mkdir small athena
	on_small 64k true 2>/dev/null || skip 'this user may not mount a file system'
	world git
	grow 400
	printf '[store]\ndatabase = %s/small/d.db\n[source "one"]\ntype = git\nrepo = %s/repo\ncursor = %s/small/F\n' \
		"$PWD" "$PWD" "$PWD" >athena/config
	cat >story <<-'END'
		set -uo pipefail
		export XDG_CONFIG_HOME=$PWD/.. XDG_STATE_HOME=$PWD/state TMPDIR=$PWD
		case $2 in
		file) one() { athena-src-git -q --cursor F ../repo >>out.ndjson 2>../err; } ;;
		commit) one() { athena-src-git -q --cursor F ../repo 2>../err | athena-commit -q -- sh -c 'cat >>../taken' 2>>../err; } ;;
		sync) one() { athena-sync -q --deadline 0 2>../err; } ;;
		esac
		one
		status=$?
		case $status in 73 | 74) ;; *) echo "$2 $1: exit status $status"; cat ../err; exit 1 ;; esac
		grep -q 'disk full\|No space left\|database or disk is full' ../err || { echo "$2 $1:"; cat ../err; exit 1; }
		mount -o remount,size=16m small . || exit 1
		one || { echo "$2 $1: afterwards: $?"; cat ../err; exit 1; }
		case $2 in file) cp out.ndjson ../taken ;; sync) athena-query d.db >../taken ;; esac
		[ "$(grep -o '"id":"commit/[0-9a-f]*"' ../taken | sort -u | wc -l)" = 412 ] || { echo "$2 $1: not all"; exit 1; }
		[ ! -d state ] || rm -r state
		[ "$(ls | sed '/^F/d; /^d\.db/d; /^out.ndjson$/d')" = '' ] || { echo "$2 $1: left behind"; ls; exit 1; }
	END
	for way in file commit sync; do
		for size in 20k 100k 200k; do
			rm -f taken
			run on_small $size bash ../story $size $way
			[ "$status" -eq 0 ] || fail "$way $size"
		done
	done
}

@test "a file system that may only be read: 77 or 73, and nothing is touched" {
	mkdir small
	on_small 64k true 2>/dev/null || skip 'this user may not mount a file system'
	world git
	cat >story <<-'END'
		athena-src-git -q --cursor F ../repo | athena-store d.db || exit 1
		before=$(cat F d.db | sha256sum)
		mount -o remount,ro small . || exit 1
		athena-src-git -q --cursor F ../repo >/dev/null 2>../err
		echo "source $?"
		athena-src-git -q ../repo | athena-store d.db 2>>../err
		echo "store $?"
		[ "$before" = "$(cat F d.db | sha256sum)" ] || echo touched
	END
	run -0 on_small 16m bash ../story
	same $'source 73\nstore 77' "$output"
	same 2 "$(wc -l <err)" "$(cat err)"
}

@test "short reads: a log, its rotations and its compressed ones, as if all came at once" {
	local i n=0
	lines() { for i in $(seq "$1"); do echo "10.0.0.$((i % 200)) - - [01/May/2024:12:00:00 +0000] \"GET /n/$((n += 1)) HTTP/1.1\" 200 $i"; done; }
	lines 3000 >a.log
	athena-src-apilog -q --cursor F a.log >all
	lines 2000 >>a.log
	cp a.log a.log.1
	lines 1000 >a.log # by copytruncate: the same file
	lines 500 >a.log.2
	gzip a.log.2
	LD_PRELOAD=$INJECT FAULT_CALL=read FAULT_TIMES=0 FAULT_HOW=short FAULT_HIT=$PWD/hit FAULT_PATH='*a.log*' \
		athena-src-apilog --cursor F a.log >>all 2>said
	[ "$(wc -l <hit)" -gt 10 ]
	same '' "$(cat said)"
	same 6500 "$(events all | jq -r .id | sort -u | wc -l)"
	same 6500 "$(events all | wc -l)"
}
