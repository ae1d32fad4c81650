#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-apilog: formats, rotation of every kind with runs in between, kills, --follow, hostile input.
# shellcheck disable=SC2016,SC2154 # what is quoted so is nginx's or jq's; stderr is set by run
load helper
load apilog

setup() { need jq sqlite3 gzip; }

# ---- formats ----

@test "a line of each format, and the event that it becomes" {
	local log name args i
	for log in "$FIXTURES"/apilog/*.log; do
		name=${log##*/} args=()
		if [ -f "${log%.log}.args" ]; then
			mapfile -t args <"${log%.log}.args"
			args=(--format "${args[@]:0:1}" "${args[@]:1}")
			args=("${args[@]:0:2}" "${args[@]/#/--field=}")
			args=("${args[@]:0:2}" "${args[@]:4}")
		fi
		athena-src-apilog -q --source-id "apilog:/$name" "${args[@]}" "$log" 2>>said || [ $? -eq 65 ]
	done | jq -cS . >all
	golden athena-src-apilog.ndjson all
	grep -q 'rejects.log:[0-9]*: ' said
}

@test "compressed files, pipes and standard input give the same events" {
	local f
	put a.log 1 50
	athena-src-apilog --source-id x a.log >want
	gzip -k a.log && mv a.log.gz a.log.1.gz && mv a.log b
	zstd -q b -o a.log.2.zst && xz -k b && mv b.xz a.log.3.xz && bzip2 -k b && mv b.bz2 a.log.4.bz2
	for f in a.log.1.gz a.log.2.zst a.log.3.xz a.log.4.bz2; do
		athena-src-apilog --source-id x "$f" | cmp - want
	done
	athena-src-apilog --source-id x - <b | cmp - want
	athena-src-apilog --source-id x - <a.log.1.gz | cmp - want
	athena-src-apilog --source-id x --file - < <(cat b) | cmp - want
	athena-src-apilog --source-id x <(cat b) | cmp - want
	# copies of one file are the same lines
	athena-src-apilog --source-id x a.log.* | cmp - want
}

@test "filters, and what they leave out" {
	local base='10.0.0.1 - - [24/Nov/2026:03:04:05 +0000]'
	printf '%s\n' "$base \"GET /api/a HTTP/1.1\" 200 1 \"-\" \"-\" 0.100" "$base \"POST /api/b/c HTTP/1.1\" 503 1 \"-\" \"-\" 1.204" \
		"$base \"GET /health HTTP/1.1\" 404 1 \"-\" \"-\" 0.001" >a.log
	contents() { athena-src-apilog "$@" a.log | jq -r .content; }
	same 'POST /api/b/c 503 in 1204 ms' "$(contents --status 5xx)"
	same $'POST /api/b/c 503 in 1204 ms\nGET /health 404 in 1 ms' "$(contents --status 500-599,404)"
	same $'GET /api/a 200 in 100 ms\nPOST /api/b/c 503 in 1204 ms' "$(contents --endpoint /api)"
	same 'GET /api/a 200 in 100 ms' "$(contents --endpoint '!/health' --endpoint '!/api/*/c')"
	same 'POST /api/b/c 503 in 1204 ms' "$(contents --method post)"
	same 'POST /api/b/c 503 in 1204 ms' "$(contents --min-duration 500ms)"
	same 3 "$(contents --since 2026-11-24 --until 2026-11-25 | wc -l)"
	same '' "$(contents --since 2026-11-25)"
	run -64 athena-src-apilog --min-duration 1y a.log
	run -64 athena-src-apilog --status 5xy a.log
	run -64 athena-src-apilog --format '$nothing' a.log
	run -64 athena-src-apilog --field x=y a.log
}

@test "--since counts in, --until out, by the time of the line and below a second" {
	put a.log 1 5
	echo '{"time":"2026-11-24T00:00:03.5Z","method":"GET","path":"/half","status":200}' >>a.log
	paths() { athena-src-apilog -q "$@" a.log | jq -r .metadata.path | paste -sd ' '; }
	same '/n/2 /n/3 /half' "$(paths --since 2026-11-24T00:00:02Z --until 2026-11-24T00:00:04Z)"
	same '/n/2 /n/3' "$(paths --since 2026-11-24T00:00:02Z --until 2026-11-24T00:00:03.5Z)"
	same '/n/4 /n/5 /half' "$(paths --since 2026-11-24T01:00:03.5+01:00)"
	same '/n/1' "$(paths --until @1795478402)"
	run -64 athena-src-apilog --cursor c --until 2026-11-25 a.log
	same "7 x" "$(athena-src-apilog --project 7 --session x a.log | jq -r '"\(.project_id) \(.session_id)"' | sort -u)"
}

