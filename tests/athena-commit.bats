#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-commit: what CMD is given, when the cursor moves, and what is said where it does not.
load helper

setup() {
	need jq git
	repo_new r
	for i in 1 2 3 4 5; do repo_commit r "c$i" f; done
}

teardown() {
	local p
	for p in $(jobs -p); do kill -KILL "$p" 2>/dev/null || :; done
	[ ! -f pg/postmaster.pid ] || kill -QUIT "$(head -n 1 pg/postmaster.pid)"
}

source_git() { athena-src-git -q --cursor F r; }
commit() { source_git | athena-commit "$@"; }
staged() { find . -maxdepth 1 -name 'F.*.[0-9]*' | wc -l; }
ids() { jq -r .id "$@" | sort; }
want() { git -C r log --format=commit/%H | sort; }

# stream CHECKPOINT-EVERY EVENTS: a stream as a source writes it, with staged files beside ./S, which
# holds nothing yet; its cursors are {n: events so far}.
stream() {
	local every=$1 n=$2 i prev=null next cursor k=0
	for ((i = 1; i <= n; i++)); do
		printf '{"id":"e%d","source_id":"s","source_type":"s","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"%d"}\n' $i $i
		[ $((i % every)) -eq 0 ] || continue
		k=$((k + 1))
		cursor='{"athena_cursor":1,"cursor":{"n":'$i'},"prev":'$prev',"selection":{},"source_id":"s"}'
		next='"'$(printf %s "$cursor" | sha256sum | cut -c1-64)'"'
		(umask 077 && printf %s "$cursor" >"S.x.$k")
		printf '{"athena":"checkpoint","source_id":"s","prev":%s,"next":%s,"cursor":%s,"events":%d,"final":%s,"ack":"%s/S","stage":"x.%d"}\n' \
			"$prev" "$next" "$cursor" "$every" "$([ $i -eq "$n" ] && echo true || echo false)" "$PWD" $k
		prev=$next
	done
}
at() { jq .cursor.n S; }

@test "CMD gets the events, and the cursor moves" {
	commit -- tee got >/dev/null
	same "$(want)" "$(ids got)"
	same '' "$(checkpoints got)"
	[ -s F ]
	same 0 "$(staged)"
	run -0 commit -v -- touch never
	contains "$output" '0 events delivered in 0 batches'
	[ ! -e never ]
}

@test "options end before CMD, whose own are its own" {
	commit --batch 2 -- sh -c 'cat >"$1"' -- -v
	same 5 "$(grep -c . ./-v)"
	run -64 athena-commit </dev/null
	contains "$output" 'a command is needed'
	run -64 athena-commit --batch 0 -- cat </dev/null
	run -64 athena-commit --max-line 1 -- cat </dev/null
	run -64 athena-commit -q -v -- cat </dev/null
	run -64 athena-commit --progress --no-progress -- cat </dev/null
}

@test "--keep-control: another consumer downstream" {
	commit --keep-control -- athena-store --no-ack data.db
	same 5 "$(sql data.db 'SELECT count(*) FROM events')"
	same "$(cursor_hash F)" "$(sql data.db 'SELECT position FROM cursors')"
	run -0 commit --keep-control -- tee got
	same 1 "$(checkpoints got | wc -l)" 'the sign of life of a run that brought nothing'
}

@test "--batch: up to the first checkpoint past N, each with its own CMD" {
	stream 2 10 >in
	run -0 athena-commit -v --batch 3 -- sh -c 'wc -l >>sizes; [ ! -e S ] || jq .cursor.n S >>at' <in
	same '4 4 2' "$(paste -sd " " sizes)"
	same '4 8' "$(paste -sd " " at)" 'moved before the next batch is given out'
	same 10 "$(at)"
	contains "$output" '10 events delivered in 3 batches'
	same 0 "$(find . -name 'S.x.*' | wc -l)" 'staged files left'
}

@test "a batch that fails stops there, with the status of CMD, and comes again" {
	stream 2 10 >in
	run -9 athena-commit --batch 4 -- sh -c 'grep -q e5 && exit 9; exit 0' <in
	contains "$output" 'sh: exit status 9; the batch is not taken, cursor not moved'
	same 4 "$(at)"
	[ -e S.x.4 ] && [ -e S.x.5 ]
	run -137 athena-commit --batch 4 -- sh -c 'kill -KILL $$' <in
	contains "$output" 'signal 9 (Killed)'
	same 4 "$(at)"
}

