#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-sync, with athena-src-git, the source in shell, and sources that misbehave as they are told.
load helper
load configured

setup() {
	configured
	STATE=$PWD/state/athena
}

teardown() {
	local p
	for p in $(jobs -p) $(cat ./*.pid 2>/dev/null); do kill -KILL "$p" 2>/dev/null || :; done
}

# source_git NAME: a repository with three commits, configured.
source_git() {
	repo_new "$1"
	repo_commit "$1" "$1 one" f
	repo_commit "$1" "$1 two" f
	config "[source \"$1\"]" 'type = git' "repo = $PWD/$1"
}

export PLUGIN_OPTIONS='{"name":"cursor","arg":"F"}'

# An event for a shell source to print.
export EVENT=\{\"id\":\"%s\",\"source_id\":\"p\",\"source_type\":\"p\",\"kind\":\"k\",\"timestamp\":\"2024-05-01T12:00:00Z\",\"event_type\":\"action\",\"content\":\"c\"\}\\n

count() { sql data.db 'SELECT count(*) FROM events'; }
of() { jq -r "select(.name == \"$1\") | .$2" summary; }
sync() { athena-sync "$@" >summary; }

@test "every configured source comes into the store, and the second time nothing is new" {
	source_git a
	source_git b
	printf '2024-05-01T12:00:00Z one\n2024-05-01T12:00:01Z two\n' >lines
	config '[source "lines"]' 'type = lines' "file = $PWD/lines"
	run -0 sync
	same 6 "$(count)"
	same '2 2 2' "$(of a new) $(of b new) $(of lines new)"
	[ -s "$STATE/a.cursor" ] && [ -s "$STATE/b.cursor" ] && [ -s "$STATE/lines.cursor" ]
	same 700 "$(stat -c %a "$STATE")"
	same 600 "$(stat -c %a "$STATE/a.cursor")"
	repo_commit b 'three' f
	echo '2024-05-01T12:00:02Z three' >>lines
	run -0 sync
	same '0 1 0 1 0' "$(of a new) $(of b new) $(of b known) $(of lines new) $(of lines known)"
	same 8 "$(count)"
}

@test "only the named ones, and those that are not enabled only where they are named" {
	source_git a
	source_git b
	config 'enabled = false'
	sync
	same a "$(jq -r .name summary)"
	sync b
	same b "$(jq -r .name summary)"
	run -64 athena-sync nosuch
	contains "$output" 'nosuch: no source of that name'
	contains "$output" 'athena config shows those there are'
	run -64 athena-sync aa
	contains "$output" 'did you mean a?'
	run -78 athena-sync --config <(echo)
	contains "$output" 'a configuration is read from a file, this is a pipe'
	run -78 athena-sync --config /dev/null
	contains "$output" 'no source is configured'
	contains "$output" "'athena help config' shows how"
	run -66 athena-sync --config nosuch
}

@test "one that fails does not stop the others; the worst code counts, with a next step" {
	source_git a
	plugin broken <<-'END'
	echo 'athena-src-broken: thing: is broken' >&2
	exit 77
	END
	plugin later <<-'END'
	exit 75
	END
	config '[source "none"]' 'type = none'
	source_git z
	run -77 bash -c 'athena-sync --deadline 0 2>&1 >summary'
	contains "$output" 'athena-sync: broken: athena-src-broken: thing: is broken'
	contains "$output" 'none: there is no athena-src-none on PATH'
	same '0 77 75 69 0' "$(of a code) $(of broken code) $(of later code) $(of none code) $(of z code)"
	contains "$(of broken next_step)" 'athena check broken'
	contains "$(of later next_step)" 'athena sync later'
	same null "$(of a next_step)"
	same 4 "$(count)"
	run -75 athena-sync --deadline 0 a later
	run -69 athena-sync --deadline 0 later none
	run -0 athena-sync --deadline 0 a z
}

@test "75 is tried again; counts are those of all attempts" {
	plugin flaky <<-'END'
	echo >>tries
	printf "$EVENT" "$(wc -l <tries)"
	[ "$(wc -l <tries)" -ge 3 ] || exit 75
	END
	run -0 sync --retry-delay 0
	same 3 "$(wc -l <tries)"
	same '3 3 0' "$(of flaky attempts) $(of flaky new) $(of flaky code)"
	rm tries
	run -75 sync --deadline 0
	same 1 "$(wc -l <tries)"
	# What is permanent is not tried again.
	plugin never <<-'END'
	echo >>never
	exit 69
	END
	run -69 sync --retry-delay 0 never
	same 1 "$(wc -l <never)"
}

@test "not before the time that the source names" {
	plugin limited '{"name":"metrics","arg":"FILE"}' <<-'END'
	echo >>tries
	now=$(date +%s)
	printf 'athena_start_timestamp_seconds{program="p",source="s"} %s.999999\nathena_retry_at_timestamp_seconds{program="p",source="s"} %s.000000\nathena_requests_total{program="p",source="s"} 7\n' \
		"$now" "$((now + $(cat pause)))" >"${1#--metrics=}"
	[ "$(wc -l <tries)" -ge 2 ] || exit 75
	END
	echo 2 >pause
	start=$(date +%s%N)
	run -0 sync --retry-delay 0
	[ $((($(date +%s%N) - start) / 1000000)) -ge 990 ] || fail 'came too early'
	same '2 14' "$(of limited attempts) $(of limited requests)"
	# Where that is later than the deadline nothing is gained by waiting.
	rm tries
	echo 1000 >pause
	run -75 timeout 20 athena-sync --retry-delay 0 --deadline 30 limited
	contains "$output" 'again after 20'
	same 1 "$(wc -l <tries)"
}

@test "-j: so many at a time" {
	local i
	for i in 1 2 3 4 5; do
		plugin "s$i" <<-'END'
		mkdir -p run && touch run/$$
		sleep 0.2
		ls run | wc -l >>seen
		rm run/$$
		END
	done
	run -0 sync -j 2
	[ "$(sort -n seen | tail -n 1)" -le 2 ] || fail "$(sort -n seen | tail -n 1) at a time"
	rm seen
	run -0 sync -j 5
	[ "$(sort -n seen | tail -n 1)" -ge 2 ] || fail 'one after the other'
	run -64 athena-sync -j 0
}

@test "a second sync of the same source says so, and waits" {
	plugin slow <<-'END'
	touch ready
	for i in $(seq 600); do [ ! -e go ] || exit 0; sleep 0.05; done
	END
	athena-sync >first 2>&1 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	run -75 athena-sync --deadline 0
	contains "$output" 'slow: another sync of it is running'
	touch go
	run -0 athena-sync --retry-delay 1
	wait $p
}

@test "two syncs at once do not wait for each other: what one is done with the other may run" {
	plugin quick </dev/null
	plugin slow <<-'END'
	touch ready
	for i in $(seq 600); do [ ! -e go ] || exit 0; sleep 0.05; done
	END
	athena-sync -q 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	eventually 20 [ -s "$STATE/quick.sync.prom" ]
	run -0 eventually 20 athena-sync -q --deadline 0 quick
	touch go
	wait $p
}

@test "--dry-run: pipelines as a person could type them" {
	source_git "a"
	config 'path = *.c' 'all' 'session = it'\''s' 'no-merges = false'
	run -0 athena-sync --dry-run
	contains "$output" "athena-src-git --repo=$PWD/a --path='*.c' --all --session='it'\\''s' --cursor=$STATE/a.cursor | athena-store -- $PWD/data.db"
	[ ! -e data.db ] && [ ! -e "$STATE" ]
	mkdir -p "$STATE"
	bash -euo pipefail -c "$output"
	same 0 "$(count)"
	sed -i '/path = /d' config/athena/config
	rm -r "$STATE" && mkdir "$STATE"
	run -0 athena-sync --dry-run
	bash -euo pipefail -c "$output"
	same 2 "$(count)"
	# And the sync goes on from there.
	run -0 sync
	same '0 0' "$(of a new) $(of a known)"
}

@test "a token comes through a pipe, from a command, and stands on no command line" {
	plugin secret '{"name":"token-file","arg":"FILE"}' <<-'END'
	tr '\0' ' ' </proc/$$/cmdline >cmdline
	tr '\0' '\n' </proc/$$/environ >environ
	for a; do case $a in --token-file=*) cat "${a#*=}" >token ;; esac; done
	END
	config 'token-command = printf %s%s hush -hush'
	run -0 athena-sync -v
	same 'hush-hush' "$(cat token)"
	contains "$(cat cmdline)" '--token-file=/dev/fd/3'
	run ! grep -r 'hush-hush' cmdline environ state
	run -0 athena-sync --dry-run
	contains "$output" '--token-file <(printf %s%s hush -hush)'
	# Whether the command failed is said.
	sed -i 's/printf .*/exit 4/' config/athena/config
	run athena-sync
	contains "$output" 'token-command: exit status 4'
	sed -i 's/token-command = .*/token-command = no-such-program --secret hush-hush/' config/athena/config
	run athena-sync
	contains "$output" 'token-command: no-such-program: no such program; is it on PATH here?'
	run ! grep hush <<<"$output"
}

@test "a token-command that hangs does not outlive its source" {
	plugin hasty '{"name":"token-file","arg":"FILE"}' <<-'END'
	exit 69
	END
	config 'token-command = sleep 300'
	run -69 timeout 20 athena-sync
}

@test "credentials of systemd" {
	plugin secret '{"name":"token-file","arg":"FILE"}' <<-'END'
	for a; do case $a in --token-file=*) cat "${a#*=}" >token ;; esac; done
	END
	config 'token-file = $CREDENTIALS_DIRECTORY/secret'
	run -78 athena-sync
	contains "$output" '$CREDENTIALS_DIRECTORY is not set'
	mkdir credentials
	echo hush >credentials/secret
	CREDENTIALS_DIRECTORY=$PWD/credentials athena-sync -q
	same hush "$(cat token)"
}

