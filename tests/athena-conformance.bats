#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-conformance: a source that breaks one rule is told which, and what to do. tests/conformance.bats
# asks the sources that are sound.
load helper

setup() {
	need jq git
	mkdir bin
	PATH=$PWD/bin:$PATH
	repo_new repo
	repo_commit repo 'first' a.txt
	repo_commit repo 'second' b.txt
	repo_commit repo 'third' a.txt
	bad <<<''
}

# bad: athena-src-bad is athena-src-git under another name, but for what stands on stdin. There F is the
# cursor file, where one is given, and `real` runs it as it was called.
bad() {
	{
		cat <<-'END'
		#!/bin/bash
		real() { athena-src-git "$@"; }
		F=''
		for ((i = 1; i < $#; i++)); do [ "${!i}" != --cursor ] || { n=$((i + 1)); F=${!n}; }; done
		END
		cat
		cat <<-'END'
		case $1 in --describe | --help | --version) real "$@" | sed 's/athena-src-git/athena-src-bad/'; exit ;; esac
		{ real "$@" 2>&1 >&3 3>&- | sed 's/^athena-src-git/athena-src-bad/' >&2; exit "${PIPESTATUS[0]}"; } 3>&1
		END
	} >bin/athena-src-bad
	chmod +x bin/athena-src-bad
}

# finds CHECK TEXT: that check fails, and says so; the script of the source stands on stdin.
finds() {
	bad
	run -65 --separate-stderr athena-conformance --format tap --only "$1" --grow 'git -C repo commit -q --allow-empty -m grown' \
		--missing no/such "${@:3}" bad repo
	contains "$output" "not ok 1 - $1: "
	contains "$output" "$2"
	contains "$output" $'\n# do:  '
	contains "${stderr-}" 'athena-src-bad: 1 of 1 checks failed'
}

@test "a sound one passes them all, in all three forms" {
	bad <<<''
	run -0 --separate-stderr athena-conformance --grow 'git -C repo commit -q --allow-empty -m grown' --missing no/such bad repo
	same '30 passed' "$(jq -r .result <<<"$output" | sort | uniq -c | sed 's/^ *//')"
	same "$(athena-conformance --list | cut -d' ' -f1)" "$(jq -r .check <<<"$output")"
	same "" "${stderr-}"
	run -0 athena-conformance --format tap --only help --only missing ./bin/athena-src-bad repo
	same '1..2' "${lines[2]}"
	same 'ok 1 - help: --help says how it is called' "${lines[0]}"
	contains "${lines[1]}" '# SKIP name an input that is not there'
	run -0 athena-conformance --format table --only help bad repo
	same '1 passed, 0 failed, 0 skipped' "${lines[-1]}"
}

@test "describe, help, version, usage" {
	finds describe 'name is athena-src-git, not athena-src-bad' <<<'exec athena-src-git "$@"'
	finds describe 'not one JSON object' <<<'[ "$1" != --describe ] || { echo I am a source; exit; }'
	finds describe 'the option commit is not among them' <<<'[ "$1" != --describe ] || { real "$@" | jq -c ".name = \"athena-src-bad\" | del(.options[] | select(.name == \"commit\"))"; exit; }'
	finds help '--cursor is not there' <<<'[ "$1" != --help ] || { echo athena-src-bad; exit; }'
	finds version 'it prints: one' <<<'[ "$1" != --version ] || { echo one; echo two; exit; }'
	finds usage 'exit status 2 for an unknown option' <<<'[[ $1 != --no-such* ]] || { echo "athena-src-bad: what?" >&2; exit 2; }'
	finds usage 'it said nothing' <<<'[[ $1 != --no-such* ]] || exit 64'
	finds usage 'for an unknown option it said: what?' <<<'[[ $1 != --no-such* ]] || { echo "what?" >&2; exit 64; }'
	finds usage 'wrote to standard output: what?' <<<'[[ $1 != --no-such* ]] || { echo "what?"; exit 64; }'
}

@test "events: the line, what is wrong with it, and what it is" {
	finds events 'line 2 of its output: an empty required member: {' <<<'[ "${!#}" != repo ] || { real "$@" | sed "2s/\"kind\":\"commit\"/\"kind\":\"\"/"; exit; }'
	finds events 'timestamp is not RFC 3339' <<<'[ "${!#}" != repo ] || { real "$@" | sed "s/Z\",\"event_type/+00:00\",\"event_type/"; exit; }'
	finds events 'line 4 of its output: ' <<<'[ "${!#}" != repo ] || { real "$@"; echo done; exit; }'
	finds events 'line 1 of its output: no value begins so: starting' <<<'[ "${!#}" != repo ] || { echo starting; real "$@"; exit; }'
	run -65 athena-conformance --format table bad repo
	same 1 "$(grep -c '^skip  what needs sound events: plain repeatable stage ' <<<"$output")"
	finds events 'not ended with a newline' <<<'[ "${!#}" != repo ] || { real "$@" | head -c -1; exit; }'
	finds events 'is there twice' <<<'[ "${!#}" != repo ] || { real "$@"; real "$@"; exit; }'
	finds events 'the source_type git2, and --describe says git' <<<'[ "${!#}" != repo ] || { real "$@" | sed "s/\"source_type\":\"git/&2/"; exit; }'
	finds events 'no events' <<<'[ "${!#}" != repo ] || exit 0'
	finds events 'exit status 3: athena-src-bad: oh' <<<'[ "${!#}" != repo ] || { echo athena-src-bad: oh >&2; exit 3; }'
	finds events 'longer than 1 MiB' <<<'[ "${!#}" != repo ] || { printf "{\"x\":\"%01048600d\"}\n" 0; exit; }'
	finds events 'had not ended' --timeout 1 <<<'[ "${!#}" != repo ] || exec sleep 60'
	finds repeatable 'in a second run' <<<'[ "${!#}" != repo ] || { real "$@" | sed "s/\"id\":\"/&$$-/"; exit; }'
	finds plain 'checkpoints without --cursor' <<<'[ "${!#}" != repo ] || [ -n "$F" ] || set -- --cursor "$(mktemp -u)" "$@"'
}

@test "a source without end is ended once, and nothing is asked after that" {
	# endless FINDING TIMEOUT: of the source on stdin, which writes `without end` into calls when it begins to be so
	endless() {
		bad
		rm -f calls
		run -65 --separate-stderr athena-conformance --timeout "$2" --missing no/such bad repo
		same "$1" "$(jq -r 'select(.result == "failed") | .check + ": " + .why' <<<"$output")"
		same 'it is not asked: a run before did not end by itself' "$(sed "1,/^.*\"check\":\"${1%%:*}\"/d" <<<"$output" | jq -r .why | sort -u)"
		same "$(athena-conformance --list | wc -l)" "$(wc -l <<<"$output")"
		same 'without end' "$(<calls)"
	}
	endless 'stage: it had not ended when the time was over' 5 <<<'[ -z "$F" ] || { echo without end >>calls; exec sleep 600; }'
	# ... and long before its time where it writes and writes
	endless 'events: it had not ended when it had written 256 MiB' 10m <<<'[ $# -gt 1 ] || [[ $1 = --* ]] || { echo without end >>calls; exec yes "$(real repo | head -n 1)"; }'
	bad <<<'[ "$1" != --help ] || exec sleep 600'
	run -65 athena-conformance --format table --timeout 5 bad repo
	contains "$output" $'\nskip  what needs a source that ends by itself: version usage events '
	contains "$output" '1 passed, 1 failed, 28 skipped'
}