@test "--retries: the same batch again" {
	stream 5 10 >in
	run -0 athena-commit --retries 3 --retry-delay 0 -- sh -c 'echo >>tries; n=$(wc -l <tries)
		cat >"got.$n"; [ "$n" -ge 3 ]' <in
	same 3 "$(wc -l <tries)"
	cmp got.1 got.3
	same 10 "$(wc -l <got.3)"
	same 10 "$(at)"
	contains "$output" 'exit status 1; once more'
	rm tries S
	run -1 athena-commit --retries 1 --retry-delay 0 -- sh -c 'echo >>tries; cat >/dev/null; false' <in
	same 2 "$(wc -l <tries)"
	[ ! -e S ]
}

@test "exit 0 without reading to the end takes nothing" {
	stream 5 10 >in
	run -74 athena-commit -- true <in
	contains "$output" 'exit status 0 with'
	run -74 athena-commit -- head -c 100 <in
	run -74 athena-commit -- sh -c 'exec <&-; sleep 0.1' <in
	[ ! -e S ]
	# More than a pipe holds: whoever writes it must not be left hanging.
	seq 40000 | jq -c '{id: "e\(.)", source_id: "s", source_type: "s", kind: "k", timestamp: "2024-05-01T12:00:00Z",
		event_type: "action", content: "some text to make it long"}' >large
	run -74 timeout 30 athena-commit -- true <large
	run -74 timeout 30 athena-commit -- sh -c 'sleep 0.1; exit 0' <large
	run -74 timeout 30 athena-commit -- head -n 30000 <large
	run -0 athena-commit -- wc -l <large
	contains "$output" 40000
	# Nor one who still holds the pipe when CMD has ended.
	run -74 timeout 30 athena-commit -- sh -c 'sleep 30 3<&0 >/dev/null 2>&1 & echo $! >pid' <large
	kill "$(cat pid)"
}

@test "no such command is 127, and one that cannot be run 126" {
	! under_valgrind || skip 'there a start that fails looks like an end'
	run -127 commit --retries 5 -- no-such-command
	contains "$output" 'no-such-command: No such file or directory'
	touch plain
	run -126 commit -- ./plain
	[ ! -e F ]
}

@test "what follows the last checkpoint is delivered, not promoted" {
	stream 5 12 >in
	run -0 athena-commit -v -- tee got <in
	contains "$output" 'ended without a final checkpoint'
	same 12 "$(grep -c '"id"' got)"
	same 10 "$(at)"
	rm S
	printf '{"id":"e13","source_id"' | cat in - >torn
	stream 5 12 >/dev/null
	run -65 athena-commit -- tee got <torn
	contains "$output" 'ends within a line'
	same 12 "$(grep -c . got)"
	same 10 "$(at)"
}

@test "damage on the way: no cursor moves past it" {
	stream 2 10 >in
	sed '5s/.*/{"id":"e3","sou{"id":"e4"}/' in >damaged
	run -65 athena-commit --rejects rejects -- tee got <damaged
	contains "$output" 'damage on the way'
	same 9 "$(grep -c '^{"id"' got)"
	same 2 "$(at)"
	grep -qxF '{"id":"e3","sou{"id":"e4"}' rejects
	rm S && stream 2 10 >/dev/null
	run -65 athena-commit --strict -- tee got <damaged
	contains "$output" 'stopped'
	[ ! -e S ]
}

@test "a part of the stream is missing, checkpoint and all: no cursor moves past it" {
	stream 2 8 | sed 4,6d >in
	run -78 athena-commit -- tee got <in
	contains "$output" 's: gap: the stream goes on from '
	contains "$output" 'events are delivered, cursor not moved'
	same 'e1 e2 e5 e6 e7 e8' "$(jq -r .id got | paste -sd ' ')"
	same 2 "$(at)"
	# what is no gap: the stream from there on, and where another cursor of that source stood
	stream 2 8 | sed 1,3d >in
	rm S.x.2
	run -0 athena-commit --batch 1 -- cat <in
	same 8 "$(at)"
	git -C r branch other HEAD~2
	for i in 6 7 8; do
		repo_commit r "c$i"
		git -C r branch -f other HEAD~1
		{ source_git; athena-src-git -q --cursor G --branch other r; } | athena-commit -- cat 2>said >nothing
		same '' "$(cat said)"
	done
}

