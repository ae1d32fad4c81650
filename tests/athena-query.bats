#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-query: events out of the database again. What comes out is compared with what went in, and with what
# sqlite3 and jq say of the same database.
# shellcheck disable=SC2016 # what is quoted so is expanded by jq, or by a shell within
# shellcheck disable=SC2154 # stderr is set by run
load helper

setup() { need jq sqlite3 script python3; }
teardown() {
	local p
	for p in $(jobs -p); do
		if kill "$p" 2>/dev/null; then wait "$p" 2>/dev/null || :; fi
	done
	if [ -e mounted ]; then umount ro; else chmod u+w .; fi
}

# event ID TIMESTAMP [MEMBERS]: a line; MEMBERS as `"revision":3`.
event() {
	printf '{"id":"%s","source_id":"s","source_type":"t","kind":"k","timestamp":"%s","event_type":"action"%s,"content":"event %s"}\n' \
		"$1" "$2" "${3:+,$3}" "$1"
}
has() { [ "$(athena-query --count data.db 2>/dev/null)" = "$1" ]; }
# Ids that come out, on one line.
ids() { athena-query "$@" | jq -r .id | paste -sd ' '; }
# on_terminal COLUMNS COMMAND...: what it writes on a terminal of that width, without carriage returns.
on_terminal() {
	local columns=$1
	shift
	# shellcheck disable=SC2016
	TERM=xterm script -qec "stty cols $columns rows 24; $(printf '%q ' "$@")" /dev/null </dev/null | tr -d '\r'
}
plain() { sed 's/\x1b\[[0-9;]*m//g'; }

# Events that are hard to carry: every member, nulls, numbers by their text, names with escapes, whatever JSON allows.
hostile() {
	cat <<'J'
{"id":"a","source_id":"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"x","outcome":"success","project_id":7,"session_id":"se","actor":"ann","url":"https://example.org/?a=b&c=d","revision":9007199254740992,"duration_ms":0,"files_changed":1,"lines_added":-2,"lines_deleted":3,"file_path":"a/b.c","language":"C","diff":"--- a\n+++ b\n","git_commit":"0123456789abcdef0123456789abcdef01234567","git_author":"A <a@example.org>","error_type":"E","code_event_type":"code_edit","context":{"files":["a/b.c","c"],"branch":"main","n":1.0},"metadata":{"deep":[[{"x":[]}]],"e":1e400,"z":0.10,"m":-0}}
{"content":"members in another order","event_type":"error","timestamp":"0001-01-01T00:00:00Z","kind":"k","source_type":"t","source_id":"s","id":"b","actor":null,"context":null,"metadata":null,"revision":null,"outcome":null}
{"id":"c","source_id":"s","source_type":"t","kind":"k","timestamp":"9999-12-31T23:59:59.999999Z","event_type":"action","content":"numbers","big":1e400,"one":1,"one_point":1.0,"exp":1E+2,"tiny":1e-400,"minus":-0,"minus_point":-0.0,"long":0.1000000000000000055511151231257827021181583404541015625}
{"id":"d","source_id":"\u00fc\"\\/s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00.000001Z","event_type":"action","content":"\u0001\t\n\r\u001f\u007f\u2028 \ud83d\ude80 \"quotes\" \\ back / slash e\u0301","\u0065xtra":"\u00e9","sp ace":[1, 2 ,{"a" : null}],"":"empty name","athenas":true,"nested":{"id":1,"id ":2}}
{"id":"e","source_id":"s","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00.5Z","event_type":"action","content":"empty ones","actor":"","session_id":"","context":{},"metadata":{},"list":[],"text":"","no":false,"nothing":null}
{"id":"f","source_id":"s2","source_type":"t","kind":"日本","timestamp":"1970-01-01T00:00:00Z","event_type":"reflection","content":"日本語 ü é 🚀"}
J
}
# The events of a stream, sorted, with numbers by their text: as strings that say so.
numbers() { sed -E ':a; s/([:[,] ?)(-?[0-9][0-9.eE+-]*)([],}])/\1"#\2"\3/; ta'; }
canonical() { numbers | jq -cS . | sort; }

# ---- the events that went in ----

@test "NDJSON is the events that went in, and a copy of a copy is equal" {
	hostile >in
	athena-store a.db <in
	run -0 --separate-stderr athena-query a.db
	same '' "$stderr"
	printf '%s\n' "$output" >out
	canonical <in >want
	canonical <out >got
	diff -u want got
	[ "$(wc -l <want)" -eq 6 ]
	grep -q '"#1e400"' want && grep -q '"#1.0"' want && grep -q '"#-0.0"' want || fail 'numbers are not compared by their text'
	athena-query a.db | athena-store b.db
	athena-query b.db | athena-store c.db
	athena-query c.db | canonical >got
	diff -u want got
	same "$(sql a.db 'SELECT * FROM events ORDER BY source_id, id' | cut -d'|' -f2-)" \
		"$(sql c.db 'SELECT * FROM events ORDER BY source_id, id' | cut -d'|' -f2-)"
}

@test "the current version of an event comes, its revision too" {
	event a 2024-05-01T12:00:00Z '"revision":1,"x":1' | athena-store data.db
	event a 2024-05-01T12:00:00Z '"revision":2,"x":2' | athena-store data.db
	same '2 2' "$(athena-query data.db | jq -r '"\(.revision) \(.x)"')"
}

@test "newest first, to the microsecond; of one moment the last that arrived" {
	{
		event whole 2024-05-01T12:00:00Z
		event tenth 2024-05-01T12:00:00.1Z
		event more 2024-05-01T12:00:00.12345Z
		event most 2024-05-01T12:00:00.123456Z
		event half 2024-05-01T12:00:00.5Z
		event next 2024-05-01T12:00:01Z
		event before 2024-05-01T11:59:59.999999Z
		event again 2024-05-01T12:00:00Z
	} | athena-store data.db
	same 'next half most more tenth again whole before' "$(ids data.db)"
	same 'before whole again tenth more most half next' "$(ids --reverse data.db)"
	same 'next half most' "$(ids --limit=3 data.db)"
	same 'next half most' "$(ids -n 3 data.db)"
	same 'most half next' "$(ids --limit=3 --reverse data.db)"
	same '' "$(ids --limit=0 data.db)"
	same 8 "$(athena-query --reverse --limit=100 data.db | wc -l)"
	# Bounds within a second.
	same 'next half most more' "$(ids --since=2024-05-01T12:00:00.12345Z data.db)"
	same 'tenth again whole before' "$(ids --until=2024-05-01T12:00:00.12345Z data.db)"
	same 'half most more tenth again whole' "$(ids --since=2024-05-01T12:00:00Z --until=2024-05-01T12:00:01Z data.db)"
	same 'next half' "$(ids --since=2024-05-01T12:00:00.123457Z data.db)"
	same '' "$(ids --since=2024-05-01T12:00:01.000001Z data.db)"
}

@test "a thousand fractions of few seconds are in order" {
	awk 'BEGIN { srand(7); for (i = 0; i < 1000; i++) {
		f = sprintf("%06d", int(rand() * 1000000)); sub(/0+$/, "", f)
		printf "{\"id\":\"%d\",\"source_id\":\"s\",\"source_type\":\"t\",\"kind\":\"k\",\"timestamp\":\"2024-05-01T12:00:0%d%sZ\",\"event_type\":\"action\",\"content\":\"c\"}\n",
			i, int(rand() * 5), i % 3 && f != "" ? "." f : "" } }' >in
	athena-store data.db <in
	jq -r '"\(.timestamp | rtrimstr("Z")) \(.id)"' in | LC_ALL=C sort -s -k1,1 -k2,2n | cut -d' ' -f1 >want
	athena-query --reverse data.db | jq -r '.timestamp | rtrimstr("Z")' >got
	diff -u want got
	athena-query data.db | jq -r '.timestamp | rtrimstr("Z")' | tac | diff -u want -
}

