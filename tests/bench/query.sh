#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# query: athena-query against the sqlite3 shell with the statement that one would write, on databases of EVENTS (1,000,000)
# made up here; ten million take 6 GB. Usage: query.sh [EVENTS...]
# shellcheck disable=SC2016,SC2154 # the commands are expanded where they run; here and work are of pair.bash
set -u
. "$(dirname "$0")/pair.bash"
cd "$work" || exit 1
export XDG_CACHE_HOME=$work
newest='SELECT * FROM events ORDER BY timestamp DESC, seq DESC'
export newest

measure() { # measure EVENTS
	local events=$1
	rm -rf ./*
	awk -v n="$events" -f "$here/tests/bench/events.awk" | athena-store -q data.db || exit 1
	first=$(athena-query --limit 1 --reverse data.db | jq -r .id)
	export first
	echo "$events events, $(stat -c %s data.db) bytes; athena-query, sqlite3 and the statement that one would write, how many times faster"
	equal 'all of them' "$events" "$(athena-query data.db | wc -l)"
	equal 'counted' "$events" "$(athena-query --count data.db)"
	equal 'of a day' "$(sqlite3 -readonly data.db "SELECT count(*) FROM events WHERE substr(timestamp, 1, 10) = '2010-01-02'")" \
		"$(athena-query --since 2010-01-02 --until 2010-01-03 data.db | wc -l)"
	pair 'the newest 50' 'athena-query --limit 50 data.db' 'sqlite3 -readonly -json data.db "$newest LIMIT 50"'
	pair 'the newest 50 of an actor' 'athena-query --actor "Author 7" --limit 50 data.db' \
		"sqlite3 -readonly -json data.db \"SELECT * FROM events WHERE actor = 'Author 7' ORDER BY timestamp DESC LIMIT 50\""
	pair 'a day' 'athena-query --since 2010-01-02 --until 2010-01-03 data.db' \
		"sqlite3 -readonly -json data.db \"SELECT * FROM events WHERE timestamp >= '2010-01-02' AND timestamp < '2010-01-03' ORDER BY timestamp DESC\""
	pair 'counted by actor' 'athena-query --by actor data.db' 'sqlite3 -readonly data.db "SELECT actor, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
	pair 'counted by day' 'athena-query --by day data.db' 'sqlite3 -readonly data.db "SELECT substr(timestamp, 1, 10), count(*) FROM events GROUP BY 1 ORDER BY 1 DESC"'
	RUNS=1 pair 'a word, the index being made' 'athena-query --match "parser 77" --limit 50 data.db' \
		'sqlite3 -readonly data.db "SELECT content FROM events WHERE content LIKE '"'%parser 77:%'"' LIMIT 50"' 'rm -rf athena *fts*'
	athena-query --match parser --limit 1 data.db >/dev/null
	pair 'a word, with its index' 'athena-query --match "parser 77" --limit 50 data.db' \
		'sqlite3 -readonly data.db "SELECT content FROM events WHERE content LIKE '"'%parser 77:%'"'"'
	pair 'what is related to one' 'athena-query --related "$first" --limit 50 data.db' 'sqlite3 -readonly data.db "SELECT * FROM events WHERE id = '"'\$first'"'"'
	pair 'all of them, as NDJSON' 'athena-query data.db' 'sqlite3 -readonly -json data.db "$newest"'
	printf 'peak memory: all of them %s kB, the newest 50 %s kB, by actor %s kB\n' "$(peak athena-query data.db)" \
		"$(peak athena-query --limit 50 data.db)" "$(peak athena-query --by actor data.db)"
}
for events in "${@:-1000000}"; do
	measure "$events"
done