@test "what is no valid event is not passed on, is said, and the cursor moves" {
	stream 2 4 >in
	sed -i '2s/"kind":"k",//; 4s/"e3"/"\\u0000"/' in
	awk 'NR == 3 { print ""; printf "{\"id\":\""; for (i = 0; i < 3000; i++) printf "x"; print "\"}" } { print }' in >rejected
	run -65 athena-commit --max-line 2K --rejects rejects -- tee got <rejected
	contains "$output" 'rejected: no kind'
	contains "$output" '3 lines rejected, which were not passed on; they are in rejects'
	same 2 "$(grep -c '^{"id"' got)"
	same 4 "$(at)"
	same 3 "$(grep -c . rejects)"
	same 600 "$(stat -c %a rejects)"
	# where they cannot be kept nobody says that they are
	run -74 athena-commit --rejects /dev/full -- cat <<<'{"id":"x"}'
	contains "$output" 'athena-commit: /dev/full: No space left on device; cursor not moved'
	[[ "$output" != *'they are in'* ]]
}

@test "a filter may drop events; --strict minds" {
	stream 5 10 >in
	grep -v '"id":"e3"' in >filtered
	run -0 athena-commit -- tee got <filtered
	contains "$output" '5 events announced, 4 arrived'
	same 10 "$(at)"
	rm S && stream 5 10 >/dev/null
	run -65 athena-commit --strict -- tee got <filtered
	[ ! -e S ]
}

@test "the input chooses neither path nor content" {
	stream 5 5 >in
	echo '{"other":1}' >S.x.1
	run -78 athena-commit -- tee got <in
	contains "$output" 'cursor not moved'
	contains "$output" 'events are delivered'
	[ ! -e S ]
	sed '$s/"n":5/"n":6/' in >forged
	run -65 athena-commit -- tee got <forged
	contains "$output" 'does not hash to next'
	# An F that has moved on is no error, and is left where it is.
	rm S.x.1
	stream 5 10 >two
	athena-commit -- cat <two >/dev/null
	stream 5 5 >in
	run -0 athena-commit -- cat <in
	same 10 "$(at)"
}

@test "several sources in one stream, each with its own cursor" {
	repo_new q
	repo_commit q 'other' f
	{ source_git; athena-src-git -q --cursor G q; } | athena-commit -- tee got >/dev/null
	same 6 "$(grep -c . got)"
	[ -s F ] && [ -s G ]
}

@test "the spool: needs a place, holds more than memory would" {
	! under_valgrind || skip 'which needs a TMPDIR itself'
	TMPDIR=$PWD/none run -73 commit -- cat
	contains "$output" 'TMPDIR names another place'
	[ ! -e F ]
	if [ -e /dev/full ]; then
		stream 5 10 >in
		run -74 bash -c 'ulimit -f 1; seq 3000 | jq -c "{id: \"e\(.)\", source_id: \"s\", source_type: \"s\", kind: \"k\",
			timestamp: \"2024-05-01T12:00:00Z\", event_type: \"action\", content: \"text\"}" | athena-commit -- cat'
		contains "$output" 'cannot spool'
	fi
	TMPDIR=$PWD commit -- sh -c 'cat >got; ls' >seen
	same '' "$(grep athena-commit seen)" 'its file has no name'
}

@test "--metrics" {
	stream 2 10 >in
	athena-commit --batch 4 --metrics m -- cat <in >/dev/null
	grep -q '^athena_events_total{program="athena-commit",source="cat"} 10$' m
	grep -q '^athena_exit_code{.*} 0$' m
}

# ---- signals and kills ----

@test "SIGTERM while CMD runs: it is told, and if it took the batch all the same the cursor moves" {
	stream 5 10 >in
	athena-commit -- sh -c 'trap "echo told >told; cat >got; exit 0" TERM; touch ready; while :; do sleep 0.05; done' <in 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	kill -TERM $p
	wait $p || code=$?
	same 143 "$code"
	[ -e told ]
	same 10 "$(at)"
	rm S told ready && stream 5 10 >/dev/null
	athena-commit -- sh -c 'touch ready; exec sleep 60' <in 2>said 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	kill -TERM $p
	wait $p || code=$?
	same 143 "$code"
	[ ! -e S ]
}

@test "SIGTERM while the stream is read: the open batch comes again" {
	stream 5 10 >in
	mkfifo fifo
	athena-commit --batch 6 -- sh -c 'cat >>got; touch ready' <fifo 3>&- &
	p=$!
	exec 9>fifo
	cat in >&9
	head -n 1 in >&9
	eventually 20 [ -e ready ]
	eventually 20 [ -e S ]
	kill -TERM $p
	wait $p || code=$?
	exec 9>&-
	same 143 "$code"
	same 10 "$(grep -c . got)"
	same 10 "$(at)"
}

