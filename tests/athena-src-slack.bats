#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-slack against a mock of Slack: that the database holds what the workspace does, whatever happens, what
# was asked of the server, and how often.
load helper
load mock/mock

setup() {
	need jq python3 curl sqlite3
	unset "${!SLACK_@}"
	export SLACK_BOT_TOKEN=xoxb-secret
}
teardown() { mock_stop; }

slack() { athena-src-slack --api-url "$MOCK_URL" "$@"; }

# into DB [OPTION...]: a run into the store, with the cursor DB.cursor.
into() {
	local db=$1
	shift
	set -o pipefail
	slack --cursor "$db.cursor" "$@" | athena-store "$db.db"
	set +o pipefail
}

# What stands in a database, as the model's truth has it: "live ID CONTENT" for what was not deleted, and so on.
held() {
	sql "$1.db" "
		SELECT CASE WHEN EXISTS (SELECT 1 FROM events d WHERE d.id = e.id || '/deleted') THEN 'gone ' || id
			ELSE 'live ' || id || ' ' || CASE WHEN content LIKE '[file]%' THEN '' ELSE content END END
		FROM events e WHERE kind IN ('message', 'reply')
		UNION ALL
		SELECT CASE WHEN content LIKE 'took back%' THEN 'unreacted ' ELSE 'reaction ' END || replace(id, '%3A', ':')
		FROM events e WHERE kind = 'reaction' AND NOT EXISTS (SELECT 1 FROM events d WHERE d.id = substr(e.id, 1, instr(e.id, '/reaction') - 1) || '/deleted')" |
		sort
}

# complete DB: nothing is missing in it that is there, and what is gone is known to be gone.
complete() {
	curl -sS "$MOCK_URL/_mock/truth" | sort >truth
	held "$1" >held
	# what came and went between two runs nobody could see
	same '' "$(comm -23 <(grep -v '^gone\|^unreacted' truth) held)" "missing in $1" || fail "$1 is not complete"
	same '' "$(comm -13 truth held)" "more in $1 than there is" || fail "$1 is wrong"
}

# A bit of everything, on pages of at most three.
LIFE='{"do":"post","text":"hi <@U0ACM00001> &amp; <#C0ACM00004>","means":"hi @Ann & #general"},{"do":"post","text":"second"},{"do":"reply","n":0,"text":"late"},
{"do":"reply","n":0,"text":"shown","broadcast":true},{"do":"react","n":1},{"do":"react","n":1,"user":"ann","name":"wave::skin-tone-3"},
{"do":"file","name":"a.png"},{"do":"edit","n":1,"text":"second, edited"},{"do":"many","n":5,"what":{"do":"post","text":"m%d"}},
{"do":"reply","n":1,"text":"one"},{"do":"delete","n":1},{"do":"channel","name":"secret","kind":"private"},
{"do":"post","channel":"secret","text":"hush"},{"do":"channel","name":"dm","kind":"im","user":"bob"},
{"do":"post","channel":"dm","text":"psst"},{"do":"channel","name":"away","member":false},{"do":"post","channel":"away","text":"unseen"}'

live() { mock_start slack "{\"cap\":${1:-3},\"ops\":[$LIFE]}"; }

# ---- whole ----

@test "a workspace's life, as events" {
	live
	slack >out
	golden athena-src-slack.ndjson out
}

@test "the second run of an idle workspace asks once a channel, and says nothing" {
	live 999
	into a
	complete a
	forget_asked
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines'
	jq -e '.final and .events == 0 and .next == .prev' out >/dev/null
	same 5 "$(asked | wc -l)" 'requests for three channels'
}