@test "--since takes what the sources take, and the recent events of a project" {
	event old 2020-01-01T00:00:00Z | athena-store data.db
	event new "$(date -u -d '3 hours ago' +%Y-%m-%dT%H:%M:%SZ)" '"project_id":1' | athena-store data.db
	event other "$(date -u -d '2 hours ago' +%Y-%m-%dT%H:%M:%SZ)" '"project_id":2' | athena-store data.db
	event none "$(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%SZ)" | athena-store data.db
	same 'none new' "$(ids --project=1 --since=24h data.db)"
	same 'none' "$(ids --since=90m data.db)"
	same 'old' "$(ids --until=2020-01-02 data.db)"
	same 'none other new' "$(ids --since=@1577836801 data.db)"
	same 'other' "$(ids --project=2 data.db)"
	same 'none other new' "$(ids --project=1 --project=2 --since=7d data.db)"
	run -64 athena-query --since=yesterday data.db
	run -64 athena-query --since=2024-01-02 --until=2024-01-01 data.db
	contains "$output" 'no event can be between'
}

# ---- filters ----

many() {
	jq -cn 'range(400) | {id: "n\(.)", source_id: "src:\(. % 5)", source_type: "t", kind: ["commit", "pull_request.opened", "pull_request.merged", "review"][. % 4],
		timestamp: (1700000000 + . * 977 | todate), event_type: ["action", "decision", "error"][. % 3], content: "c \(.)",
		outcome: ["success", "failure", null][. % 3], session_id: "se\(. % 7)", actor: (["ann", "bob", "dependabot[bot]", "ann*"][. % 4]),
		project_id: (. % 2 + 1), context: (if . % 2 == 0 then {files: ["src/\(. % 3).c", "docs/a \(. % 4).md", "q\"\\u00fc.txt"]} else {branch: "files"} end),
		file_path: (if . % 11 == 0 then "lib/x.c" else null end)} | with_entries(select(.value != null))' >in
	athena-store data.db <in
}

# filtered JQ OPTION...: athena-query with the options shows what jq's select takes; compared at the end, all at once.
filtered() {
	local n
	n=$(printf %03d "${#conditions[@]}")
	conditions+=("$1")
	shift
	athena-query "$@" data.db >"got.$n"
	athena-query --count "$@" data.db >"count.$n"
}
compare_filtered() {
	local c
	{
		echo '[inputs] as $in | ('
		for c in "${conditions[@]}"; do printf '[$in[] | select(%s)],\n' "$c"; done
		echo 'empty) | sort_by(.id)'
	} >wanted.jq
	jq -cnSf wanted.jq in >want
	for c in got.*; do jq -cSs 'sort_by(.id)' "$c"; done >got
	cmp want got || fail "$(diff want got | cut -c1-200 | head -n 4)"
	! grep -qx '\[\]' want || fail 'a filter takes nothing'
	jq length want | cmp - <(cat count.*) || fail '--count says something else'
}

@test "every filter is what jq's select is" {
	local conditions=()
	many
	filtered true
	filtered '.source_id == "src:1"' --source=src:1
	filtered '.source_id == "src:1" or .source_id == "src:3"' --source=src:1 --source=src:3
	filtered '.source_id | startswith("src:")' --source='src:*'
	filtered '.session_id == "se2"' --session=se2
	filtered '.kind == "commit"' --kind=commit
	filtered '.kind | startswith("pull_request.")' --kind='pull_request.*'
	filtered '.kind == "review" or .kind == "commit"' --kind='r?view' --kind=commit
	filtered '.event_type == "decision"' --type=decision
	filtered '.event_type != "error"' --type=decision --type=action
	filtered '.outcome == "failure"' --outcome=failure
	filtered '.actor == "ann"' --actor=ann
	filtered '.actor == "dependabot[bot]"' --actor='dependabot[bot]'
	filtered '.actor | startswith("dependabot[")' --actor='dependabot[*'
	filtered '.actor | startswith("ann")' --actor='ann*'
	filtered '.project_id == 2' --project=2
	filtered '.project_id == 2 and .kind == "review" and .actor == "ann*"' --project=2 --kind=review --actor='ann?' --actor=bob
	filtered '.timestamp >= "2023-11-15" and .timestamp < "2023-11-17T12:00:00Z"' --since=2023-11-15 --until=2023-11-17T12:00:00Z
	filtered '[.file_path, .context.files[]?] | any(. == "src/1.c")' --path=src/1.c
	filtered '[.file_path, .context.files[]?] | any(. != null and test("^src/[^/]*[.]c$"))' --path='src/*.c'
	filtered '[.file_path, .context.files[]?] | any(. != null and test("[.]c$"))' --path='**/*.c'
	filtered '[.file_path, .context.files[]?] | any(. != null and startswith("docs/"))' --path=docs
	filtered '[.file_path, .context.files[]?] | any(. == "lib/x.c" or . == "docs/a 2.md")' --path='lib/*.c' --path='docs/a 2.md'
	filtered '[.file_path, .context.files[]?] | any(. == "q\"\\u00fc.txt")' --path='q"\\*.txt'
	compare_filtered
	same '' "$(ids --kind=none data.db)"
	same 0 "$(athena-query --count --kind=none data.db)"
}

@test "what cannot be meant is said" {
	many
	run -64 athena-query --type=decided data.db
	contains "$output" "'decided' is none of conversation, action"
	run -64 athena-query --outcome=ok data.db
	run -64 athena-query --project=one data.db
	run -64 athena-query data.db other.db
	run -64 athena-query
	run -64 athena-query --count --by=day data.db
	run -64 athena-query --all --limit=3 data.db
	run -64 athena-query --follow --format=json data.db
}

@test "a value is never SQL" {
	many
	local evil="x' OR '1'='1"
	for option in source session kind actor path; do
		run -0 --separate-stderr athena-query --$option="$evil" data.db
		same '' "$output" "$option"
	done
}

# ---- formats ----

@test "--format=json is one array" {
	hostile >in
	athena-store data.db <in
	athena-query --format=json data.db >out
	jq -c '.[]' out | jq -cS . | sort >got
	jq -cS . in | sort >want
	diff -u want got
	same 'array' "$(jq -r type out)"
	same '[]' "$(athena-query --format=json --kind=none data.db)"
}