@test "a checkpoint of the wrong form is told once, not for every run with a cursor" {
	# spoilt JQ: those checkpoints; a run behind a pipe cannot end a torn line in a file, which is another fault
	spoilt() { bad <<<'[ -z "$F" ] || real() { athena-src-git "$@" | jq -c --arg options "$*" "if .athena then '"$1"' else . end"; return "${PIPESTATUS[0]}"; }'; }
	failed() { jq -r 'select(.result == "failed") | .check' <<<"$output" | paste -sd ' '; }
	spoilt .cursor.cursor.time=1.5
	run -65 --separate-stderr athena-conformance --missing no/such bad repo
	same 'stage torn' "$(failed)"
	contains "$(jq -r 'select(.check == "stage") | .why' <<<"$output")" ': a number that is no integer, where a position has whole numbers and text: {"athena"'
	same 'it needs lines that can be read: see the first check that failed' "$(jq -r 'select(.check == "limit") | .why' <<<"$output")"
	run -65 athena-conformance --format table bad repo
	contains "$output" $'\nskip  what needs lines that can be read: chain quiet '
	spoilt '(if \$options | contains(\"--limit\") then .events = -1 else .cursor.cursor.time = 1.5 end)'
	run -65 --separate-stderr athena-conformance --missing no/such bad repo
	same 'stage torn limit' "$(failed)"
}