# Rounds of a pipeline in which one of source, athena-commit and CMD is killed; then one undisturbed.
# CMD appends, so nothing may be missing, and what is there twice is there whole.
@test "whoever is killed, nothing is lost" {
	local i src com victim
	for i in $(seq 12); do
		repo_commit r "more $i" f
		pipe_open
		athena-src-git -q --cursor F r >&9 2>>log 8<&- 9>&- &
		src=$!
		athena-commit -- sh -c 'echo $$ >cmd; cat >>out' <&8 2>>log 8<&- 9>&- &
		com=$!
		pipe_close
		sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
		case $((i % 3)) in
		0) victim=$src ;;
		1) victim=$com ;;
		2) victim=$(cat cmd 2>/dev/null || echo $com) ;;
		esac
		kill -KILL "$victim" 2>/dev/null || :
		wait $src $com 2>/dev/null || :
		rm -f cmd
	done
	# A line that a killed CMD did not finish is its own affair.
	[ ! -s out ] || [ "$(tail -c 1 out | wc -l)" = 1 ] || echo >>out
	commit -- sh -c 'cat >>out'
	same "$(want)" "$(jq -Rr 'fromjson? | .id' out | sort -u)"
	run -0 commit -v -- cat
	contains "$output" '0 events delivered'
}

# ---- PostgreSQL, for real ----

# as_user COMMAND...: PostgreSQL does not run as root.
as_user() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

postgres_start() {
	local bin folder
	bin=$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
	folder=$(mktemp -d "${TMPDIR:-/tmp}/athena-pg.XXXXXX") # a socket's name must be short
	ln -s "$folder" pg
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$folder"
	(
		cd "$folder" || exit
		export HOME=$folder
		as_user "$bin/initdb" -D "$folder" -U test -A trust -E UTF8 --no-sync >/dev/null
		as_user "$bin/postgres" -D "$folder" -c listen_addresses= -c unix_socket_directories="$folder" -c shared_buffers=8MB \
			-c max_connections=10 >log 2>&1 3>&- &
	)
	export PGHOST=$folder PGUSER=test PGDATABASE=postgres
	eventually 30 psql -X -q -c 'SELECT 1' >/dev/null 2>&1
}

postgres_stop() {
	kill -QUIT "$(head -n 1 pg/postmaster.pid)"
	eventually 20 [ ! -e pg/postmaster.pid ]
	rm -rf "$(readlink pg)" pg
}

# of_manual WORD: the example of the man page that runs WORD.
of_manual() {
	awk -v word="$1" '/^\.Bd -literal/ { on = 1; text = ""; next } /^\.Ed/ { if (on && index(text, word)) printf "%s", text; on = 0 }
		on { text = text $0 "\n" }' "$REPO_ROOT/man/athena-commit.1" | sed 's/\\e/\\/g; s/\\-/-/g; s/\\(dq/"/g'
}

@test "PostgreSQL: the example of the man page, killed at random, loses nothing and doubles nothing" {
	need psql setpriv
	postgres_start
	local script i src com victim
	script=$(of_manual 'psql ' | sed -n 's/^athena-commit //p' | sed 's/-d memory/-d postgres/')
	[ -n "$script" ] || fail 'no example'
	cp "$REPO_ROOT/man/examples/postgresql.sql" .
	for i in $(seq 9); do
		repo_commit r "more \\ \"$i\" ü, \$x\\." f
		pipe_open
		athena-src-git -q --cursor F r >&9 2>>log 8<&- 9>&- &
		src=$!
		eval "exec athena-commit ${script/--retries 5/}" <&8 2>>log 8<&- 9>&- &
		com=$!
		pipe_close
		sleep "0.0$((RANDOM % 7))$((RANDOM % 10))"
		case $((i % 3)) in
		0) victim=$src ;;
		1) victim=$com ;;
		2) victim=$(pgrep -P $com psql || echo $com) ;;
		esac
		kill -KILL $victim 2>/dev/null || :
		wait $src $com 2>/dev/null || :
	done
	source_git | eval "athena-commit $script"
	same "$(want)" "$(psql -X -At -c 'SELECT id FROM events' | sort)"
	same "$(git -C r log --format=%s | sort)" "$(psql -X -At -c "SELECT event->>'content' FROM events" | sort)"
	# The same stream again, and a newer and an older revision within one batch.
	athena-src-git -q r | eval "athena-commit $script"
	same 14 "$(psql -X -At -c 'SELECT count(*) FROM events')"
	athena-src-git -q --limit 1 r | jq -c '.revision = 7, .revision = 9, .revision = 8 | .content = "revision \(.revision)"' |
		eval "athena-commit $script"
	same 14 "$(psql -X -At -c 'SELECT count(*) FROM events')"
	same 'revision 9' "$(psql -X -At -c "SELECT event->>'content' FROM events WHERE revision > 0")"
	# A server that is gone is a failure, and one that comes back gets it all.
	repo_commit r 'while it is away' f
	postgres_stop
	before=$(cursor_hash F)
	run -2 bash -c "athena-src-git -q --cursor F r | athena-commit ${script/--retries 5/}"
	same "$before" "$(cursor_hash F)"
}

