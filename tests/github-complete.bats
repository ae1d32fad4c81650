#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-github: every object comes out exactly once, whatever happens on the way.
load helper
load mock/mock
load mock/github

setup() { github_setup; }
teardown() { mock_stop; }

@test "complete though things change on the way: each request meets another change" {
	mock_start github '{"cap":3,"ops":[{"do":"random","n":60,"seed":1}]}'
	local n
	for n in 1 2 3 4 5 6; do
		fault "{\"at\":[2,3,5,7,9,12,15,19,24,30,37,45],\"act\":[{\"do\":\"random\",\"n\":2,\"seed\":$n}]}"
		into a
	done
	calm
	into a
	complete a
}

@test "complete is no word for a straight run that fails, or finds nothing" {
	live
	into a
	fault '{"at":2,"status":401}'
	run complete a
	same 1 "$status"
	contains "$output" 'the straight run ended with 77: '
	contains "$output" 'the token is refused'
	mock_stop
	mock_start github '{}'
	into b
	run complete b
	same 1 "$status"
	contains "$output" 'the straight run found nothing'
}

@test "complete with page numbers only, and with a server that takes since as after" {
	local config n
	for config in '"issue_cursors":false' '"inclusive":false'; do
		mock_start github "{\"cap\":3,$config,\"ops\":[{\"do\":\"random\",\"n\":50,\"seed\":7}]}"
		rm -f a.*
		for n in 1 2 3; do
			fault "{\"at\":[2,4,8,13,19],\"act\":[{\"do\":\"random\",\"n\":3,\"seed\":$n}]}"
			into a
		done
		calm
		into a
		complete a
		mock_stop
	done
}

@test "more things in one second than fit on a page: none is lost when one of them moves" {
	mock_start github '{"cap":3,"issue_cursors":false,"ops":[{"do":"many","n":14,"what":{"do":"issue","title":"%d","step":0}}]}'
	# while its pages are read, something on the first one moves behind all
	fault '{"at":2,"match":"/issues?","act":[{"do":"edit","number":1,"body":"moved"}]}' \
		'{"at":3,"match":"/issues?","act":[{"do":"edit","number":2,"body":"moved"}]}'
	into a --events issues
	into a --events issues
	same 14 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'issue.opened'")"
	same 2 "$(sql a.db "SELECT count(*) FROM events WHERE content LIKE '%moved'")"
}

@test "more things in one second than fit on a page: none is lost where all that was shown was of no use" {
	mock_start github '{"cap":2,"issue_cursors":false,"ops":[{"do":"pull","step":0},{"do":"pull","step":0},{"do":"issue","step":0},
		{"do":"pull","step":0},{"do":"pull","step":600}]}'
	fault '{"at":3,"match":"/issues?","act":[{"do":"edit","number":1,"body":"moved"}]}'
	into a --events issues
	same issue/3/opened "$(sql a.db "SELECT id FROM events WHERE kind = 'issue.opened'")"
	# nor where the run ends before it has looked again
	mock_stop
	rm a.*
	mock_start github '{"cap":2,"issue_cursors":false,"ops":[{"do":"pull","step":0},{"do":"pull","step":0},{"do":"issue","step":0},
		{"do":"pull","step":0},{"do":"pull","step":600}]}'
	fault '{"at":3,"match":"/issues?","act":[{"do":"edit","number":1,"body":"moved"}]}' '{"at":[4,5,6],"match":"/issues?","status":502}'
	ends 75 'the server fails' --events issues --retries 0 --cursor a.cursor
	athena-store -q a.db <out
	into a --events issues
	same issue/3/opened "$(sql a.db "SELECT id FROM events WHERE kind = 'issue.opened'")"
}

@test "complete after a budget that ends every run early" {
	mock_start github '{"cap":4,"ops":[{"do":"random","n":60,"seed":3}]}'
	local n=0 got=75
	while [ "$got" = 75 ]; do
		n=$((n + 1))
		[ "$n" -le 50 ] || fail 'it does not come to an end'
		got=0
		github --cursor a.cursor --max-requests 13 2>said >out || got=$?
		athena-store a.db <out 2>>stored
	done
	same 0 "$got" 'the last run'
	[ "$n" -gt 1 ] || fail "over after $n runs"
	complete a
}

