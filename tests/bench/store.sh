#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# store: athena-store against what people load NDJSON into SQLite with, the same EVENTS (200,000) made up here, with the same
# key and an index on time. What was loaded is counted after every run: a database that lacks a row ends the bench. A
# peer that is not installed is left out, and said. Usage: store.sh [EVENTS]
# GROWTH=10 also loads so many millions into one database, and compares the last with the first. It needs 1 GB a million.
# shellcheck disable=SC2016,SC2154 # the commands are expanded where they run; here and work are of pair.bash
set -u
. "$(dirname "$0")/pair.bash"
cd "$work" || exit 1
events=${1:-200000}
awk -v n="$events" -f "$here/tests/bench/events.awk" >events.ndjson || exit 1
export columns='id TEXT, source_id TEXT, timestamp TEXT, kind TEXT, content TEXT, actor TEXT, metadata TEXT, UNIQUE(source_id, id)'
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
cat >update.py <<'P'
import json, sqlite3
db = sqlite3.connect("peer.db")
rows = (json.loads(l) for l in open("second.ndjson"))
db.executemany("INSERT INTO e VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET timestamp = excluded.timestamp, kind = excluded.kind,"
	" content = excluded.content, actor = excluded.actor, metadata = excluded.metadata", ((r["id"], r["source_id"], r["timestamp"],
	r["kind"], r["content"], r.get("actor"), json.dumps(r.get("metadata"))) for r in rows))
db.commit()
P
cat >load.js <<'P'
const db = require('better-sqlite3')('peer.db');
db.pragma('journal_mode = WAL');
db.exec(`CREATE TABLE e(${process.argv[2]}); CREATE INDEX t ON e(timestamp)`);
const add = db.prepare('INSERT OR IGNORE INTO e VALUES(?,?,?,?,?,?,?)');
db.transaction(() => {
	for (const line of require('fs').readFileSync('events.ndjson', 'utf8').split('\n')) {
		if (!line) continue;
		const r = JSON.parse(line);
		add.run(r.id, r.source_id, r.timestamp, r.kind, r.content, r.actor, JSON.stringify(r.metadata));
	}
})();
db.close();
P
cat >load.sql <<P
PRAGMA journal_mode=WAL;
CREATE TABLE e($columns);
CREATE INDEX t ON e(timestamp);
.mode csv
.import /dev/stdin e
P
cat >ready.py <<'P'
import csv, json, sys
out = csv.writer(sys.stdout, lineterminator="\n")
for l in sys.stdin:
	r = json.loads(l)
	out.writerow((r["id"], r["source_id"], r["timestamp"], r["kind"], r["content"], r["actor"], json.dumps(r["metadata"])))
P

# holds DB TABLE EVENTS: ends the bench where it does not hold so many; how large it is is kept.
holds() {
	local rows
	rows=$(sqlite3 -batch -init /dev/null "$1" "SELECT count(*) FROM $2" 2>&1)
	equal "rows of $1" "$3" "$rows"
	[ "$1" != athena.db ] || our_bytes=$(stat -c %s "$1")
	[ "$1" != peer.db ] || peer_bytes=$(stat -c %s "$1")
}
# fresh: what the run before this one has loaded is complete, and goes.
fresh() {
	if [ -e athena.db ]; then
		holds athena.db events "$events"
	elif [ -e peer.db ]; then
		holds peer.db e "$events"
	elif [ -n "$begun" ]; then
		echo 'store: a run has left no database' >&2
		exit 1
	fi
	begun=yes
	rm -f athena.db* peer.db*
}
# against NAME PEER: how much faster ours is, and whether both have loaded all of it.
against() {
	begun=''
	pair "$1" "$ours" "$2" fresh
	fresh
	sizes+=$(printf '%-46s %8d bytes an event on disk' "$1" $((peer_bytes / events)))$'\n'
}
# needs COMMAND NAME: is it there?
needs() { eval "$1" >/dev/null 2>&1 || { echo "$2: not installed"; false; }; }

ours='athena-store athena.db <events.ndjson'
sizes=''
echo "$events events, $(wc -c <events.ndjson) bytes; athena-store, peer, how many times faster"
needs 'sqlite-utils --version' sqlite-utils && RUNS=${RUNS:-3} against 'sqlite-utils insert --nl --pk --ignore' \
	'sqlite-utils insert peer.db e events.ndjson --nl --pk source_id --pk id --ignore'
needs 'python3 --version' python3 && against 'python3 json, executemany' 'python3 load.py "$columns"'
needs 'node -e "require(\"better-sqlite3\")"' 'node better-sqlite3' && against 'node better-sqlite3' 'node load.js "$columns"'
needs 'jq --version' jq && against 'jq @csv | sqlite3 .import' \
	'jq -r "[.id,.source_id,.timestamp,.kind,.content,.actor,(.metadata|tojson)]|@csv" events.ndjson | sqlite3 -init load.sql peer.db'
python3 ready.py <events.ndjson >events.csv && against 'sqlite3 .import of ready CSV' 'sqlite3 -init load.sql peer.db <events.csv'
rm -f athena.db* events.csv && athena-store athena.db <events.ndjson
pair 'a replay, against a first pass' "$ours" 'rm -f first.db*; athena-store first.db <events.ndjson'
holds athena.db events "$events"
holds first.db events "$events"
rm -f first.db*

# every event again, with a higher revision and another text
revised() {
	rm -f athena.db* peer.db*
	cp first.db athena.db
	cp first-peer.db peer.db
}
if needs 'python3 --version' python3; then
	rm -f athena.db*
	sed 's/"content":"Fix/"revision":2,"content":"Mend/' events.ndjson >second.ndjson
	athena-store first.db <events.ndjson
	python3 load.py "$columns" && mv peer.db first-peer.db
	rm -f peer.db-*
	pair 'every event revised: python3, an upsert' 'athena-store athena.db <second.ndjson' 'python3 update.py' revised
	revised
	athena-store athena.db <second.ndjson
	holds athena.db "events WHERE revision = 2 AND content LIKE 'Mend%'" "$events"
	rm -f athena.db* peer.db* first* second.ndjson
fi

split -n l/2 events.ndjson half.
begun=''
pair 'two stores at once, against one by one' 'athena-store athena.db <half.aa & athena-store athena.db <half.ab; wait' \
	'athena-store athena.db <half.aa; athena-store athena.db <half.ab' fresh
fresh
printf '%-46s %8d bytes an event on disk\n%s' 'athena-store, which keeps every member' $((our_bytes / events)) "$sizes"

# growth ORDER [EACH]: the first and the last of GROWTH millions into one database, in sources of EACH.
growth() {
	local seconds
	rm -f athena.db* seconds
	awk -v n=$((GROWTH * 1000000)) -v order="$1" -v each="${2-}" -f "$here/tests/bench/events.awk" | split -l 1000000 --filter='cat >part
		bash -c "TIMEFORMAT=%R; time athena-store athena.db <part" 2>>seconds' -
	holds athena.db events $((GROWTH * 1000000))
	seconds=$(awk 'NR == 1 { first = $1 } END { printf "first %.2f s, last %.2f s, %.2f times as long", first, $1, $1 / first }' seconds)
	printf '%-46s %s; %d bytes an event\n' "$GROWTH millions into one database, ids $1${2:+, $2 a source}" "$seconds" $((our_bytes / GROWTH / 1000000))
}
if [ "${GROWTH:-0}" -gt 0 ]; then
	rm -f events.ndjson half.*
	growth sorted
	growth random 100000
	growth random
fi