@test "ids are in the order of the lines, and the same under every name" {
	put a.log 1 300
	athena-src-apilog a.log | jq -r .id >want
	LC_ALL=C sort -c want
	same 300 "$(sort -u want | wc -l)"
	mv a.log other; cmp want <(athena-src-apilog other | jq -r .id)
	gzip -k other; cmp want <(athena-src-apilog other.gz | jq -r .id)
	put other 301; athena-src-apilog other | jq -r .id | head -n 300 | cmp want -
}

@test "memory does not grow with the log: plain, compressed, through a pipe, in JSON" {
	[ -x /usr/bin/time ] || skip 'no /usr/bin/time'
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'not what it takes by itself'
	local kind peak
	awk -v n=300000 -v seed=5 -f "$REPO_ROOT/tests/bench/requests.awk" >a.log
	awk -v n=300000 -v seed=6 -v json=1 -f "$REPO_ROOT/tests/bench/requests.awk" >json.log
	[ "$(stat -c %s json.log)" -gt 50000000 ]
	gzip -1 -k a.log
	for kind in a.log json.log a.log.gz -; do
		/usr/bin/time -f %M -o peak athena-src-apilog "$kind" <a.log >/dev/null
		peak=$(tail -n 1 peak)
		[ "$peak" -lt 32000 ] || fail "$kind: $peak KiB"
	done
}

@test "secrets are masked unless --no-redact" {
	echo '10.0.0.1 - - [24/Nov/2026:03:04:05 +0000] "GET /a?access_token=s3cret&b=1 HTTP/1.1" 200 1' >a.log
	athena-src-apilog a.log >out
	run ! grep s3cret out
	same 'access_token=***&b=1' "$(jq -r .metadata.query out)"
	athena-src-apilog --no-redact a.log | grep -q s3cret
}

# ---- rotation, with runs in between ----

@test "rename and create, numbers shifting, compression at once and delayed" {
	put a.log 1 3; run_once a.log; quiet
	put a.log 4 5; mv a.log a.log.1; put a.log.1 6; put a.log 7; run_once a.log; holds 7; files_known 2
	# both rotated and compressed between two runs, unread lines in each
	put a.log 8; mv a.log.1 a.log.2; gzip a.log.2; mv a.log a.log.1; put a.log.1 9; put a.log 10
	run_once a.log; holds 10
	put a.log 11; mv a.log.2.gz a.log.3.gz; mv a.log.1 a.log.2; gzip a.log.2; mv a.log a.log.1; gzip a.log.1; put a.log 12
	run_once a.log; holds 12
	# whole files that no run saw
	for i in 13 14 15; do mv a.log "a.log.x"; for n in 5 4 3 2 1; do [ ! -f a.log.$n.gz ] || mv a.log.$n.gz a.log.$((n + 1)).gz; done
		mv a.log.x a.log.1; gzip a.log.1; put a.log $i; done
	run_once a.log; holds 15; files_known 7; quiet
	# what logrotate deletes is forgotten
	rm a.log.[456].gz; put a.log 16; run_once a.log; holds 16; files_known 4; quiet
}

@test "dateext, a date before the extension, and daily files without a log of their own" {
	put a.log 1 2; run_once a.log
	put a.log 3; mv a.log a.log-20261123; put a.log 4; run_once a.log; holds 4
	put a.log 5; gzip a.log-20261123; mv a.log a-2026-11-24.log; put a.log 6; run_once a.log; holds 6
	put a.log 7; mv a.log a.log.20261125-030405; zstd -q --rm a.log.20261125-030405; put a.log 8; run_once a.log; holds 8; quiet
	rm -f c data.db* said
	mkdir daily
	put daily/app-2026-11-23.log 1 2; run_once --source-id d daily
	put daily/app-2026-11-23.log 3; put daily/app-2026-11-24.log 4 5; run_once --source-id d daily
	gzip daily/app-2026-11-23.log; put daily/app-2026-11-24.log 6; run_once --source-id d daily; holds 6; quiet --source-id d daily
	rm daily/app-2026-11-23.log.gz; run_once --source-id d daily; holds 6
}

