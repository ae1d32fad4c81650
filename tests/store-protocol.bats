#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-store and the cursor protocol (athena-cursor(5)), with streams made by hand: which cursor
# moves, when, and what is said where it does not.
load helper

setup() { need jq sqlite3 sha256sum; }

# ev ID [MEMBERS]: an event of $S.
S=test:one
ev() {
	printf '{"id":"%s","source_id":"%s","source_type":"test","kind":"k","timestamp":"2024-01-01T00:00:00Z","event_type":"observation","content":"c %s"%s}\n' \
		"$1" "$S" "$1" "${2:+,$2}"
}

# A position of $S is a number: canon N PREV_HASH, the whole of a cursor file.
canon() { jq -cSjn --arg s "$S" --argjson n "$1" --arg p "$2" '{athena_cursor:1,source_id:$s,selection:{},cursor:{at:$n},prev:(if $p == "" then null else $p end)}'; }
hash() { printf %s "$1" | sha256sum | cut -c1-64; }

# cp N EVENTS FINAL: the next checkpoint of $S, from position $H on, staged beside $F; H is then its position.
F=$BATS_TEST_TMPDIR/work/f H='' STAGED=0
cpt() {
	local new prev=$H
	new=$(canon "$1" "$prev") STAGED=$((STAGED + 1))
	H=$(hash "$new")
	[ -n "${NO_STAGE:-}" ] || (umask 077 && printf %s "$new" >"$F.run.$STAGED")
	jq -cn --arg s "$S" --arg p "$prev" --arg n "$H" --argjson c "$new" --argjson e "$2" --argjson f "$3" --arg ack "$F" --arg stage "run.$STAGED" \
		'{athena:"checkpoint",source_id:$s,prev:(if $p == "" then null else $p end),next:$n,cursor:$c,events:$e,final:$f,ack:$ack,stage:$stage}'
}

count() { sql data.db "SELECT count(*) FROM ${1:-events}"; }

@test "a checkpoint commits, logs the position and moves the cursor" {
	{ ev a; ev b; cpt 1 2 true >line; cat line; } >in
	run -0 athena-store data.db <in
	same '' "$output"
	same "$(jq -cSj .cursor line)" "$(cat "$F")"
	same 600 "$(stat -c %a "$F")"
	[ ! -e "$F.run.1" ]
	same 2 "$(count)"
	same "$(cat "$F")" "$(athena-store --cursor-of "$S" data.db)"
}

moved_to() { [ "$(cursor_hash "$F")" = "$1" ]; }

@test "promotion comes after the commit: each F that is seen is in the log" {
	mkfifo pipe
	athena-store data.db <pipe &
	pid=$!
	exec 7>pipe
	for n in 1 2 3; do
		ev "e$n" >&7
		cpt "$n" 1 false >&7 # in this shell: H goes on
		eventually 5 moved_to "$H"
		same "$n" "$(count)"
		same "$(cat "$F")" "$(athena-store --cursor-of "$S" data.db)"
	done
	exec 7>&-
	wait $pid
}

@test "a gap: events are kept, this source's cursor is held, both positions and the way out are printed" {
	{ ev a; cpt 1 1 true; } | athena-store data.db
	first=$(cursor_hash "$F")
	cp "$F" before
	H=$(hash elsewhere)
	lost=$H
	{ ev b; cpt 2 1 false; ev c; cpt 3 1 true; } >in
	# another source in the same input is none the worse
	(S=test:two F=$PWD/g H=''; ev x; cpt 1 1 true) >>in
	run -78 athena-store data.db <in
	contains "$output" "$first"
	contains "$output" "$lost"
	contains "$output" "athena-store --cursor-of $S data.db > $F.new && mv $F.new $F"
	same 1 "$(grep -c "$lost" <<<"$output")" 'said once'
	cmp before "$F"
	same 4 "$(count)"
	[ -s g ] || fail "the other source's cursor was held too"
	same "$(cat before)" "$(athena-store --cursor-of "$S" data.db)"
	eval "$(grep -o 'athena-store --cursor-of .*' <<<"$output")"
	cmp before "$F" || [ "$(cat "$F")" = "$(cat before)" ]
}

@test "a gap with another database: the way out begins again" {
	{ ev a; cpt 1 1 true; } >in
	athena-store data.db <in
	{ ev b; cpt 2 1 true; } >in
	run -78 athena-store other.db <in
	contains "$output" "$(cursor_hash "$F")"
	same 1 "$(sql other.db 'SELECT count(*) FROM events')"
}

