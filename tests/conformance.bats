#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What athena-source(7) asks of a source, asked of every athena-src-* on PATH: ours, and one in
# shell as a stranger would write it. A source that is not known here is only asked what
# needs no input; for the rest, give it an input_TYPE and a grow_TYPE below.
load helper
load mock/mock

setup() {
	need jq git sqlite3 flock sha256sum python3 curl
	PATH=$FIXTURES:$PATH
}

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

input_github() {
	export GITHUB_TOKEN=ghp_x
	mock_start github '{"ops":[{"do":"commit","message":"first"},{"do":"issue","title":"second"},{"do":"issue","title":"third"},
		{"do":"release","tag":"v1"}]}'
	trap mock_stop EXIT
	ARGS=(--api-url "$MOCK_URL" octo/hello)
	MISSING=(69 --api-url "$MOCK_URL" no/such)
}
grow_github() { act '{"do":"issue","title":"grown"}'; }

# ---- the sources ----

sources() { compgen -c athena-src- | sort -u; }

# each FUNCTION: calls it in a folder of its own for every source, with SRC and ARGS set.
each() {
	local source n=0
	for source in $(sources); do
		declare -F "input_${source#athena-src-}" >/dev/null || continue
		echo "source: $source" >&2
		mkdir "$source"
		(
			set -e
			cd "$source"
			SRC=$source MISSING=(66 no/such/input)
			"input_${source#athena-src-}"
			"$1"
		)
		n=$((n + 1))
	done
	[ "$n" -ge 2 ] || fail "only $n sources could be asked"
}

grow() { "grow_${SRC#athena-src-}"; }

# describes OPTION: the source under test says that it has it.
describes() { "$SRC" --describe | jq -e --arg o "$1" 'any(.options[]; .name == $o)' >/dev/null; }

# through_pipe OUT [OPTION...]: a run whose reader only keeps what came.
through_pipe() {
	local out=$1
	shift
	set -o pipefail
	"$SRC" --cursor f "$@" "${ARGS[@]}" | cat >"$out"
	set +o pipefail
}

staged() { find . -maxdepth 1 -name 'f.*.[0-9]*' | sort; }

# expect CODE COMMAND...: exits with CODE, says why on stderr, and writes nothing.
expect() {
	local want=$1 got=0
	shift
	"$@" >stdout 2>stderr </dev/null || got=$?
	same "$want" "$got" "exit status of $*: $(cat stderr)"
	[ ! -s stdout ] || fail "$* wrote: $(head -c 300 stdout)"
	[ -s stderr ] || fail "$* said nothing"
}

# ---- what needs no input ----

@test "every source describes itself" {
	local source
	for source in $(sources); do
		run -0 --separate-stderr "$source" --describe
		jq -es --arg name "$source" 'length == 1 and (.[0] | .name == $name and (.type | type) == "string" and
			.protocol == 1 and (.environment | type) == "array" and
			([.options[].name] | index("cursor") and index("commit")))' <<<"$output" >/dev/null ||
			fail "$source"
	done
}

@test "every source has --help and --version, and refuses what it does not know" {
	local source
	for source in $(sources); do
		run -0 --separate-stderr "$source" --help
		contains "$output" --cursor
		contains "$output" "$source"
		run -0 --separate-stderr "$source" --version
		contains "$output" "$source"
		expect 64 "$source" --no-such-option-as-this
		expect 64 "$source" --commit=sometimes
	done
}

# ---- events ----

events_are_valid() {
	"$SRC" "${ARGS[@]}" >out
	[ "$(wc -l <out)" -ge 3 ]
	[ "$(wc -L <out)" -lt 1048576 ]
	jq -es 'all(.[]; type == "object" and
		all((.id, .source_id, .source_type, .kind, .timestamp, .event_type, .content); type == "string" and . != "")) and
		(map(.source_id) | unique | length) == 1 and (map(.id) | unique | length) == length' out >/dev/null
	same "$("$SRC" --describe | jq -r .type)" "$(jq -rs 'map(.source_type) | unique[]' out)" 'source_type'
	athena-store --strict data.db <out
	same "$(wc -l <out)" "$(sql data.db 'SELECT count(*) FROM events')" 'rows'
	same 0 "$(sql data.db 'SELECT count(*) FROM rejects')" 'rejects'
}
@test "events are valid, and the store takes every one" { each events_are_valid; }

