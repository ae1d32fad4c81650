#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-check: what is ready, what is not, and what to do.
load helper
load configured

setup() {
	configured
	repo_new r
	repo_commit r one f
	config '[source "r"]' 'type = git' "repo = $PWD/r"
}

export PLUGIN_OPTIONS='{"name":"check"},{"name":"token-file","arg":"F"}'
of() { jq -r "select(.name == \"$1\") | .$2" list; }

@test "all is well: the sources' own words, and the database; nothing is written" {
	athena-check >list
	same 'true 0' "$(of r ok) $(of r code)"
	contains "$(of r 'says[0]')" "ok repository $PWD/r"
	contains "$(of store 'says[0]')" 'not there yet'
	same "ok cursor $PWD/state/athena/r.cursor: not there yet, the first sync reads everything" "$(of r 'says[-1]')"
	[ ! -e data.db ] && [ ! -e state ]
	athena-sync -q
	athena-check >list
	contains "$(of store 'says[0]')" 'knows 1 source'
	contains "$(of r says)" 'goes on from'
	run -0 athena-check --format table
	contains "${lines[0]}" 'SOURCE'
	grep -qE '^r +git +ok +ok repository' <<<"$output"
}

@test "what is not well, and the worst code" {
	config '[source "gone"]' 'type = git' "repo = $PWD/gone"
	config '[source "none"]' 'type = none'
	config '[source "typo"]' 'type = git' 'colour = red'
	plugin later <<<'echo busy; exit 75'
	plugin slow <<<'sleep 300'
	run -75 athena-check later
	run -78 bash -c 'timeout 30 athena-check --timeout 2 2>&1 >list'
	same '66 69 78 75 75 0' "$(of gone code) $(of none code) $(of typo code) $(of later code) $(of slow code) $(of r code)"
	contains "$(of gone says)" 'gone'
	contains "$(of none says)" 'athena sources shows'
	contains "$(of slow says)" 'no answer within 2 s'
	contains "$output" "athena-src-git has no option --colour; see 'athena-src-git --help'"
	sed -i 's|database = .*|database = data.db|' config/athena/config
	run bash -c 'athena-check r >list'
	contains "$(of store 'says[-1]')" 'its path depends on the folder that athena sync is run in'
	sed -i 's/database/databse/' config/athena/config
	run -78 bash -c 'athena-check r >list'
	contains "$output" '[store] databse means nothing here; did you mean database?'
	sed -i '/databse/d' config/athena/config
	run -78 bash -c 'athena-check r >list'
	contains "$(of store says)" 'no database'
	run -64 athena-check nosuch
}

@test "how the last sync went, and when the next makes sense" {
	athena-check >list
	[[ $(of r says) != *'last sync'* ]] || fail 'there was none'
	athena-sync -q
	athena-check >list
	[[ $(of r 'says[-1]') =~ ^'last sync '20[0-9-]+T[0-9:]+'Z: ended well, 1 new'$ ]] || fail "$(of r says)"
	metric() { sed -i "s/^\($1{[^}]*} \).*/\1$2/" state/athena/r.sync.prom; }
	metric athena_exit_code 75
	metric athena_start_timestamp_seconds 1900000000.000000
	metric athena_duration_seconds 2.500000
	metric athena_last_success_timestamp_seconds 1800000000.000000
	echo 'athena_retry_at_timestamp_seconds 1900003600.000000' >>state/athena/r.sync.prom
	athena-check >list
	contains "$(of r 'says[-1]')" 'last sync 2030-03-17T17:46:42Z: exit status 75'
	contains "$(of r 'says[-1]')" 'it last ended well 2027-01-15T08:00:00Z; the next makes sense at 2030-03-17T18:46:40Z'
	[[ $(of r 'says[-1]') != *'sync -v'* ]] || fail 'it is to be tried again'
	metric athena_exit_code 70
	athena-check >list
	contains "$(of r 'says[-1]')" '; it last ended well 2027-01-15T08:00:00Z; to see why: athena sync -v r'
	mv r away
	athena-check >list || :
	[[ $(of r says) == *'last sync'* && $(of r says) != *'sync -v'* ]] || fail 'it said why itself'
	mv away r
	# nor is it asked for, where it is damaged
	echo damaged >state/athena/r.sync.prom
	athena-check >list
	[[ $(of r says) != *'last sync'* ]] || fail "$(of r says)"
}

