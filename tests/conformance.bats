#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What athena-source(7) asks of a source: athena-conformance puts it to ours, and to the examples in shell and
# Python that a stranger begins with. What stands here beside that needs the store, or tools that are not ours.
load helper
load mock/mock

setup() {
	need jq git sqlite3 flock sha256sum python3 curl
	PATH=$EXAMPLES:$PATH
}
teardown() { mock_stop; }

# ---- inputs: a few events at first, and one or more when it grows; ARGS says where, MISSING what is not there ----

input_git() {
	repo_new input
	repo_commit input 'first' a.txt
	repo_commit input 'second, with "quotes" and ümlaut' dir/b.txt
	repo_commit input 'third' a.txt
	ARGS=(input)
}
grow_git() { repo_commit input 'grown' a.txt; }

input_lines() {
	printf '%s\n' '2024-05-01T12:00:00Z one' '2024-05-01T12:00:01Z two' '2024-05-01T12:00:02Z three' >input
	ARGS=(input)
}
grow_lines() { echo '2024-05-01T12:00:03Z grown' >>input; }

input_csv() {
	printf '%s\n' '2024-05-01T12:00:00Z,ann,"one, two"' '2024-05-01 12:00:01.50,bob,two' '2024-05-01T14:00:02+02:00,ann,' >input
	ARGS=(input)
}
grow_csv() { echo '2024-05-01T12:00:03Z,ann,grown' >>input; }

request() { echo "10.0.0.1 - ann [24/Nov/2026:03:04:0$1 +0000] \"GET /$2?q=%22ü HTTP/1.1\" 200 12 \"-\" \"curl \\\"7\\\"\""; }
input_apilog() {
	{ request 1 first; request 2 second; request 3 third; } >input
	ARGS=(input)
}
grow_apilog() { request 4 grown >>input; }

input_github() {
	export GITHUB_TOKEN=ghp_$MARK
	mock_start github '{"ops":[{"do":"commit","message":"first"},{"do":"issue","title":"second"},{"do":"issue","title":"third"},
		{"do":"release","tag":"v1"}]}'
	ARGS=(--api-url "$MOCK_URL" octo/hello)
	MISSING=(69 --api-url "$MOCK_URL" no/such)
}
grow_github() { act '{"do":"issue","title":"grown"}'; }

input_slack() {
	export SLACK_BOT_TOKEN=xoxb-$MARK
	mock_start slack '{"ops":[{"do":"post","text":"first"},{"do":"reply","n":0,"text":"second"},{"do":"channel","name":"b"},
		{"do":"post","channel":"b","text":"third"},{"do":"channel","name":"c"},{"do":"post","channel":"c","text":"fourth"},
		{"do":"channel","name":"d"},{"do":"post","channel":"d","text":"fifth"},{"do":"react","channel":"d"}]}'
	ARGS=(--api-url "$MOCK_URL")
	MISSING=(69 --api-url "$MOCK_URL" no-such-channel)
}
grow_slack() { act '{"do":"post","text":"grown"}'; }

# ---- the sources ----

# known: those that have an input above.
known() { declare -F | sed -n 's/^declare -f input_//p'; }

# in_folder TYPE: a folder of its own, with SRC, ARGS and MISSING set.
in_folder() {
	SRC=athena-src-$1 MISSING=(66 no/such/input)
	mkdir "$SRC"
	cd "$SRC"
	"input_$1"
}

# each FUNCTION: calls it for every source that is known here.
each() {
	local type n=0
	for type in $(known); do
		echo "source: $type" >&2
		(
			set -e
			trap mock_stop EXIT
			in_folder "$type"
			"$1"
		)
		n=$((n + 1))
	done
	[ "$n" -ge 4 ] || fail "only $n sources could be asked"
}