@test "copytruncate: copied, emptied, grown past the old place, the copy compressed" {
	put a.log 1 4; run_once a.log
	put a.log 5; cp a.log a.log.1; : >a.log; put a.log 6; run_once a.log; holds 6
	put a.log 7; mv a.log.1 a.log.2; cp a.log a.log.1; : >a.log; put a.log 8 30; run_once a.log; holds 30
	put a.log 31; gzip a.log.2 a.log.1; mv a.log.2.gz a.log.3.gz; mv a.log.1.gz a.log.2.gz; cp a.log a.log.1; gzip a.log.1; : >a.log
	put a.log 32 33; run_once a.log; holds 33; quiet
	# a run between the copy and the truncation
	put a.log 34; cp a.log a.log-20261124; run_once a.log; put a.log 35; cp a.log a.log-20261124; run_once a.log
	: >a.log; put a.log 36; run_once a.log; holds 36; quiet
}

@test "a run that meets half a copy reads on in the whole one" {
	put a.log 1 40; run_once a.log
	head -c 2000 a.log >a.log.1; athena-src-apilog --cursor c a.log >half
	same '' "$(events half)" 'lines of the half copy come again'
	athena-store -q data.db <half
	put a.log 41 42; cp a.log a.log.1; : >a.log; put a.log 43; run_once a.log; holds 43
}

@test "an operator moves the log away, under a name of his own" {
	put a.log 1 2; run_once a.log
	put a.log 3; mv a.log a.log.before-upgrade; put a.log 4; run_once a.log; holds 4
	put a.log 5; mv a.log old; put a.log 6; run_once a.log; holds 6
	put a.log 7; mkdir d; ln a.log d/kept; mv a.log kept; put a.log 8; run_once a.log; holds 8; quiet
}

@test "a reused inode and a first line that is the same: content tells files apart" {
	local ino
	put a.log 1 3; run_once a.log
	ino=$(stat -c %i a.log)
	put a.log 4; gzip a.log; mv a.log.gz a.log.1.gz
	put a.log 5 9
	[ "$(stat -c %i a.log)" = "$ino" ] || echo "# the inode was not reused here" >&3
	run_once a.log; holds 9
	rm -f c data.db* said
	# a header, the same in every file, and more bytes than the place where the last run stopped
	header() { echo '10.0.0.1 - - [24/Nov/2026:00:00:00 +0000] "GET /header HTTP/1.1" 200 1 "-" "-"'; }
	mkdir h && cd h
	header >a.log; put a.log 1 2; run_once a.log
	put a.log 3; mv a.log a.log.1; header >a.log; put a.log 4 9; run_once a.log
	put a.log 10; mv a.log.1 a.log.2; gzip a.log.2; mv a.log a.log.1; header >a.log; put a.log 11 40; run_once a.log
	same '41|41' "$(sql data.db 'SELECT count(*), count(DISTINCT content) FROM events')"
	cp a.log saved; header >a.log; put a.log 41 80; run_once a.log
	same 'log.gap|1
request|81' "$(sql data.db 'SELECT kind, count(*) FROM events GROUP BY 1')"
}

@test "what is destroyed is said, once, and reading goes on" {
	put a.log 1 3; run_once a.log
	: >a.log; put a.log 4; run_once a.log; holds 4 1
	contains "$(cat said)" 'may be lost'
	sql data.db "SELECT metadata FROM events WHERE kind = 'log.gap'" | jq -e '.until == "2026-11-24T00:00:04Z" and .line == 3' >/dev/null
	same '2026-11-24T00:00:03Z|error|unknown' "$(sql data.db "SELECT timestamp, event_type, outcome FROM events WHERE kind = 'log.gap'")"
	quiet
	rm a.log; put a.log 5 6; run_once a.log; holds 6 2; quiet
	# deleted for good: the gap, then 66
	rm a.log; run_once a.log; holds 6 3
	run -66 athena-src-apilog --cursor c a.log
	put a.log 7; run_once a.log; holds 7 3
	# a rotated file that had been read to its end is none
	mv a.log a.log.1; put a.log 8; run_once a.log; rm a.log.1; run_once a.log; holds 8 3
}

