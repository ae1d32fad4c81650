#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The lines of the README run as they stand; only where they name a machine's folders, a host or a name of one's own is that changed.
load helper
load mock/mock

setup() { need git jq sqlite3 python3; }

# block PATTERN [N]: the N-th indented block, 1 is the first, below the line of the README that the pattern is in.
block() {
	awk -v pattern="$1" -v want="${2:-1}" '!on { on = index($0, pattern) > 0; next }
		/^    / { if (!inside) n++; inside = 1; if (n == want) print substr($0, 5); next }
		{ if (inside && n >= want) exit; inside = 0 }' "$REPO_ROOT/README.md"
}

# runs PATTERN [N] [SED...]: that block as a script.
runs() {
	local pattern=$1 n=$2
	shift 2
	block "$pattern" "$n" >script
	[ -s script ] || fail "no such block: $pattern $n"
	[ $# -eq 0 ] || sed -i "$@" script
	bash -euo pipefail -x ./script </dev/null >out 2>err || { cat err >&2; return 1; }
}

# The one of a test that has two, and then the last.
teardown() {
	[ -z "${pid:-}" ] || MOCK=$folder MOCK_PID=$pid mock_stop
	[ -z "${MOCK_PID:-}" ] || mock_stop
}

@test "the first lines" {
	repo_new "$HOME/src/project"
	repo_commit "$HOME/src/project" one f
	runs 'nothing has to be configured' 1
	same commit "$(jq -r .kind out)"
	runs 'nothing has to be configured' 1
	same 1 "$(sql data.db 'SELECT count(*) FROM events')"
	rm data.db git.cursor
	runs 'with a repository of your own' 1 's,^export,true,; s,^athena help,: &,'
	same commit "$(head -n 1 out | jq -r .kind)"
}

@test "a team's GitHub and Slack in one database" {
	local team github slack # and folder and pid, for teardown
	team="A team's GitHub and Slack"
	mkdir -p "$HOME/.config/athena" bin
	mock_start github '{"name":"owner/project","ops":[{"do":"random","n":12,"seed":1}]}'
	github=$MOCK_URL folder=$MOCK pid=$MOCK_PID
	mock_start slack '{"team":"T02ABCDEF","ops":[{"do":"post","text":"the release is out","user":"ann"}]}'
	slack=$MOCK_URL
	block "$team" 1 | sed "s|^ *type = github|&\n api-url = $github|; s|^ *type = slack|&\n api-url = $slack/api|" >"$HOME/.config/athena/config"
	printf '#!/bin/sh\necho ghp_%s\n' "$MARK" >bin/gh
	chmod +x bin/gh
	PATH=$PWD/bin:$PATH
	(umask 077 && echo "xoxb-$MARK" >"$HOME/.config/athena/slack.token")
	"$FIXTURES/slack-export" "$HOME/acme-export.zip" <<<'{"channels.json":[{"id":"C9","name":"old"}],"users.json":[],
		"old/2024-01-31.json":[{"type":"message","ts":"1706702400.000100","user":"U1","text":"an old release"}]}'
	runs "$team" 2
	same 'github slack' "$(sql "$HOME/athena.db" "SELECT group_concat(t, ' ') FROM (SELECT DISTINCT source_type AS t FROM events ORDER BY 1)")"
	same 'an old release|the release is out' "$(athena query --source team --match release --format ndjson | jq -r .content | sort | paste -sd '|')"
	rm "$HOME/.config/athena/slack.token" bin/gh
}

@test "nginx's log from cron, and without a database" {
	mkdir -p nginx
	cp "$FIXTURES/apilog/combined.log" nginx/access.log
	block "nginx's log from cron" 1 | sed -n 's|^\*/5 \* \* \* \* *||p' | sed "s|/var/log/nginx|$PWD/nginx|" >line
	# as cron does, twice, and with a rotation between
	env -i HOME="$HOME" PATH="$ATHENA_BIN:/usr/bin:/bin" /bin/sh -c "$(cat line)" >said 2>&1
	mv nginx/access.log nginx/access.log.1
	tail -n 3 nginx/access.log.1 >nginx/access.log
	env -i HOME="$HOME" PATH="$ATHENA_BIN:/usr/bin:/bin" /bin/sh -c "$(cat line)" >>said 2>&1
	same '' "$(cat said)"
	athena-src-apilog -q nginx/access.log.1 | jq -s length >first
	same $(($(cat first) + 3)) "$(athena-query --count "$HOME/web.db")"
	runs "nginx's log from cron" 2 "s|/var/log/nginx|nginx|"
	same "$(athena-src-apilog -q --status 5xx nginx/access.log* | jq -r .content)" "$(grep -v '^{"hour":' out)"
	same "$(sql "$HOME/web.db" "SELECT count(*) FROM events WHERE outcome = 'failure'")" "$(grep '^{"hour":' out | jq -s 'map(.events) | add')"
}

@test "five hundred repositories, of which one is none" {
	for i in 1 2 3 4; do
		repo_new "$HOME/src/r$i"
		repo_commit "$HOME/src/r$i" "one of $i" f
	done
	git clone -q --bare "$HOME/src/r1" "$HOME/src/bare"
	git -C "$HOME/src/bare" remote remove origin # else it is r1 by another way
	mkdir "$HOME/src/none"
	# without pipefail, as a shell is
	block 'Five hundred repositories' 1 >script
	bash ./script >out 2>err
	contains "$(cat err)" "src/none/: no git repository here or above"
	same 5 "$(athena-query --count all.db)"
	same 5 "$(jq -s length out)"
}

@test "a source of one's own, a pipeline that is silent, and a filter between" {
	printf '2024-05-01T12:00:00Z,ann,one\n2024-05-01T12:00:01Z,ann,two\n' >rows.csv
	PATH=$EXAMPLES:$PATH
	runs 'A source of your own' 1 's/athena-src-mine --some option/athena-src-csv --file rows.csv/'
	same 0 "$(jq -s 'map(select(.result == "failed")) | length' out)"
	repo_new repo
	repo_commit repo one f
	mkdir -p "$HOME/.config/athena"
	printf '[store]\n database = ~/athena.db\n[source "project"]\n type = git\n repo = %s\n' "$PWD/repo" >"$HOME/.config/athena/config"
	athena sync -q
	runs 'Why is it silent?' 1
	[[ $(cat out) != *'see above'* ]] || fail "$(cat out err)"
	contains "$(cat out)" 'ended well, 1 new'
	runs 'anything that works on lines works in between' 1
	same 1 "$(athena-query --count data.db)"
	[ -s git.cursor ]
}