@test "a small budget: each run goes on where the last one ended, and the last one ends well" {
	live
	local budget n got
	into straight
	for budget in 6 8 10 12 16; do
		rm -f a.*; n=0 got=75
		while [ "$got" = 75 ]; do
			[ $((n += 1)) -le 15 ] || fail "$budget: it does not come to an end"
			got=0
			github --cursor a.cursor --max-requests $budget 2>said >out || got=$?
			athena-store -q a.db <out
		done
		same 0 "$got" "$budget: $(cat said)"
		complete a
		# what came since is found by the next round, whichever list it is in
		act '{"do":"issue","title":"late"}' '{"do":"comment","number":1}' '{"do":"release","tag":"v'$budget'"}'
		for n in {1..15}; do
			if github --cursor a.cursor --max-requests $budget 2>said >out; then got=0; else got=$?; fi
			athena-store -q a.db <out
			[ "$got" = 75 ] || break
		done
		same 0 "$got" "$budget, later: $(cat said)"
		complete a
	done
	# too small for anything
	for n in 1 2; do
		got=0
		github --cursor b.cursor --max-requests 1 2>said >out || got=$?
		athena-store -q b.db <out
		same 75 "$got"
	done
	grep -q 'this run got on with nothing, as the next one will: --max-requests has to be higher' said
}

# rounds N OPTION...: runs until one is no 75; $codes is what they ended with.
rounds() {
	local most=$1 got=75 n=0
	shift
	codes=
	while [ "$got" = 75 ]; do
		[ $((n += 1)) -le "$most" ] || fail "no end: $codes, $(cat said)"
		got=0
		github --cursor a.cursor "$@" 2>said >out || got=$?
		athena-store -q a.db <out
		codes="$codes $got"
	done
}

@test "a small budget, and a list that fails in each run: the others are read, and what is refused is said in each round" {
	local codes
	live
	fault '{"at":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30],"match":"/issues?","status":502}'
	github --cursor a.cursor --max-requests 10 --retries 2 2>said | athena-store -q a.db
	for _ in 1 2 3 4; do github --cursor a.cursor --max-requests 10 --retries 2 2>said | athena-store -q a.db; done
	same 3 "$(sql a.db "SELECT count(DISTINCT kind) FROM events WHERE kind IN ('release.published', 'issue.comment', 'discussion.created')")"
	! grep 'has to be higher' said || fail 'the budget is not to blame'
	calm
	rounds 9 --max-requests 10
	complete a
	# for good: 75 while others are left, then 77, and the same in the next round
	forget_asked
	fault '{"at":[1,2,3,4,5,6,7,8,9,10,11,12],"match":"/issues?","status":403}'
	rounds 9 --max-requests 8
	same 77 "${codes##* }" "all: $codes"
	rounds 9 --max-requests 8
	same 77 "${codes##* }" "all: $codes"
}

@test "a token that is refused in mid-run is said once" {
	live
	fault '{"at":[4,5,6,7,8,9,10,11,12],"status":401}'
	ends 77 'the token is refused' --cursor a.cursor
}

@test "another branch in the middle of a round is another round" {
	live
	act '{"do":"branch","branch":"b"}' '{"do":"commit","message":"on b","branch":"b"}'
	local codes
	github --cursor a.cursor --max-requests 8 --branch main 2>said | athena-store -q a.db
	rounds 9 --max-requests 8 --branch main --branch b
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'commit' AND content = 'on b'")"
}

@test "a budget that is used up does not wait for a limit" {
	live
	fault '{"at":8,"status":403,"headers":{"Retry-After":"600"},"body":"{}"}'
	run -75 timeout -s KILL 60 athena-src-github --api-url "$MOCK_URL" --max-requests 8 octo/hello
}

@test "a page that needs more requests than the budget has is read in parts" {
	mock_start github '{"ops":[{"do":"many","n":24,"what":{"do":"pull","title":"change %d"}}]}'
	local n=0 got=75 number
	for number in {1..24}; do act "{\"do\":\"review\",\"number\":$number}"; done
	while [ "$got" = 75 ]; do
		n=$((n + 1))
		[ "$n" -le 6 ] || fail 'it does not come to an end'
		got=0
		github --cursor a.cursor --events pull_request --max-requests 12 2>said >out || got=$?
		athena-store a.db <out 2>>stored
		same '' "$(jq -r 'select(.kind) | .id' out | sort | uniq -d)" 'given out twice in one run'
	done
	same '24 24' "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'review.submitted'") $(sql a.db \
		"SELECT count(*) FROM events WHERE kind = 'pull_request.opened'")"
}