@test "a restored backup brings what it has, and doubles nothing" {
	put a.log 1 60; run_once a.log; cp a.log backup
	put a.log 61 62; run_once a.log
	cp backup a.log; put a.log 63 64; run_once a.log
	same '64|64' "$(sql data.db "SELECT count(*), count(DISTINCT content) FROM events WHERE kind = 'request'")"
	mv a.log a.log.1; gzip a.log.1; put a.log 65; run_once a.log; cp a.log.1.gz saved; rm a.log.1.gz; run_once a.log
	mv saved a.log.1.gz; run_once a.log
	same '65|65' "$(sql data.db "SELECT count(*), count(DISTINCT content) FROM events WHERE kind = 'request'")"
}

@test "a file that cannot be read is not called lost" {
	put a.log 1 2; run_once a.log; put a.log 3
	mv a.log a.log.1; zstd -q --rm a.log.1; put a.log 4
	mkdir bin
	run -69 env PATH="$PWD/bin" "$ATHENA_BIN/athena-src-apilog" --cursor c a.log
	contains "$output" 'install it'
	run_once a.log; holds 4
}

# ---- kills ----

@test "killed at random moments while the log is rotated: nothing lost, nothing doubled" {
	need python3
	run -0 "$REPO_ROOT/tests/chaos/rotate" 12
	contains "$output" 'nothing lost, nothing doubled'
}

# ---- lines that are none, and hostile files ----

@test "rejects: said with file and line, bounded, kept, 65, and the cursor moves" {
	local i
	{ line 1; for ((i = 0; i < 30; i++)); do echo "no request $i"; done; line 2; } >a.log
	run -65 --separate-stderr athena-src-apilog --cursor c --rejects r --metrics m a.log
	contains "$stderr" 'a.log:2: the line does not match the format'
	[ "$(wc -l <<<"$stderr")" -le 13 ]
	contains "$stderr" '30 lines were left out'
	seq -f 'no request %.0f' 0 29 | cmp - r
	grep -q '_rejects.* 30$' m
	same 2 "$(grep -vc '"athena"' <<<"$output")"
	jq -e .final <<<"$(tail -n 1 <<<"$output")" >/dev/null
	athena-src-apilog --cursor c a.log 2>/dev/null | athena-store -q data.db
	quiet
}

@test "an unfinished last line waits for its end, and is said where it will have none" {
	put a.log 1; printf '%s' "$(line 2)" >>a.log
	run_once a.log; holds 1
	echo >>a.log; run_once a.log; holds 2
	printf 'torn' >>a.log; mv a.log a.log.1; put a.log 3; run_once a.log; holds 3; same '' "$(cat said)"
	touch -d '1 minute ago' a.log.1
	run -65 bash -c 'set -o pipefail; athena-src-apilog --cursor c a.log | athena-store -q data.db'
	contains "$output" 'a.log.1:3: a last line without its end'
	: >said; holds 3; quiet
	printf '%s' "$(line 4)" >b.log
	run -0 --separate-stderr athena-src-apilog b.log
	contains "$stderr" 'no whole line yet'
	run -65 --separate-stderr athena-src-apilog - <b.log
	contains "$stderr" 'stdin:1: a last line without its end'
}

@test "NUL runs, CR, BOM, blank lines, invalid UTF-8" {
	{ printf '\xef\xbb\xbf'; line 1; head -c 5000 /dev/zero; line 2; printf '\n  \r\n'
		printf '%s\r\n' "$(line 3)"; line 4 | sed 's/curl/c\xff\xc0rl/'; head -c 300000 /dev/zero; } >a.log
	run_once a.log; holds 4; same '' "$(cat said)"
	put a.log 5; run_once a.log; holds 5
	gzip a.log; mv a.log.gz a.log.1.gz; put a.log 6; run_once a.log; holds 6
	# a hole, as a writer that does not append leaves it after a truncation
	truncate -s 3G b.log; put b.log 1 2
	athena-src-apilog b.log >out
	same '2 /n/1' "$(wc -l <out) $(head -n 1 out | jq -r .metadata.path)"
	contains "$(head -n 1 out)" '/0000003221225472/'
}

@test "UTF-16 is refused, the other files are read" {
	put a.log 1 2
	iconv -f UTF-8 -t UTF-16 a.log >b.log; iconv -f UTF-8 -t UTF-16LE a.log >c.log
	run -65 --separate-stderr athena-src-apilog --source-id x a.log b.log c.log
	same 2 "$(wc -l <<<"$output")"
	contains "$stderr" 'b.log: UTF-16'
	contains "$stderr" 'c.log: UTF-16'
}