@test "--format=csv is RFC 4180, as another reader takes it" {
	hostile >in
	event 'comma, \"quote\"' 2024-05-01T12:00:00Z '"actor":"=1+1","session_id":"two\r\nlines"' >>in
	athena-store data.db <in
	athena-query --format=csv data.db >out.csv
	python3 - out.csv >got.json <<'P'
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as f:
	for row in csv.DictReader(f, strict=True):
		print(json.dumps(row))
P
	# Column by column what sqlite3 has; absent is empty.
	sqlite3 -batch -init /dev/null -json data.db 'SELECT * FROM events' |
		jq -cS '.[] | del(.seq, .run) | map_values(if . == null then "" else tostring end)' | sort >want
	jq -cS . got.json | sort | diff -u want -
	same "$(head -n 1 out.csv | tr -d '\r')" "id,source_id,source_type,kind,timestamp,event_type,content,outcome,project_id,session_id,actor,url,revision,duration_ms,files_changed,lines_added,lines_deleted,file_path,language,diff,git_commit,git_author,error_type,code_event_type,context,metadata,extra"
	same 1 "$(athena-query --format=csv --kind=none data.db | wc -l)"
	grep -q $'\r$' out.csv || fail 'lines do not end in CR LF'
}

@test "on a terminal: a table of the newest 50, as wide as the terminal, and it says so" {
	local columns
	jq -cn --arg now "$(date +%s)" 'range(60) | {id: "\(.)", source_id: "github:example/project", source_type: "t", kind: "pull_request.opened",
		timestamp: (($now | tonumber) - 86400 * . - 10000 | todate), event_type: "action", actor: "somebody",
		content: "event number \(.) with a long text 日本語日本語日本語日本語 that goes on and on and on\nsecond line"}' | athena-store data.db
	for columns in 200 100 80 60 40 20; do
		on_terminal "$columns" athena-query data.db | plain >"out.$columns"
		same 52 "$(wc -l <"out.$columns")" "lines at $columns"
	done
	# The last line is a message.
	python3 - out.* <<'P'
import sys, unicodedata
for name in sys.argv[1:]:
	for line in open(name, encoding="utf-8").read().splitlines()[:-1]:
		width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
		assert width <= int(name.split(".")[1]), (name, line)
P
	on_terminal 100 athena-query data.db | plain >out
	contains "$(head -n 1 out)" 'WHEN     SOURCE'
	contains "$(sed -n 2p out)" '2h ago  '
	contains "$(sed -n 3p out)" '26h ago '
	contains "$(sed -n 2p out)" 'event number 0 with'
	contains "$(tail -n 1 out)" 'the newest 50 of 60 events; --limit=N or --all shows more'
	! grep 'second line' out || fail 'more than the first line'
	same 61 "$(on_terminal 100 athena-query --all data.db | wc -l)"
	same 4 "$(on_terminal 100 athena-query --limit=3 data.db | wc -l)"
	same 60 "$(athena-query data.db | wc -l)"
}

@test "colours only on a terminal, and never against NO_COLOR" {
	event a 2024-05-01T12:00:00Z '"outcome":"failure"' | athena-store data.db
	on_terminal 80 athena-query data.db | grep -q $'\x1b\[31mk' || fail 'no colour on a terminal'
	! NO_COLOR=1 on_terminal 80 athena-query data.db | grep $'\x1b' || fail 'colour against NO_COLOR'
	NO_COLOR='' on_terminal 80 athena-query data.db | grep -q $'\x1b' || fail 'an empty NO_COLOR counts'
	! on_terminal 80 env TERM=dumb athena-query data.db | grep $'\x1b' || fail 'colour on a dumb terminal'
	! athena-query --format=table data.db | grep $'\x1b' || fail 'colour into a pipe'
	athena-query --format=table --color=always data.db | grep -q $'\x1b' || fail '--color=always'
	! on_terminal 80 athena-query --color=never data.db | grep $'\x1b' || fail '--color=never'
}

@test "bytes from outside never reach a terminal raw" {
	event a 2024-05-01T12:00:00Z '"actor":"a\u001b[31mb\u009b","kind":"k\u0007","session_id":"x"' |
		sed 's/"content":"event a"/"content":"\\u001b]0;title\\u0007 \\u202e turned \\u0002 \\u0003 \\u007f\\r over"/; s/"kind":"k",//' >in
	athena-store data.db <in
	on_terminal 200 athena-query --color=never data.db >out
	same 0 "$(tr -d '\n\40-\176\200-\377' <out | wc -c)"
	contains "$(cat out)" 'a\x1B[31mb\xC2\x9B'
	contains "$(cat out)" '\x1B]0;title\x07 \xE2\x80\xAE turned'
	# and what was not printable keeps its place in the row
	same 2 "$(wc -l <out)"
}

@test "--by counts what sqlite3 counts, and draws bars on a terminal" {
	many
	same "$(sql data.db "SELECT json_object('day', substr(timestamp,1,10), 'events', count(*)) FROM events GROUP BY substr(timestamp,1,10) ORDER BY 1 DESC")" \
		"$(athena-query --by=day data.db)"
	same "$(sql data.db "SELECT json_object('hour', substr(timestamp,1,13) || ':00:00Z', 'events', count(*)) FROM events WHERE actor = 'ann' GROUP BY substr(timestamp,1,13) ORDER BY 1")" \
		"$(athena-query --by=hour --actor=ann --reverse data.db)"
	for by in source_id actor kind; do
		same "$(sql data.db "SELECT json_object('$by', $by, 'events', count(*)) FROM events WHERE timestamp < '2023-11-17' GROUP BY $by ORDER BY count(*) DESC, $by")" \
			"$(athena-query --by="${by%_id}" --until=2023-11-17 data.db)"
	done
	same "$(athena-query --by=actor data.db | jq -r '[.actor, .events] | join(",")')" "$(athena-query --by=actor --format=csv data.db | tail -n +2 | tr -d '\r')"
	same "$(athena-query --by=actor data.db | jq -c .)" "$(athena-query --by=actor --format=json data.db | jq -c '.[]')"
	event none 2024-05-01T12:00:00Z | athena-store data.db
	athena-query --by=actor data.db | grep -qx '{"actor":null,"events":1}'
	on_terminal 60 athena-query --by=actor data.db | plain >out
	contains "$(head -n 1 out)" '█████'
	contains "$(tail -n 1 out)" '(none)'
	contains "$(tail -n 1 out)" '  1  ▍'
	same 0 "$(on_terminal 60 athena-query --by=day data.db | plain | awk 'length > 60 * 3' | wc -l)"
}

# ---- full text ----

texts() {
	local n=0 text
	while IFS= read -r text; do
		n=$((n + 1))
		jq -cn --arg n "$n" --arg text "$text" '{id: $n, source_id: "s", source_type: "t", kind: "k", timestamp: "2024-05-01T12:00:0\($n | .[-1:])Z",
			event_type: "action", content: ($text | gsub("~"; "\n"))}'
	done | athena-store data.db
}
# found TEXT [OPTION...]: ids in order of their number.
found() { athena-query --match="$1" "${@:2}" data.db | jq -r .id | sort -n | paste -sd ' '; }

