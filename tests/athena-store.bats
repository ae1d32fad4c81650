#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-store: events into SQLite, and the store's side of the cursor protocol. Streams are
# made by hand here, with real hashes, so that no source is needed.
load helper

setup() { need jq sqlite3 sha256sum; }
teardown() {
	local p
	for p in $(jobs -p); do kill -KILL "$p" 2>/dev/null || :; done
	if [ -e mounted ]; then umount disk; fi
}

# event ID [MEMBERS [SOURCE]]: a line; MEMBERS as `"revision":3`.
event() {
	printf '{"id":"%s","source_id":"%s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z",' "$1" "${3:-s}"
	printf '"event_type":"action"%s,"content":"event %s"}\n' "${2:+,$2}" "$1"
}
# many FROM TO: that many events, ids of one width.
many() {
	seq -f '{"id":"n/%08.0f","source_id":"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"some text of an event"}' "$1" "$2"
}
# cursor PREV N [SOURCE]: the content of a cursor file, in its canonical form.
cursor() {
	local prev=null
	[ -z "$1" ] || prev=\"$1\"
	printf '{"athena_cursor":1,"cursor":{"n":%s},"prev":%s,"selection":{},"source_id":"%s"}' "$2" "$prev" "${3:-s}"
}
# at PREV N [SOURCE]: its hash.
at() { cursor "$@" | sha256sum | cut -c1-64; }
# checkpoint F PREV N EVENTS [FINAL [SOURCE]]: lays F.run.N beside F and writes the line.
checkpoint() {
	local prev=null
	[ -z "$2" ] || prev=\"$2\"
	cursor "$2" "$3" "${6:-s}" >"$1.run.$3"
	printf '{"athena":"checkpoint","source_id":"%s","prev":%s,"next":"%s","cursor":%s,"events":%s,"final":%s,"ack":"%s","stage":"run.%s"}\n' \
		"${6:-s}" "$prev" "$(at "$2" "$3" "${6:-s}")" "$(cat "$1.run.$3")" "$4" "${5:-true}" "$PWD/$1" "$3"
}

