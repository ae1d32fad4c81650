#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# store: athena-store against what people load NDJSON into SQLite with, the same EVENTS (200,000) made up here. A
# peer that is not installed is left out, and said. Usage: store.sh [EVENTS]
# shellcheck disable=SC2016 # the commands are expanded where they run
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/bench/pair.bash"
PATH=${ATHENA_BIN:-$here/build/bin}:$PATH
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
awk -v n="${1:-200000}" -f "$here/tests/bench/events.awk" >events.ndjson || exit 1
columns='id TEXT, source_id TEXT, timestamp TEXT, kind TEXT, content TEXT, actor TEXT, metadata TEXT, UNIQUE(source_id, id)'
cat >load.py <<'P'
import json, sqlite3, sys
db = sqlite3.connect("peer.db")
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE e(%s)" % sys.argv[1])
db.execute("CREATE INDEX t ON e(timestamp)")
rows = (json.loads(l) for l in open("events.ndjson"))
db.executemany("INSERT OR IGNORE INTO e VALUES(?,?,?,?,?,?,?)", ((r["id"], r["source_id"], r["timestamp"], r["kind"],
	r["content"], r.get("actor"), json.dumps(r.get("metadata"))) for r in rows))
db.commit()
P
cat >load.sql <<P
PRAGMA journal_mode=WAL;
CREATE TABLE e($columns);
CREATE INDEX t ON e(timestamp);
.mode csv
.import /dev/stdin e
P
export columns
fresh='rm -f peer.db* athena.db*'
ours='athena-store athena.db <events.ndjson'
echo "$(wc -l <events.ndjson) events, $(wc -c <events.ndjson) bytes; athena-store, peer, how many times faster"
if command -v sqlite-utils >/dev/null; then
	RUNS=${RUNS:-3} pair 'sqlite-utils insert --nl --pk --ignore' "$ours" \
		'sqlite-utils insert peer.db e events.ndjson --nl --pk source_id --pk id --ignore' "$fresh"
else
	echo 'sqlite-utils: not installed'
fi
pair 'python3 json, executemany' "$ours" 'python3 load.py "$columns"' "$fresh"
pair 'jq @csv | sqlite3 .import' "$ours" \
	'jq -r "[.id,.source_id,.timestamp,.kind,.content,.actor,(.metadata|tojson)]|@csv" events.ndjson | sqlite3 -init load.sql peer.db' "$fresh"
rm -f athena.db* && athena-store athena.db <events.ndjson
pair 'a replay, against a first pass' "$ours" 'rm -f first.db*; athena-store first.db <events.ndjson'