@test "--match: plain words just work, whatever they contain" {
	texts <<'T'
Fix parse_line() in foo-bar.c:12~~It don't work.
the parser and NOT the AND, OR or NEAR
C++ and C# at 100%: "quoted" words; O'Reilly
バグを修正しました。パーサーの行
Ünïcödé naïve café
see #12, and #123 (1a2b3c4d)
content: column {a b} ^start a* + b
user@example.org wrote https://example.org/a?b=c&d
T
	same 1 "$(found parse_line)"
	same 1 "$(found 'parse_line() foo-bar.c:12')"
	same 1 "$(found "don't")"
	same 2 "$(found 'parser NOT the')"
	same 2 "$(found 'NEAR')"
	same 2 "$(found 'and OR')"
	same 3 "$(found 'C++ 100%')"
	same 3 "$(found "O'Reilly")"
	same 3 "$(found '"C# at 100%"')"
	same '' "$(found '"C# 100%"')"
	same 4 "$(found 修正)"
	same 4 "$(found 'パーサー')"
	same '' "$(found 正修)"
	same 5 "$(found 'unicode NAIVE cafe')"
	same 5 "$(found 'CAFÉ')"
	same '1 6' "$(found '#12')"
	same '6' "$(found '1a2b*')"
	same 7 "$(found 'content: {a')"
	same 7 "$(found '^start')"
	same 8 "$(found 'user@example.org https://example.org/a?b=c&d')"
	same '1 2' "$(found 'pars*')"
	same '1' "$(found '"foo ba"*')"
	same '1' "$(found 'fix -- !!! "" *')"
	same '' "$(found 'nowhere')"
	same '2' "$(found '"the parser')"
	run -64 athena-query --match='!!! *' data.db
	contains "$output" "'!!! *' has no word in it"
	for text in '"' "'" ')' '(a' 'a"b' 'a OR' 'NOT' '*' 'a**' '"a" "' $'a\nb' 'a:b' '{content}:x' '-x' $'\xff\xfe x' 'a\' '?1' ';--'; do
		run athena-query --match="$text" data.db
		[ "$status" = 0 ] || [ "$status" = 64 ] || fail "status $status for $text"
		case $output in *fts5* | *syntax* | *SQL*) fail "$text shows SQL" ;; esac
	done
}

@test "--match: the best first, or the newest; with filters, counts and groups" {
	{
		event long 2024-05-03T12:00:00Z
		event short 2024-05-02T12:00:00Z
		event other 2024-05-04T12:00:00Z '"actor":"ann"'
	} | jq -c '.content = {long: ("parser " + ("and much more " * 50)), short: "parser", other: "parser of ann"}[.id]' | athena-store data.db
	same 'short other long' "$(ids --match=parser data.db)"
	same 'long other short' "$(ids --match=parser --reverse data.db)"
	same 'other short' "$(ids --match=parser --reverse --limit=2 data.db)"
	same 'other long short' "$(ids --match=parser --sort=time data.db)"
	same 'other' "$(ids --match=parser --actor=ann data.db)"
	same 'long' "$(ids --match=parser --since=2024-05-03 --until=2024-05-04 data.db)"
	same 3 "$(athena-query --match=parser --count data.db)"
	same '{"actor":null,"events":2}{"actor":"ann","events":1}' "$(athena-query --match=parser --by=actor data.db | tr -d '\n')"
	run -64 athena-query --sort=rank data.db
	run -64 athena-query --follow --match=x data.db
}

@test "--match shows the match" {
	texts <<<"first line~second line~and at last the parser was fixed~~more"
	on_terminal 100 athena-query --match=PARSER data.db >out
	contains "$(cat out)" $'the \x1b[1;31mparser\x1b[m was fixed'
	same 2 "$(wc -l <out)"
	contains "$(on_terminal 100 athena-query --match=fixed --color=never data.db)" 'the parser was fixed'
}

@test "the full text index follows the events" {
	texts <<<'one apple'
	same 1 "$(found apple)"
	[ "$(stat -c %a data.db.fts)" = 600 ]
	texts < <(printf '%s\n' 'one apple' 'two apples' 'apple three')
	same '1 3' "$(found apple)"
	# a newer version: the old words are gone
	event 1 2024-05-01T12:00:00Z '"revision":5' | jq -c '.content = "one pear"' | athena-store data.db
	same '3' "$(found apple)"
	same '1' "$(found pear)"
	sqlite3 data.db "DELETE FROM event_rows WHERE id = '3'"
	same '' "$(found apple)"
	# the row that was indexed last is gone, and its number is another's now
	sqlite3 data.db "DELETE FROM event_rows WHERE id = '1'"
	texts < <(printf '%s\n' 'one grape' 'two grapes')
	same '1' "$(found grape)"
	same '' "$(found pear)"
	# another database under the same name
	rm data.db
	texts < <(printf '%s\n' 'x' 'plum y' 'z' 'plum')
	same '2 4' "$(found plum)"
	same '' "$(found grape)"
}

@test "a full text index that is damaged or of another version is made anew; what is none is left alone" {
	texts <<<'one apple'
	same 1 "$(found apple)"
	sqlite3 data.db.fts 'PRAGMA user_version = 77'
	same 1 "$(found apple)"
	dd if=/dev/zero of=data.db.fts bs=1 seek=4096 count=4000 conv=notrunc status=none
	run -0 --separate-stderr athena-query --match=apple data.db
	same 1 "$(jq -r .id <<<"$output")"
	contains "$stderr" 'data.db.fts: is made anew'
	rm data.db.fts*
	echo 'somebody else' >data.db.fts
	run -78 athena-query --match=apple data.db
	contains "$output" 'data.db.fts: stands where the full text index belongs'
	same 'somebody else' "$(cat data.db.fts)"
}

@test "the index of a database that may only be read is kept in the cache folder, else made for once" {
	texts < <(printf '%s\n' 'one apple' 'pear')
	read_only
	run -0 --separate-stderr env XDG_CACHE_HOME="$HOME/cache" athena-query --match=apple ro/data.db
	same 1 "$(jq -r .id <<<"$output")"
	same '' "$stderr"
	compgen -G "$HOME/cache/athena/*.fts"
	[ "$(stat -c %a "$HOME/cache/athena")" = 700 ]
	rm -r "$HOME/cache"
	[ ! -e data.db.fts ]
	run -0 --separate-stderr env -u XDG_CACHE_HOME HOME=/nowhere/to/be/written athena-query --match=apple --format=table ro/data.db
	contains "$output" 'one apple'
	if [ "$(id -u)" = 0 ]; then rm -r /nowhere 2>/dev/null || :; else contains "$stderr" 'made for this once'; fi
	run -0 --separate-stderr env -u HOME -u XDG_CACHE_HOME athena-query --match=apple ro/data.db
	same 1 "$(jq -r .id <<<"$output")"
	contains "$stderr" 'made for this once'
	same 2 "$(sql data.db 'SELECT count(*) FROM events')"
}

@test "several that ask at once make one index" {
	awk -v n=5000 -f "$REPO_ROOT/tests/bench/events.awk" | athena-store data.db
	local i
	for i in 1 2 3 4; do athena-query --match=parser --count data.db >"out.$i" & done
	wait
	same '5000 5000 5000 5000' "$(cat out.* | paste -sd ' ')"
	same 5000 "$(sqlite3 data.db.fts 'SELECT count(*) FROM words_docsize')"
}

# ---- related ----

