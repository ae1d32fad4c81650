#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-apilog --follow: logs that grow, are rotated, come and go, by the hundred, with and without inotify.
load helper
load apilog

setup() { need jq sqlite3 gzip; }

# reached N: the cursor file stands behind the N-th second.
reached() { [ "$(jq -r '[.cursor.logs[][].time] | max' c 2>/dev/null)" = "2026-11-24T00:00:0$1Z" ]; }

@test "--follow: waits for a log, survives rotation and truncation, ends with a checkpoint" {
	follow a.log
	put a.log 1 2; eventually 30 requests 2
	mv a.log a.log.1; put a.log.1 3; eventually 30 requests 3
	put a.log 4; eventually 30 requests 4
	cp a.log a.log.2; : >a.log; put a.log 5; eventually 30 requests 5
	mv a.log gone; put gone 6; rm gone; put a.log 7; eventually 30 requests 7
	printf '%s' "$(line 8)" >>a.log; put other 1; echo >>a.log; put a.log 9; eventually 30 requests 9
	eventually 30 reached 9 # it checkpoints as it goes
	stop
	holds 9
	quiet
}

@test "--follow: hundreds of files, and new ones of a folder" {
	local i
	mkdir logs
	for ((i = 1; i <= 200; i++)); do put "logs/$i.log" "$i"; done
	follow --source-id all --glob '**/*.log' logs
	eventually 60 requests 200
	mkdir logs/new
	for ((i = 201; i <= 210; i++)); do put "logs/new/$i.log" "$i"; done
	for ((i = 1; i <= 200; i += 10)); do put "logs/$i.log" "$((1000 + i))"; done
	eventually 60 requests 230
	stop
	quiet --source-id all --glob '**/*.log' logs
}

@test "--follow: a folder that comes later, by any operand" {
	local operand
	for operand in later/sub/a.log "$PWD/later/sub/a.log" later/sub './later/*/a.log'; do
		follow --source-id x "$operand"
		eventually 30 grep -q 'not there yet; waiting for it' said
		mkdir -p later/sub
		put later/sub/a.log 1 2; eventually 30 requests 2
		mv later/sub/a.log later/sub/a.log.1; put later/sub/a.log 3; eventually 30 requests 3
		stop
		holds 3
		quiet --source-id x "$operand"
		rm -rf later pipe c data.db*
	done
}