@test "a source that does not describe itself is one all the same" {
	printf '#!/bin/sh\n[ "$1" != --describe ] || exit 64\nprintf "%%s " "$@" >args\nprintf "$EVENT" 1\n' >bin/athena-src-plain
	chmod +x bin/athena-src-plain
	config '[source "plain"]' 'type = plain' 'where = x y' 'fast' 'slow = false'
	run -0 sync
	same "--where=x y --fast --cursor=$STATE/plain.cursor " "$(cat args)"
	same 1 "$(count)"
}

@test "an option that the source does not have is said before anything runs" {
	source_git a
	config 'colour = red'
	run -78 athena-sync
	contains "$output" 'athena-src-git has no option --colour; see'
	sed -i 's/colour/exculde/' "$XDG_CONFIG_HOME/athena/config"
	run -78 athena-sync
	contains "$output" "athena-src-git has no option --exculde; did you mean exclude? see 'athena-src-git --help'"
	[ ! -e data.db ]
}

@test "what the configuration is to blame for ends as 78, and each failure with a step that helps" {
	source_git a
	config 'limit = x'
	run -78 sync
	contains "$(jq -r .next_step summary)" 'athena config a'
	sed -i '/limit/d' config/athena/config
	config '[store]' 'nosuch = 1'
	run -78 sync
	sed -i '/nosuch/d' config/athena/config
	echo 'no database' >data.db
	run -65 sync
	same 'see above' "$(jq -r .next_step summary)"
}