@test "the cursor: staged, chained, resumed, refused" {
	finds stage 'the source has written F itself' <<<'[ -z "$F" ] || { real "$@" >out; cat out; exit; }'
	finds stage 'there is no ' <<<'[ -z "$F" ] || { real "$@" | cat; rm -f "$F".*.1; exit; }'
	finds stage 'the mode 644' <<<'[ -z "$F" ] || { real "$@" | cat; chmod 644 "$F".*.1; exit; }'
	finds stage 'ack is not there' <<<'[ -z "$F" ] || set -- "$@" --commit=exit'
	finds stage 'its cursor does not hash to next' <<<'[ -z "$F" ] || { real "$@" | sed "s/\"next\":\"..../\"next\":\"0000/"; exit; }'
	finds stage 'the last checkpoint is not final' <<<'[ -z "$F" ] || { real "$@" | sed "s/\"final\":true/\"final\":false/"; exit; }'
	finds stage '1 events stand below the last checkpoint' <<<'[ -z "$F" ] || { real "$@" >out; sed 1d out; head -n 1 out; exit; }'
	finds stage 'no checkpoint among 3 lines' <<<'[ -z "$F" ] || { real "$@" | grep -v checkpoint; exit; }'
	finds chain 'says 7 events, and 3 stand above it' <<<'[ -z "$F" ] || { real "$@" | sed "s/\"events\":3/\"events\":7/"; exit; }'
	finds chain '2 events with --cursor, and 3 without' <<<'[ -z "$F" ] || { real "$@" | sed "1d; s/\"events\":3/\"events\":2/"; exit; }'
	finds quiet 'events came again after they were acknowledged' <<<'[ -z "$F" ] || { rm -f "$F"; real "$@"; exit; }'
	finds again 'removed a file beside F' <<<'[ -z "$F" ] || { rm -f "$F".[!l]*; real "$@" | cat; exit; }'
	finds again 'of the run before is still there' <<<'[ -z "$F" ] || { cp "$F".*.[0-9]* . 2>/dev/null; real "$@" | cat; cp f.*.[0-9]* "${F%/*}"; rm -f f.*; exit; }'
	finds empty 'prev is' <<<'[ -z "$F" ] || { [ ! -e "$F" ] || { real --cursor x repo >/dev/null; real --cursor x --commit=exit repo >/dev/null; cp x "$F"; }; }'
	finds link 'and ack is ' <<<'[ -z "$F" ] || { [ ! -L "$F" ] || { real "$@" | sed "s|/real\"|/f\"|"; exit; }; }'
	finds lock 'exit status 0 for a cursor file whose F.lock' <<<'[ -z "$F" ] || exit 0'
	finds beside 'exit status 75 (come back later) for --check while another process holds' <<<'[ -z "$F" ] || { flock -n "$F.lock" true || exit 75; }'
	finds beside 'with --check the source has written F itself' <<<'case "$*" in *--check*) real "$@"; [ -z "$F" ] || echo x >"$F"; exit 0;; esac'
	finds foreign 'for a cursor file of version 2' <<<'[ -z "$F" ] || { sed -i s/:2,/:1,/ "$F" 2>/dev/null; }'
}

@test "who moves it, and a reader that goes away" {
	finds file 'F is not there' <<<'[ -z "$F" ] || { real "$@" | cat; exit; }'
	finds torn 'written onto half a line' <<<'[ -z "$F" ] || { real "$@" | cat; exit; }'
	finds exit 'the checkpoint names' <<<'[ -z "$F" ] || { set -- "${@/--commit=exit/--commit=auto}"; }'
	finds nobody 'the source has written F itself' <<<'[ -z "$F" ] || set -- "$@" --commit=exit'
	finds gone 'nobody reads, and it says: ' <<<'trap "" PIPE; [ -z "$F" ] || { echo one 2>/dev/null || { echo "Broken pipe" >&2; exit 1; }; }'
	finds gone 'nobody reads, and it exits 1' <<<'trap "" PIPE; [ -z "$F" ] || { echo one 2>/dev/null || exit 1; }'
}