# story: a pull request, its commit, and what was said about them, in three sources; and much else.
oid=0123456789abcdef0123456789abcdef01234567
story() {
	# of SOURCE KIND ID TIMESTAMP CONTENT [MEMBERS]
	of() {
		jq -cn --arg s "$1" --arg k "$2" --arg i "$3" --arg t "$4" --arg c "$5" --argjson m "${6:-{\}}" \
			'{id: $i, source_id: $s, source_type: "t", kind: $k, timestamp: $t, event_type: "action", content: $c} + $m'
	}
	{
		of git:github.com/o/r commit "commit/$oid" 2024-05-02T12:00:00Z 'Fix the parser, see #12' '{"git_commit":"'$oid'","session_id":"git:a@x/2024-05-02","context":{"files":["src/parse.c","docs/a.md"]}}'
		of git:github.com/o/r commit commit/9999999999abcdef0123456789abcdef01234567 2024-05-02T13:00:00Z 'Same day' '{"git_commit":"9999999999abcdef0123456789abcdef01234567","session_id":"git:a@x/2024-05-02"}'
		of git:github.com/o/r commit commit/8888888888abcdef0123456789abcdef01234567 2023-01-01T00:00:00Z 'Same file' '{"context":{"files":["docs/a.md"]}}'
		of github:o/r pull_request.opened pull/12/opened 2024-05-01T12:00:00Z 'A better parser' '{"session_id":"github:o/r#12"}'
		of github:o/r pull_request.merged event/77 2024-05-03T12:00:00Z 'merged #12 A better parser' '{"session_id":"github:o/r#12","metadata":{"merge_commit_sha":"'$oid'"}}'
		of github:o/r issue.comment comment/1 2024-06-01T12:00:00Z 'reverts 0123456 of last month' '{"session_id":"github:o/r#30"}'
		of github:other/x issue.comment comment/2 2024-06-02T12:00:00Z 'not this #12' '{"session_id":"github:other/x#1"}'
		of slack:T1 message C1/1.0 2024-05-20T12:00:00Z 'Who reviews https://github.com/o/r/pull/12 ?' '{"session_id":"slack:T1/C1/1.0"}'
		of slack:T1 message C1/2.0 2024-05-21T12:00:00Z 'lunch at 12?'
		of slack:T1 message C1/3.0 2024-05-02T12:00:01Z 'a minute later' '{"project_id":1}'
		of slack:T1 message C1/4.0 2024-05-02T12:00:02Z 'of another project' '{"project_id":2}'
		for i in 1 2 3 4 5 6; do
			of noise x "before/$i" "2024-05-02T11:0$i:00Z" 'noise' '{"session_id":"noise"}'
			of noise x "after/$i" "2024-05-02T12:3$i:00Z" 'noise' '{"session_id":"noise"}'
		done
	} | athena-store data.db
}
# why ID [OPTION...]: id and reason of each, on a wide terminal.
why() { athena-query --format=table --related="$1" "${@:2}" data.db; }

@test "--related: a commit, its pull request, what was said, its files and its time" {
	story
	same "$(printf '%s\n' after/1 after/2 after/3 after/4 before/3 before/4 before/5 before/6 before/2 comment/1 commit/$oid commit/8888888888abcdef0123456789abcdef01234567 \
		commit/9999999999abcdef0123456789abcdef01234567 event/77 pull/12/opened C1/3.0 | sort)" "$(athena-query --related="commit/$oid" data.db | jq -r .id | sort)"
	why "commit/$oid" >out
	grep -q ' itself  *Fix the parser' out
	grep -q ' names 0123456  *merged' out
	grep -q ' names 0123456  *reverts 0123456' out
	grep -q ' #12  *A better parser' out
	grep -q ' session  *Same day' out
	grep -q ' docs/a.md  *Same file' out
	grep -q ' after  *a minute later' out
	grep -q ' before  *noise' out
	same 'comment/1' "$(ids --related="commit/$oid" --kind='issue.*' data.db)"
	# and from the other sides
	why event/77 >out
	grep -q ' commit 0123456  *Fix the parser' out
	grep -q ' names #12  *Who reviews' out
	grep -q ' session  *A better parser' out
	! grep -q 'names #12 .*\(lunch\|not this\)' out || fail 'a twelve that is none'
	why C1/1.0 >out
	grep -q ' #12  *A better parser' out
	why comment/1 | grep -q ' commit 0123456  *Fix the parser'
	# by the first letters of the hash
	same "$(ids --related="commit/$oid" data.db)" "$(ids --related=0123456789 data.db)"
	same 16 "$(athena-query --count --related="commit/$oid" data.db)"
	run -66 athena-query --related=nothing data.db
	contains "$output" "no event has the id 'nothing', nor is it seven letters and more of a commit's hash"
	run -64 athena-query --related=x --match=y data.db
	for id in '"' "x' OR 1" '%' 'commit/' "$oid'"; do
		run -66 athena-query --related="$id" data.db
	done
}

# ---- status ----

# checkpoint SOURCE PREV N EVENTS FINAL: a checkpoint that moves nothing.
checkpoint() {
	local prev=null cursor
	[ -z "$2" ] || prev=\"$2\"
	cursor='{"athena_cursor":1,"cursor":{"n":'$3'},"prev":'$prev',"selection":{},"source_id":"'$1'"}'
	printf '{"athena":"checkpoint","source_id":"%s","prev":%s,"next":"%s","cursor":%s,"events":%s,"final":%s}\n' \
		"$1" "$prev" "$(printf %s "$cursor" | sha256sum | cut -c1-64)" "$cursor" "$4" "$5"
}

@test "--status: what each source brought, and what went wrong on the way" {
	local gap
	gap=$(printf '1%.0s' {1..64})
	{ event a 2024-05-01T12:00:00Z; checkpoint s '' 1 1 true; } | athena-store -q data.db
	{ event b 2024-05-02T12:00:00Z; checkpoint s '' 1 5 false; } | athena-store -q data.db
	{ event c 2024-04-02T12:00:00Z; echo '{"bad":1}'; checkpoint s "$gap" 2 1 true; } | athena-store -q data.db || :
	event x 2024-01-01T00:00:00.5Z | sed 's/"source_id":"s"/"source_id":"plain"/' | athena-store data.db
	{ event y 2024-01-01T00:00:00Z; event z 2024-01-01T00:00:00Z; } | sed 's/"source_id":"s"/"source_id":"cut"/' >in
	{ cat in; checkpoint cut '' 1 2 false; } | athena-store -q data.db
	echo 'no json' | athena-store -q data.db || :
	athena-query --status data.db >out
	same 'cut plain s' "$(jq -r .source_id out | paste -sd ' ')"
	same '{"source_id":"s","events":3,"last_event":"2024-05-02T12:00:00Z","runs":3,"cut_short":1,"missing":4,"rejects":1,"gaps":1,"silent":false}' \
		"$(jq -c 'select(.source_id == "s") | del(.last_success, .last_run, .position, .committed_at)' out)"
	same "$(sql data.db 'SELECT ended_at FROM runs WHERE run = 1')" "$(jq -r 'select(.source_id == "s").last_success' out)"
	same "$(sql data.db 'SELECT ended_at FROM runs WHERE run = 3')" "$(jq -r 'select(.source_id == "s").last_run' out)"
	same "$(sql data.db "SELECT position FROM cursors WHERE source_id = 's'")" "$(jq -r 'select(.source_id == "s").position' out)"
	same 'null 2 1' "$(jq -r 'select(.source_id == "cut") | "\(.last_success) \(.events) \(.cut_short)"' out)"
	same "$(sql data.db 'SELECT ended_at FROM runs WHERE run = 4') 2024-01-01T00:00:00.5Z" "$(jq -r 'select(.source_id == "plain") | "\(.last_success) \(.last_event)"' out)"
	same "$(jq -cs . out)" "$(athena-query --status --format=json data.db | jq -c .)"
	same 4 "$(athena-query --status --format=csv data.db | wc -l)"
	same 'plain' "$(athena-query --status --source='p*' data.db | jq -r .source_id)"
	run -0 athena-query --status --format=table data.db
	contains "$output" 'never ended well'
	contains "$output" '1 rejected lines belong to no single source'
}

