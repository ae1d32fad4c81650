#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-store and the database: identity and revisions, that what went in comes out, what is refused,
# and what happens to a database that is full, locked, read-only, newer, older or not ours.
load helper

setup() { need jq sqlite3; }

# ev ID [MEMBERS]: an event; members given replace those there.
ev() {
	[ $# -gt 1 ] || { printf '{"id":"%s","source_id":"test:one","source_type":"test","kind":"k","timestamp":"2024-01-01T00:00:00Z","event_type":"observation","content":"c"}\n' "$1"; return; }
	jq -cn --arg id "$1" --argjson m "{${2:-}}" '{id:$id,source_id:"test:one",source_type:"test",kind:"k",timestamp:"2024-01-01T00:00:00Z",
		event_type:"observation",content:"c"} + $m'
}
# evs N BYTES: events e1 to eN, each with so long a content.
evs() {
	awk -v n="$1" -v bytes="$2" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"id\":\"e%d\",\"source_id\":\"test:one\",\"source_type\":\"test\",\"kind\":\"k\",\"timestamp\":\"2024-01-01T00:00:00Z\",\"event_type\":\"observation\",\"content\":\"%0*d\"}\n", i, bytes, i }'
}
count() { sql data.db "SELECT count(*) FROM ${1:-events}"; }

# out: every event as JSON again, from the columns and extra.
out() {
	local c list=
	for c in id source_id source_type kind timestamp event_type content outcome project_id session_id actor url revision duration_ms \
		files_changed lines_added lines_deleted file_path language diff git_commit git_author error_type code_event_type; do
		list+="'$c', $c, "
	done
	sql data.db "SELECT json_object(${list}'context', json(context), 'metadata', json(metadata), 'x', json(extra)) FROM events ORDER BY seq" |
		jq -cS '. as $e | del(.x) | with_entries(select(.value != null)) + ($e.x // {})'
}

# ---- identity ----

@test "a known event is no news, in whatever order and how often" {
	for _ in 1 2 3; do
		ev a '"revision":1,"content":"one"'; ev a '"revision":3,"content":"three"'; ev a '"revision":2,"content":"two"'; ev b
	done >in
	shuf -n 12 --random-source=/dev/zero in >mixed
	run -0 athena-store -v data.db <in
	contains "$output" '2 inserted, 1 updated, 9 known, 0 rejected'
	sql data.db 'SELECT * FROM events; SELECT * FROM event_history' >before
	athena-store data.db <mixed
	athena-store data.db <in
	sql data.db 'SELECT * FROM events; SELECT * FROM event_history' >after
	diff before after
	same 'three' "$(sql data.db "SELECT content FROM events WHERE id = 'a'")"
	same '1|one' "$(sql data.db 'SELECT revision, content FROM event_history')"
}

@test "the same id in another source is another event" {
	{ ev a; ev a '"source_id":"test:two"'; } | athena-store data.db
	same 2 "$(count)"
}

@test "a newer version arrives: it gets the next seq, and names it where the old one went" {
	{ ev a '"revision":1'; ev b; } | athena-store data.db
	last=$(sql data.db 'SELECT max(seq) FROM events')
	ev a '"revision":2,"content":"new"' | athena-store data.db
	same 'a|new' "$(sql data.db "SELECT id, content FROM events WHERE seq > $last")" 'what a follower sees'
	same "1|1" "$(sql data.db 'SELECT count(*), replaced_by = (SELECT seq FROM events WHERE id = '"'a'"') FROM event_history')"
	ev a '"revision":3,"content":"new"' | athena-store data.db
	same '1|3' "$(count event_history)|$(sql data.db "SELECT revision FROM events WHERE id = 'a'")" 'nothing but the revision differs'
	ev a '"revision":4,"content":"new","zzz":1' | athena-store data.db
	same 2 "$(count event_history)"
	ev a '"revision":5,"content":"new","zzz":1,"actor":"x"' | athena-store data.db
	same 3 "$(count event_history)"
}

@test "revision 0, none and one below 0 are the same" {
	{ ev a '"revision":0,"content":"x"'; ev a '"content":"y"'; ev b '"revision":-5,"content":"kept"'; ev b '"content":"new"'; ev c; ev c '"revision":0,"content":"no"'; } |
		athena-store data.db
	same 'x kept c' "$(sql data.db 'SELECT content FROM events ORDER BY id' | xargs)"
}

# ---- fidelity ----