@test "the store's failure is its own: a gap, and no database" {
	source_git a
	sync
	repo_commit a 'more' f
	rm data.db*
	run -78 sync
	contains "$output" 'gap'
	same 'see above' "$(of a next_step)"
	sed -i '/database/d' config/athena/config
	run -78 athena-sync
	contains "$output" 'no database'
	config '[store]' "database = $PWD/none/data.db"
	run -73 athena-sync
}

@test "--metrics: all sources, and the last success survives a failure" {
	source_git a
	plugin maybe <<-'END'
	exit $(cat code)
	END
	echo 0 >code
	run -0 sync --metrics m
	grep -q '^athena_sync_inserted_events{source="a",type="git"} 2$' m
	grep -q '^athena_sync_exit_code{source="maybe",type="maybe"} 0$' m
	old=$(grep '^athena_sync_last_success.*maybe' m)
	[ -n "$old" ]
	echo 77 >code
	run -77 sync --metrics m
	grep -q '^athena_sync_exit_code{source="maybe",type="maybe"} 77$' m
	same "$old" "$(grep '^athena_sync_last_success.*maybe' m)"
	same '' "$(grep '^# TYPE' m | sort | uniq -d)" 'a family that comes twice'
}

@test "-q says nothing where all is well; the summary is a table for a person" {
	source_git a
	run -0 athena-sync -q
	same '' "$output"
	run -0 athena-sync --format table
	contains "${lines[0]}" 'SOURCE  STATUS  NEW'
	[[ ${lines[1]} =~ ^a\ +ok\ +0\ +0\ +0\ +0 ]]
}