# synced NAME CODE [SUCCESS]: what athena-sync keeps of a source
synced() {
	printf 'athena_start_timestamp_seconds 1900000000.000000\nathena_exit_code %s\n' "$2" >"state/athena/$1.sync.prom"
	[ -z "${3:-}" ] || echo "athena_last_success_timestamp_seconds $3" >>"state/athena/$1.sync.prom"
}

@test "the configured database: sources by their names there, and those that fail or never came" {
	mkdir -p config/athena state/athena
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	printf '[store]\n\tdatabase = %s/data.db\n' "$PWD" >config/athena/config
	printf '[source "%s"]\n\ttype = x\n' here a.b new off no-cursor >>config/athena/config
	sed -i -e '/"off"/a\\tenabled = false' -e '/"new"/a\\tenabled = Yes' config/athena/config
	printf '[source "own"]\n\ttype = x\n\tcursor = %s/F\n' "$PWD" >>config/athena/config
	{ event a 2024-05-01T12:00:00Z; checkpoint s '' 1 1 true; } | athena-store -q data.db
	event b 2024-05-01T12:00:00Z | sed 's/"source_id":"s"/"source_id":"t"/' | athena-store -q data.db
	echo '{"source_id":"s"}' >state/athena/here.cursor
	echo '{"source_id":"u"}' >state/athena/a.b.cursor
	echo '{"source_id":"t"}' >F
	synced no-cursor 0 1900000000.000000
	same a "$(ids --source here)"
	same b "$(ids --source own)"
	run -0 --separate-stderr athena-query --source hree
	contains "$stderr" "no source is called 'hree'; did you mean 'here'?"
	same '' "$(ids --source a.b 2>/dev/null)"
	same '' "$(ids --source here data.db 2>/dev/null)"
	run -0 --separate-stderr athena-query --source S data.db
	same "athena-query: data.db: no source is called 'S'; did you mean 's'? --status shows those there are" "$stderr"
	run -0 --separate-stderr athena-query --source nosuch data.db
	same "athena-query: data.db: no source is called 'nosuch'; --status shows those there are" "$stderr"
	run -0 --separate-stderr athena-query --status --source hree
	same "|athena-query: $PWD/data.db: no source is called 'hree'; did you mean 'here'? --status shows those there are" "$output|$stderr"
	run -0 --separate-stderr athena-query --by day --kind nosuch --format table data.db
	same 'athena-query: data.db: no such events' "$stderr"
	# a time that was too short says so
	newest=$(athena-query --limit 1 data.db | jq -r .timestamp)
	run -0 --separate-stderr athena-query --since 9000-01-01 --format table data.db
	same "athena-query: data.db: no such events since then; the newest of any time is of $newest" "$stderr"
	run -0 --separate-stderr athena-query --until 1000-01-01 --by day --format table data.db
	contains "$stderr" "no such events before then; the newest of any time is of $newest"
	run -0 --separate-stderr athena-query --since 1000-01-01 --until 1000-01-02 --format table data.db
	contains "$stderr" 'no such events in that time; the newest'
	run -0 --separate-stderr athena-query --since 9000-01-01 --actor nobody --format table data.db
	same 'athena-query: data.db: no such events' "$stderr"
	# so do a kind and an actor of which there are others alike, also where they are only counted
	run -0 --separate-stderr athena-query --count --kind K data.db
	same "0|athena-query: data.db: no event is of kind 'K'; did you mean 'k'?" "$output|$stderr"
	event ann 2024-05-01T12:00:00Z '"actor":"Ann Author"' | athena-store data.db
	run -0 --separate-stderr athena-query --actor author data.db
	same "|athena-query: data.db: no event is of actor 'author'; did you mean 'Ann Author'?" "$output|$stderr"
	run -0 --separate-stderr athena-query --actor 'Ann Author' --until 1000-01-01 data.db
	same '' "$output$stderr"
	# and a star that was to pass slashes, as in git's paths
	run -0 --separate-stderr athena-query --count --path '*.c' data.db
	same "0|athena-query: data.db: no such events; * stops at a slash: --path '**/*.c' looks in all folders" "$output|$stderr"
	run -0 --separate-stderr athena-query --kind cocommit data.db
	same '' "$output$stderr"
	kind=$(athena-query --limit 1 data.db | jq -r .kind)
	run -0 --separate-stderr athena-query --kind "${kind}s" data.db
	same "athena-query: data.db: no event is of kind '${kind}s'; did you mean '$kind'?" "$stderr"
	athena-store empty.db </dev/null
	run -0 --separate-stderr athena-query --format table empty.db
	same 'athena-query: empty.db: no events yet' "$stderr"
	run -0 --separate-stderr athena-query --status --format table
	same "athena-query: new: is configured, and nothing has come from it yet; 'athena check new' says why" "$stderr"
	run -1 --separate-stderr athena-query --status --max-age 2000w
	same "athena-query: new: is configured, and nothing has come from it yet; 'athena check new' says why" "$stderr"
	run -0 --separate-stderr athena-query --status --max-age 2000w --source here
	run -1 --separate-stderr athena-query --status --max-age 2000w --source new
	run -0 --separate-stderr athena-query --status --max-age 2000w data.db
	# What is known of the last sync is told: of one that failed, and where it is silent.
	synced here 77 1900000000.000000
	synced new 0 1900000000.000000
	run -0 --separate-stderr athena-query --status --format table
	grep -q '^s .*last sync: exit status 77 (refused)$' <<<"$output" || fail "$output"
	grep -q '^t .* 0$' <<<"$output" || fail "$output"
	same '' "$stderr"
	sqlite3 data.db "UPDATE runs SET started_at = '2024-05-01T12:00:00Z', ended_at = '2024-05-01T12:00:00Z'"
	run -1 --separate-stderr athena-query --status --max-age 1h --source here
	contains "$stderr" "ago; its last sync: exit status 77 (refused); 'athena check here' says why"
	same 1 "${#stderr_lines[@]}"
}

@test "--status --max-age fails at once where the last sync failed for good, not where it is to be tried again" {
	mkdir -p config/athena state/athena
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	printf '[store]\n\tdatabase = %s/data.db\n[source "here"]\n\ttype = x\n' "$PWD" >config/athena/config
	{ event a 2024-05-01T12:00:00Z; checkpoint s '' 1 1 true; } | athena-store -q data.db
	echo '{"source_id":"s"}' >state/athena/here.cursor
	run -0 --separate-stderr athena-query --status --max-age 1h
	same '' "$stderr$(jq -r '.sync_exit_code // empty' <<<"$output")"
	for code in 77 78 66 1 127; do
		synced here $code 1900000000.000000
		run -1 --separate-stderr athena-query --status --max-age 1h
		same "false $code" "$(jq -r '"\(.silent) \(.sync_exit_code)"' <<<"$output")"
		same 1 "${#stderr_lines[@]}"
		contains "$stderr" 'athena-query: here: does not get on; its last sync: '
		contains "$stderr" "; 'athena check here' says why"
		run -0 --separate-stderr athena-query --status
		same '' "$stderr"
	done
	run -1 --separate-stderr athena-query --status --max-age 1h --source here
	run -1 --separate-stderr athena-query --status --max-age 1h --source s
	run -1 --separate-stderr athena-query --status --max-age 1h --source other
	contains "$stderr" 'data.db: no such source has ever delivered anything'
	same 'false,127' "$(athena-query --status --format csv | tail -n 1 | tr -d '\r' | cut -d, -f13-)"
	for code in 0 75 137 143; do
		synced here $code 1900000000.000000
		run -0 --separate-stderr athena-query --status --max-age 1h
		same "$code" "$(jq -r .sync_exit_code <<<"$output")"
		same '' "$stderr"
	done
	# One that is not enabled is not late, whatever became of it when it was run by hand.
	synced here 77 1900000000.000000
	printf '\tenabled = false\n' >>config/athena/config
	sqlite3 data.db "UPDATE runs SET started_at = '2024-05-01T12:00:00Z', ended_at = '2024-05-01T12:00:00Z'"
	run -0 --separate-stderr athena-query --status --max-age 1h
	same '' "$stderr"
	run -1 athena-query --status --max-age 1h data.db
}