@test "a sync that is running is told, and one that was killed" {
	athena-sync -q
	plugin hang <<-'END'
	[ "$1" != --check ] || exit 0
	echo $$ >ready
	exec sleep 60
	END
	athena-sync -q hang 3>&- &
	p=$!
	eventually 20 test -s ready
	athena-check >list || :
	[[ $(of hang 'says[-1]') =~ ^'a sync of it is running since '20[0-9-]+T[0-9:]+"Z, process $p"$ ]] || fail "$(of hang says)"
	[[ $(of r says) != *running* ]] || fail "$(of r says)"
	kill -9 $p
	wait $p || :
	kill "$(cat ready)" || :
	athena-check >list || :
	contains "$(of hang 'says[-1]')" 'and never told how it ended: it was killed, the disk is full, or it runs where it cannot be seen from here'
	[[ $(of r 'says[-1]') == 'last sync '*'ended well'* ]] || fail "$(of r says)"
	# what the one before told stays
	date -u +%FT%TZ -d '+1 second' >state/athena/r.lock
	athena-check >list || :
	contains "$(of r 'says[-2]')" 'and never told how it ended'
	contains "$(of r 'says[-1]')" 'ended well, 1 new'
	# where there was no room for the time, the date of the file is one
	: >state/athena/r.lock
	athena-check >list || :
	contains "$(of r 'says[-2]')" 'and never told how it ended'
	run -0 athena-sync -q r
	athena-check >list || :
	[[ $(of r says) != *'never told'* ]] || fail "$(of r says)"
}

@test "a pipeline by hand that holds a source's cursor is named, where no sync is running" {
	need flock
	echo '{"time":"2026-01-02T03:04:05Z","status":200}' >a.log
	config '[source "log"]' 'type = apilog' "file = $PWD/a.log"
	mkdir -p state/athena
	pipe_open
	athena-src-apilog --follow --cursor="$PWD/state/athena/log.cursor" a.log >&9 2>/dev/null 3>&- 8<&- 9>&- &
	p=$!
	athena-store data.db <&8 2>/dev/null 3>&- 8<&- 9>&- &
	pipe_close
	eventually 20 test -s state/athena/log.cursor
	athena-check >list || :
	[[ $(of log 'says[-1]') =~ ^"process $p ("*athena-src-apilog' --follow --cursor='[^\ ]+' a.log), begun '(20[0-9-]+T[0-9:]+Z)', holds its cursor, and no sync of it is running: each sync gives 75 until that has ended; wait, or, where it hangs, kill '$p$ ]] ||
		fail "$(of log says)"
	age=$(($(date +%s) - $(date -d "${BASH_REMATCH[1]}" +%s)))
	[ $age -ge -2 ] && [ $age -lt 600 ] || fail "begun ${BASH_REMATCH[1]}"
	[[ $(of r says) != *process* ]] || fail "$(of r says)"
	run -75 athena-sync -q --deadline 0 log
	athena-check >list || :
	contains "$(of log 'says[-2]')" "process $p "
	contains "$(of log 'says[-1]')" 'exit status 75'
	# What it says to do helps.
	kill $p
	wait
	run -0 athena-sync -q log
	run -0 athena-check
	[[ $output != *"process $p"* ]] || fail "$output"
	# One of the source's own, by a link; and no secret is shown.
	config "cursor = $PWD/link"
	ln -s "$PWD/own" link
	: >own
	flock -F own.lock tail -f /dev/null 'https://me:hush@127.0.0.1/' 2>/dev/null 3>&- &
	p=$!
	eventually 20 bash -c '! flock -n own.lock true'
	athena-check >list || :
	kill $p
	contains "$(of log 'says[-2]')" "process $p (tail -f /dev/null https://me:***@127.0.0.1/), begun 20"
	# Nor half of one, where its command is too long to be shown.
	eventually 20 flock -n own.lock true
	flock -F own.lock tail -f /dev/null "$(printf '%0480d' 0)" "https://me:$(printf 'hush%.0s' {1..20})@127.0.0.1/" 2>/dev/null 3>&- &
	p=$!
	eventually 20 bash -c '! flock -n own.lock true'
	athena-check >list || :
	kill $p
	contains "$(of log 'says[-2]')" "0 ...), begun 20"
	[[ $(of log says) != *hush* ]] || fail "$(of log says)"
	wait
	# A source in shell, as in athena-source(7): flock(1), which took it, has ended; who has the file open only is not it.
	tail -f /dev/null 9>own.lock 3>&- &
	q=$!
	bash -c 'exec 9>own.lock; flock 9; exec sleep 60' 3>&- &
	p=$!
	eventually 20 grep -qx sleep /proc/$p/comm
	athena-check >list || :
	run -75 athena-src-apilog --cursor own a.log
	kill $p $q
	wait
	contains "$(of log 'says[-2]')" "process $p (sleep 60), begun 20"
	contains "$output" "another run, process $p, holds it"
}

