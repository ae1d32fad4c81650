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