@test "--status of a database that is damaged says so" {
	local page
	for i in {1..200}; do
		printf '{"id":"e%d","source_id":"s%d","source_type":"t","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"%0900d"}\n' \
			"$i" $((i % 50)) "$i"
	done | athena-store -q many.db
	for page in event_rows event_rows_identity event_rows_time; do
		cp many.db broken.db
		head -c 4096 /dev/zero | tr '\0' '\377' |
			dd of=broken.db bs=4096 seek=$(($(sql many.db "SELECT rootpage FROM sqlite_schema WHERE name = '$page'") - 1)) count=1 conv=notrunc status=none
		run -65 athena-query --status broken.db
		contains "$output" 'the database is damaged (see .recover in sqlite3(1))'
	done
}

@test "--status --max-age is a check for a monitor" {
	{ event a 2024-05-01T12:00:00Z; checkpoint s '' 1 1 true; } | athena-store -q data.db
	run -0 --separate-stderr athena-query --status --max-age=1h data.db
	same '' "$stderr"
	sqlite3 data.db "UPDATE runs SET started_at = '2024-05-01T12:00:00Z', ended_at = '2024-05-01T12:00:00Z'"
	run -1 --separate-stderr athena-query --status --max-age=1h data.db
	same true "$(jq .silent <<<"$output")"
	contains "$stderr" 'data.db: s: last ended well'
	run -0 athena-query --status --max-age=2000w data.db
	# what is dated years ahead would hide all silence until then
	sqlite3 data.db "UPDATE runs SET started_at = '2999-05-01T12:00:00Z', ended_at = '2999-05-01T12:00:00Z'"
	run -1 --separate-stderr athena-query --status --max-age=1h data.db
	contains "$stderr" ' (a clock was wrong, then or now); '
	sqlite3 data.db "UPDATE runs SET started_at = '2024-05-01T12:00:00Z', ended_at = '2024-05-01T12:00:00Z'"
	# nothing new is a sign of life all the same
	checkpoint s "$(sql data.db 'SELECT position FROM cursors')" 1 0 true | jq -c '.next = .prev' >same
	sqlite3 data.db 'SELECT cursor FROM cursors' | jq -c . >cursor
	jq -c --slurpfile c cursor '.cursor = $c[0]' same | athena-store -q data.db
	run -0 athena-query --status --max-age=1h data.db
	athena-store empty.db </dev/null
	run -1 athena-query --status --max-age=1h empty.db
	contains "$output" 'no source has ever delivered'
	run -0 athena-query --status empty.db
	run -64 athena-query --max-age=1h data.db
	run -64 athena-query --status --kind=x data.db
	sqlite3 v1.db <"$FIXTURES/store-v1.sql"
	run -78 athena-query --status v1.db
	contains "$output" 'any run of athena-store makes it a new one'
}

# ---- the database ----

@test "what is no database of ours is refused, untouched" {
	run -66 athena-query none.db
	contains "$output" 'none.db: no such database; words are looked for with --match, sources with --source'
	[ ! -e none.db ]
	sqlite3 other.db 'CREATE TABLE events(id)'
	run -78 athena-query other.db
	contains "$output" 'not one of athena'
	echo 'this is no database, and longer than a header of one: 0123456789012345678901234567890123456789012345678901234567890123456789' >text.db
	run -65 athena-query text.db
	contains "$output" 'not an SQLite database'
	[[ $output != *athena-store* ]] || fail 'it holds no events'
	event a >stream
	run -65 athena-query stream
	contains "$output" 'stream: not an SQLite database; events in a file: athena-store DATABASE < FILE'
	: >empty.db
	run -78 athena-query empty.db
	mkdir folder
	run -66 athena-query folder
	event a 2024-05-01T12:00:00Z | athena-store newer.db
	sqlite3 newer.db 'PRAGMA user_version = 99'
	run -78 athena-query newer.db
	contains "$output" 'its schema is version 99, this program knows'
	same 99 "$(sql newer.db 'PRAGMA user_version')"
}

@test "a database of version 1 is read as it is" {
	sqlite3 v1.db <"$FIXTURES/store-v1.sql"
	local n
	n=$(sql v1.db 'SELECT count(*) FROM events')
	same "$n" "$(athena-query v1.db | wc -l)"
	same 1 "$(sql v1.db 'PRAGMA user_version')"
}

@test "beside a store that runs: what is committed is seen, and nobody waits" {
	mkfifo feed
	athena-store data.db <feed &
	exec 7>feed
	event a 2024-05-01T12:00:00Z >&7
	eventually 10 has 1
	# In the middle of a transaction of somebody else.
	printf '%s\n' 'BEGIN IMMEDIATE;' 'DELETE FROM event_rows;' '.system athena-query --count data.db >during' 'ROLLBACK;' |
		sqlite3 -batch -bail -init /dev/null data.db
	same 1 "$(cat during)"
	same a "$(ids data.db)"
	exec 7>&-
	wait
}

# read_only: the folder can be read below ro/, and not written.
read_only() {
	if [ "$(id -u)" = 0 ]; then
		mkdir ro
		mount --bind . ro 2>/dev/null && touch mounted || skip 'cannot mount'
		mount -o remount,ro,bind ro
	else
		ln -s . ro
		chmod 500 .
	fi
}

@test "a database that may only be read is read, and nothing is left beside it" {
	many
	read_only
	same 400 "$(athena-query --count ro/data.db)"
	same "$(jq -r .id in | sort)" "$(athena-query ro/data.db | jq -r .id | sort)"
	[ ! -e data.db-wal ] && [ ! -e data.db-shm ]
}

# typed COMMAND...: what a terminal gets.
typed() { python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null | tr -d '\r'; }

@test "a terminal gets nothing from outside that it would take for more than text, in any format" {
	need python3
	event e 2024-05-01T12:00:00Z | jq -c '.actor = "bob\u001b]0;x\u0007" | .content = "a\u009b31m \u007f \u202e é 😀\nb"' | athena-store -q data.db
	local format
	for format in ndjson json csv table; do
		typed athena-query --color never --format $format data.db >seen
		! LC_ALL=C.UTF-8 grep -P '[\x{1b}\x{07}\x{7f}-\x{9f}\x{202e}]' seen || fail "$format"
		grep -q 'é 😀' seen || fail "$format lost more: $(cat seen)"
		typed athena-query --color never --format $format --by actor data.db >seen
		! LC_ALL=C.UTF-8 grep -P '[\x{1b}\x{07}\x{7f}-\x{9f}\x{202e}]' seen || fail "$format --by"
		grep -q bob seen
	done
	# the same values all the same, and every byte where it is none
	same "$(athena-query data.db | jq -S .)" "$(typed athena-query --format ndjson data.db | jq -S .)"
	grep -q $'a\xc2\x9b31m \x7f' <<<"$(athena-query data.db)"
}