@test "a state folder that was copied, or restored, is told as what it was" {
	athena-sync -q
	athena-check >before
	cp -r state copy
	touch copy/athena/*
	XDG_STATE_HOME=$PWD/copy athena-check >list
	same "$(jq -S . before | sed "s|$PWD/state|$PWD/copy|")" "$(jq -S . list)"
	contains "$(of r 'says[-1]')" 'ended well, 1 new'
	[[ $(of r says) != *'never told'* ]] || fail "$(of r says)"
}

@test "a source that failed before it told anything, and one that was killed, did not end well" {
	plugin early <<<'exit 78'
	plugin killed <<<'kill -9 $$'
	config '[source "typo"]' 'type = git' 'colour = red'
	athena-sync -q || :
	athena-check >list || :
	[[ $(of early 'says[-1]') =~ 'Z: exit status 78'.*'; it never ended well'$ ]] || fail "$(of early says)"
	[[ $(of typo 'says[-1]') == *'Z: exit status 78 (configuration); it never ended well' ]] || fail "$(of typo says)"
	[[ $(of killed 'says[-1]') == *'Z: signal 9'*'; it never ended well' ]] || fail "$(of killed says)"
	# One that another sync is running is not told as this one's failure.
	before=$(cat state/athena/r.sync.prom)
	flock state/athena/r.lock athena-sync -q --deadline 0 r || :
	same "$before" "$(cat state/athena/r.sync.prom)"
}

@test "a token-command serves --check too, through a pipe" {
	plugin tok <<-'END'
	tr '\0' ' ' </proc/$$/cmdline >cmdline
	for a; do case $a in --token-file=*) echo "got $(cat "${a#*=}" | wc -c) bytes" ;; esac; done
	END
	config 'token-command = printf hush-hush'
	athena-check tok >list
	same 'got 9 bytes' "$(of tok 'says[0]')"
	run ! grep hush cmdline
}

@test "a cursor that the database does not know: the next run would leave a gap" {
	athena-sync -q
	run -0 athena-check
	mv data.db old.db
	run -78 bash -c 'athena-check >list'
	same 'false 78 true' "$(of r ok) $(of r code) $(of store ok)"
	[ ! -e data.db ]
	contains "$(of r 'says[-1]')" "cursor $PWD/state/athena/r.cursor: the database does not know git:$PWD/r"
	contains "$(of r 'says[-1]')" "begin again: rm $PWD/state/athena/r.cursor"
	athena-store data.db <<<'{}' || :
	run -78 bash -c 'athena-check >list'
	same 78 "$(of r code)"
	# What it says to do helps.
	rm state/athena/r.cursor
	run -0 athena-sync -q
	run -0 athena-check
	# An empty cursor is the beginning.
	rm data.db*
	: >state/athena/r.cursor
	run -0 athena-check
}

@test "control bytes do not reach a terminal" {
	plugin evil <<<"printf 'red \\033[31m\\n'"
	run -0 athena-check --format table evil
	contains "$output" 'red \x1B[31m'
}