count() { sql "${2:-data.db}" "SELECT count(*) FROM $1"; }
at_position() { [ "$(cursor_hash "$1")" = "$2" ]; }
has_rows() { [ "$(count events 2>/dev/null)" = "$1" ]; }
# rows DB: everything about events that must not depend on how they came.
rows() {
	sql "$1" "SELECT id, source_id, source_type, kind, timestamp, event_type, content, outcome, project_id, session_id,
		actor, url, revision, duration_ms, files_changed, lines_added, lines_deleted, file_path, language, diff, git_commit,
		git_author, error_type, code_event_type, context, metadata, extra FROM events ORDER BY source_id, id"
}
# again DB: the events of DB as JSON, sorted by id.
again() {
	sqlite3 -batch -init /dev/null -json "$1" 'SELECT * FROM events ORDER BY seq' | jq -cS '.[] |
		(.context, .metadata, .extra) |= (if . then fromjson else null end) | (.extra // {}) as $extra |
		del(.extra, .run, .seq) | with_entries(select(.value != null)) + $extra'
}

# ---- events ----

@test "an event becomes a row, silently" {
	run -0 athena-store data.db < <(event a)
	same '' "$output"
	same '1|a|s|t|k|2024-05-01T12:00:00Z|action|event a|||||||||||||||||||||1' "$(sql data.db 'SELECT * FROM events')"
}

@test "every member comes out again, equal" {
	cat >in <<-'END'
		{"id":"a","source_id":"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00.25Z","event_type":"file_change","content":"x","outcome":"success","project_id":7,"session_id":"se","actor":"me","url":"https://example.org/","revision":9007199254740992,"duration_ms":0,"files_changed":1,"lines_added":2,"lines_deleted":3,"file_path":"a/b","language":"C","diff":"+x\n","git_commit":"00","git_author":"A <a@example.org>","error_type":"e","code_event_type":"code_edit","context":{"cwd":"/","files":["a","b"],"task":"t","phase":"p","branch":"main"},"metadata":{"deep":[[{"a":{}}]],"n":1e3}}
		{"content":"\u00e9\t\"\\\/\ud83d\ude00 é","event_type":"action","timestamp":"2024-05-01T12:00:00Z","kind":"k\u0065","source_type":"t","source_id":"s","\u0069d":"b","actor":"","url":null,"revision":-1,"e\u0078tra":{"z":null}}
	END
	athena-store data.db <in
	diff <(jq -cS . in) <(again data.db)
	same integer,integer,text "$(sql data.db "SELECT typeof(project_id) || ',' || typeof(revision) || ',' || typeof(actor) FROM events WHERE id = 'a'")"
	same null "$(sql data.db "SELECT typeof(project_id) FROM events WHERE id = 'b'")"
}

@test "unknown members survive byte for byte" {
	event a '"x\u0041": [1.50, 1E+2,  "\u00e9\/"],"learned":"much","y":-0.0,"n":null' >in
	athena-store data.db <in
	same '{"x\u0041":[1.50, 1E+2,  "\u00e9\/"],"learned":"much","y":-0.0,"n":null}' "$(sql data.db 'SELECT extra FROM events')"
	event b '"metadata":{ "a" : 1.0,"b":"\u00e9" },"context":{"files":[ ]}' >in
	athena-store data.db <in
	same '{ "a" : 1.0,"b":"\u00e9" }|{"files":[ ]}|' "$(sql data.db "SELECT metadata, context, extra FROM events WHERE id = 'b'")"
}

@test "blank lines, carriage returns and unknown control records are nothing" {
	printf '\n  \t\n%s\r\n\r\n{"athena":"hello","id":7}\n{"athena":null}\n' "$(event a)" >in
	run -0 athena-store -v data.db <in
	contains "$output" '1 inserted, 0 updated, 0 known, 0 rejected'
	same 1 "$(count events)"
}

@test "a replay changes nothing, in any order" {
	{
		event a '"revision":1'
		event a '"revision":5,"actor":"x"'
		event b
		event a '"revision":3,"actor":"y"'
		many 1 500
	} >in
	athena-store data.db <in
	rows data.db >before
	sql data.db 'SELECT seq, id FROM events' >seqs
	sql data.db 'SELECT * FROM event_history' >history
	run -0 athena-store -v data.db <in
	contains "$output" '0 inserted, 0 updated, 504 known'
	shuf --random-source=in in | athena-store data.db
	tac in | athena-store data.db
	rows data.db | diff before -
	sql data.db 'SELECT seq, id FROM events' | diff seqs -
	sql data.db 'SELECT * FROM event_history' | diff history -
	same '5|x' "$(sql data.db "SELECT revision, actor FROM events WHERE id = 'a'")"
}

@test "a higher revision replaces, arrives last, and the old one is history" {
	{ event a '"actor":"one"'; event b; } | athena-store data.db
	run -0 athena-store -v data.db < <(event a '"revision":2,"actor":"two"')
	contains "$output" '0 inserted, 1 updated, 0 known'
	event a '"revision":4,"actor":"three"' | athena-store data.db
	event a '"revision":3,"actor":"late"' | athena-store data.db
	same $'2|b||\n4|a|4|three' "$(sql data.db 'SELECT seq, id, revision, actor FROM events ORDER BY seq')"
	same $'1|a|s||one|event a|1|3\n3|a|s|2|two|event a|2|4' \
		"$(sql data.db 'SELECT seq, id, source_id, revision, actor, content, run, replaced_by FROM event_history ORDER BY seq')"
}

# Memory of lines is used again, block by block: a control record ends each.
@test "of a line that was read before nothing is left in a new version" {
	local i
	for i in 1 2 3; do
		event a "\"revision\":$i,\"lines_added\":$i"
		echo '{"athena":"other"}'
		event "b$i" '"actor":"x","url":"u","project_id":7,"metadata":{"m":1},"more":1'
		echo '{"athena":"other"}'
	done >three
	for i in 1 2 3 4 5 6 7; do
		cat three
		event c "\"revision\":$i,\"lines_added\":$i"
		echo '{"athena":"other"}'
	done | athena-store data.db
	same '|||||' "$(sql data.db "SELECT DISTINCT actor, url, project_id, metadata, extra, diff FROM events WHERE id IN ('a', 'c')")"
	same '|||||' "$(sql data.db 'SELECT DISTINCT actor, url, project_id, metadata, extra, diff FROM event_history')"
}

# Many events are one statement, which stops where one was there and may be newer.
@test "versions and new events by turns keep the order in which they came" {
	local at
	versions() {
		event a '"revision":1'; event b; event a '"revision":3,"actor":"x"'; event c; event a '"revision":2'
		event b; event d '"revision":1'; event a '"revision":4'; event e; event d '"revision":1'
	}
	run -0 athena-store -v data.db < <(versions)
	same 'athena-store: data.db: 5 inserted, 2 updated, 3 known, 0 rejected' "$output"
	same '2b 4c 5d 6a 7e' "$(sql data.db "SELECT group_concat(seq || id, ' ') FROM (SELECT * FROM events ORDER BY seq)")"
	same '1>3 3>6' "$(sql data.db "SELECT group_concat(seq || '>' || replaced_by, ' ') FROM event_history")"
	# somebody's trigger, for which SQLite reads all that waits before it inserts the first
	athena-store other.db </dev/null
	sql other.db 'CREATE TABLE seen(id); CREATE TRIGGER t AFTER INSERT ON event_rows BEGIN INSERT INTO seen VALUES(new.id); END'
	run -0 athena-store -v other.db < <(versions)
	same 'athena-store: other.db: 5 inserted, 2 updated, 3 known, 0 rejected' "$output"
	for at in events event_history; do
		diff <(sql data.db "SELECT * FROM $at ORDER BY seq") <(sql other.db "SELECT * FROM $at ORDER BY seq")
	done
	same 5 "$(count seen other.db)"
}

@test "texts with escapes, more of them than wait at once" {
	seq 300 | jq -cR --arg long "$(printf '"%.0s' {1..700})" '{id: ., source_id: "s", source_type: "t", kind: "k", timestamp: "2024-05-01T12:00:00Z",
		event_type: "action", content: (. + "\n" + $long * (tonumber % 9)), "\"": $long}' >in
	jq -nc --arg long "$(printf '\\%.0s' {1..100000})" 'reduce inputs as $e ([]; . + [$e]) | .[150].content += $long | .[]' in >long
	run -0 athena-store data.db <long
	diff <(jq -cS . long) <(again data.db)
}

@test "a revision in which nothing else differs leaves no history" {
	event a '"revision":1,"actor":"x","u":1' | athena-store data.db
	event a '"revision":9,"actor":"x","u":1' | athena-store data.db
	same '1|9' "$(sql data.db 'SELECT seq, revision FROM events')"
	same 0 "$(count event_history)"
	event a '"revision":10,"actor":"x","u":1.0' | athena-store data.db
	same 1 "$(count event_history)"
}

@test "no revision, 0 and one below 0 are the same revision" {
	{ event a '"revision":0,"actor":"x"'; event a '"actor":"y"'; event b '"revision":-5,"actor":"x"'; event b; event c '"actor":"x"'; event c '"revision":0'; } |
		athena-store data.db
	same 'x x x' "$(sql data.db "SELECT group_concat(actor, ' ') FROM events")"
	same 0 "$(count event_history)"
}

@test "the same id in two sources is two events" {
	{ event a '' one; event a '' two; event a '' one; } | athena-store data.db
	same $'one\ntwo' "$(sql data.db "SELECT source_id FROM events WHERE id = 'a' ORDER BY 1")"
}

@test "the views: columns of an episodic memory, and indices that are used" {
	same 'id project_id session_id timestamp event_type content outcome context_cwd context_files context_task context_phase context_branch duration_ms files_changed lines_added lines_deleted learned confidence evidence_type source_id evidence_quality lifecycle_status code_event_type file_path language diff git_commit git_author error_type performance_metrics importance_score' \
		"$(athena-store data.db </dev/null && sql data.db "SELECT group_concat(name, ' ') FROM pragma_table_info('episodic_events')")"
	event a '"context":{"cwd":"/w","files":["x","y"],"branch":"main"}' | athena-store data.db
	event b '"project_id":3,"confidence":0.25,"learned":"l"' | athena-store data.db
	same $'1|1|/w|["x","y"]|main|1.0|external|1.0|active|0.5|\n2|3||||0.25|external|1.0|active|0.5|l' "$(sql data.db 'SELECT id, project_id,
		context_cwd, context_files, context_branch, confidence, evidence_type, evidence_quality, lifecycle_status, importance_score, learned FROM episodic_events')"
	contains "$(sql data.db 'EXPLAIN QUERY PLAN SELECT * FROM events ORDER BY timestamp DESC LIMIT 3')" event_rows_time
	contains "$(sql data.db "EXPLAIN QUERY PLAN SELECT * FROM events WHERE source_id = 's' ORDER BY timestamp DESC LIMIT 3")" 'event_rows_source (source=?)'
	contains "$(sql data.db "EXPLAIN QUERY PLAN SELECT * FROM events WHERE source_id = 's' AND id = 'a'")" 'event_rows_identity (source=? AND id=?)'
}

# ---- rejects ----

@test "what is no event goes to rejects with its bytes, and the rest goes on" {
	{
		event a
		echo '{"id":"x"}'
		echo '[1]'
		echo '"text"'
		event dup '"actor":"1","actor":"2"'
		event nul '"actor":"a\u0000b"'
		event lone '"metadata":{"x":"\ud800"}'
		event big '"metadata":{"x":9007199254740993}'
		event frac '"files_changed":1.5'
		event when '"timestamp":1'
		printf '%s\n' "$(event utf8 '"actor":"'$'\xff''"')"
		event b
	} >in
	run -65 athena-store data.db <in
	contains "$output" 'data.db: 10 of 12 lines rejected'
	contains "$output" 'stdin:2: rejected: no '
	[[ $output != *'makes events'* ]] || fail 'some are'
	run -65 athena-store log.db <<<'10.0.0.1 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 1'
	contains "$output" 'log.db: 1 of 1 lines rejected; they are in the table rejects; of a log or a repository a source makes events'
	same 2 "$(count events)"
	same '2 3 4 5 6 7 8 9 10 11' "$(sql data.db "SELECT group_concat(line, ' ') FROM rejects")"
	sqlite3 -init /dev/null data.db "SELECT hex(raw) FROM rejects WHERE line IN (5, 6, 7, 11)" >got
	sed -n '5p;6p;7p;11p' in | while IFS= read -r line; do printf %s "$line" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F; echo; done | diff - got
	contains "$(sql data.db "SELECT reason FROM rejects WHERE line = 5")" duplicate
	contains "$(sql data.db "SELECT reason FROM rejects WHERE line = 6")" U+0000
	contains "$(sql data.db "SELECT reason FROM rejects WHERE line = 7")" surrogate
	same '65|12|2|10' "$(sql data.db 'SELECT exit_code, lines, events, rejected FROM runs')"
}

@test "JSON that is deep, deeper and endless" {
	local open close
	open=$(printf '[%.0s' {1..100}) close=$(printf ']%.0s' {1..100})
	event a "\"metadata\":{\"x\":$open$close}" | athena-store data.db
	open=$(printf '[%.0s' {1..200}) close=$(printf ']%.0s' {1..200})
	run -65 athena-store data.db < <(event b "\"metadata\":{\"x\":$open$close}")
	contains "$output" deep
	{ head -c 3000000 /dev/zero | tr '\0' '['; echo; event c; } >in
	run -65 athena-store data.db <in
	same 'a c' "$(sql data.db "SELECT group_concat(id, ' ') FROM events")"
}

@test "--max-line: too long a line is rejected, and kept by its beginning" {
	{
		event a
		event b "\"actor\":\"$(head -c 100000 /dev/zero | tr '\0' y)\""
		event c
	} >in
	run -65 athena-store --max-line 1K data.db <in
	contains "$output" '--max-line'
	same 2 "$(count events)"
	same '2|1024' "$(sql data.db 'SELECT line, length(raw) FROM rejects')"
	athena-store --max-line 200K data.db <in
	same 3 "$(count events)"
	run -64 athena-store --max-line 12 data.db </dev/null
}

@test "an unfinished last line is not stored, and said" {
	run -65 athena-store data.db < <(event a; event b | tr -d '\n')
	contains "$output" 'stdin:2: the input ends within a line'
	same '1|0' "$(count events)|$(count rejects)"
	rm data.db
	run -65 athena-store data.db < <(printf '{')
	same 65 "$(sql data.db 'SELECT exit_code FROM runs')"
}

@test "--strict: stops at the first reject, nothing of the open batch is kept" {
	local h
	h=$(at '' 1)
	{
		event a
		checkpoint f '' 1 1 false
		event b
		echo '{}'
		event c
		checkpoint f "$h" 2 2
	} >in
	run -65 athena-store --strict data.db <in
	contains "$output" 'stdin:4: '
	same a "$(sql data.db "SELECT group_concat(id, ' ') FROM events")"
	same 0 "$(count rejects)"
	same "$h" "$(cursor_hash f)"
	same '65|4|1|1' "$(sql data.db 'SELECT exit_code, lines, events, rejected FROM runs')"
	run -65 athena-store --strict new.db < <(event a; echo no)
	same '0|65' "$(count events new.db)|$(sql new.db 'SELECT exit_code FROM runs')"
}

# ---- the cursor ----

@test "a checkpoint: events, position and cursor are committed, and F moves" {
	local h
	h=$(at '' 1)
	run -0 athena-store data.db < <(event a; checkpoint f '' 1 1)
	same '' "$output"
	same "$h" "$(cursor_hash f)"
	[ ! -e f.run.1 ]
	same "s|$h" "$(sql data.db 'SELECT source_id, position FROM positions')"
	same "$(cat f)" "$(sql data.db 'SELECT cursor FROM cursors')"
	same "$h|1|1" "$(sql data.db 'SELECT position, final, run FROM cursors')"
	event b | cat - <(checkpoint f "$h" 2 1) | athena-store data.db
	same "$(at "$h" 2)" "$(cursor_hash f)"
	same 2 "$(count positions)"
	same "$(cat f)" "$(athena-store --cursor-of s data.db)"
}

@test "checkpoints of a live stream: F and the database go on together" {
	local pid n h=
	mkfifo pipe
	athena-store data.db <pipe &
	pid=$!
	exec 7>pipe
	for n in 1 2 3 4; do
		{ event "e$n"; checkpoint f "$h" "$n" 1 false; } >&7
		h=$(at "$h" "$n")
		eventually 10 at_position f "$h"
		same "$n" "$(count events)"
		same "$(cat f)" "$(athena-store --cursor-of s data.db)"
	done
	exec 7>&-
	wait "$pid"
}

@test "a database that is removed or replaced in mid-stream: said, and no cursor moves for what went with it" {
	local pid what h code
	for what in 'rm data.db' 'mv other.db data.db'; do
		rm -rf f* ./*.db*
		event o | athena-store other.db
		pipe_open
		athena-store data.db <&8 8<&- 9>&- 2>said &
		pid=$!
		{ event e1; checkpoint f '' 1 1 false; } >&9
		h=$(at '' 1)
		eventually 10 at_position f "$h"
		$what
		{ event e2; checkpoint f "$h" 2 1; } >&9
		pipe_close
		code=0
		wait "$pid" || code=$?
		same 74 "$code"
		same "athena-store: data.db: was removed or replaced by another file while it was open; cursor not moved; its -wal is still there and fits no other file: move that away too" "$(cat said)"
		same "$h" "$(cursor_hash f)" "$what"
	done
	rm data.db-*
	run -78 athena-store data.db < <(event e2; checkpoint f "$h" 2 1)
	contains "$output" "to begin again: rm $PWD/f"
}

@test "the canonical form is what jq -cSj makes, its hash what sha256sum says" {
	local h=3b1c7a8d4b8f3a52f9a6b7f7b4ecf7f31ab9aa8a4a8d33a26e7b26bb2c4fb1a4
	same "$(cursor '' 1 | jq -cSj .)" "$(cursor '' 1)"
	same "$(cursor "$h" 2 z | jq -cSj .)" "$(cursor "$h" 2 z)"
	{ event a; checkpoint f '' 1 1 | jq -c '.cursor |= ({source_id} + .)'; } | athena-store data.db
	same "$(cursor '' 1)" "$(sql data.db 'SELECT cursor FROM cursors')"
	same "$(at '' 1)" "$(cursor_hash f)"
}

@test "nothing new is a sign of life: next is prev" {
	local h
	h=$(at '' 1)
	{ event a; checkpoint f '' 1 1; } | athena-store data.db
	cp f before
	checkpoint f '' 1 0 | sed "s/\"prev\":null,\"next\"/\"prev\":\"$h\",\"next\"/" >in
	rm f.run.1
	run -0 athena-store data.db <in
	same '' "$output"
	cmp f before
	same '2|1' "$(sql data.db 'SELECT run, (SELECT count(*) FROM positions) FROM cursors')"
}

@test "several checkpoints, several sources, one input" {
	local h
	h=$(at '' 1)
	{
		event a
		event a '' z
		checkpoint f '' 1 1 false
		event b
		checkpoint g '' 1 1 true z
		checkpoint f "$h" 2 1
	} | athena-store data.db
	same "$(at "$h" 2)" "$(cursor_hash f)"
	same "$(at '' 1 z)" "$(cursor_hash g)"
	same $'s|2|2|0|1|0|0\nz|1|1|0|1|0|0' "$(sql data.db 'SELECT source_id, events, checkpoints, missing, final, gap, cut_short FROM run_sources')"
}

@test "--no-ack records the position and moves nothing; --no-cursor records none" {
	{ event a; checkpoint f '' 1 1; } >in
	athena-store --no-ack data.db <in
	[ ! -e f ]
	[ -e f.run.1 ]
	same 1 "$(count positions)"
	athena-store --no-cursor new.db <in
	[ ! -e f ]
	same '1|0|0' "$(count events new.db)|$(count positions new.db)|$(count cursors new.db)"
	checkpoint f "$(at '' 7)" 8 0 >in
	athena-store --no-cursor new.db <in
}

@test "a gap: events stay, the cursor does not move, and the way out works" {
	local h
	h=$(at '' 1)
	{ event a; checkpoint f '' 1 1; } | athena-store data.db
	cp data.db restored.db
	{ event b; checkpoint f "$h" 2 1; } | athena-store data.db
	cp f before
	{ event c; checkpoint f "$(at "$h" 2)" 3 1 false; event d; checkpoint f "$(at "$(at "$h" 2)" 3)" 4 1; } >in
	run -78 athena-store restored.db <in
	cmp f before
	contains "$output" "$(at "$h" 2)"
	contains "$output" "$h"
	contains "$output" 'gap'
	same 'a c d' "$(sql restored.db "SELECT group_concat(id, ' ') FROM events")"
	same "1 $h" "$(count positions restored.db) $(sql restored.db 'SELECT position FROM cursors')"
	same '1|78' "$(sql restored.db 'SELECT gaps, exit_code FROM runs ORDER BY run DESC LIMIT 1')"
	local way="athena-store --cursor-of s restored.db > $PWD/f.new && mv $PWD/f.new $PWD/f"
	contains "$output" "$way"
	bash -c "$way"
	same "$h" "$(cursor_hash f)"
	{ event b; event c; checkpoint f "$h" 5 2; } | athena-store restored.db
	same "$(at "$h" 5)" "$(cursor_hash f)"
}

@test "a gap in a new database; other sources go on" {
	cursor "$(at '' 1)" 2 >f
	{
		event a
		checkpoint f "$(at "$(at '' 1)" 2)" 3 1
		event b '' z
		checkpoint g '' 1 1 true z
	} >in
	run -78 athena-store data.db <in
	same "$(at "$(at '' 1)" 2)" "$(cursor_hash f)"
	same "$(at '' 1 z)" "$(cursor_hash g)"
	contains "$output" 'no position'
	contains "$output" "rm $PWD/f"
	same z "$(sql data.db 'SELECT source_id FROM cursors')"
}

@test "a position that was seen once is no gap, however old" {
	local h
	h=$(at '' 1)
	{ event a; checkpoint f '' 1 1; } | athena-store data.db
	cp f old
	{ event b; checkpoint f "$h" 2 1; } | athena-store data.db
	cp old f
	{ event c; checkpoint f "$h" 9 1; } | athena-store data.db
	same "$(at "$h" 9)" "$(cursor_hash f)"
	rm f
	{ event a; checkpoint f '' 1 1; } | athena-store data.db
	same "$h" "$(cursor_hash f)"
	same "$(at "$h" 9)" "$(athena-store --cursor-of s data.db | sha256sum | cut -c1-64)" 'an old stream took the cursor back'
}

@test "damage: no cursor moves for the rest of the input, for no source" {
	local h
	h=$(at '' 1)
	{
		event a
		checkpoint f '' 1 1 false
		event b
		printf '{"id":"torn%s\n' "$(event c)"
		checkpoint f "$h" 2 2
		event d '' z
		checkpoint g '' 1 1 true z
	} >in
	run -65 athena-store data.db <in
	contains "$output" 'stdin:4: damage on the way; no cursor moves'
	same "$h" "$(cursor_hash f)"
	[ ! -e g ]
	same "1|$h" "$(count positions)|$(sql data.db 'SELECT position FROM cursors')"
	same 'a b d' "$(sql data.db "SELECT group_concat(id, ' ') FROM events")"
	contains "$(sql data.db 'SELECT reason FROM rejects')" 'not JSON'
	{ event b; event c; checkpoint f "$h" 2 2; } | athena-store data.db
	same "$(at "$h" 2)" "$(cursor_hash f)"
}

@test "JSON that is no event is no damage: the cursor moves" {
	run -65 athena-store data.db < <(event a; echo '{"source_id":"s"}'; event b "\"actor\":\"$(head -c 3000 /dev/zero | tr '\0' y)\""; checkpoint f '' 1 2)
	same "$(at '' 1)" "$(cursor_hash f)"
	rm -rf f data.db
	run -65 athena-store --max-line 2K data.db < <(event a; event b "\"actor\":\"$(head -c 3000 /dev/zero | tr '\0' y)\""; checkpoint f '' 1 1)
	same "$(at '' 1)" "$(cursor_hash f)"
}

@test "a broken checkpoint moves nothing and is said" {
	local bad
	for bad in '.next = .next[1:] + "0"' '.cursor.cursor.n = 9' 'del(.cursor)' '.events = -1' 'del(.final)' '.ack = "f"' \
		'.stage = "../x.1"' '.source_id = "z"' '.prev = "x"'; do
		rm -f data.db f
		{ event a; checkpoint f '' 1 1; } | jq -c "if .athena then $bad else . end" >in
		run -65 athena-store data.db <in
		[ ! -e f ] || fail "moved with $bad"
		contains "$output" 'checkpoint: '
		same '1|0|1' "$(count events)|$(count positions)|$(count rejects)" "$bad"
	done
	rm data.db
	{ event a; checkpoint f '' 1 1; } | sed 's/"final"/"x":1e999,&/' >in
	run -65 athena-store data.db <in
	contains "$output" 'checkpoint: a number that is too large'
	[ ! -e f ]
}

@test "fewer events than announced: said with both numbers, kept, and the cursor moves" {
	{ event a; event b; event c; checkpoint f '' 1 3; } >in
	run -0 athena-store data.db < <(jq -c 'select(.athena or .id == "b")' in)
	contains "$output" 's: 3 events announced, 1 arrived'
	same "$(at '' 1)" "$(cursor_hash f)"
	same '2|2' "$(sql data.db 'SELECT missing, (SELECT missing FROM run_sources) FROM runs')"
}

@test "fewer events with --strict: the cursor stays, for the rest of the input" {
	{ event a; checkpoint f '' 1 2 false; event b; checkpoint f "$(at '' 1)" 2 1; } >in
	run -65 athena-store --strict data.db <in
	contains "$output" 's: 2 events announced, 1 arrived; cursor not moved'
	[ ! -e f ]
	same '2|0' "$(count events)|$(count positions)"
}

@test "events that come twice, or are known, have arrived" {
	{ event a; event a; event b; checkpoint f '' 1 3; } >in
	athena-store --strict data.db <in
	same "$(at '' 1)" "$(cursor_hash f)"
	rm f
	cursor '' 1 >f.run.1
	athena-store --strict data.db <in
	same "$(at '' 1)" "$(cursor_hash f)"
}

@test "a stream without its final checkpoint was cut short" {
	run -0 athena-store data.db < <(event a; checkpoint f '' 1 1 false)
	contains "$output" 's: the stream ended without a final checkpoint'
	same '1|1' "$(sql data.db 'SELECT cut_short, (SELECT cut_short FROM run_sources) FROM runs')"
	run -0 athena-store -q data.db < <(event b; checkpoint f "$(at '' 1)" 2 1; event c)
	same '' "$output"
	same 1 "$(sql data.db 'SELECT cut_short FROM runs WHERE run = 2')"
	run -0 athena-store data.db < <(event d)
	same '' "$output"
	same 0 "$(sql data.db 'SELECT cut_short FROM runs WHERE run = 3')"
}

@test "a staged file that is gone, or an F that moved on, is no error" {
	{ event a; checkpoint f '' 1 1; } >in
	rm f.run.1
	run -0 athena-store data.db <in
	same '' "$output"
	[ ! -e f ]
	cursor '' 1 >f.run.1
	cursor '' 99 >f
	cp f before
	run -0 athena-store data.db <in
	same '' "$output"
	cmp f before
}

@test "a staged file that is not what it must be is refused, and said" {
	{ event a; checkpoint f '' 1 1; } >in
	cursor '' 2 >f.run.1
	run -78 athena-store data.db <in
	contains "$output" 'not the one that was announced'
	[ ! -e f ]
	rm f.run.1
	cursor '' 1 >elsewhere
	ln -s elsewhere f.run.1
	run -78 athena-store data.db <in
	contains "$output" 'no regular file'
	[ ! -e f ]
	same 1 "$(count events)"
}

@test "--cursor-of: nothing there is 66, no such source 78, and nothing is changed" {
	run -66 athena-store --cursor-of s data.db
	[ ! -e data.db ]
	event a | athena-store data.db
	local before
	before=$(cksum <data.db)
	run -78 athena-store --cursor-of s data.db
	contains "$output" 'holds no cursor of s'
	same "$before" "$(cksum <data.db)"
	[ ! -c /dev/full ] || {
		{ event b; checkpoint f '' 1 1; } | athena-store data.db
		run -74 bash -c 'athena-store --cursor-of s data.db >/dev/full'
	}
}

# ---- the database ----

@test "a new database is the owner's alone, also its -wal and -shm" {
	mkfifo pipe
	(umask 022 && exec athena-store data.db) <pipe &
	exec 5>pipe
	event a >&5
	eventually 10 [ -s data.db-wal ]
	same '600 600 600' "$(stat -c %a data.db data.db-wal data.db-shm | xargs)"
	exec 5>&-
	wait $!
	(umask 0277 && athena-store other.db </dev/null)
	same 400 "$(stat -c %a other.db)"
}

@test "what is written says what it is" {
	athena-store data.db </dev/null
	same '1635018853|3|wal|ok' "$(sql data.db 'SELECT * FROM pragma_application_id, pragma_user_version, pragma_journal_mode, pragma_integrity_check')"
	same 0 "$(count runs)"
}

@test "names that SQLite would take for something else are files" {
	event a | athena-store :memory:
	[ -s :memory: ]
	event a | athena-store 'file:x?mode=memory'
	[ -s 'file:x?mode=memory' ]
}

@test "a database of version 1 is migrated, with all that is in it" {
	sqlite3 -init /dev/null data.db <"$FIXTURES/store-v1.sql"
	sql data.db 'SELECT * FROM event_rows' >rows
	sql data.db 'SELECT * FROM event_history' >history
	run -0 athena-store data.db < <(event b; event c; checkpoint f "$(printf '1%.0s' {1..64})" 2 2)
	same 'athena-store: data.db: schema migrated from version 1 to 3' "$output"
	sql data.db 'SELECT * FROM event_rows WHERE seq < 4' | diff rows -
	sql data.db 'SELECT * FROM event_history' | diff history -
	same 'a b c' "$(sql data.db "SELECT group_concat(id, ' ') FROM events")"
	same $'1|0|0\n2|0|0' "$(sql data.db 'SELECT run, missing, cut_short FROM runs')"
	same 3 "$(count episodic_events)"
	athena-store new.db </dev/null
	schema() { sql "$1" "SELECT type, name, replace(replace(sql, char(10), ''), ' ', '') FROM sqlite_schema ORDER BY name"; }
	diff <(schema new.db) <(schema data.db)
	same "3|ok" "$(sql data.db 'SELECT * FROM pragma_user_version, pragma_integrity_check')"
}

@test "a newer database is refused, untouched" {
	event a | athena-store data.db
	local before version
	version=$(sql data.db 'PRAGMA user_version')
	sql data.db "PRAGMA user_version = $((version + 1))"
	before=$(cksum <data.db)
	run -78 athena-store data.db < <(event b)
	contains "$output" "is version $((version + 1)), this program knows $version"
	same "$before" "$(cksum <data.db)"
	run -78 athena-store --cursor-of s data.db
}

@test "an SQLite database of something else is refused, untouched" {
	sqlite3 -init /dev/null data.db 'CREATE TABLE mine(x)'
	local before
	before=$(cksum <data.db)
	run -78 athena-store data.db < <(event a)
	contains "$output" "not one of athena's"
	same "$before" "$(cksum <data.db)"
	rm data.db
	sqlite3 -init /dev/null data.db 'PRAGMA application_id = 5'
	run -78 athena-store data.db < <(event a)
}

@test "what is no database, or a damaged one, is 65" {
	printf 'dear diary, this is a text and not a database at all, and it is long enough%.0s' {1..30} >data.db
	cp data.db before
	run -65 athena-store data.db < <(event a)
	contains "$output" 'data.db: not an SQLite database'
	cmp data.db before
	rm data.db
	many 1 3000 | athena-store data.db
	printf 'garbage, and a lot of it%.0s' {1..2000} | dd of=data.db bs=8192 seek=3 conv=notrunc status=none
	run -65 athena-store data.db < <(many 1 5000)
	contains "$output" 'damaged'
	contains "$output" 'after 0 events; cursor not moved'
}

@test "places where no database can be" {
	run -73 athena-store no/such/folder/data.db </dev/null
	mkdir folder
	run -73 athena-store folder </dev/null
	run -73 athena-store /dev/null </dev/null
	mkfifo pipe
	run -73 athena-store pipe </dev/null
	run -64 athena-store </dev/null
	run -64 athena-store '' </dev/null
	run -64 athena-store one.db events.ndjson </dev/null
	contains "$output" 'one database is needed, and events on standard input: athena-store DATABASE < FILE'
	[ ! -e one.db ]
}

@test "a database that may only be read is 77, and gives its cursor" {
	{ event a; checkpoint f '' 1 1; } | athena-store data.db
	if [ "$(id -u)" = 0 ]; then
		mkdir disk
		mount --bind . disk 2>/dev/null && touch mounted || skip 'cannot mount'
		mount -o remount,ro,bind disk
		run -77 athena-store disk/data.db < <(event b)
		same "$(cat f)" "$(athena-store --cursor-of s disk/data.db)"
	else
		chmod 400 data.db
		run -77 athena-store data.db < <(event b)
		chmod 500 .
		same "$(cat f)" "$(athena-store --cursor-of s data.db)"
		chmod 700 .
	fi
	contains "$output" 'data.db'
	same 1 "$(count events)"
}

@test "a network file system is refused" {
	need cc
	cat >shim.c <<-'END'
		#include <string.h>
		struct statfs;
		int statfs(const char *path, struct statfs *fs);
		int statfs(const char *path, struct statfs *fs)
		{
			long type = 0x6969;

			(void)path;
			memset(fs, 0, 120);
			memcpy(fs, &type, sizeof(type));
			return 0;
		}
	END
	cc -shared -fPIC -fno-builtin -o shim.so shim.c
	run -78 env LD_PRELOAD="$PWD/shim.so" ASAN_OPTIONS=verify_asan_link_order=0 athena-store data.db < <(event a)
	contains "$output" 'network file system'
	[ ! -e data.db ]
}

@test "locked for too long is 75, and nothing is lost" {
	athena-store data.db </dev/null
	coproc LOCK { sqlite3 -batch -init /dev/null data.db; }
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${LOCK[1]}"
	read -r -t 10 <&"${LOCK[0]}"
	{ event a; checkpoint f '' 1 1; } >in
	run -75 athena-store --busy-timeout 0 data.db <in
	contains "$output" 'locked'
	contains "$output" 'cursor not moved'
	[ ! -e f ]
	athena-store data.db <in &
	sleep 0.3
	same 0 "$(count events)"
	printf 'COMMIT;\n.quit\n' >&"${LOCK[1]}"
	wait $!
	same 1 "$(count events)"
	same "$(at '' 1)" "$(cursor_hash f)"
}

@test "a full disk is said, and the database stays whole" {
	[ "$(id -u)" = 0 ] || skip 'only root can mount a small disk'
	mkdir disk
	mount -t tmpfs -o size=3m tmpfs disk 2>/dev/null && touch mounted || skip 'cannot mount'
	{ many 1 1000; checkpoint f '' 1 1000 false; many 1001 60000; checkpoint f "$(at '' 1)" 2 59000; } >in
	run -74 athena-store disk/data.db <in
	contains "$output" 'disk/data.db: disk full after 1,000 events; the cursor stands where the last commit left it'
	same "$(at '' 1)" "$(cursor_hash f)"
	dd if=/dev/zero of=disk/fill bs=64k 2>/dev/null || :
	run -74 athena-store --check disk/data.db
	contains "$output" 'disk/data.db: its file system is full: '
	rm disk/fill
	same 'ok|1000' "$(sql disk/data.db 'SELECT * FROM pragma_integrity_check, (SELECT count(*) FROM events)')"
}

@test "a file that may not grow is said, and the database stays whole" {
	{ many 1 60000; checkpoint f '' 1 60000; } >in
	local kilobytes
	for kilobytes in 2 40 100 2000 4000; do # of 40 and 4000 it is the COMMIT that fails
		rm -f data.db*
		run -74 bash -c "ulimit -f $kilobytes; athena-store data.db <in"
		contains "$output" 'the largest size of a file is reached'
	done
	contains "$output" 'after 0 events; cursor not moved'
	[ ! -e f ]
	same 'ok|0' "$(sql data.db 'SELECT * FROM pragma_integrity_check, (SELECT count(*) FROM events)')"
	athena-store data.db <in
	same 60000 "$(count events)"
}

# ---- time and processes ----

@test "a slow stream is visible at once, and holds no lock" {
	mkfifo pipe
	athena-store data.db <pipe &
	exec 5>pipe
	event a >&5
	eventually 20 has_rows 1
	printf '{"id":"b","source_id"' >&5
	event c | athena-store --busy-timeout 0 data.db
	printf ':"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"b"}\n' >&5
	checkpoint f '' 1 2 >&5
	eventually 20 [ -s f ]
	exec 5>&-
	wait $!
	same 'a b c' "$(sql data.db "SELECT group_concat(id, ' ') FROM (SELECT id FROM events ORDER BY id)")"
}

@test "several stores fill one database, from its creation on" {
	local i pids=()
	for i in 1 2 3 4; do
		{ many $((i * 5000)) $((i * 5000 + 5999)); checkpoint "f$i" '' "$i" 6000; } >"in$i"
	done
	for i in 1 2 3 4; do
		athena-store data.db <"in$i" 2>"err$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || fail "$(cat err*)"; done
	same '21000|ok' "$(sql data.db 'SELECT (SELECT count(*) FROM events), * FROM pragma_integrity_check')"
	same '4|4|24000' "$(sql data.db 'SELECT (SELECT count(*) FROM positions), count(*), sum(events) FROM runs WHERE exit_code = 0')"
	for i in 1 2 3 4; do same "$(at '' "$i")" "$(cursor_hash "f$i")"; done
}

@test "SIGTERM and SIGINT: what was read is committed, the cursor follows" {
	mkfifo pipe
	local signal code
	for signal in TERM:143 INT:130; do
		rm -f data.db f
		athena-store data.db <pipe 2>err &
		exec 5>pipe
		{ event a; checkpoint f '' 1 1 false; event b; } >in
		cat in >&5 # one write, so that one read has it all
		eventually 20 [ -s f ]
		kill "-${signal%:*}" $!
		code=0
		wait $! || code=$?
		exec 5>&-
		same "${signal#*:}" "$code" "$signal: $(cat err)"
		same 'a b' "$(sql data.db "SELECT group_concat(id, ' ') FROM events")"
		same "$(at '' 1)" "$(cursor_hash f)"
		same "${signal#*:}|1" "$(sql data.db 'SELECT exit_code, cut_short FROM runs')"
	done
}

@test "killed in mid-stream, then fed again: the same rows as a straight run" {
	local h pid n
	h=$(at '' 1)
	{ many 1 3000; checkpoint f '' 1 3000 false; many 3001 9000; event x '"revision":2,"actor":"y"'; } >first
	{ many 9001 12000; event x '"revision":1'; checkpoint f "$h" 2 9002; } >second
	cp f.run.1 stage1 && cp f.run.2 stage2
	cat first second | athena-store --no-ack straight.db
	mkfifo pipe
	for n in 1 2 3; do
		athena-store data.db <pipe &
		pid=$!
		exec 5>pipe
		cat first >&5
		[ "$n" = 1 ] || sleep "0.0$n"
		[ "$n" = 3 ] || eventually 20 [ -s f ]
		kill -KILL "$pid"
		wait "$pid" || :
		exec 5>&-
		if [ -s f ]; then same "$h" "$(cursor_hash f)"; fi
		rm -f f
		cp stage1 f.run.1
	done
	cat first second | athena-store data.db
	rows straight.db >want
	rows data.db | diff want -
	same "$(at "$h" 2)" "$(cursor_hash f)"
	same ok "$(sql data.db 'PRAGMA integrity_check')"
}

has_last() { [ "$(count "events WHERE id = 'last'" 2>/dev/null)" = 1 ]; }
# peak FILE [TIMES [OPTION...]]: the most memory, in KiB, that the store takes for FILE so many times over.
peak() {
	local file=$1 n=${2:-1} pid i
	shift 2
	[ -p pipe ] || mkfifo pipe
	athena-store "$@" data.db <pipe 2>/dev/null &
	pid=$!
	exec 5>pipe
	for ((i = 0; i < n; i++)); do cat "$file" >&5; done
	event last >&5
	eventually 20 has_last || return
	awk '/VmHWM/ { print $2 }' "/proc/$pid/status"
	exec 5>&-
	wait "$pid" || :
	sql data.db "DELETE FROM event_rows WHERE id = 'last'"
}

@test "a long input takes no more memory than a short one" {
	[ -r /proc/self/status ] || skip 'no /proc'
	! under_valgrind && ! grep -q __asan_init "$ATHENA_BIN/athena-store" || skip 'not what it takes by itself'
	many 1 8000 >in
	local short long
	short=$(peak in 1)
	long=$(peak in 20)
	[ "$long" -lt $((short + 16000)) ] || fail "$short KiB, then $long KiB"
	# lines that are long, and come at once, are not gathered
	event wide "\"x\":\"$(printf '%*s' 100000 '')\"" | sed 's/ /\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t\\n\\t/g' >wide
	short=$(peak wide 1)
	long=$(peak wide 12)
	[ "$long" -lt $((short + 6000)) ] || fail "$short KiB, then $long KiB with wide lines"
	{ head -c 50000000 /dev/zero | tr '\0' x; echo; } >endless
	long=$(peak endless 1 --max-line 1M)
	[ "$long" -lt $((short + 16000)) ] || fail "$short KiB, then $long KiB with an endless line"
}

# ---- what it says ----

@test "-v, --progress, --metrics and -q" {
	many 1 10 >in
	run -0 athena-store -v --metrics m.prom data.db <in
	same 'athena-store: data.db: 10 inserted, 0 updated, 0 known, 0 rejected' "$output"
	grep -q '^athena_events_total{program="athena-store",source="data.db"} 10$' m.prom
	grep -q '^athena_inserted_total{.*} 10$' m.prom
	run -65 athena-store -q --metrics m.prom data.db < <(cat in; echo x)
	grep -q '^athena_known_total{.*} 10$' m.prom
	grep -q '^athena_rejects_total{.*} 1$' m.prom
	grep -q '^athena_exit_code{.*} 65$' m.prom
	run -73 athena-store --metrics no/such/folder/m data.db <in
	run -64 athena-store --progress --no-progress data.db </dev/null
	run -64 athena-store -q -v data.db </dev/null
}

@test "a read error is 74, and what came before is kept" {
	run -74 athena-store data.db <.
	contains "$output" 'stdin: '
	run -74 bash -c 'athena-store data.db <&-'
}

# ---- --check ----

@test "--check: says what a run would find, and writes nothing" {
	run -0 athena-store --check data.db
	contains "$output" 'ok database data.db: not there yet'
	[ ! -e data.db ]
	athena-store data.db </dev/null
	sum=$(sha256sum <data.db)
	run -0 athena-store --check data.db
	contains "$output" 'ok database data.db: can be read and written, knows 0 sources'
	same "$sum" "$(sha256sum <data.db)"
	run -73 athena-store --check none/data.db
	contains "$output" 'create it'
	sqlite3 other.db 'CREATE TABLE t(x)'
	run -78 athena-store --check other.db
	run -64 athena-store --check --cursor-of x data.db
}