@test "options that it has, an input that is not there, one that grows" {
	finds names '--session s1, and event 1 has' <<<'set -- "${@/s1/s2}"'
	finds since 'is not at or after' <<<'set -- "${@/#20[0-9]*Z/1970-01-02}"'
	finds until 'is missing with --until' <<<'set -- "${@/#20[0-9]*Z/1970-01-02}"'
	finds limit 'prev is ' <<<'[[ "$*" != *--limit* ]] || { real "$@" | jq -c "if .prev then .prev = .next else . end"; exit; }'
	finds limit 'and the position stayed' <<<'[[ "$*" != *--limit* || ! -s $F ]] || { real "$@" | jq -c --slurpfile f "$F" "if .prev then .next = .prev | .cursor = \$f[0] else . end"; exit; }'
	finds limit 'it happened at the same time as another' <<<'[ "${!#}" != repo ] || { case "$*" in *--limit*) real "$@" | sed "1{s/\"id\":\"/&x/}";; *) real "$@" | sed "s/\"timestamp\":\"[^\"]*/\"timestamp\":\"2024-01-01T00:00:00Z/";; esac; exit; }'
	finds limit 'end the run at the first boundary' <<<'[ "${!#}" != repo ] || { case "$*" in *--limit*) real "$@" | sed "1{s/\"id\":\"/&x/}"; exit;; esac; }'
	finds check 'does not say ok' <<<'case "$*" in *--check*) echo fine; exit;; esac'
	finds plan 'it prints nothing' <<<'case "$*" in *--plan*) exit;; esac'
	finds metrics 'it says 7 events' <<<'m=${2:-}; case "$*" in *--metrics*) real "$@" | cat; sed -i "s/^\(athena_events_total.* \)3$/\17/" "$m"; exit;; esac'
	finds missing 'exit status 1 for an input that is not there' <<<'case "$*" in *no/such*) exit 1;; esac'
	finds grow 'there are no new events' <<<'[ "${!#}" != repo ] || { case "$*" in *--cursor*) set -- --branch=old "$@";; esac; git -C repo branch old HEAD 2>/dev/null; }'
	bad <<<''
	run -65 athena-conformance --format tap --only grow --grow 'exit 3' bad repo
	contains "$output" '# --grow: exit status 3'
}

@test "what is asked for that cannot be" {
	run -64 athena-conformance
	contains "$output" 'a source is needed'
	run -64 athena-conformance --only nosuch bad
	contains "$output" "no check 'nosuch'; --list shows those there are"
	run -69 athena-conformance nosuch
	contains "$output" 'there is no athena-src-nosuch on PATH; a program of this folder is called ./nosuch'
	printf '#!/bin/sh\n' >athena-src-here
	chmod +x athena-src-here
	run -69 athena-conformance here
	contains "$output" 'a program of this folder is called ./athena-src-here'
	run -69 athena-conformance ./nosuch
	contains "$output" './nosuch: there is no such program'
	printf 'no program' >bin/athena-src-text
	chmod +x bin/athena-src-text
	run -65 athena-conformance --format tap --only describe text
	contains "$output" 'begin a script with its interpreter'
	mkdir there
	run -73 athena-conformance --keep there bad repo
	contains "$output" 'there: File exists'
	bad <<<'[ -n "$1" ] || { echo "athena-src-bad: a file is needed" >&2; exit 64; }'
	run -65 athena-conformance --format tap --only stage bad
	contains "$output" 'athena conformance athena-src-foo ARG...'
	contains "$output" 'not ok 1 - events: '
	contains "$output" 'ok 2 - stage: '
}

@test "files: gone at the end, left with --keep; a full disk below the verdicts is an error" {
	mkdir tmp
	TMPDIR=$PWD/tmp run -0 athena-conformance --only stage bad repo
	same '' "$(ls tmp)"
	run -0 athena-conformance --keep kept --only stage bad repo
	[ -s kept/stage/f.lock ] || [ -e kept/stage/f.lock ]
	same 1 "$(find kept/stage -name 'f.*.1' | wc -l)"
	[ -c /dev/full ] || skip 'no /dev/full'
	run -74 bash -c 'athena-conformance --only help bad repo >/dev/full'
}

@test "an interrupt ends the source, and cleans up" {
	mkdir tmp
	bad <<<'[ "${!#}" != repo ] || { echo $$ >pid; exec sleep 300; }'
	TMPDIR=$PWD/tmp athena-conformance --only events bad repo >out 2>&1 3>&- &
	local asking=$! code=0
	eventually 20 test -s pid
	kill -INT "$asking"
	kill -TERM "$asking" 2>/dev/null || : # gone by then, or not: a shell may have told it to ignore the other
	wait "$asking" || code=$?
	[ "$code" = 143 ] || [ "$code" = 130 ]
	same '' "$(ls tmp)"
	eventually 10 bash -c '! kill -0 "$(cat pid)" 2>/dev/null'
}