# conforms TYPE: all that athena-conformance asks. The input grows by what grow_TYPE does, in a shell of its own.
conforms() {
	in_folder "$1"
	local code=${MISSING[0]} missing=("${MISSING[@]:1}")
	{
		declare -p MOCK MOCK_URL REPO_CLOCK 2>/dev/null || :
		declare -f
		echo "grow_$1"
	} >grow.sh
	run athena-conformance --format tap --grow 'bash -eu grow.sh' "${missing[@]/#/--missing=}" "$SRC" "${ARGS[@]}"
	[[ $status = 0 && $output != *'not ok'* ]] || fail "$SRC"
	[[ $output != *'grow: '*'# SKIP'* ]]
	run "-$code" "$SRC" "${missing[@]}"
}

grow() { "grow_${SRC#athena-src-}"; }

# through_pipe OUT [OPTION...]: a run whose reader only keeps what came.
through_pipe() {
	local out=$1
	shift
	set -o pipefail
	"$SRC" --cursor f "$@" "${ARGS[@]}" | cat >"$out"
	set +o pipefail
}

# ---- what athena-conformance asks ----

@test "every athena-src-* of ours, and every example, has an input here" {
	local source
	for source in "$ATHENA_BIN"/athena-src-* "$EXAMPLES"/athena-src-*; do
		declare -F "input_${source##*/athena-src-}" "grow_${source##*/athena-src-}" >/dev/null || fail "${source##*/}"
		grep -q "^@test .* conforms ${source##*/athena-src-}; }\$" "$BATS_TEST_FILENAME" || fail "${source##*/}"
	done
}

@test "athena-src-git conforms" { conforms git; }
@test "athena-src-github conforms" { conforms github; }
@test "athena-src-slack conforms" { conforms slack; }
@test "athena-src-apilog conforms" { conforms apilog; }
@test "athena-src-lines, in shell, conforms" { conforms lines; }
@test "athena-src-csv, in Python, conforms" { conforms csv; }

@test "a source of one's own: only what stands first in the one in Python is written anew, and it conforms" {
	need python3
	{
		sed '/^NAME, TYPE/,$d' "$EXAMPLES/athena-src-csv"
		cat <<-'END'
		NAME, TYPE = "athena-src-diary", "diary"
		WHAT = "Entries of a diary, a file a day, as events"
		INPUT = ("folder", "DIR", "files 2024-05-01.txt")
		START = {"day": ""}


		def look(o):
		    if not os.path.isdir(o.input):
		        raise Failure(66, f"{o.input}: no such folder")
		    return f"ok {o.input}", f"{len(os.listdir(o.input))} files to read"


		def source_id(o):
		    return f"{TYPE}:{os.path.realpath(o.input)}"


		def history(o, at):
		    for name in sorted(os.listdir(o.input)):
		        day = name.removesuffix(".txt")
		        if day > at["day"]:
		            t = moment(day)
		            yield t, {"id": f"day/{day}", "kind": "entry", "timestamp": stamp(t), "event_type": "reflection",
		                      "content": open(f"{o.input}/{name}").read() or "(empty)"}, {"day": day}


		END
		sed -n '/^# ---- what any source does/,$p' "$EXAMPLES/athena-src-csv"
	} >athena-src-diary
	chmod +x athena-src-diary
	mkdir diary
	for day in 1 2 3; do echo "day $day" >"diary/2024-05-0$day.txt"; done
	run -0 athena-conformance --format tap --grow 'echo more >diary/2024-05-04.txt' --missing nosuch ./athena-src-diary diary
	[[ $output != *'# SKIP'* ]] || fail
	./athena-src-diary --cursor F diary | athena-store -q data.db
	same $'day 1\n\nday 2\n\nday 3\n\nmore' "$(sql data.db 'SELECT content FROM events ORDER BY timestamp')"
	# An input that nobody thought of is told in one line, and where is told when asked.
	mv diary/2024-05-04.txt diary/tomorrow.txt
	run -70 --separate-stderr ./athena-src-diary diary
	same "athena-src-diary: ValueError: Invalid isoformat string: 'tomorrow'; --verbose says where" "${stderr-}"
	run -1 --separate-stderr ./athena-src-diary --verbose diary
	contains "${stderr-}" ', in history'
}