@test "complete after kills at any moment" {
	mock_start github '{"cap":2,"delay":0.01,"ops":[{"do":"random","n":50,"seed":4}]}'
	local n
	set -o pipefail
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		act "{\"do\":\"random\",\"n\":1,\"seed\":$n}"
		cut_short $((n % 2 ? 9 : 15)) "0.$((n * 37 % 40 + 10))" athena-src-github --api-url "$MOCK_URL" --cursor a.cursor \
			--jobs 2 octo/hello 2>said | store_cut a.db
	done
	into a 2>/dev/null
	complete a
}

@test "faults: tried again, and nothing is lost or doubled" {
	mock_start github '{"cap":3,"ops":[{"do":"random","n":60,"seed":5}]}'
	fault '{"at":3,"status":502,"body":"<html>"}' '{"at":5,"how":"reset"}' '{"at":7,"how":"truncate"}' '{"at":9,"how":"html"}' \
		'{"at":11,"how":"badjson"}' '{"at":13,"status":500}' '{"at":14,"status":503,"headers":{"Retry-After":"1"}}'
	into a --metrics m
	complete a
	# a reset of a connection that was used before may be libcurl's own business
	[ "$(sed -n 's/^athena_.*retries[a-z_]*{.*} //p' m)" -ge 6 ] || fail "$(grep retries m)"
}

@test "a list that fails stays where it is, and the others go on" {
	mock_start github '{"ops":[{"do":"random","n":40,"seed":6}]}'
	fault '{"at":[1,2,3],"match":"/pulls?","status":502}'
	github --cursor a.cursor -q --retries 0 >out 2>said || same 75 "$?"
	contains "$(cat said)" 'pulls: the server fails at pages of'
	[ "$(grep -c . said)" = 1 ] || fail "said more than once: $(cat said)"
	same '' "$(jq -r 'select(.kind == "pull_request.opened") | .id' out)"
	same false "$(last_checkpoint out | jq .final)"
	athena-store a.db <out
	into a
	complete a
}

# ---- commits ----

commits() { sql a.db "SELECT count(*) FROM events WHERE kind = 'commit'"; }

@test "commits are known by what reaches what: old dates, merges, rewritten branches" {
	mock_start github '{"cap":2,"ops":[{"do":"commit"},{"do":"commit"},{"do":"commit"},{"do":"branch","branch":"side"}]}'
	into a --events push
	same 3 "$(commits)"
	act '{"do":"commit","branch":"side","at":1000000000,"message":"old"},{"do":"commit","branch":"side","at":4000000000,"message":"future"}'
	into a --events push
	same 3 "$(commits)" 'of the default branch alone'
	act '{"do":"commit"},{"do":"merge_branch","branch":"side"}'
	forget_asked
	into a --events push
	same 7 "$(commits)" 'merged late'
	same '' "$(asked | grep '/commits?')" 'the list is not read again'
	act '{"do":"force","back":3}'
	into a --events push
	same 8 "$(commits)" 'after a force-push'
	into a --events push --branch side --branch main 2>/dev/null
	same 8 "$(commits)" 'another branch of which all is known'
}

@test "a branch whose past is gone from the server: from an older base, and else said" {
	mock_start github '{"cap":2,"ops":[{"do":"commit"},{"do":"commit"},{"do":"commit"}]}'
	into a --events push
	act '{"do":"force","back":2,"forget":true}'
	into a --events push
	same 4 "$(commits)"
	act '{"do":"vanish","keep":30}'
	into a --events push 2>said
	contains "$(cat said)" 'no longer on the server'
	same 30 "$(sql a.db "SELECT count(*) FROM events WHERE content = 'from scratch'")" 'all that the server has'
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.rewritten'")"
	github --cursor a.cursor --events push >out 2>said
	same '1 0' "$(wc -l <out) $(wc -l <said)" 'and no more'
}