@test "--progress: a line for each source while it runs" {
	plugin slow <<-'END'
	until [ -e go ]; do sleep 0.05; done
	END
	source_git a
	athena-sync --progress >/dev/null 2>view 3>&- &
	p=$!
	eventually 20 grep -q '^slow  *running' view
	eventually 20 grep -q '^a  *done .*2 new' view
	touch go
	wait $p
}

# ---- signals ----

@test "SIGTERM stops all cleanly: what came is kept" {
	plugin endless <<-'END'
	echo $$ >endless.pid
	printf "$EVENT" 1
	trap 'printf "$EVENT" 2; exit 143' TERM
	touch ready
	while :; do sleep 0.05; done
	END
	plugin deaf <<-'END'
	echo $$ >deaf.pid
	printf "$EVENT" 3 | sed 's/"p"/"deaf"/g'
	touch ready2
	sleep 300
	END
	plugin waiting <<-'END'
	touch waited
	exit 75
	END
	athena-sync --retry-delay 1h --deadline 2h >summary 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	eventually 20 [ -e ready2 ]
	eventually 20 [ -e waited ]
	eventually 20 test -s data.db
	eventually 20 bash -c '[ "$(sqlite3 data.db "SELECT count(*) FROM events")" -ge 2 ]'
	kill -TERM $p
	wait $p || code=$?
	same 143 "$code"
	same 3 "$(count)"
	same '143 143 143' "$(of endless code) $(of deaf code) $(of waiting code)"
	run ! kill -0 "$(cat deaf.pid)"
	run ! kill -0 "$(cat endless.pid)"
}

@test "one that does not end is killed at the third signal" {
	plugin stubborn <<-'END'
	echo $$ >stubborn.pid
	trap '' TERM
	touch ready
	while :; do sleep 0.05; done
	END
	athena-sync >summary 3>&- &
	p=$!
	eventually 20 [ -e ready ]
	kill -TERM $p
	sleep 0.1
	kill -TERM $p
	sleep 0.1
	kill -TERM $p
	wait $p || code=$?
	same 143 "$code"
	run ! kill -0 "$(cat stubborn.pid)"
}

@test "killed at any moment, nothing is lost and nothing doubled" {
	local i
	source_git a
	source_git b
	for i in $(seq 10); do
		repo_commit a "a $i" f
		repo_commit b "b $i" f
		athena-sync -q 2>>log 3>&- &
		p=$!
		sleep "0.$(printf %03d $((RANDOM % 150)))"
		kill -KILL $p 2>/dev/null || :
		wait $p 2>/dev/null || :
	done
	run -0 athena-sync --retry-delay 1
	same 24 "$(count)"
	run -0 sync
	same '0 0 0' "$(of a new) $(of a known) $(of b known)"
}

# ---- examples ----

@test "the examples for cron and systemd are sound" {
	local examples=$REPO_ROOT/man/examples
	grep -q '^PATH=/usr/local/bin:' "$examples/athena.cron"
	grep -v '^#' "$examples/athena.cron" | grep -qE '^\*/10( \*){4} athena sync -q$'
	if command -v systemd-analyze >/dev/null; then
		run -0 systemd-analyze verify --man=no "$examples/athena-sync.service" "$examples/athena-sync.timer"
		same '' "$output"
		run -0 systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$examples/athena-sync.timer")"
	fi
	grep -q '^ExecStart=/usr/bin/env athena sync --no-progress$' "$examples/athena-sync.service"
	athena-config --config "$examples/config" |
		grep -q '^{"key":"source.project.all","value":"true",'
}