runs_are_alike() {
	"$SRC" "${ARGS[@]}" >one
	"$SRC" "${ARGS[@]}" >two
	cmp one two
}
@test "the same input is the same stream" { each runs_are_alike; }

no_cursor_no_checkpoint() {
	"$SRC" "${ARGS[@]}" >out
	same '' "$(checkpoints out)"
	same '' "$(find . -maxdepth 1 -name 'f*')"
}
@test "without --cursor there is no checkpoint and no file" { each no_cursor_no_checkpoint; }

# ---- the cursor, with a pipe on stdout ----

pipe_leaves_cursor() {
	through_pipe out
	[ ! -e f ] || fail 'the cursor moved'
	last_checkpoint out | jq -e --arg f "$PWD/f" '.final and .prev == null and .ack == $f' >/dev/null
	local stage
	stage=$(last_checkpoint out | jq -r .stage)
	[ -f "f.$stage" ] || fail "nothing is staged at f.$stage"
	same 600 "$(stat -c %a "f.$stage")" 'mode of the staged file'
	same "$(last_checkpoint out | jq -r .next)" "$(cursor_hash "f.$stage")" 'hash of the staged file'
	same "$(last_checkpoint out | jq -cS .cursor)" "$(jq -cS . "f.$stage")" 'staged file and checkpoint'
}
@test "into a pipe a source stages, and does not move the cursor" { each pipe_leaves_cursor; }

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
	same '' "$(staged)" 'staged files left'
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

unacknowledged_comes_again() {
	through_pipe one
	local left
	left=$(staged)
	[ -n "$left" ]
	echo '{"athena_cursor":1,"source_id":"other","selection":{},"cursor":{},"prev":null}' >f.stranger.1
	echo 'not a cursor' >f.backup
	through_pipe two
	same "$(events one)" "$(events two)" 'events'
	[ ! -e "$left" ] || fail "$left is still there"
	[ -e f.stranger.1 ] && [ -e f.backup ] || fail 'removed what is not its own'
}
@test "what was not acknowledged comes again; own leftovers go" { each unacknowledged_comes_again; }

empty_cursor_is_none() {
	: >f
	through_pipe out
	[ "$(events out | wc -l)" -ge 3 ]
	last_checkpoint out | jq -e '.prev == null' >/dev/null
}
@test "an empty cursor file means from the start" { each empty_cursor_is_none; }

links_are_resolved() {
	mkdir real
	ln -s real/g f
	set -o pipefail
	"$SRC" --cursor f "${ARGS[@]}" | athena-store data.db
	[ -L f ] || fail 'the link was replaced'
	[ -s real/g ]
	[ -e real/g.lock ]
}
@test "a link to the cursor file stays a link" { each links_are_resolved; }

# ---- refusals ----

locked_is_75() {
	exec 8>f.lock
	flock 8
	expect 75 "$SRC" --cursor f "${ARGS[@]}"
	exec 8>&-
	through_pipe out
}
@test "a second run at the same time exits 75 at once" { each locked_is_75; }

bad_cursor_is_78() {
	"$SRC" --cursor f --commit=exit "${ARGS[@]}" >/dev/null
	cp f good
	local bad
	for bad in 'not json' '{}' '[]' 'null' '{"athena_cursor":1}' "$(head -c 40 good)" \
		"$(jq -c '.athena_cursor = 2' good)" "$(jq -c '.source_id += "x"' good)" \
		"$(jq -c 'del(.source_id)' good)" "$(jq -c 'del(.cursor)' good)"; do
		printf '%s' "$bad" >f
		cp f before
		echo "cursor: $bad" >&2
		expect 78 "$SRC" --cursor f "${ARGS[@]}"
		cmp f before
		same '' "$(staged)" 'staged'
	done
}
@test "a damaged, newer or foreign cursor is 78 and stays as it is" { each bad_cursor_is_78; }

no_until_with_cursor() {
	describes until || return 0
	expect 64 "$SRC" --cursor f --until 2024-01-01 "${ARGS[@]}"
	[ ! -e f ]
}
@test "--until and --cursor exclude each other" { each no_until_with_cursor; }

