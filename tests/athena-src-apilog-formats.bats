#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-apilog: formats that are more than their lines: columns that another line names, times of a machine's own
# zone, and what is said where no format matches. What each line becomes is in tests/unit/formats.c.
# shellcheck disable=SC2016,SC2154 # what is quoted so is nginx's or jq's; stderr is set by run
load helper
load apilog

setup() { need jq sqlite3 gzip; }

# ---- columns ----

# head NAME...: the head of a W3C log with these columns.
head_of() {
	printf '%s\n' '#Software: Microsoft Internet Information Services 10.0' '#Version: 1.0' '#Date: 2026-11-24 00:00:00' "#Fields: date time $*"
}
first_columns() { head_of cs-method cs-uri-stem sc-status sc-win32-status time-taken; }
other_columns() { head_of c-ip cs-uri-stem cs-method sc-status; }

# w3c PATTERN FROM TO: lines, a second apart, of which %d is the number.
w3c() {
	local i
	for ((i = $2; i <= $3; i++)); do
		# shellcheck disable=SC2059
		printf "2026-11-24 %02d:%02d:%02d $1\n" $((i / 3600)) $((i / 60 % 60)) $((i % 60)) "$i"
	done
}
w3c_first() { w3c 'GET /n/%d 200 0 12' "$@"; }
w3c_other() { w3c '10.0.0.1 /n/%d GET 200' "$@"; }

# as_if_at_once LOG: the database has what one run over the whole log gives.
as_if_at_once() {
	athena-src-apilog "$1" | jq -S -c . | sort >want
	athena-query data.db | jq -S -c . | sort | cmp - want
}

@test "a W3C log goes on with the columns that were named last, whichever run met their line" {
	{ first_columns && w3c_first 1 20; } >a.log
	run_once a.log
	holds 20
	w3c_first 21 30 >>a.log
	run_once a.log
	holds 30
	# begun anew by IIS, with other columns; the run ends right behind their line
	other_columns >>a.log
	run_once a.log
	w3c_other 31 40 >>a.log
	run_once a.log
	holds 40
	{ w3c_other 41 45 && first_columns && w3c_first 46 50; } >>a.log
	while [ "$(sql data.db 'SELECT count(*) FROM events')" -lt 50 ]; do run_once --limit 1 a.log; done
	holds 50
	same '' "$(cat said)" 'messages'
	as_if_at_once a.log
	# every line says what the columns of its time made of it
	same '35|15' "$(sql data.db "SELECT count(duration_ms), count(json_extract(metadata, '$.remote')) FROM events")"
	same 0 "$(sql data.db "SELECT count(*) FROM events WHERE (duration_ms IS NULL) = (json_extract(metadata, '$.remote') IS NULL)")"
	run_once a.log
	quiet
}

@test "a W3C log that is rotated, copied, emptied or compressed between two runs" {
	{ first_columns && w3c_first 1 300; } >a.log
	run_once a.log
	{ w3c_first 301 320 && other_columns && w3c_other 321 340; } >>a.log
	gzip -c a.log >a.log.1.gz
	{ first_columns && w3c_first 341 350; } >a.log
	run_once a.log
	holds 350
	# copied and emptied
	w3c_first 351 360 >>a.log
	mv a.log.1.gz a.log.2.gz
	cp a.log a.log.1
	{ first_columns && w3c_first 361 370; } >a.log
	run_once a.log
	holds 370
	same '' "$(cat said)" 'messages'
}

@test "a log that became a W3C log midway goes on as one" {
	printf '10.0.0.1 - - [24/Nov/2026:00:00:%02d +0000] "GET /n/%d HTTP/1.1" 200 1\n' 1 1 2 2 >a.log
	{ first_columns && w3c_first 3 6; } >>a.log
	run_once a.log
	holds 6
	w3c_first 7 9 >>a.log
	run_once a.log
	holds 9
	as_if_at_once a.log
	mv a.log a.log.1
	w3c_first 10 11 >>a.log.1
	printf '10.0.0.1 - - [24/Nov/2026:00:00:12 +0000] "GET /n/12 HTTP/1.1" 200 1\n' >a.log
	run_once a.log
	holds 12
}

@test "--follow: a W3C log has the columns of its own last #Fields: line, rotated, copied, emptied, or put back" {
	follow a.log
	{ first_columns && w3c_first 1 5; } >>a.log; eventually 30 requests 5
	{ other_columns && w3c_other 6 250; } >"more"
	cat more >>a.log; eventually 30 requests 250 # at once: the place where the first columns end is remembered
	# what it was before the other columns, and more: how far it was read is known, and that it was with these
	{ first_columns && w3c_first 1 5 && w3c_first 251 252; } >back
	cat back >a.log; eventually 30 requests 252
	mv a.log a.log.1; { other_columns && w3c_other 253 254; } >a.log; eventually 30 requests 254
	w3c_first 255 255 >>a.log.1; eventually 30 requests 255
	cp a.log a.log.0; { first_columns && w3c_first 256 257; } >a.log; eventually 30 requests 257
	w3c_other 258 258 >>a.log.0; w3c_first 259 259 >>a.log; eventually 30 requests 259
	stop
	same 259 "$(sql data.db "SELECT count(DISTINCT json_extract(metadata, '$.path')) FROM events WHERE kind = 'request'")"
	same 11 "$(sql data.db "SELECT count(duration_ms) FROM events WHERE duration_ms = 12")"
	! grep 'left out' said
}

