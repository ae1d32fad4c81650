#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-github against a mock of GitHub: that every object comes out exactly once whatever happens, what was
# asked of the server, and how often.
load helper
load mock/mock

setup() {
	need jq python3 curl sqlite3
	unset "${!GH_@}" "${!GITHUB_@}"
	export GITHUB_TOKEN=ghp_secret
}
teardown() { mock_stop; }

# A bit of everything, in pages of at most two.
LIFE='{"do":"commit","message":"first"},{"do":"commit","message":"second\n\nwhy"},{"do":"issue","title":"bug one","body":"it \u0000 breaks"},
{"do":"issue","title":"two","body":null,"user":null},{"do":"pull","title":"fix"},{"do":"comment","number":1},{"do":"comment","number":3,"body":""},
{"do":"review","number":3},{"do":"review","number":3,"state":"CHANGES_REQUESTED","body":"no"},{"do":"review","number":3,"state":"PENDING"},
{"do":"review_comment","number":3},{"do":"label","number":1},{"do":"merge","number":3},{"do":"close","number":1},
{"do":"release","tag":"v1"},{"do":"release","tag":"v2","name":"Two"},{"do":"release","tag":"v3","draft":true},
{"do":"discussion"},{"do":"discuss","number":4},{"do":"discuss","number":4,"reply_to":0,"user":null},{"do":"answer","number":4}'

live() { mock_start github "{\"cap\":${1:-2},\"ops\":[$LIFE]}"; }

github() { athena-src-github --api-url "$MOCK_URL" "$@" octo/hello; }

# into DB [OPTION...]: a run into the store, with the cursor DB.cursor.
into() {
	local db=$1
	shift
	set -o pipefail
	github --cursor "$db.cursor" "$@" | athena-store "$db.db"
	set +o pipefail
}

# What stands in a database, but for the titles in facts about issues: those are of the time when they were told.
ids() {
	sql "$1.db" "SELECT id || CASE WHEN id LIKE 'event/%' THEN '' ELSE ' ' || content END FROM events
		WHERE kind NOT LIKE 'source.%' ORDER BY id"
}

# complete DB: the database holds what a run from the start sees now, each with its latest content.
complete() {
	rm -rf straight.*
	into straight --cache "$PWD/straight.cache" 2>straight.said || fail "straight: $(cat straight.said)"
	diff <(ids straight) <(ids "$1") || fail "$1 is not complete"
}

@test "a repository's life, as events" {
	live
	github >out
	golden athena-src-github.ndjson out
}

@test "the second run of an idle repository asks a handful, all unchanged, and says nothing" {
	live 100
	into a
	forget_asked
	github --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines'
	jq -e '.final and .events == 0 and .next == .prev' out >/dev/null
	[ "$(asked | wc -l)" -le 11 ] || fail "asked: $(asked)"
	same 'POST /graphql 200' "$(asked | grep -v ' 304$')" 'not answered 304'
}

@test "output does not depend on --jobs" {
	live
	github --jobs 1 --cache c1 >one
	github --jobs 8 --cache c8 >eight
	cmp one eight
}

@test "what is new comes once, what was edited comes as a revision" {
	live
	into a
	local op n=0
	for op in '{"do":"edit","number":1,"title":"bug 1"}' '{"do":"edit","number":1,"title":"bug 2","step":0}' \
		'{"do":"review","number":3,"state":"COMMENTED"},{"do":"review","number":3,"state":"APPROVED","step":0}' \
		'{"do":"dismiss","n":0}' '{"do":"edit_comment","n":0,"body":"edited"}' '{"do":"edit_review_comment","n":0,"body":"edited"}' \
		'{"do":"submit_review","n":2}' '{"do":"edit_release","n":0,"body":"new notes"}' '{"do":"discuss","number":4,"body":"more"}' \
		'{"do":"comment","number":2},{"do":"comment","number":2,"step":0},{"do":"reopen","number":1}'; do
		act "$op"
		into a
		n=$((n + 1))
		complete a
		github --cursor a.cursor >out
		same 1 "$(wc -l <out)" "lines of a quiet run after $op"
	done
	same 10 "$n" 'changes'
	same 1 "$(sql a.db "SELECT count(*) FROM event_history WHERE id = 'issue/1/opened' AND revision % 1000000 = 1")" \
		'edited twice within a second'
}