@test "what went in comes out: equal JSON, numbers by their text" {
	cat >in <<-'EOF'
	{"id":"full","source_id":"s\u00fc","source_type":"t","kind":"k","timestamp":"2024-02-29T23:59:59.123456Z","event_type":"file_change","content":"quote \" slash \\ \/ tab \t nl \n \ud83d\ude00 ü","outcome":"success","project_id":-7,"session_id":"s","actor":"a","url":"u","revision":9007199254740991,"duration_ms":0,"files_changed":1,"lines_added":2,"lines_deleted":3,"file_path":"","language":"c","diff":"-a\n+b\n","git_commit":"abc","git_author":"A <a@b>","error_type":"e","code_event_type":"code_edit","context":{"cwd":"/","files":["a","b"],"task":null},"metadata":{"n":1.50,"e":1E5,"deep":{"a":[[],{},"\u0001"]}}}
	{"id":"extra","source_id":"s","source_type":"t","kind":"k","timestamp":"0001-01-01T00:00:00Z","event_type":"error","content":"c","seq":5,"run":"x","extra":{"a":1},"na\u006de \"q\"":1.10,"zero":-0,"big":1e400,"null":null,"actor":null,"":[true,false,null],"s":"\u00e9\\"}
	{ "content" : "spaces" , "id" : "spaces" ,"source_id":"s","source_type":"t","kind":"k","timestamp":"9999-12-31T23:59:59.9Z","event_type":"error", "metadata" : { "a" : [ 1 , 2 ] } , "other" : { "b" : 1 } }
	EOF
	run -0 athena-store data.db <in
	out >got
	jq -cS . in | diff - got
	same '1.10 -0 1e400' "$(sql data.db "SELECT extra FROM events WHERE id = 'extra'" | grep -oE '1\.10|-0|1e400' | xargs)"
	same '{"n":1.50,"e":1E5,"deep":{"a":[[],{},"\u0001"]}}' "$(sql data.db "SELECT metadata FROM events WHERE id = 'full'")"
}

@test "SELECT * FROM events: the columns, in this order" {
	athena-store data.db </dev/null
	same 'seq id source_id source_type kind timestamp event_type content outcome project_id session_id actor url revision duration_ms files_changed lines_added lines_deleted file_path language diff git_commit git_author error_type code_event_type context metadata extra run' \
		"$(sql data.db "SELECT name FROM pragma_table_info('events') LIMIT 29" | xargs)"
	same 'id project_id session_id timestamp event_type content outcome context_cwd context_files context_task context_phase context_branch duration_ms files_changed lines_added lines_deleted learned confidence evidence_type source_id evidence_quality lifecycle_status code_event_type file_path language diff git_commit git_author error_type performance_metrics importance_score' \
		"$(sql data.db "SELECT name FROM pragma_table_info('episodic_events')" | xargs)"
}

@test "episodic_events: id is seq, context taken apart, defaults" {
	ev a '"project_id":4,"context":{"cwd":"/w","files":["x","y"],"task":"t","phase":"p","branch":"b"}' | athena-store data.db
	ev b | athena-store data.db
	same '1|4|/w|["x","y"]|t|p|b|1.0|external|test:one|1.0|active|0.5' "$(sql data.db 'SELECT id, project_id, context_cwd, context_files, context_task, context_phase, context_branch, confidence, evidence_type, source_id, evidence_quality, lifecycle_status, importance_score FROM episodic_events WHERE id = 1')"
	same '2|1||' "$(sql data.db 'SELECT id, project_id, context_files, learned FROM episodic_events WHERE id = 2')"
}

@test "JSON that is deep, huge, doubled, holds NUL or half a surrogate is rejected with reason and bytes" {
	{
		printf '{"id":"deep","a":%s%s}\n' "$(printf '[%.0s' {1..500})" "$(printf ']%.0s' {1..500})"
		ev a '"content":"x"' | sed 's/"x"/"\\u0000"/'
		ev a '"content":"x"' | sed 's/"x"/"\\ud800"/'
		ev a '"content":"x"' | sed 's/"x"/"\\udc00\\ud800"/'
		ev a | sed 's/}$/,"content":"again"}/'
		ev a '"metadata":{"k":1}' | sed 's/"k":1/"k":1,"\\u006b":2/'
		ev a '"revision":1' | sed 's/"revision":1/"revision":9007199254740993/'
		printf '%s\xc0\x80"}\n' "$(ev a | sed 's/"c"}$/"/')"
		ev a '"timestamp":"2024-01-01T00:00:00+00:00"'
		ev a '"timestamp":"2024-02-30T00:00:00Z"'
		ev a '"timestamp":"2024-01-01T00:00:00.10Z"'
		ev a '"event_type":"meeting"'
		ev a '"content":""'
		ev a '"revision":1.5'
		ev a '"metadata":[]'
		ev "$(printf 'i%.0s' {1..513})"
		ev a '"id":null'
		printf '42\n'
	} >in
	n=$(wc -l <in)
	run -65 athena-store data.db <in
	same "0 $n" "$(count) $(count rejects)"
	sql data.db "SELECT hex(raw) || '0A' FROM rejects ORDER BY line" | tr -d '\n' >got
	od -An -v -tx1 in | tr -d ' \n' | tr a-f A-F | cmp - got
	same '' "$(sql data.db "SELECT line FROM rejects WHERE reason = '' OR reason IS NULL")"
}

@test "--max-line: longer lines are rejected, not buffered" {
	{ ev a; ev long "\"content\":\"$(head -c 3000 /dev/zero | tr '\0' x)\""; ev b; } >in
	run -65 athena-store --max-line 2K data.db <in
	same '2|2' "$(count)|$(sql data.db 'SELECT line FROM rejects')"
	same 1 "$(sql data.db "SELECT instr(CAST((SELECT raw FROM rejects) AS TEXT), '{\"id\":\"long\"')")"
	run -0 athena-store data.db <in
	same 3 "$(count)"
}