@test "damage on the way: recorded, 65, and no cursor of any source moves any more" {
	{ ev a; cpt 1 1 false; } >in
	{ ev b; echo '{"id":"torn'; ev c; cpt 2 2 true; } >>in
	(S=test:two F=$PWD/g H=''; ev x; cpt 1 1 true) >>in
	run -65 athena-store data.db <in
	same 4 "$(count)"
	same "$(canon 1 '')" "$(cat "$F")" 'moved before, not after'
	[ ! -e g ] || fail 'the cursor of another source moved'
	same '' "$(athena-store --cursor-of test:two data.db 2>/dev/null || true)"
	same '4|{"id":"torn' "$(sql data.db 'SELECT line, CAST(raw AS TEXT) FROM rejects')"
	# nothing was logged: the same stream, whole, is no gap and moves on
	sed -i '/torn$/d' in
	run -0 athena-store data.db <in
	same "$(canon 2 "$(hash "$(canon 1 '')")")" "$(cat "$F")"
}

@test "blank lines are no damage, a line of NUL is" {
	{ echo; ev a; printf ' \t\r\n\n'; cpt 1 1 true; } >in
	run -0 athena-store data.db <in
	[ -s "$F" ]
	printf '\0\0\0\n' >nul
	run -65 athena-store data.db <nul
}

@test "a reject is the source's fault: recorded with its bytes, 65, and the cursor moves" {
	{ ev a; ev b '"outcome":"great"'; printf '{"id":"n\\u0000ul"}\n[1]\n"text"\n{"a":1,"a":2}\n'; printf '{"l":"\xff"}\n'; cpt 1 2 true; } >in
	run -65 athena-store data.db <in
	same 1 "$(count)"
	same 6 "$(count rejects)"
	[ -s "$F" ]
	sqlite3 data.db "SELECT writefile('raw', CAST(group_concat(CAST(raw AS BLOB) || x'0a', '') AS BLOB)) FROM (SELECT raw FROM rejects ORDER BY line)" >/dev/null
	same "$(sed -n 2,7p in | sha256sum)" "$(sha256sum <raw)"
	same '2 3 4 5 6 7' "$(sql data.db 'SELECT line FROM rejects ORDER BY line' | xargs)"
}

@test "a broken checkpoint moves nothing and is said" {
	{ ev a; cpt 1 1 true | jq -c '.cursor.cursor.at = 9'; } >in
	run -65 athena-store data.db <in
	[ ! -e "$F" ]
	contains "$output" 'hash'
	same 1 "$(count)"
	for change in 'del(.next)' '.prev = "x"' '.events = -1' '.final = 1' '.ack = "relative"' '.stage = "../x.1"' '.source_id = "other"' 'del(.cursor)' 'del(.stage)'; do
		rm -rf data.db* f f.*
		H=''
		{ ev a; cpt 1 1 true | jq -c "$change"; } >in
		run -65 athena-store data.db <in
		[ ! -e "$F" ] || fail "$change"
		same 1 "$(count)"
		same '' "$(athena-store --cursor-of "$S" data.db 2>/dev/null || true)" "$change"
	done
}

@test "unknown control records are ignored" {
	{ echo '{"athena":"weather","x":[1]}'; echo '{"athena":1}'; echo '{"athena":null}'; ev a; cpt 1 1 true; } >in
	run -0 athena-store data.db <in
	same '' "$output"
	same '1|0' "$(count)|$(count rejects)"
}

@test "fewer events than announced: said with both numbers, kept, the cursor moves; not with --strict" {
	{ ev a; cpt 1 3 true; } >in
	cp "$F.run.1" staged
	run -0 athena-store data.db <in
	contains "$output" 3
	contains "$output" 1
	[ -s "$F" ]
	same 2 "$(sql data.db 'SELECT sum(missing) FROM runs')"
	rm -f "$F" data.db*
	cp -p staged "$F.run.1"
	run -65 athena-store --strict data.db <in
	[ ! -e "$F" ]
}

@test "cut short, complete and plain import are told apart in runs" {
	{ ev a; cpt 1 1 false; ev b; } | athena-store data.db
	same 1 "$(sql data.db 'SELECT cut_short FROM runs')"
	(S=test:two H='' F=$PWD/g; ev a; cpt 1 1 true) | athena-store data.db
	same 0 "$(sql data.db 'SELECT cut_short FROM runs ORDER BY run DESC LIMIT 1')"
	(S=test:three; ev a) | athena-store data.db
	same 0 "$(sql data.db 'SELECT cut_short FROM runs ORDER BY run DESC LIMIT 1')"
}

@test "an unfinished last line is not stored and said" {
	{ ev a; ev b | tr -d '\n'; } >in
	run -65 athena-store data.db <in
	same 1 "$(count)"
	same 0 "$(count rejects)"
	[ -n "$output" ]
}

@test "--no-ack promotes nothing, --no-cursor records no position either" {
	{ ev a; cpt 1 1 true; } >in
	run -0 athena-store --no-ack data.db <in
	[ ! -e "$F" ]
	[ -e "$F.run.1" ]
	same "$(canon 1 '')" "$(athena-store --cursor-of "$S" data.db)"
	run -0 athena-store --no-cursor other.db <in
	[ ! -e "$F" ]
	same '' "$(athena-store --cursor-of "$S" other.db 2>/dev/null || true)"
	H=$(hash x)
	{ ev b; cpt 2 1 true; } >in2
	run -0 athena-store --no-cursor other.db <in2
	same 2 "$(sql other.db 'SELECT count(*) FROM events')"
	run -0 athena-store data.db <in
	[ -s "$F" ]
}

