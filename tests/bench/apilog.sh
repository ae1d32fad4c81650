#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# apilog: athena-src-apilog against what people read access logs with, on the same seeded logs of LINES (500,000)
# requests made up here. All athena-src-apilog wrote is counted against the log first. A
# peer that is not installed is left out, and said. Usage: apilog.sh [LINES] [SEED]
# shellcheck disable=SC2016,SC2154 # the commands are expanded where they run; here and work are of pair.bash
set -u
. "$(dirname "$0")/pair.bash"
cd "$work" || exit 1
lines=${1:-500000} seed=${2:-1}
awk=$(type -P mawk || type -P awk)
"$awk" -v n="$lines" -v seed="$seed" -f "$here/tests/bench/requests.awk" >combined.log || exit 1
"$awk" -v n="$lines" -v seed="$seed" -v json=1 -f "$here/tests/bench/requests.awk" >json.log || exit 1
"$awk" -v n="$lines" -v seed="$seed" -v logfmt=1 -f "$here/tests/bench/requests.awk" >logfmt.log || exit 1
head -n $((lines / 10)) json.log >json-tenth.log
gzip -1 -k combined.log
cat >convert.py <<'P'
import json, re, sys
line = re.compile(r'(\S+) \S+ (\S+) \[([^]]+)\] "(\S+) (\S+) ([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)"')
names = ("remote", "user", "time", "method", "path", "protocol", "status", "bytes", "referrer", "agent")
for text in open(sys.argv[1]):
	m = line.match(text)
	if m:
		print(json.dumps(dict(zip(names, m.groups()))))
P
cat >logfmt.py <<'P'
import json, re, sys
pair = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
for text in open(sys.argv[1]):
	print(json.dumps({name: quoted or bare for name, quoted, bare in pair.findall(text)}))
P

# check FILE PATTERN: every line is an event, those that match PATTERN (5xx) are errors, no id is there twice, no token is to be read
check() {
	athena-src-apilog -q "$1" >events.ndjson || exit 1
	equal "$1: lines" "$(wc -l <"$1")" "$(wc -l <events.ndjson)"
	equal "$1: 5xx" "$(grep -cE "$2" "$1")" "$(grep -c '"event_type":"error"' events.ndjson)"
	equal "$1: ids" "$(wc -l <"$1")" "$(grep -o '^{"id":"[^"]*"' events.ndjson | sort -u | wc -l)"
	equal "$1: masked" "$(grep -c 'access_token=' "$1")" "$(grep -c 'access_token=\*\*\*"' events.ndjson)"
	rm -f events.ndjson
}
check combined.log '" 5[0-9][0-9] [0-9]+ "'
check json.log '"status":5'
check logfmt.log ' status=5'
equal 'combined.log.gz: lines' "$lines" "$(athena-src-apilog -q combined.log.gz | wc -l)"
rare=(-q --status 503 --method DELETE --endpoint '/api/v2/*')
few="athena-src-apilog ${rare[*]@Q} \"\$log\""
select='$6 == "\"DELETE" && $9 == 503 && index($7, "/api/v2/") == 1'
equal 'combined.log: one in a thousand' "$("$awk" "$select" combined.log | wc -l)" "$(log=combined.log bash -c "$few" | wc -l)"

# against NAME TOOL COMMAND FILE [OURS]: athena-src-apilog against a peer on FILE, where its TOOL is
against() {
	export log=$4
	with "$2" "$1" "${5:-athena-src-apilog -q \"\$log\"}" "$3"
}
echo "$lines lines, $(wc -c <combined.log) and $(wc -c <json.log) bytes; athena-src-apilog, peer, how many times faster"
against 'combined: mawk, five fields' mawk "mawk '{ print \$1, \$4, \$6, \$7, \$9 }' \"\$log\"" combined.log
against 'combined: wc -l' wc 'wc -l "$log"' combined.log
against 'combined, one in a thousand: mawk' mawk "mawk '$select' \"\$log\"" combined.log "$few"
against 'combined .gz: zcat and mawk' mawk "zcat \"\$log\" | mawk '{ print \$1, \$4, \$6, \$7, \$9 }'" combined.log.gz
RUNS=${RUNS:-3}
against 'combined: python3 re, json' python3 'python3 convert.py "$log"' combined.log
against 'combined: goaccess' goaccess 'goaccess "$log" --log-format=COMBINED --no-global-config --no-progress -o report.json' combined.log
against 'combined: lnav, counted' lnav "lnav -n -c ';SELECT cs_method, sc_status, count(*) FROM access_log GROUP BY 1, 2' \"\$log\"" combined.log
members='log_time, c_ip, cs_username, cs_method, cs_uri_stem, cs_uri_query, cs_version, sc_status, sc_bytes, cs_referer, cs_user_agent'
against 'combined: lnav, as JSON lines' lnav "lnav -n -c ';SELECT $members FROM access_log' -c ':write-jsonlines-to -' \"\$log\"" combined.log
against 'JSON: jq -c, five members' jq "jq -c '[.time, .request_method, .request_uri, .status, .request_time]' \"\$log\"" json.log
against 'JSON: mlr cut, five members' mlr 'mlr --ijsonl --ojsonl cut -f time,request_method,request_uri,status,request_time "$log"' json.log
against 'JSON, one in a thousand: jq -c' jq \
	"jq -c 'select(.status == 503 and .request_method == \"DELETE\" and (.request_uri | startswith(\"/api/v2/\")))' \"\$log\"" json.log "$few"
against 'logfmt: python3 re, json' python3 'python3 logfmt.py "$log"' logfmt.log
printf 'peak memory: %s kB, of %s lines %s kB\n' "$(peak athena-src-apilog -q json.log)" $((lines / 10)) "$(peak athena-src-apilog -q json-tenth.log)"