# ---- the database ----

@test "the mode is 0600 & ~umask" {
	(umask 077 && athena-store a.db </dev/null)
	(umask 000 && athena-store b.db </dev/null)
	same '600 600' "$(stat -c %a a.db b.db | xargs)"
	ev a | athena-store a.db
	same 600 "$(stat -c %a a.db)"
}

@test "WAL, our application_id and version, STRICT tables" {
	athena-store data.db </dev/null
	same wal "$(sql data.db 'PRAGMA journal_mode')"
	[ "$(sql data.db 'PRAGMA application_id')" -ne 0 ]
	same 2 "$(sql data.db 'PRAGMA user_version')"
	same '' "$(sql data.db "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite%'")"
}

@test "identity and time have an index that plain SQL uses" {
	ev a | athena-store data.db
	contains "$(sql data.db "EXPLAIN QUERY PLAN SELECT * FROM events WHERE source_id = 'x' AND id = 'y'")" 'INDEX'
	contains "$(sql data.db "EXPLAIN QUERY PLAN SELECT * FROM events WHERE timestamp >= '2024' ORDER BY timestamp DESC LIMIT 5")" 'USING INDEX'
}

@test "newer, foreign and no databases are refused with 78 and stay as they are" {
	athena-store newer.db </dev/null
	sql newer.db 'PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	sql foreign.db 'CREATE TABLE t(x)'
	sql app.db 'PRAGMA application_id = 7; CREATE TABLE events(x)'
	for f in newer foreign app; do
		sha256sum $f.db >before
		ev a >in
		run -78 athena-store $f.db <in
		sha256sum -c before
		[ ! -e $f.db-wal ] || [ ! -s $f.db-wal ]
	done
	yes 'not a database at all, but text' | head -n 300 >text.db
	sha256sum text.db >before
	run athena-store text.db <in
	[ "$status" -ne 0 ]
	sha256sum -c before
	mkdir dir.db
	run -73 athena-store dir.db <in
	run athena-store no/such/folder.db <in
	same 73 "$status"
}

@test "locked: 75, in time, and nothing is lost afterwards" {
	athena-store data.db </dev/null
	{ echo 'BEGIN IMMEDIATE;'; sleep 4; } | sqlite3 -batch data.db &
	sleep 0.5
	ev a >in
	run -75 athena-store --busy-timeout 1s data.db <in
	contains "$output" locked
	run -0 athena-store data.db <in
	wait
	same 1 "$(count)"
}

@test "read-only: 77" {
	ev a | athena-store data.db
	ev b >in
	if [ "$(id -u)" = 0 ]; then
		mkdir ro && cp data.db ro/
		unshare -m true 2>/dev/null || skip 'root ignores modes, and no mount namespace is to be had'
		run unshare -m bash -c 'mount --bind ro ro && mount -o remount,ro,bind ro && exec athena-store ro/data.db <in'
	else
		chmod 400 data.db
		run athena-store data.db <in
	fi
	same 77 "$status"
	contains "$output" data.db
}

@test "corrupt: said, nothing is done to it" {
	evs 200 10 | athena-store data.db
	sql data.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	size=$(stat -c %s data.db)
	dd if=/dev/urandom of=data.db bs=4096 seek=2 count=$((size / 4096 - 2)) conv=notrunc status=none
	ev new >in
	run athena-store data.db <in
	[ "$status" -eq 65 ] || [ "$status" -eq 74 ]
	contains "$output" 'data.db'
}

@test "disk full: 74, said with the count, the cursor where it was, and the rest still sound" {
	[ "$(id -u)" = 0 ] || skip 'needs root for a small file system'
	unshare -m true 2>/dev/null || skip 'no mount namespace is to be had'
	evs 3000 1000 >in
	mkdir small
	run unshare -m bash -c 'mount -t tmpfs -o size=2m none small && { athena-store small/data.db <in; rc=$?; cp small/data.db* .; exit $rc; }'
	same 74 "$status"
	contains "$output" 'disk full after'
	contains "$output" 'cursor not moved'
	same ok "$(sql data.db 'PRAGMA integrity_check')"
	run -0 athena-store data.db <in
	same 3000 "$(count)"
}

@test "usage" {
	run -64 athena-store
	run -64 athena-store a b
	run -64 athena-store --max-line 0 a.db
	run -64 athena-store --no-such a.db
	run -66 athena-store --cursor-of s none.db
	[ ! -e none.db ]
}

@test "--metrics and -v" {
	{ ev a; ev b; echo '[]'; } >in
	run -65 athena-store -v --metrics m data.db <in
	contains "$output" '2 inserted, 0 updated, 0 known, 1 rejected'
	grep -q '^athena_inserted_total{.*} 2$' m
	grep -q '^athena_rejects_total{.*} 1$' m
	grep -q '^athena_exit_code{.*} 65$' m
}