@test "input cannot choose what is renamed" {
	echo mine >victim
	{ ev a; cpt 1 1 true; } >in
	printf '{"athena_cursor":1,"source_id":"evil"}' >"$F.run.1"
	run athena-store data.db <in
	[ "$status" -ne 0 ]
	[ ! -e "$F" ]
	rm "$F.run.1"; ln -s "$PWD/victim" "$F.run.1"
	run athena-store data2.db <in
	[ "$status" -ne 0 ]
	[ ! -e "$F" ]
	rm "$F.run.1"
	run -0 athena-store data3.db <in
	[ ! -e "$F" ]
}

@test "an F that has moved on is left alone, and is no error" {
	{ ev a; cpt 1 1 true; } >in
	canon 77 "$(hash q)" >"$F"
	cp "$F" before
	run -0 athena-store data.db <in
	cmp before "$F"
}

@test "old streams again move neither the events nor the current cursor back" {
	{ ev a; cpt 1 1 true; } >one
	{ ev b; cpt 2 1 true; } >two
	athena-store data.db <one
	athena-store data.db <two
	cp "$F" after
	athena-store --cursor-of "$S" data.db >before
	run -0 athena-store data.db <one
	same "$(cat before)" "$(athena-store --cursor-of "$S" data.db)" 'current cursor'
	cmp after "$F"
}

@test "--strict: the first reject stops it, nothing of the open batch is kept" {
	{ ev a; cpt 1 1 false; ev b; echo '{"id":1}'; ev c; cpt 2 2 true; } >in
	run -65 athena-store --strict data.db <in
	contains "$output" 4
	same 1 "$(count)"
	same "$(canon 1 '')" "$(cat "$F")"
	same 0 "$(count rejects)"
}

@test "SIGTERM and SIGINT: what is complete is committed, 143 and 130" {
	for sig in TERM INT; do
		rm -rf data.db* pipe
		mkfifo pipe
		bash -c 'exec env --default-signal=INT athena-store data.db <pipe' &
		pid=$!
		exec 7>pipe
		{ ev a; ev b; ev c | tr -d '\n'; } >&7
		sleep 0.3
		kill -$sig $pid
		rc=0
		wait $pid || rc=$?
		exec 7>&-
		same "$([ $sig = TERM ] && echo 143 || echo 130)" "$rc"
		same 2 "$(count)"
	done
}

@test "kill -9 in the middle, then the same again, equals a straight run" {
	for n in $(seq 400); do ev "$n"; [ $((n % 50)) -ne 0 ] || NO_STAGE=1 cpt "$n" 50 false; done >in
	athena-store straight.db <in
	for at in 37 120 333; do
		mkfifo pipe
		athena-store data.db <pipe &
		pid=$!
		exec 7>pipe
		head -n $at in >&7
		sleep 0.2
		kill -9 $pid
		wait $pid || true
		exec 7>&-
		rm pipe
	done
	same ok "$(sql data.db 'PRAGMA integrity_check')"
	athena-store data.db <in
	q='SELECT id, content, timestamp FROM events ORDER BY id'
	same "$(sql straight.db "$q")" "$(sql data.db "$q")"
	same "$(athena-store --cursor-of $S straight.db)" "$(athena-store --cursor-of $S data.db)"
}

@test "a slow stream is visible within two seconds, and holds no lock meanwhile" {
	mkfifo pipe
	athena-store data.db <pipe &
	pid=$!
	exec 7>pipe
	ev a >&7
	eventually 2 test "$(sql data.db 'SELECT count(*) FROM events' 2>/dev/null || echo 0)" -ge 0
	start=$SECONDS
	until [ "$(count 2>/dev/null)" = 1 ]; do [ $((SECONDS - start)) -lt 4 ] || fail 'not visible'; sleep 0.05; done
	exec 7>&-
	wait $pid
}

@test "several stores feed one database at once" {
	for s in 1 2 3 4; do
		(S=test:$s; for n in $(seq 300); do ev "$n"; [ $((n % 30)) -ne 0 ] || NO_STAGE=1 cpt "$n" 30 false; done) >in.$s
	done
	for s in 1 2 3 4; do athena-store data.db <in.$s & pids="${pids:-} $!"; done
	for p in $pids; do wait "$p"; done
	same '1200|1200' "$(sql data.db "SELECT count(*), count(DISTINCT source_id || ' ' || id) FROM events")"
	same '4|ok' "$(count cursors)|$(sql data.db 'PRAGMA integrity_check')"
}