@test "lines of many megabytes: --max-line, and the events stay whole lines" {
	{ line 1; head -c 3000000 /dev/zero | tr '\0' x; echo
		printf '{"time":"2026-11-24T00:00:02Z","method":"GET","path":"/n/2","status":200,"x":"%s"}\n' "$(head -c 2000000 /dev/zero | tr '\0' y)"
		line 3; } >a.log
	run -65 --separate-stderr athena-src-apilog --max-line 1M a.log
	same 2 "$(wc -l <<<"$output")"
	contains "$stderr" 'a.log:2: longer than --max-line'
	contains "$stderr" 'a.log:3: longer than --max-line'
	run -65 --separate-stderr athena-src-apilog a.log
	same 3 "$(wc -l <<<"$output")"
	[ "$(wc -L <<<"$output")" -lt 1048576 ]
	contains "$stderr" 'a.log:2: the line does not match the format'
	# a first line over the maximum is known by its beginning, a position behind it holds
	sed 1d a.log >b.log
	athena-src-apilog --cursor c --max-line 1M --limit 1 b.log 2>/dev/null | athena-store -q data.db
	put b.log 4; athena-src-apilog --cursor c --max-line 1M b.log 2>/dev/null | athena-store -q data.db
	same '2' "$(sql data.db 'SELECT count(*) FROM events')"
}

@test "compressed files of megabytes that hardly compress" {
	head -c 3000000 /dev/urandom | base64 -w 150 | awk '{ print "10.0.0.1 - - [24/Nov/2026:00:00:00 +0000] \"GET /" $0 " HTTP/1.1\" 200 1" }' >a.log
	athena-src-apilog --source-id x a.log >want
	gzip -k a.log; mv a.log.gz b.log.gz
	athena-src-apilog --source-id x b.log.gz >got
	cmp want got
	if command -v zstd >/dev/null; then
		zstd -q -1 a.log -o c.log.zst
		athena-src-apilog --source-id x c.log.zst >got
		cmp want got
	fi
	# in two runs
	athena-src-apilog --source-id x --cursor c --limit 12345 b.log.gz >got
	athena-src-apilog --source-id x --cursor c b.log.gz >>got
	same "$(sha256sum <want)" "$(grep -v '^{"athena"' got | sha256sum)"
}

@test "damaged and cut-off compressed files: what can be read is read, and it is said once" {
	put a.log 1; put b 2 3000; gzip b; head -c 9000 b.gz >a.log.1.gz
	run -65 --separate-stderr bash -c 'set -o pipefail; athena-src-apilog --cursor c a.log | athena-store -q data.db'
	contains "$stderr" 'a.log.1.gz: the compressed data ends too early'
	[ "$(sql data.db 'SELECT count(*) FROM events')" -gt 100 ]
	quiet
	mv b.gz a.log.1.gz; : >said; run_once a.log; holds 3000
}

# big FILE: several megabytes: two formats in stretches and line by line, one line in forty in none, NULs, a line that is too long.
big() {
	local requests=$REPO_ROOT/tests/bench/requests.awk
	awk -v n=16000 -v seed=5 -f "$requests" >combined
	awk -v n=16000 -v seed=6 -v json=1 -f "$requests" >json
	paste -d '\n' combined json | awk '
		NR % 4000 < 1500 && NR % 2 { next } NR % 4000 > 3000 && NR % 2 == 0 { next }
		NR % 9000 < 900 && NR > 9000 { print "at frame " NR; next }
		NR % 40 == 7 { print "10.0.0.1 - - [24/Nov/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 2x0 " NR " \"-\" \"-\""; next }
		NR % 1000 == 0 { printf "\n" } { print }' >"$1"
	{ printf '\0\0\0\0'; line 1; head -c 70000 /dev/zero | tr '\0' x; echo; head -n 3000 json; line 2; printf 'no end'; } >>"$1"
	rm combined json
}