@test "a source of one's own whose position is changed in place loses and doubles nothing" {
	need python3
	{
		sed '/^NAME, TYPE/,$d' "$EXAMPLES/athena-src-csv"
		cat <<-'END'
		NAME, TYPE = "athena-src-tickets", "tickets"
		WHAT = "Tickets, lines of key and time of the last edit, as events"
		INPUT = ("file", "FILE", "key time")
		START = {"seen": {}}


		def look(o):
		    if not os.path.isfile(o.input):
		        raise Failure(66, f"{o.input}: no such file")
		    return f"ok {o.input}", f"{o.input}: to read"


		def source_id(o):
		    return f"{TYPE}:{os.path.realpath(o.input)}"


		def history(o, at):
		    seen = at["seen"]
		    for line in open(o.input):
		        key, edited = line.split()
		        if seen.get(key) != edited:
		            seen[key] = edited
		            t = moment(edited)
		            yield t, {"id": key, "kind": "ticket", "timestamp": stamp(t), "event_type": "observation",
		                      "content": edited, "revision": int(t.timestamp()) * 1000000}, {"seen": seen}


		END
		sed -n '/^# ---- what any source does/,$p' "$EXAMPLES/athena-src-csv"
	} >athena-src-tickets
	chmod +x athena-src-tickets
	for day in 1 2 3; do echo "t$day 2024-05-0$day"; done >tickets
	run -0 athena-conformance --format tap --grow 'sed -i "s/^t2 .*/t2 2024-06-01/" tickets' --missing nosuch ./athena-src-tickets tickets
	[[ $output != *'# SKIP'* ]] || fail
}

@test "the one in Python cuts what is too long for an event, and mends what no line can hold" {
	need python3
	{
		sed '/^def event/,$d' "$EXAMPLES/athena-src-csv"
		cat <<-'END'
		def event(number, row):
		    return moment(row[0]), {"id": row[1] * 300, "kind": "row", "timestamp": stamp(moment(row[0])), "event_type": "observation",
		                            "content": row[2], "metadata": {"odd": ["\0", {"\udcff": "\ud800"}]}}


		END
		sed -n '/^# ---- what any source does/,$p' "$EXAMPLES/athena-src-csv"
	} >athena-src-odd
	chmod +x athena-src-odd
	python3 -c 'print("2024-05-01T12:00:00Z,a\u00e9," + "\u00fc" * 200000)' >rows.csv
	./athena-src-odd --cursor F rows.csv | athena-store --strict data.db
	same "131072 $(printf 'a\xc3\xa9%.0s' {1..149})~$(printf 'a\xc3\xa9%.0s' {1..300} | sha256sum | cut -c 1-64)" \
		"$(sql data.db "SELECT length(content) || ' ' || id FROM events")"
	same '{"odd":["\ufffd",{"\ufffd":"\ufffd"}],"truncated":["content"]}' "$(sql data.db 'SELECT metadata FROM events' | jq -ac .)"
}

# ---- the same with tools that are not ours, and with the store ----

the_store_takes_all() {
	"$SRC" "${ARGS[@]}" >out
	[ "$(wc -l <out)" -ge 3 ]
	athena-store --strict data.db <out
	same "$(wc -l <out)" "$(sql data.db 'SELECT count(*) FROM events')" 'rows'
	same 0 "$(sql data.db 'SELECT count(*) FROM rejects')" 'rejects'
}
@test "the store takes every event" { each the_store_takes_all; }