# watched NUMBER ERROR: follows with that error for the n-th use of inotify and those behind it; what it says of it is in `said`.
watched() {
	mkdir -p logs/1 logs/2
	LD_PRELOAD=${ATHENA_BIN%/*}/tests/faults/inject.so FAULT_PROGRAM=athena-src-apilog FAULT_CALL=watch FAULT_AT=$1 FAULT_TIMES=0 FAULT_HOW=$2 \
		follow --source-id x 'logs/*/*.log'
	put logs/1/a.log 1; put logs/2/b.log 2; eventually 30 requests 2
	put logs/1/a.log 3; eventually 30 requests 3
	mv logs/1/a.log logs/1/a.log.1; put logs/1/a.log 4; eventually 30 requests 4
	put logs/2/b.log 5; eventually 30 requests 5
	stop
	holds 5
	same 1 "$(grep -c 'inotify' said)" "$(cat said)"
	contains "$(cat said)" 'inotify: the limit of this user is reached'
	contains "$(cat said)" 'looking four times a second instead'
	rm -rf logs pipe c data.db*
}

@test "--follow: where inotify's limits are reached the logs are polled, and it is said once" {
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'nothing can be preloaded before a sanitizer, or valgrind'
	watched 1 EMFILE
	contains "$(cat said)" max_user_instances
	watched 2 ENOSPC
	contains "$(cat said)" max_user_watches
	watched 3 ENOSPC
}

@test "--follow: UTF-16, NUL runs, CR, BOM, escapes, lines that are too long or have no end, and none of them stops it" {
	follow --max-line 1000 --source-id x '*.log'
	iconv -f UTF-8 -t UTF-16 <(line 1) >u.log
	{ printf '\xef\xbb\xbf'; line 1; head -c 70000 /dev/zero; line 2; printf '\r\n%s\r\n' "$(line 3)"; } >a.log
	eventually 30 requests 3
	head -c 500000 /dev/zero | tr '\0' x >>a.log
	printf '\n\e]0;title\a\e[2J nothing\n' >>a.log
	put a.log 4; eventually 30 requests 4
	printf '%s' "$(line 5)" >>a.log; sleep 0.5; printf '\n' >>a.log; eventually 30 requests 5
	: >a.log; put a.log 6; eventually 30 requests 6
	stop
	holds 6 1 # it was emptied, and there is no copy
	same 1 "$(grep -c 'u.log: UTF-16' said)" "$(cat said)"
	contains "$(cat said)" 'a.log:5: longer than --max-line'
	contains "$(cat said)" 'a.log:6: the line does not match'
	run ! grep -q $'\e' said
}

# given N: so many requests were given out, whether or not they were before.
given() { [ "$(jq -r 'select(.kind == "request").id' out 2>/dev/null | wc -l)" = "$1" ]; }

@test "--follow: of a folder or a glob files become others' by mv, have two names, or links to them, and no line comes twice" {
	local options operand k n round
	for options in '--cursor c --source-id x' ''; do
		for operand in web 'web/*.log'; do
			rm -rf web out c c.*; mkdir web
			put web/a.log 1 2; n=2
			# shellcheck disable=SC2086 # words
			athena-src-apilog --follow $options "$operand" >out 2>said 3>&- &
			FOLLOW=$!
			eventually 30 given 2
			for round in 1 2 3 4 5; do # an operator, or logrotate's `extension .log`
				for k in 3 2 1; do [ ! -e web/a.$k.log ] || mv web/a.$k.log web/a.$((k + 1)).log; done
				mv web/a.log web/a.1.log
				put web/a.1.log $((n += 1)) # the service has not been told yet
				[ $((round % 2)) -eq 0 ] || eventually 30 given $n
				put web/a.log $((n += 1))
				[ $((round % 3)) -eq 0 ] || eventually 30 given $n
			done
			ln web/a.log web/b.log; ln -s a.log web/l.log
			sleep 1 # until they are found
			put web/a.log $((n += 1)); eventually 30 given $n
			put web/b.log $((n += 1)); eventually 30 given $n
			rm web/a.log; put web/b.log $((n += 1)); eventually 30 given $n
			put web/a.log $((n += 1)); eventually 30 given $n
			put web/b.log $((n += 1)); eventually 30 given $n
			sleep 2 # the file that a.log was is another log's now, for good
			put web/b.log $((n += 1)); put web/l.log $((n += 1)); eventually 30 given $n
			kill $FOLLOW
			wait $FOLLOW || same 143 $?
			same "$n" "$(jq -r '.metadata.path // empty' out | sort -u | wc -l)" "lines of $operand $options"
			same '' "$(cat said)"
			[ -z "$options" ] || same '' "$(athena-src-apilog --cursor c --source-id x "$operand" | jq -c 'select(.athena | not)')"
		done
	done
}

@test "--follow --until: ends by itself, when what was written by that time was read" {
	local until
	line 1 2 | sed s/2026/2019/ >a.log
	athena-src-apilog --follow --until 2019-11-24T00:00:02Z a.log >out # that is over
	same /n/1 "$(jq -r .metadata.path out)"
	until=$(($(date +%s) + 2))
	athena-src-apilog --follow --until "@$until" a.log later.log >out
	[ "$(date +%s)" -ge $until ]
	same 2 "$(wc -l <out)"
	run -64 athena-src-apilog --follow --cursor c --until 2026-11-24 a.log
}
