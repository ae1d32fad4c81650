# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # what a world is made of is for whoever loads this
# What faults/run and chaos/matrix have in common: a source with something to tell, a sink, and the look at
# what has become of both. In a folder of its own; F is the cursor, d.db the database.
#
#	world git|github|slack|logs   the input is there, its beginning; SOURCE is the command that reads it
#	grow                      more has happened
#	run_store                 SOURCE | athena-store; statuses in S (source) and T (sink), messages in err
#	look                      WRONG: F is ahead of d.db, or that is not sound; ROWS: what is stored
#	compare STRAIGHT.db       LOST and MORE than in a straight run
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
	WORLD=$1 GROWN=0 SEEN=
	"world_$1"
}
grow() {
	GROWN=$((GROWN + 1))
	"grow_$WORLD" "${1:-4}"
	[ -z "$SEEN" ] || witness
}

# settled: so much time passes that the source has looked at everything again, at the latest in its second run from now
settled() {
	[ "$WORLD" != slack ] || { tell '{"do":"wait","step":90000}' && witness && witness; }
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

# serve NAME CONFIG: the mock server of that name. What is gone from it a straight run cannot tell any more, so
# somebody who misses nothing looks each time that something has happened: SEEN is that database.
serve() {
	mkdir mock
	python3 -B "$tests/mock/$1.py" "$PWD/mock" "$2" >mock/said 2>&1 &
	MOCK_PID=$!
	until [ -s mock/url ]; do kill -0 $MOCK_PID || return 1; sleep 0.02; done
	MOCK_URL=$(cat mock/url)
	SEEN=$PWD/seen.db
	export XDG_CACHE_HOME=$PWD/cache XDG_STATE_HOME=$PWD/state
}
witness() {
	XDG_CACHE_HOME=$PWD/seen.cache XDG_STATE_HOME=$PWD/seen.state "${SOURCE[@]}" --cursor seen.cursor |
		athena-store -q "$SEEN"
}

tell() { curl -sS --fail-with-body -o told --data-binary "[$1]" "$MOCK_URL/_mock/act"; }

# happen N: so many things happen at the server
happen() { tell "{\"do\":\"random\",\"n\":$1,\"seed\":$GROWN}"; }

world_github() {
	serve github '{"cap":3,"limit":10000000,"ops":[{"do":"random","n":12,"seed":1}]}' || return
	export GITHUB_TOKEN=ghp_${MARK:-x}
	SOURCE=(athena-src-github -q --api-url "$MOCK_URL" octo/hello)
	CONFIG="type = github
	repo = octo/hello
	api-url = $MOCK_URL"
	witness
}
grow_github() { happen "$1"; }

world_slack() {
	serve slack '{"cap":3,"ops":[{"do":"random","n":12,"seed":1}]}' || return
	export SLACK_BOT_TOKEN=xoxb-${MARK:-x}
	SOURCE=(athena-src-slack -q --api-url "$MOCK_URL")
	CONFIG="type = slack
	api-url = $MOCK_URL"
	witness
}
grow_slack() { happen "$1"; }

# A log to which lines are added, the last perhaps not whole yet; it is renamed, or copied and emptied, or the one
# before is compressed. Nothing of it is destroyed.
world_logs() {
	mkdir logs
	AT=0 PART=
	: >logs/a.log
	lines_logs 12
	SOURCE=(athena-src-apilog -q "$PWD/logs/a.log")
	CONFIG="type = apilog
	file = $PWD/logs/a.log"
}
lines_logs() {
	local i line
	for ((i = 0; i < $1; i++)); do
		AT=$((AT + 1))
		printf -v line '10.0.0.%d - - [24/Nov/2026:%02d:%02d:%02d +0000] "GET /n/%d HTTP/1.1" %d %d "-" "curl/8"\n' \
			$((AT % 256)) $((AT / 3600 % 24)) $((AT / 60 % 60)) $((AT % 60)) $AT $((200 + AT % 4 * 100)) $AT
		printf %s "$PART$line"
		PART=
	done >>logs/a.log
}
shift_logs() {
	local i
	for ((i = $(find logs -name 'a.log.*' | wc -l); i > 0; i--)); do
		if [ -f logs/a.log.$i ]; then mv logs/a.log.$i logs/a.log.$((i + 1))
		else mv logs/a.log.$i.gz logs/a.log.$((i + 1)).gz; fi
	done
}
grow_logs() {
	lines_logs "$1"
	[ -s logs/a.log ] || return 0
	case $((GROWN % 8)) in
	1) PART='' && printf '10.0.0.9 - - [24/Nov/2026' >>logs/a.log && PART=':23:00:00 +0000] "GET /whole HTTP/1.1" 200 1 "-" "curl/8"'$'\n' ;;
	3 | 6) shift_logs && mv logs/a.log logs/a.log.1 && : >logs/a.log ;;
	4) shift_logs && cp logs/a.log logs/a.log.1 && : >logs/a.log && lines_logs 1 ;;
	5) gzip -n logs/a.log.1 ;;
	esac
}