# plainly COMMAND...: by one to whom permissions matter.
plainly() {
	if [ "$(id -u)" = 0 ]; then setpriv --bounding-set=-all --inh-caps=-all "$@"; else "$@"; fi
}

@test "a database in a folder that only others may write" {
	command -v setpriv >/dev/null || [ "$(id -u)" != 0 ] || skip 'no setpriv'
	many
	mkdir theirs left
	cp data.db theirs
	sqlite3 -batch -init /dev/null data.db 'CREATE TABLE more(x)' '.system cp data.db data.db-wal left'
	chmod 555 theirs left
	same 400 "$(plainly athena-query --count theirs/data.db)"
	same 'data.db' "$(ls theirs)"
	# what only a -wal holds is not left out in silence
	run -77 --separate-stderr plainly athena-query --count left/data.db
	chmod 755 theirs left
	contains "$stderr" 'left/data.db: what its -wal holds'
}

@test "a file that is written to while it is read as a plain one: said" {
	[ "$(id -u)" = 0 ] || skip 'needs a folder that only others can write'
	awk -v n=3000 -f "$REPO_ROOT/tests/bench/events.awk" | athena-store data.db
	read_only
	run -75 --separate-stderr bash -c 'set -o pipefail; athena-query ro/data.db | { head -n 1 >first; event='"'$(event new 2030-01-01T00:00:00Z)'"'
		athena-store data.db <<<"$event"; cat >rest; }'
	contains "$stderr" 'ro/data.db: was written to while it was read as a plain file'
}

@test "--follow: what is there, then what arrives, each once, in order of arrival" {
	event a 2024-05-01T12:00:00Z | athena-store data.db
	event b 2024-05-01T11:00:00Z | athena-store data.db
	athena-query --follow data.db >out &
	eventually 10 grep -q '"id":"b"' out
	event c 2020-01-01T00:00:00Z | athena-store data.db
	eventually 10 grep -q '"id":"c"' out
	event a 2024-05-01T12:00:00Z '"revision":2,"x":1' | athena-store data.db
	eventually 10 grep -q '"revision":2' out
	same 'a b c a' "$(jq -r .id out | paste -sd ' ')"
	kill $!
	athena-query --follow --limit=1 --kind=k data.db >last &
	eventually 10 grep -q '"id":"a"' last
	athena-query --follow --limit=0 data.db >nothing &
	athena-query --follow --limit=100 data.db >several &
	eventually 10 bash -c '[ "$(wc -l <several)" = 3 ]'
	sleep 0.3
	event d 2024-05-01T12:00:00Z | athena-store data.db
	eventually 10 grep -q '"id":"d"' nothing
	eventually 10 grep -q '"id":"d"' last
	same 'd' "$(jq -r .id nothing | paste -sd ' ')"
	same 'a d' "$(jq -r .id last | paste -sd ' ')"
}

@test "--follow ends when its reader is gone, also when nothing arrives" {
	event a 2024-05-01T12:00:00Z | athena-store data.db
	timeout 20 bash -c 'athena-query --follow data.db | head -n 1' >out || fail 'it waits for a reader that is gone'
	same 1 "$(wc -l <out)"
}

@test "--follow ends, and says so, when the database is removed or replaced" {
	local code=0
	event a 2024-05-01T12:00:00Z | athena-store data.db
	athena-query --follow data.db >out 2>said &
	eventually 10 grep -q '"id":"a"' out
	rm data.db*
	wait $! || code=$?
	same 74 "$code"
	same 'athena-query: data.db: was removed or replaced by another file while it was open' "$(cat said)"
}

@test "a closed pipe is quiet, a full disk is not" {
	many
	run -0 bash -c 'for i in 1 2 3 4 5 6 7 8; do athena-query data.db; done | head -n 1 | jq -r .id'
	same n399 "$output"
	[ -c /dev/full ] || skip 'no /dev/full'
	run -74 bash -c 'athena-query data.db >/dev/full'
	contains "$output" 'stdout: No space left'
	run -74 bash -c 'athena-query --count data.db >/dev/full'
	run -74 bash -c 'athena-query --by=kind data.db >/dev/full'
}

@test "a member that is not JSON any more is left out, and said" {
	event a 2024-05-01T12:00:00Z | athena-store data.db
	event b 2024-05-01T12:00:00Z '"metadata":{"x":1}' | athena-store data.db
	sqlite3 data.db "UPDATE event_rows SET metadata = '{' WHERE id = 'b'"
	run -65 --separate-stderr athena-query data.db
	same a "$(jq -r .id <<<"$output")"
	contains "$stderr" 'event seq 2 is left out: a member of it is not JSON'
	run -65 --separate-stderr athena-query --format=json data.db
	same a "$(jq -r '.[].id' <<<"$output")"
}

@test "memory does not grow with what comes out" {
	awk -v n=20000 -f "$REPO_ROOT/tests/bench/events.awk" >in
	athena-store data.db <in
	[ -x /usr/bin/time ] || skip 'no /usr/bin/time'
	! under_valgrind || skip 'not what it takes by itself'
	export ASAN_OPTIONS=quarantine_size_mb=1
	/usr/bin/time -f %M -o small athena-query --limit=100 data.db >/dev/null
	/usr/bin/time -f %M -o large athena-query data.db >/dev/null
	/usr/bin/time -f %M -o table athena-query --format=table data.db >/dev/null
	[ "$(cat large)" -le $(($(cat small) + 8000)) ] || fail "$(cat small) KiB for 100, $(cat large) KiB for 20,000"
	[ "$(cat table)" -le $(($(cat small) + 8000)) ] || fail "$(cat small) KiB for 100, $(cat table) KiB for 20,000 in a table"
}

@test "without a database: the configured one; without that, what is needed is said" {
	event a 2024-05-01T12:00:00Z | athena-store -q data.db
	mkdir -p config/athena
	printf '[store]\n\tdatabase = %s/data.db\n' "$PWD" >config/athena/config
	same a "$(XDG_CONFIG_HOME=$PWD/config ids)"
	same 1 "$(XDG_CONFIG_HOME=$PWD/config PATH=/usr/bin:/bin "$ATHENA_BIN/athena-query" --count)"
	event b 2024-05-01T12:00:00Z | athena-store -q other.db
	same b "$(XDG_CONFIG_HOME=$PWD/config ids other.db)"
	run -64 --separate-stderr athena-query
	[[ $stderr == *'[store] database'* ]] || fail "$stderr"
	printf '[store]\n\tdatabase = %s/later.db\n' "$PWD" >config/athena/config
	XDG_CONFIG_HOME=$PWD/config run -66 athena-query
	contains "$output" "later.db: not there yet; 'athena sync' creates it"
	run -66 athena-query later.db
	same 'athena-query: later.db: no such database; words are looked for with --match, sources with --source' "$output"
	echo '[store' >config/athena/config
	XDG_CONFIG_HOME=$PWD/config run -64 --separate-stderr athena-query
	[[ $stderr == *'athena-config says: exit status 78'* ]] || fail "$stderr"
}