no_input_is_said() {
	expect "${MISSING[0]}" "$SRC" --cursor f "${MISSING[@]:1}"
	[ ! -e f ]
}
@test "a missing input is said, with 66 where it would be here, 69 elsewhere" { each no_input_is_said; }

# ---- other sinks ----

regular_file() {
	"$SRC" --cursor f "${ARGS[@]}" >out
	same "$(last_checkpoint out | jq -r .next)" "$(cursor_hash f)" 'position'
	same '' "$(staged)" 'staged files left'
	local lines
	lines=$(wc -l <out)
	grow
	printf '{"torn' >>out
	"$SRC" --cursor f "${ARGS[@]}" >>out
	same '{"torn' "$(sed -n "$((lines + 1))p" out)" 'the torn line, ended'
	contains "$(tail -n +$((lines + 2)) out | events | jq -r .content)" grown
	same "$(last_checkpoint out | jq -r .next)" "$(cursor_hash f)" 'position'
}
@test "a regular file as stdout: the source moves the cursor itself" { each regular_file; }

commit_exit() {
	through_pipe out --commit=exit
	same "$(last_checkpoint out | jq -r .next)" "$(cursor_hash f)" 'position'
	same 'null null' "$(last_checkpoint out | jq -r '"\(.ack) \(.stage)"')" 'ack and stage'
	through_pipe again --commit=exit
	same '' "$(events again)"
}
@test "--commit=exit: the source moves it at a clean end" { each commit_exit; }

nobody_reads() {
	"$SRC" --cursor f "${ARGS[@]}" >/dev/null
	[ ! -e f ] || fail 'moved for /dev/null'
}
@test "/dev/null moves nothing" { each nobody_reads; }

reader_goes_away() {
	{ sleep 0.2; "$SRC" --cursor f "${ARGS[@]}" 2>said; } | true
	same '' "$(cat said)" 'messages'
	[ ! -e f ]
}
@test "a reader that goes away is no failure to shout about" { each reader_goes_away; }

# ---- options that mean the same everywhere ----

names_and_numbers() {
	describes source-id && describes project && describes session || return 0
	"$SRC" --source-id here --project 7 --session s1 "${ARGS[@]}" >out
	same '["here",7,"s1"]' "$(jq -cs 'map([.source_id, .project_id, .session_id]) | unique[]' out)"
}
@test "--source-id, --project and --session" { each names_and_numbers; }

since_and_until() {
	describes since && describes until || return 0
	"$SRC" "${ARGS[@]}" >all
	local middle
	middle=$(jq -s -r 'map(.timestamp) | unique | .[length / 2 | floor]' all)
	"$SRC" --since "$middle" "${ARGS[@]}" >late
	"$SRC" --until "$middle" "${ARGS[@]}" >early
	same "$(jq -c --arg t "$middle" 'select(.timestamp >= $t) | .id' all)" "$(jq -c .id late)" 'since'
	same "$(jq -c --arg t "$middle" 'select(.timestamp < $t) | .id' all)" "$(jq -c .id early)" 'until'
	[ -s late ] && [ -s early ]
}
@test "--since and --until cut at the timestamp" { each since_and_until; }

limit_goes_on() {
	describes limit || return 0
	local n
	for n in 1 2 3 4 5 6 7 8 9; do
		through_pipe part --limit 1
		athena-store data.db <part
		[ -n "$(events part)" ] || break
	done
	[ "$n" -gt 3 ] || fail "over after $n runs"
	"$SRC" "${ARGS[@]}" | athena-store straight.db
	same "$(sql straight.db 'SELECT id FROM events ORDER BY id')" "$(sql data.db 'SELECT id FROM events ORDER BY id')" 'ids'
}
@test "--limit: each run goes on where the last one stopped" { each limit_goes_on; }

checks_and_plans() {
	describes check && describes plan && describes metrics || return 0
	"$SRC" --check "${ARGS[@]}" >out
	contains "$(cat out)" ok
	"$SRC" --plan "${ARGS[@]}" >out
	[ -s out ]
	same '' "$(find . -maxdepth 1 -name 'f*')" 'files of a cursor'
	"$SRC" --metrics m "${ARGS[@]}" >out
	same "$(wc -l <out)" "$(sed -n 's/^athena[a-z_]*events[a-z_]*{.*} //p' m)" 'events in the metrics'
}
@test "--check, --plan and --metrics" { each checks_and_plans; }

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
