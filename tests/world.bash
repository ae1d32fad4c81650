# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # what a world is made of is for whoever loads this
# What faults/run and chaos/matrix have in common: a source with something to tell, a sink, and the look at
# what has become of both. In a folder of its own; F is the cursor, d.db the database.
#
#	world git                 the input is there, its beginning; SOURCE is the command that reads it
#	grow                      more has happened
#	run_store                 SOURCE | athena-store; statuses in S (source) and T (sink), messages in err
#	look && rows              F is not ahead of d.db, which is sound; what is stored
set -u
bin=${ATHENA_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/bin}
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$bin:$PATH
unset CDPATH "${!GIT_@}" "${!XDG_@}" "${!FAULT_@}"
export LC_ALL=C TZ=UTC GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
# shellcheck source=tests/pipe.bash
. "$tests/pipe.bash"

# ---- sources ----

# history REPO FROM TO: commits FROM..TO on main, one file each, every tenth a merge of a side line.
history() {
	awk -v from="$2" -v to="$3" 'BEGIN {
		for (i = from; i <= to; i++) {
			side = i % 10 == 5
			printf "commit refs/heads/%s\nmark :%d\n", side ? "side" : "main", i
			printf "author A <a@example.org> %d +0000\n", 1600000000 + i * 60
			printf "committer C <c@example.org> %d +0000\n", 1600000000 + i * 60
			m = "change " i "\n"; printf "data %d\n%s", length(m), m
			if (i == from && from > 1) printf "from refs/heads/main^0\n"
			else if (side && i > from) printf "from :%d\n", i - 1
			else if (i % 10 == 6 && i > from) printf "from :%d\nmerge :%d\n", i - 2 < from ? i - 1 : i - 2, i - 1
			t = "line " i "\n"; printf "M 100644 inline f%d\ndata %d\n%s\n", i % 50, length(t), t
		}
	}' | git -C "$1" -c fastimport.unpackLimit=1 fast-import --quiet --force
}

world() {
	WORLD=$1 GROWN=0
	"world_$1"
}
grow() {
	GROWN=$((GROWN + 1))
	"grow_$WORLD" "${1:-4}"
}

# CONFIG is what `athena sync` is to know of the source.
world_git() {
	git init -q --bare -b main repo
	AT=0
	grow_git 12
	SOURCE=(athena-src-git -q "$PWD/repo")
	CONFIG="type = git
	repo = $PWD/repo"
}
grow_git() {
	history repo $((AT + 1)) $((AT + $1))
	AT=$((AT + $1))
}

world_github() {
	mkdir mock
	python3 -B "$tests/mock/github.py" "$PWD/mock" \
		'{"cap":3,"ops":[{"do":"random","n":12,"seed":1}]}' >mock/said 2>&1 &
	MOCK_PID=$!
	until [ -s mock/url ]; do kill -0 $MOCK_PID || return 1; sleep 0.02; done
	MOCK_URL=$(cat mock/url)
	export GITHUB_TOKEN=ghp_${MARK:-x}
	SOURCE=(athena-src-github -q --api-url "$MOCK_URL" octo/hello)
	CONFIG="type = github
	repo = octo/hello
	api-url = $MOCK_URL"
}
grow_github() {
	curl -sS --fail-with-body -o told --data-binary "[{\"do\":\"random\",\"n\":$1,\"seed\":$GROWN}]" "$MOCK_URL/_mock/act"
}

# world_end: whatever the world started
world_end() {
	[ -z "${MOCK_PID:-}" ] || { kill "$MOCK_PID" && wait "$MOCK_PID"; } 2>/dev/null
	MOCK_PID=
}

# ---- sinks: run_SINK; SINK_ENV is put before the sink's programs, SOURCE_ENV before the source ----

SOURCE_ENV=() SINK_ENV=()
run_store() {
	env "${SOURCE_ENV[@]}" "${SOURCE[@]}" --cursor F 2>src.err | env "${SINK_ENV[@]}" athena-store -q d.db 2>sink.err
	S=${PIPESTATUS[0]} T=${PIPESTATUS[1]}
}
run_commit() {
	env "${SOURCE_ENV[@]}" "${SOURCE[@]}" --cursor F 2>src.err |
		env "${SINK_ENV[@]}" athena-commit -q --batch 3 --rejects rejects --keep-control -- \
			athena-store -q --no-ack d.db 2>sink.err
	S=${PIPESTATUS[0]} T=${PIPESTATUS[1]}
}
run_file() {
	env "${SOURCE_ENV[@]}" "${SOURCE[@]}" --cursor F >>out.ndjson 2>src.err
	S=$? T=0
	: >sink.err
}
run_sync() {
	[ -f config/athena/config ] || sync_config
	env XDG_CONFIG_HOME="$PWD/config" XDG_STATE_HOME="$PWD/state" "${SINK_ENV[@]}" athena-sync -q --deadline=0 2>sink.err
	S=0 T=$?
	: >src.err
}
sync_config() {
	mkdir -p config/athena state
	printf '[store]\n\tdatabase = %s/d.db\n[source "one"]\n\t%s\n\tcursor = %s/F\n' \
		"$PWD" "$CONFIG" "$PWD" >config/athena/config
}

# ---- what has become of it ----

# position FILE: the hash of a cursor file of ours, which is its canonical form and a newline.
position() {
	local text=
	POSITION=
	[ ! -s "$1" ] || { read -r text <"$1" && POSITION=$(printf %s "$text" | sha256sum) && POSITION=${POSITION%% *}; }
}

# look: WRONG is what is not sound of F and d.db, empty where all is; ROWS what is stored, without what tells
# when it came.
look() {
	local known tables
	WRONG='' ROWS=''
	position F
	[ -s d.db ] || { [ -z "$POSITION" ] || WRONG='a cursor and no database'; return 0; }
	{ read -r WRONG; read -r tables; } < <(sqlite3 -init /dev/null -batch d.db "PRAGMA integrity_check;
		SELECT count(*) FROM sqlite_schema WHERE name = 'positions'" 2>&1)
	[ "$WRONG" = ok ] || return 0
	WRONG=
	[ "$tables" = 1 ] || { [ -z "$POSITION" ] || WRONG='a cursor and an empty database'; return 0; }
	ROWS=$(sqlite3 -init /dev/null -batch d.db "SELECT count(*) FROM positions WHERE position = '$POSITION';
		SELECT source_id, id, kind, timestamp, content, actor, session_id, revision, files_changed, lines_added,
			lines_deleted, context, metadata FROM events ORDER BY source_id, id" 2>&1)
	read -r known <<<"$ROWS"
	[ -z "$POSITION" ] || [ "$known" = 1 ] || WRONG='the cursor is ahead of the database'
	ROWS=$(cksum <<<"${ROWS#*$'\n'}")
}