@test "however many processors there are: the same bytes, rejects and position" {
	local cpu status n i
	cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
	big a.log
	for i in one all pipe gz; do
		case $i in
		one) set -- taskset -c "$cpu" athena-src-apilog --cursor c.one a.log ;;
		all) set -- athena-src-apilog --cursor c.all a.log ;;
		pipe) set -- athena-src-apilog - ;;
		gz) gzip -c a.log >b.log.gz; set -- athena-src-apilog b.log.gz ;;
		esac
		status=0
		"$@" --source-id x --max-line 64K --rejects $i.rejects <a.log >$i 2>$i.said || status=$?
		same 65 $status "$i: exit status ($(cat $i.said))"
		grep -v '^{"athena"' $i >$i.events
		cmp one.events $i.events
		cmp one.rejects <(grep -vx 'no end' $i.rejects) # which only a log waits for
	done
	[ "$(wc -l <one.events)" -gt 20000 ]
	[ "$(wc -l <one.rejects)" -gt 1000 ]
	same "$(cat one.said)" "$(cat all.said)" 'messages'
	jq -e -n '[inputs.cursor] | .[0] == .[1]' <(tail -n 1 one) <(tail -n 1 all) >/dev/null
	# lines far behind are said by their number
	grep -aE '" [0-9]{3} [0-9]+ "' a.log >good
	{ cat good; echo bad; cat good good; echo bad; } >c.log
	athena-src-apilog c.log >all 2>all.said || same 65 $?
	n=$(wc -l <good)
	same "$((3 * n))" "$(wc -l <all)" 'events'
	for i in $((n + 1)) $((3 * n + 2)); do contains "$(cat all.said)" "c.log:$i: the line does not match the format"; done
	same 2 "$(wc -l <all.said)" 'messages'
	# what is cut short at a number goes on behind it
	: >parts
	while athena-src-apilog --cursor c.parts --source-id x --max-line 64K --limit 5000 a.log >part 2>/dev/null || [ $? -eq 65 ]; do
		[ "$(wc -l <part)" -gt 1 ] || break
		grep -v '^{"athena"' part >>parts
		[ "$(wc -l <part)" -le 5001 ] || fail 'more than --limit, and a checkpoint'
	done
	cmp one.events parts
}

@test "stopped again and again in the middle of a large log: nothing lost, nothing doubled" {
	local n=0 got pid
	big a.log
	athena-src-apilog -q --source-id x --max-line 64K a.log >all 2>/dev/null || same 65 $?
	until [ -s said ] && tail -n 1 said | grep -q '"final":true'; do
		[ $((n += 1)) -le 200 ] || fail 'no end'
		pipe_open
		{ tee said | athena-store -q data.db; } <&8 3>&- 8<&- 9>&- &
		athena-src-apilog -q --cursor c --source-id x --max-line 64K a.log >&9 2>/dev/null 8<&- 9>&- &
		pid=$!
		pipe_close
		sleep "0.0$((n % 5 + 1))"
		run kill "$pid" # one that has ended bash has waited for; its status is looked at below
		got=0; wait "$pid" || got=$?
		case $got in 0 | 65 | 75 | 143) ;; *) fail "exit status $got" ;; esac
		wait
	done
	same "$(wc -l <all)" "$(sql data.db 'SELECT count(*) FROM events')"
	same "$(jq -r .id all | sort | sha256sum)" "$(sql data.db 'SELECT id FROM events' | sort | sha256sum)"
}

# ---- options, cursor, other questions ----

@test "several logs: sources of their own, with --cursor one under a name" {
	put a.log 1 2; put b.log 3
	same 'apilog:'"$PWD"$'/a.log\napilog:'"$PWD"'/b.log' "$(athena-src-apilog a.log b.log | jq -r .source_id | sort -u)"
	run -64 athena-src-apilog --cursor c a.log b.log
	contains "$output" '--source-id'
	run -64 athena-src-apilog --cursor c '*.log'
	contains "$output" 'found when only that is named'
	run -64 athena-src-apilog
	contains "$output" 'nor `-` for standard input'
	run_once --source-id all '*.log'; holds 3
	put b.log 4; run_once --source-id all .; holds 4
	# a log that is left out for once is neither lost nor forgotten
	put a.log 5; run_once --source-id all b.log; run_once --source-id all a.log b.log; holds 5; quiet --source-id all a.log b.log
	# one that is gone from a glob is
	rm b.log; run_once --source-id all '*.log'; holds 5 1; quiet --source-id all '*.log'
}