@test "columns of a W3C log that stand in no file are given with --format" {
	local columns='#Fields: date time cs-method cs-uri-stem sc-status sc-win32-status time-taken'
	w3c_first 1 3 >a.log
	run -65 --separate-stderr athena-src-apilog --format w3c a.log
	[[ $stderr == *"a.log:1: no \`#Fields:\` line before it"* ]]
	athena-src-apilog --format "$columns" --cursor c a.log >out
	same 'GET /n/1 200 in 12 ms' "$(jq -r '.content // empty' out | head -n 1)"
	w3c_first 4 5 >>a.log
	athena-src-apilog --format "$columns" --cursor c a.log >>out
	same 5 "$(grep -c '"kind":"request"' out)"
}

# ---- times without a zone ----

@test "HAProxy's time is in the zone of TZ, or of the syslog head; the id is the same" {
	local line='10.0.1.2:33317 [28/Nov/2026:10:00:00.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"'
	echo "$line" >a.log
	athena-src-apilog a.log >utc
	TZ=CET-1 athena-src-apilog a.log >cet
	same 2026-11-28T10:00:00.655Z "$(jq -r .timestamp utc)"
	same 2026-11-28T09:00:00.655Z "$(jq -r .timestamp cet)"
	same "$(jq -r .id utc)" "$(jq -r .id cet)"
	echo "2026-11-28T10:00:00.655123+05:30 web-1 haproxy[7]: $line" >b.log
	same 2026-11-28T04:30:00.655Z "$(TZ=CET-1 athena-src-apilog b.log | jq -r .timestamp)"
	echo "Nov 28 10:00:00 web-1 haproxy[7]: $line" >c.log
	same 2026-11-28T09:00:00.655Z "$(TZ=CET-1 athena-src-apilog c.log | jq -r .timestamp)"
}

# ---- families, and no format at all ----

@test "a family of formats is taken, and nothing else" {
	local family
	grep -v reject "$FIXTURES/apilog/haproxy.want" >good
	athena-src-apilog -q --format haproxy "$FIXTURES/apilog/haproxy.log" >out 2>said || same 65 $?
	same "$(wc -l <good)" "$(wc -l <out)"
	for family in alb s3 squid envoy traefik ingress-nginx; do
		run -65 --separate-stderr athena-src-apilog --format "$family" "$FIXTURES/apilog/haproxy.log"
		same '' "$output" "$family"
	done
	same 3 "$(athena-src-apilog -q --format alb "$FIXTURES/apilog/aws.log" 2>/dev/null | wc -l)"
	echo '{"time":"2026-11-24T03:04:02Z","msg":"x"}' >a.log
	run -65 --separate-stderr athena-src-apilog --format haproxy a.log
	run -64 --separate-stderr athena-src-apilog --format iis a.log
	[[ $stderr == *'--format: iis: auto, json, logfmt, w3c, combined, common, haproxy, alb, s3, '* ]]
	run -64 athena-src-apilog --format '' a.log
}

@test "what is in no format: what to do is said, once" {
	printf '%s\n' 'GIN 200' 'GIN 201' 'GET /a 200 1.234 ms - 5' 'Nov 28 10:00:00 web-1 app[1]: up' >a.log
	run -65 --separate-stderr athena-src-apilog a.log
	same "athena-src-apilog: warning: $PWD/a.log:1: no format matches; the line was left out
athena-src-apilog: --format says what stands in a line, as --format '\$remote_addr [\$time_local] \"\$request\" \$status \$request_time', and --field what members mean; see athena-src-apilog(1)
athena-src-apilog: warning: $PWD/a.log:2: no format matches; the line was left out
athena-src-apilog: warning: $PWD/a.log:3: no time in the line; the line was left out
athena-src-apilog: let the program write a time with its zone; a container runtime or a syslog daemon that keeps the line adds one, too
athena-src-apilog: warning: $PWD/a.log:4: in no format that has a time, and that of its syslog head has no year; the line was left out
athena-src-apilog: let the syslog daemon write times of RFC 3339" "$stderr"
	# the example is one
	echo '10.0.0.1 [24/Nov/2026:03:04:05 +0000] "GET /a HTTP/1.1" 200 0.012' >b.log
	same 'GET /a 200 in 12 ms' "$(athena-src-apilog --format '$remote_addr [$time_local] "$request" $status $request_time' b.log | jq -r .content)"
	# a format that names no request: the line is a message
	same "10.0.0.1 [24/Nov/2026:03:04:05 +0000] \"GET /a HTTP/1.1\" 200 0.012" \
		"$(athena-src-apilog --format '$remote_addr [$time_local] $rest' b.log | jq -r .content)"
}
