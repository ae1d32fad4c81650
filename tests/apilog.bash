# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# `load apilog`: a log of numbered requests, runs into a database, and what must be there in the end.

# line FROM [TO]: numbered requests, a second apart.
line() {
	local i
	for ((i = $1; i <= ${2:-$1}; i++)); do
		printf '10.0.0.1 - - [24/Nov/2026:%02d:%02d:%02d +0000] "GET /n/%d HTTP/1.1" 200 %d "-" "curl/7"\n' \
			$((i / 3600 % 24)) $((i / 60 % 60)) $((i % 60)) "$i" "$i"
	done
}

# put FILE FROM [TO]: they are added to FILE.
put() { line "$2" "${3:-$2}" >>"$1"; }

# run_once [OPTION...] FILE...: a run into the store; what was said is in `said`.
run_once() {
	set -o pipefail
	athena-src-apilog --cursor c "$@" 2>>said | athena-store -q data.db
	set +o pipefail
}

# holds N [GAPS]: the database has requests 1 to N once each, nothing else but so many gaps.
holds() {
	same "$1|$1" "$(sql data.db "SELECT count(*), count(DISTINCT json_extract(metadata, '$.path')) FROM events WHERE kind = 'request'")" \
		"requests ($(cat said))"
	same "/n/$1" "$(sql data.db "SELECT json_extract(metadata, '$.path') FROM events WHERE kind = 'request' ORDER BY timestamp DESC LIMIT 1")"
	same "${2:-0}" "$(sql data.db "SELECT count(*) FROM events WHERE kind = 'log.gap'")" "gaps ($(cat said))"
}

# files_known N: entries in the cursor.
files_known() { same "$1" "$(jq '[.cursor.logs[][]] | length' c)" 'entries in the cursor'; }

# quiet: nothing new, and nothing said.
quiet() {
	athena-src-apilog --cursor c "${@:-a.log}" >again 2>again.err
	same '' "$(cat again.err)" 'messages'
	same 1 "$(wc -l <again)" 'lines of a quiet run'
	jq -e '.final and .next == .prev' again >/dev/null
}

# follow [OPTION...] FILE...: a run that goes on, into the store; stop ends it.
follow() {
	mkfifo pipe
	athena-src-apilog --follow --cursor c "$@" >pipe 2>said 3>&- &
	FOLLOW=$!
	athena-store -q data.db <pipe 3>&- &
	STORE=$!
}
requests() { [ "$(sql data.db "SELECT count(*) FROM events WHERE kind = 'request'" 2>/dev/null)" = "$1" ]; }
stop() {
	local status=0
	kill "$FOLLOW"
	wait "$FOLLOW" || status=$?
	same 143 "$status" "exit status ($(cat said))"
	wait "$STORE"
}