# world_end: whatever the world started
world_end() {
	[ -z "${MOCK_PID:-}" ] || { kill "$MOCK_PID" && wait "$MOCK_PID"; } 2>/dev/null || MOCK_PID=
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
run_exit() {
	env "${SOURCE_ENV[@]}" "${SOURCE[@]}" --cursor F --commit=exit 2>src.err | cat >>out.ndjson
	S=${PIPESTATUS[0]} T=0
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

# STORED: what is stored, a row an event, without what tells when it came.
KEPT='source_id, id, kind, timestamp, content, actor, session_id, revision, files_changed, lines_added, lines_deleted,
	context, metadata'
STORED="SELECT json_array($KEPT) FROM events ORDER BY source_id, id"
sqlite() { sqlite3 -init /dev/null -batch -cmd '.timeout 5000' "$@" 2>&1; }

# look: WRONG is what is not sound of F and d.db, empty where all is; ROWS the sum of what is stored.
look() {
	local known tables
	WRONG='' ROWS=''
	position F
	[ -s d.db ] || { [ -z "$POSITION" ] || WRONG='a cursor and no database'; return 0; }
	{ read -r WRONG; read -r tables; } < <(sqlite d.db "PRAGMA integrity_check;
		SELECT count(*) FROM sqlite_schema WHERE name = 'positions'")
	[ "$WRONG" = ok ] || return 0
	WRONG=
	[ "$tables" = 1 ] || { [ -z "$POSITION" ] || WRONG='a cursor and an empty database'; return 0; }
	ROWS=$(sqlite d.db "SELECT count(*) FROM positions WHERE position = '$POSITION'; $STORED")
	read -r known <<<"$ROWS"
	[ -z "$POSITION" ] || [ "$known" = 1 ] || WRONG='the cursor is ahead of the database'
	ROWS=$(cksum <<<"${ROWS#*$'\n'}")
}

# compare STRAIGHT.db: d.db has each row of it (in LOST, the first that it has not), and nothing else (MORE) but what
# was there once and is gone: a commit before a force-push, a message that was deleted. Slack's messages are as they
# were when they were first seen or edited: what is counted there, and a preview's revision, depend on the runs, and a
# preview that came while the cursor was lost is never known to be one.
TALLY="json_remove(metadata, '\$.reactions', '\$.reply_count', '\$.reply_users_count', '\$.latest_reply', '\$.is_locked',
	'\$.thread_ts', '\$.attachments')"
compare() {
	local kept=$KEPT rows
	case $WORLD in
	slack) kept=${kept//revision/NULL} && kept=${kept//metadata/$TALLY} ;;
	github) kept=${kept//revision/revision / 10} ;; # that which was seen before, and differs, has a microsecond more
	esac
	rows="SELECT json_array($kept) FROM events"
	sqlite d.db "$rows" | sort >got
	sqlite "$1" "$rows" | sort >want
	: >once
	[ -z "$SEEN" ] || sqlite "$SEEN" "$rows; SELECT json_array($kept) FROM event_history" | sort -u >once
	LOST=$(comm -13 got want | head -n 1)
	MORE=$(comm -23 got want | comm -23 - once | head -n 1)
}