@test "a rotated file that is named is read alone; its source is the log" {
	put a.log.1 1 2; gzip a.log.1; put a.log 3
	athena-src-apilog a.log.1.gz >out
	same "2 apilog:$PWD/a.log" "$(wc -l <out) $(jq -r .source_id out | sort -u)"
	same 3 "$(athena-src-apilog a.log | wc -l)"
	same 2 "$(athena-src-apilog 'a.log.*' | wc -l)"
}

@test "a link is followed, and so are the rotations of what it leads to" {
	mkdir pods
	put pods/0.log 1 2; ln -s pods/0.log a.log; run_once a.log
	put pods/0.log 3; mv pods/0.log pods/0.log.20261124-030405; put pods/0.log 4; run_once a.log; holds 4
	put pods/0.log 5; put pods/1.log 6; ln -sf pods/1.log a.log; run_once a.log; holds 6; quiet
}

@test "other options than those of the cursor are refused, an earlier --since fills in" {
	put a.log 1 9
	run_once --since 2026-11-24T00:00:05Z a.log
	same 5 "$(sql data.db 'SELECT count(*) FROM events')"
	run -78 athena-src-apilog --cursor c --status 5xx a.log
	contains "$output" '--status'
	run -78 athena-src-apilog --cursor c --format json a.log
	put a.log 10; mv a.log a.log.1; put a.log 11
	athena-src-apilog --cursor c --since 2026-11-24T00:00:02Z a.log >out
	same 5 "$(events out | wc -l)" 'those before, and the new ones'
	athena-store -q data.db <out
	same 10 "$(sql data.db 'SELECT count(*) FROM events')"
	quiet
}

@test "an earlier --since fills in of logs that are named later, too" {
	put a.log 1 9; line 1 9 | sed 's|/n/|/b/|' >b.log
	run_once --source-id x --since 2026-11-24T00:00:05Z a.log b.log
	same 10 "$(sql data.db 'SELECT count(*) FROM events')"
	run_once --source-id x --since 2026-11-24T00:00:02Z a.log
	same 13 "$(sql data.db 'SELECT count(*) FROM events')"
	run_once --source-id x --since 2026-11-24T00:00:02Z a.log b.log
	same 16 "$(sql data.db 'SELECT count(*) FROM events')"
	quiet --source-id x a.log b.log
}

@test "an earlier --since fills in of a file that could not be read, once it can" {
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'nothing can be preloaded before a sanitizer, or valgrind'
	put a.log 1 9; mv a.log a.log.1; put a.log 10 19
	run_once --since 2026-11-24T00:00:05Z a.log
	same 15 "$(sql data.db 'SELECT count(*) FROM events')"
	LD_PRELOAD=${ATHENA_BIN%/*}/tests/faults/inject.so FAULT_CALL=open FAULT_PATH='*a.log.1' FAULT_TIMES=0 FAULT_HOW=EIO \
		run run_once --since 2026-11-24T00:00:02Z a.log
	contains "$(cat said)" 'not all that lies before 2026-11-24T00:00:05Z could be read; a run that can, with this --since again, goes back for it'
	run_once --since 2026-11-24T00:00:02Z a.log
	same 18 "$(sql data.db 'SELECT count(*) FROM events')"
	quiet --since 2026-11-24T00:00:02Z a.log
}

@test "--check and --plan say what is there and what to do" {
	put a.log 1 3; echo '{"time":"2026-11-24T03:04:05Z","method":"GET","path":"/","status":200}' >a.log.1; echo nothing >b.log
	run -0 athena-src-apilog --check a.log
	contains "$output" "ok $PWD/a.log: combined"
	contains "$output" "ok $PWD/a.log.1: json"
	run -78 athena-src-apilog --check b.log
	contains "$output" '--format'
	run_once a.log; put a.log 4
	run -0 athena-src-apilog --plan --cursor c a.log
	contains "$output" "file $PWD/a.log: 81 bytes to read"
	contains "$output" "file $PWD/a.log.1: 0 bytes to read"
	rm a.log a.log.1
	run -66 --separate-stderr athena-src-apilog --check --cursor c a.log
	contains "$output" "$PWD/a.log: no such log"
	same '' "$stderr" # it is said once
	run -66 --separate-stderr athena-src-apilog --check --source-id x '*.none'
	contains "$output" '*.none: no such log'
	same '' "$stderr"
	[[ $output != *"ok $PWD/a.log"* ]] || fail "$output"
	run -0 athena-src-apilog --check --follow a.log
	contains "$output" "ok $PWD/a.log: not there yet; it is waited for"
}