checkpoints_are_true() {
	through_pipe out
	local line events=0 prev=null
	while IFS= read -r line; do
		if ! jq -e 'has("athena")' <<<"$line" >/dev/null; then
			events=$((events + 1))
			continue
		fi
		same "$events" "$(jq .events <<<"$line")" 'events since the last checkpoint'
		same "$prev" "$(jq -r .prev <<<"$line")" 'prev'
		prev=$(jq -r .next <<<"$line")
		same "$prev" "$(jq -cSj .cursor <<<"$line" | sha256sum | cut -c1-64)" 'next'
		same "$(jq -c '[.source_id, .prev]' <<<"$line")" "$(jq -c '.cursor | [.source_id, .prev]' <<<"$line")"
		jq -e '.cursor.athena_cursor == 1 and (.cursor.selection | type) == "object"' <<<"$line" >/dev/null
		events=0
	done <out
	same 0 "$events" 'events after the last checkpoint'
	same 1 "$(checkpoints out | jq -s 'map(select(.final)) | length')" 'final checkpoints'
}
@test "checkpoints count, chain and hash as a shell can check" { each checkpoints_are_true; }

store_moves_cursor() {
	through_pipe out
	athena-store data.db <out
	same "$(last_checkpoint out | jq -r .next)" "$(cursor_hash f)" 'position'
	same '' "$(find . -maxdepth 1 -name 'f.*.[0-9]*')" 'staged files left'
	cp f before
	through_pipe again
	same 1 "$(wc -l <again)" 'lines of a second run'
	last_checkpoint again | jq -e '.final and .events == 0 and .next == .prev' >/dev/null
	athena-store data.db <again
	cmp f before
}
@test "the store moves it, and the second run is quiet" { each store_moves_cursor; }

only_what_is_new() {
	set -o pipefail
	"$SRC" --cursor f "${ARGS[@]}" | athena-store data.db
	local before rows
	before=$(cursor_hash f)
	rows=$(sql data.db 'SELECT count(*) FROM events')
	grow
	through_pipe out
	contains "$(events out | jq -r .content)" grown
	same "$before" "$(last_checkpoint out | jq -r .prev)" 'prev'
	athena-store data.db <out
	same "$((rows + $(events out | wc -l)))" "$(sql data.db 'SELECT count(*) FROM events')" 'rows'
	same "$before" "$(jq -r .prev f)" 'the predecessor that f names'
	"$SRC" "${ARGS[@]}" | athena-store straight.db
	same "$(sql straight.db "SELECT id FROM events WHERE kind NOT LIKE 'ref.%' ORDER BY id")" \
		"$(sql data.db "SELECT id FROM events WHERE kind NOT LIKE 'ref.%' ORDER BY id")" 'ids of a straight run'
}
@test "a later run brings exactly what is new" { each only_what_is_new; }

# ---- the page itself ----

@test "athena-source(7): its ten lines of shell lose and double nothing" {
	sed -n '/^#!\/bin\/sh/,/^\.Ed/p' "$REPO_ROOT/man/athena-source.7" | sed '/^\.Ed/d; s/\\-/-/g; s/\\e/\\/g' >athena-src-diary
	same 10 "$(grep -c '^[^ ]' athena-src-diary)" 'lines'
	chmod +x athena-src-diary
	printf '%s\n' '2024-05-01T12:00:00Z moved house' '2024-05-02T12:00:00Z slept' >diary.txt
	set -o pipefail
	./athena-src-diary --cursor diary.cursor diary.txt | athena-store data.db
	echo '2024-05-03T12:00:00Z unpacked' >>diary.txt
	./athena-src-diary --cursor diary.cursor diary.txt | cat >lost
	same 1 "$(events lost | wc -l)" 'new events'
	./athena-src-diary --cursor diary.cursor diary.txt | athena-store data.db
	./athena-src-diary --cursor diary.cursor diary.txt >quiet
	same 1 "$(wc -l <quiet)" 'lines of a quiet run'
	same '3|3' "$(sql data.db "SELECT count(*), count(DISTINCT id) FROM events")"
	same unpacked "$(sql data.db 'SELECT content FROM events ORDER BY timestamp DESC LIMIT 1')"
	run -75 flock diary.cursor.lock ./athena-src-diary --cursor diary.cursor diary.txt
}
