# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests of athena-src-github share; after helper and mock/mock.

github_setup() {
	need jq python3 curl sqlite3
	unset "${!GH_@}" "${!GITHUB_@}"
	export GITHUB_TOKEN=ghp_$MARK
}

# A bit of everything, in pages of at most two.
LIFE='{"do":"commit","message":"first"},{"do":"commit","message":"second\n\nwhy"},{"do":"issue","title":"bug one","body":"it \u0000 breaks"},
{"do":"issue","title":"two","body":null,"user":null},{"do":"pull","title":"fix"},{"do":"comment","number":1},{"do":"comment","number":3,"body":""},
{"do":"review","number":3},{"do":"review","number":3,"state":"CHANGES_REQUESTED","body":"no"},{"do":"review","number":3,"state":"PENDING"},
{"do":"review_comment","number":3},{"do":"label","number":1},{"do":"merge","number":3},{"do":"close","number":1},
{"do":"release","tag":"v1"},{"do":"release","tag":"v2","name":"Two"},{"do":"release","tag":"v3","draft":true},
{"do":"discussion"},{"do":"discuss","number":4},{"do":"discuss","number":4,"reply_to":0,"user":null},{"do":"answer","number":4}'

live() { mock_start github "{\"cap\":${1:-2},\"ops\":[$LIFE]}"; }

github() { athena-src-github --api-url "$MOCK_URL" "$@" octo/hello; }

into() { into_with github "$@"; }

# What stands in a database, but for the titles in facts about issues: those are of the time when they were told.
ids() {
	sql "$1.db" "SELECT id || CASE WHEN id LIKE 'event/%' THEN '' ELSE ' ' || replace(content, char(10), ' ') END FROM events
		WHERE kind NOT LIKE 'source.%'" | sort
}

# complete DB: the database holds what a run from the start sees now, each with its latest content.
complete() {
	local got=0
	rm -rf straight.*
	into straight --cache "$PWD/straight.cache" 2>straight.said || got=$?
	[ "$got" = 0 ] || fail "the straight run ended with $got: $(cat straight.said)" || return
	ids straight >straight.ids
	ids "$1" >"$1.ids"
	[ -s straight.ids ] || fail 'the straight run found nothing' || return
	same '' "$(comm -23 straight.ids "$1.ids")" "missing in $1" || fail "$1 is not complete" || return
	# what a force-push dropped is known to those who saw it
	same '' "$(comm -13 straight.ids "$1.ids" | sed '/^commit\//d')" "more in $1 than there is" || fail "$1 is wrong"
}

# ends CODE WORDS [OPTION...]: the run exits so and says so, once.
ends() {
	local want=$1 words=$2 got=0
	shift 2
	github "$@" >out 2>said || got=$?
	same "$want" "$got" "exit status; said: $(cat said)"
	grep -q -- "$words" said || fail "no '$words' in: $(cat said)"
	same 1 "$(wc -l <said)" "lines said: $(cat said)"
}