@test "a page of commits that is not there: each run ends, and the next one comes to the rest" {
	local what n
	mock_start github '{"cap":2,"ops":[{"do":"many","n":9,"what":{"do":"commit"}}]}'
	for what in 404 422; do # all of the list, then one page in the middle of it
		rm -f a.*
		fault "{\"at\":[1,2,3,4,5,6],\"match\":\"/commits?\",\"status\":$what}"
		run -75 timeout 60 athena-src-github --api-url "$MOCK_URL" --events push --cursor a.cursor octo/hello
		contains "$output" "commits of main: a page is not there ($what "
		calm
	done
	fault '{"at":[1,2,3,4],"match":"page=3","status":404}'
	github --events push --cursor a.cursor >out 2>said || same 75 $?
	athena-store -q a.db <out
	same 4 "$(commits)"
	github --events push --cursor a.cursor >out 2>said || same 75 $?
	athena-store -q a.db <out
	calm
	into a --events push
	same 9 "$(commits)"
	# a server that lists no more than so many pages
	mock_stop
	mock_start github '{"cap":2,"page_cap":3,"ops":[{"do":"many","n":9,"what":{"do":"commit"}}]}'
	into b --events push 2>said
	contains "$(cat said)" 'the server does not list what is older than this'
	same 6 "$(sql b.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
	same 1 "$(sql b.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off' AND content LIKE 'commits: %'")"
	act '{"do":"commit"}'
	into b --events push
	same 7 "$(sql b.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
}

@test "a comparison that the server does not show to its end: the list of commits has the rest, down to what is known" {
	local what
	for what in '"pages":0,"status":422' '"pages":1,"status":422' '"pages":1,"status":404' '"pages":1,"status":500' '"most":2'; do
		rm -f a.*
		mock_start github "{\"cap\":2,\"compare\":{$what},\"ops\":[{\"do\":\"many\",\"n\":9,\"what\":{\"do\":\"commit\"}}]}"
		into a --events push
		act '{"do":"branch","branch":"old"}' '{"do":"many","n":3,"what":{"do":"commit"}}' \
			'{"do":"commit","branch":"old","at":1000000000}' '{"do":"merge_branch","branch":"old"}'
		forget_asked
		into a --events push --retries 0 2>said
		same 14 "$(commits)" "$what"
		contains "$(cat said)" 'the list of commits is read instead' "$what"
		# all that is older than the commit with the old date had to be looked at, what is older than the known head not
		same 0 "$(sql a.db "SELECT count(*) FROM events WHERE kind LIKE 'source.%'")" 'nothing is missing'
		act '{"do":"many","n":5,"what":{"do":"commit"}}'
		forget_asked
		github --cursor a.cursor --events push --retries 0 >out 2>said
		same 5 "$(jq -r 'select(.kind == "commit") | .id' out | sort -u | wc -l)" "$what: once more"
		same 3 "$(asked | grep -c '/commits?')" 'no more of the list than that'
		athena-store -q a.db <out
		github --cursor a.cursor --events push >out 2>said
		same '1 0' "$(wc -l <out) $(wc -l <said)" 'and no more'
		mock_stop
	done
}

@test "what a list that is not read to its end gave out is no base for a comparison" {
	mock_start github '{"cap":2,"ops":[{"do":"many","n":3,"what":{"do":"commit"}}]}'
	into a --events push
	act '{"do":"vanish","keep":12}'
	fault '{"at":[1,2,3,4,5,6],"match":"page=3","status":404}'
	github --events push --cursor a.cursor >out 2>said || same 75 $?
	athena-store -q a.db <out
	same 7 "$(commits)" 'three that are gone, and four of the list'
	calm
	# where it was left is gone too, and the second of what it gave out is still there
	act '{"do":"force","back":1,"forget":true}'
	into a --events push 2>said
	same 16 "$(commits)"
}

@test "a head that not all of the server knows yet is none that was rewritten" {
	mock_start github '{"ops":[{"do":"commit"}]}'
	into a --events push
	act '{"do":"commit"}'
	fault '{"match":"/compare/","at":1,"status":404}' '{"match":"/commits?","at":1,"status":404}'
	ends 75 'a page is not there' --events push --cursor a.cursor
	same push "$(jq -r 'select(.kind) | .kind' out)"
	athena-store -q a.db <out
	into a --events push
	same '2 0' "$(commits) $(sql a.db "SELECT count(*) FROM events WHERE kind LIKE 'source.%'")"
}

@test "a branch that is not there" {
	mock_start github '{"ops":[{"do":"commit"},{"do":"branch","branch":"a/b c"}]}'
	run -78 --separate-stderr github --branch no/such --events push
	contains "${stderr:-}" 'no/such'
	github --branch 'a/b c' --events push >out
	same '["a/b c"]' "$(jq -cs 'map(.context.branch) | unique' out)"
	into a --events push --branch 'a/b c'
	act '{"do":"delete_branch","branch":"a/b c"}'
	into a --events push --branch 'a/b c' 2>said
	contains "$(cat said)" deleted
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE content LIKE 'deleted a/b c%'")"
}