# ---- Kafka, with the broker that librdkafka carries for tests: its protocol over TCP, in the memory of a consumer ----

@test "Kafka: the example of the man page, with a broker: all events, under their keys, and none while it is away" {
	command -v kcat >/dev/null || skip 'kcat is not installed'
	local broker taker
	kcat -C -b none -X test.mock.num.brokers=1 -d mock -t events -u -K '\t' -o beginning >taken 2>log 3>&- &
	taker=$!
	eventually 20 grep -q 'replaced with' log
	broker=$(sed -n 's/.*replaced with \(127[0-9.:]*\).*/\1/p' log)
	of_manual 'kcat ' | sed "s/broker:9092/$broker/" >script
	ln -s r repo
	bash -euo pipefail script
	eventually 20 eval '[ "$(wc -l <taken)" -ge 5 ]'
	same "$(git -C r log --format="git:$PWD/r/commit/%H" | sort)" "$(cut -f 1 taken | sort)"
	same "$(git -C r log --format=%s | sort)" "$(cut -f 2- taken | jq -r .content | sort)"
	repo_commit r 'while it is away' f
	kill $taker
	wait $taker || :
	before=$(cursor_hash kafka.cursor)
	sed -i 's/--retries 5//; s/-X acks/-X message.timeout.ms=1000 &/' script
	run ! bash -euo pipefail script
	same "$before" "$(cursor_hash kafka.cursor)"
}

# ---- the other examples, with a stand-in that keeps what it was given ----

# fake NAME [STATUS]
fake() {
	mkdir -p bin
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >%s/args\ncat >%s/input\nexit %s\n' "$PWD" "$PWD" "${2:-0}" >"bin/$1"
	chmod +x "bin/$1"
	PATH=$PWD/bin:$PATH
}

example() {
	of_manual "$1" >script
	[ -s script ] || fail "no example of $1"
	ln -sfn r repo
	bash -euo pipefail script
}

@test "Kafka: keys and values as the man page has them" {
	fake kcat
	example 'kcat '
	same "$(git -C r log --format=commit/%H | sort)" "$(cut -f1 input | sed 's|.*/commit/|commit/|' | sort)"
	cut -f2- input | jq -es 'length == 5 and all(.id)'
	contains "$(paste -sd " " args)" 'acks=all'
	[ -s kafka.cursor ]
	repo_commit r 'more' f
	fake kcat 1
	before=$(cursor_hash kafka.cursor)
	sed 's/--retries 5//' script >once
	run -1 bash -euo pipefail once
	same "$before" "$(cursor_hash kafka.cursor)"
}

@test "ClickHouse: curl gets the lines, and a server that refuses is a failure" {
	fake curl
	example 'curl '
	same "$(want)" "$(ids input)"
	contains "$(paste -sd " " args)" 'JSONEachRow'
	# The columns of its table are members of an event.
	sed -n 's/^\t\([a-z_]*\) .*/\1/p' "$EXAMPLES/clickhouse.sql" >columns
	same 14 "$(wc -l <columns)"
	same '' "$(jq -r '.properties | keys[]' "$REPO_ROOT/lib/athena-event.schema.json" | grep -vxf - columns)"
	[ -s ch.cursor ]
	fake curl 22
	repo_commit r 'more' f
	sed 's/--retries 5//' script >once
	run -22 bash -euo pipefail once
}

@test "ssh: the store over there knows the events, the cursor stays here" {
	mkdir bin there
	printf '#!/bin/sh\nshift\ncd %s && exec "$@"\n' "$PWD/there" >bin/ssh
	chmod +x bin/ssh
	PATH=$PWD/bin:$PATH
	example 'ssh '
	same 5 "$(sql there/data.db 'SELECT count(*) FROM events')"
	same "$(cursor_hash remote.cursor)" "$(sql there/data.db 'SELECT position FROM cursors')"
}