@test "what is new, edited, deleted, reacted to: once each, and the next run is quiet" {
	live
	into a
	local op n=0
	for op in '{"do":"post","text":"new"}' '{"do":"reply","n":2,"text":"to an old one"}' '{"do":"reply","n":3,"text":"late"}' \
		'{"do":"edit","n":3,"text":"edited"}' '{"do":"edit","n":3,"text":"edited again","step":0}' '{"do":"unfurl","n":4}' \
		'{"do":"delete","n":5}' '{"do":"react","n":4}' '{"do":"unreact","n":4}' '{"do":"react","n":4}' \
		'{"do":"reply","n":4,"text":"x","broadcast":true}' '{"do":"delete","n":4}' '{"do":"post","channel":"dm","text":"/ \\ \u0000 \u202e"}'; do
		act "$op"
		into a
		n=$((n + 1))
		[ "$n" = 13 ] || complete a
		slack --cursor a.cursor >out
		same 1 "$(wc -l <out)" "lines of a quiet run after $op"
	done
	same 13 "$n" 'changes'
}

# ---- complete, whatever happens ----

@test "complete though things change on the way: each request meets another change" {
	mock_start slack '{"cap":3,"short":3,"ops":[{"do":"random","n":60,"seed":1}]}'
	local n
	for n in 1 2 3 4 5 6; do
		fault "{\"at\":[2,3,5,7,9,12,15,19,24,30,37,45],\"act\":[{\"do\":\"random\",\"n\":2,\"seed\":$n}]}"
		into a
	done
	calm
	act '{"do":"wait","step":90000}'
	into a
	complete a
}

@test "complete after a budget that ends every run early" {
	mock_start slack '{"cap":4,"ops":[{"do":"channel","name":"b"},{"do":"random","n":80,"seed":3}]}'
	local n=0 got=75
	while [ "$got" = 75 ]; do
		n=$((n + 1))
		[ "$n" -le 50 ] || fail 'it does not come to an end'
		got=0
		slack --cursor a.cursor --max-requests 7 2>said >out || got=$?
		athena-store a.db <out 2>>stored
	done
	same 0 "$got" 'the last run'
	[ "$n" -gt 3 ] || fail "over after $n runs"
	complete a
}

@test "complete after kills at any moment" {
	mock_start slack '{"cap":3,"delay":0.01,"ops":[{"do":"channel","name":"b"},{"do":"random","n":80,"seed":4}]}'
	local n
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		act "{\"do\":\"random\",\"n\":1,\"seed\":$n}"
		{ timeout -s $((n % 2 ? 9 : 15)) "0.$((n * 37 % 40 + 10))" athena-src-slack --api-url "$MOCK_URL" --cursor a.cursor \
			2>/dev/null || true; } | athena-store a.db 2>/dev/null || true
	done
	act '{"do":"wait","step":90000}'
	into a 2>/dev/null
	complete a
}

@test "faults: tried again, and nothing is lost or doubled" {
	mock_start slack '{"cap":3,"ops":[{"do":"random","n":60,"seed":5}]}'
	fault '{"at":3,"status":502,"body":"<html>"}' '{"at":5,"how":"reset"}' '{"at":7,"how":"truncate"}' '{"at":9,"how":"html"}' \
		'{"at":11,"how":"badjson"}' '{"at":13,"status":200,"body":"{\"ok\":false,\"error\":\"internal_error\"}"}' \
		'{"at":14,"status":429,"headers":{"Retry-After":"1"},"body":"{\"ok\":false,\"error\":\"ratelimited\"}"}' \
		'{"at":16,"status":200,"body":"{\"ok\":false,\"error\":\"invalid_cursor\"}"}'
	into a --metrics m
	complete a
	[ "$(sed -n 's/^athena_.*retries[a-z_]*{.*} //p' m)" -ge 5 ] || fail "$(grep retries m)"
}

@test "an app of the smallest tier: one request at a time, fifteen messages a page" {
	mock_start slack '{"cap":15,"tiers":{"conversations.history":[1,1],"conversations.replies":[1,1]},"ops":[
		{"do":"many","n":40,"what":{"do":"post","text":"m%d"}},{"do":"reply","n":3},{"do":"reply","n":30}]}'
	into a 2>said
	complete a
	contains "$(cat said)" 'once a minute'
	# it learns the pace: not every request is refused first
	[ "$(asked .status | grep -c 429)" -le 4 ] || fail "$(asked)"
}
