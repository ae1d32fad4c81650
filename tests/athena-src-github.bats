#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-github against a mock of GitHub: what comes out, what was asked of the server, and how often. That nothing is
# lost or doubled whatever happens is github-complete.bats; what a server may do wrong is github-server.bats.
load helper
load mock/mock
load mock/github

setup() { github_setup; }
teardown() { mock_stop; }

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

# ---- names ----

@test "a renamed repository keeps its source, is said once, and is not read again" {
	live 100
	into a
	act '{"do":"rename","name":"other/world"}' '{"do":"issue","title":"after"}'
	forget_asked
	into a 2>said
	contains "$(cat said)" 'other/world'
	same 'github:octo/hello' "$(sql a.db 'SELECT DISTINCT source_id FROM events')"
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.renamed'")"
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE content LIKE 'after%'")"
	[ "$(asked | wc -l)" -le 14 ] || fail "asked: $(asked)"
	set -o pipefail
	athena-src-github --api-url "$MOCK_URL" --cursor a.cursor Other/World >out
	same 1 "$(wc -l <out)" 'by its new name'
	same 'github:octo/hello#5' "$(sql a.db "SELECT session_id FROM events WHERE content LIKE 'after%'")"
}

@test "a cursor of another repository, of the same name too, is refused" {
	live
	into a
	cp a.cursor before
	mock_stop
	mock_start github '{"id":7}'
	run -78 --separate-stderr github --cursor a.cursor
	mock_stop
	mock_start github '{"id":8,"name":"octo/other"}'
	run -78 athena-src-github --api-url "$MOCK_URL" --cursor a.cursor octo/other
	cmp a.cursor before
}

# ---- what the server may say ----

@test "a repository that cannot be read: each with its sentence and its code" {
	mock_start github
	act '{"do":"gone","path":"","status":451,"message":"blocked"}'
	ends 69 'legal'
	act '{"do":"gone","path":"","status":404,"message":"Not Found"}'
	ends 69 'private'
	GITHUB_TOKEN='' ends 69 'GITHUB_TOKEN'
	act '{"do":"back","path":""}'
	fault '{"status":401,"body":"{\"message\":\"Bad credentials\"}"}'
	ends 77 '(Bad credentials): is it expired, or of another host? Make a new one'
	fault '{"status":403,"headers":{"X-GitHub-SSO":"required; url=https://github.com/orgs/x/sso"},"body":"{}"}'
	ends 77 'orgs/x/sso'
	fault '{"status":200,"body":"[]"}'
	ends 65 'api-url'
	fault '{"at":[1,2,3,4,5,6],"how":"html"}'
	ends 75 'no JSON' --retries 1
	run -64 athena-src-github octo
	run -64 athena-src-github octo/hello other/hello
	run -64 athena-src-github octo/../x
	run -64 github --events push,stars
}

@test "issues disabled, no commit yet, activity unknown: nothing to read, and no failure" {
	mock_start github '{"ops":[{"do":"flag","has_issues":false,"has_discussions":false},{"do":"release"},{"do":"gone","path":"activity","status":404}]}'
	github >out 2>said
	same release.published "$(jq -r .kind out)"
	contains "$(cat said)" 'Issues has been disabled'
	contains "$(cat said)" 'no commit yet'
}

@test "a token that may not read one list: 77, and the others are read" {
	live
	act '{"do":"gone","path":"releases","status":403,"message":"Resource not accessible by personal access token"}'
	ends 77 'not accessible' --cursor f
	[ "$(jq -r .kind out | sort -u | wc -l)" -gt 12 ]
	same false "$(last_checkpoint out | jq .final)"
	ends 77 'not accessible' --events releases
	github --events issues >out
}

@test "discussions need a token: left out with a note, or 77 where they are asked for" {
	live
	unset GITHUB_TOKEN
	github 2>said >out
	contains "$(cat said)" 'token'
	same '' "$(jq -r 'select(.kind | startswith("discussion")) | .id' out)"
	ends 77 'token' --events discussions
}

@test "the quota is used up: 75 at once where waiting is beyond the deadline" {
	live
	act '{"do":"quota","limit":6,"used":3}'
	SECONDS=0
	ends 75 'quota is used up' --deadline 30s --cursor f --metrics m
	[ "$SECONDS" -lt 15 ]
	[ "$(sed -n 's/^athena_.*retry[a-z_]*{.*} //p' m | cut -d. -f1)" -gt "$(date +%s)" ]
	athena-store a.db <out
	forget_asked
	ends 75 'was told to wait' --deadline 30s --cursor f
	same '' "$(asked)" 'asked though that run was told to wait'
	rm "$HOME"/.local/state/athena/http-*.lock
	act '{"do":"quota","limit":5000}'
	set -o pipefail
	github --cursor f | athena-store a.db
	complete a
}

@test "a secondary limit: waits as long as it says, then goes on" {
	live
	fault '{"at":4,"status":403,"headers":{"Retry-After":"1"},"body":"{\"message\":\"You have exceeded a secondary rate limit\"}"}' \
		'{"at":8,"status":429,"headers":{"Retry-After":"1"}}'
	into a --jobs 1
	complete a
	local waits
	waits=$(asked '"\(.at) \(.status)"' | awk 'last == 403 || last == 429 { if ($1 - at < 0.9) print "too soon" } { last = $2; at = $1 }')
	same '' "$waits"
}

@test "reviews of many pull requests come in one query, and no event tells how" {
	local ops='{"do":"many","n":30,"what":{"do":"pull","title":"change %d"}},{"do":"review","number":9,"user":null}' number
	for number in 1 2 3 4 5 6 7 8; do
		ops+=",{\"do\":\"review\",\"number\":$number,\"user\":\"r${number}[bot]\"},{\"do\":\"review\",\"number\":$number,\"state\":\"PENDING\"}"
	done
	ops+=',{"do":"many","n":60,"what":{"do":"review","number":10,"body":"%d"}}'
	mock_start github "{\"ops\":[$ops]}"
	github --events pull_request >together
	[ "$(asked | grep -c reviews)" -le 2 ] || fail "asked: $(asked)"
	same 1 "$(asked | grep -c graphql)" 'queries'
	GITHUB_TOKEN='' github --events pull_request --cache c1 >each
	cmp together each
	[ "$(jq -r 'select(.kind == "review.submitted") | .id' each | wc -l)" = 69 ]
	mock_stop
	mock_start github "{\"no_query\":[\"reviews\"],\"ops\":[$ops]}"
	github --events pull_request --cache c2 >old 2>said
	cmp together old
	same '' "$(cat said)"
}

@test "no more requests at a time than --jobs" {
	mock_start github "{\"delay\":0.02,\"cap\":2,\"ops\":[$LIFE,{\"do\":\"random\",\"n\":40,\"seed\":2}]}"
	github --jobs 3 >out
	same 3 "$(asked .flying | sort -n | tail -n 1)" 'at a time'
	forget_asked
	github --jobs 1 --cache c >out
	same 1 "$(asked .flying | sort -n | tail -n 1)" 'at a time'
}

# ---- the token ----

@test "the token goes to the API and nowhere else" {
	live
	export GITHUB_TOKEN=ghp_very_secret
	github -v --cursor f --metrics m >out 2>said
	same 'Bearer ghp_very_secret' "$(asked .headers.authorization | sort -u)"
	same '2022-11-28' "$(asked 'select(.method == "GET") | .headers["x-github-api-version"]' | sort -u)"
	contains "$(asked '.headers["user-agent"]' | sort -u)" athena/
	! grep -r secret . "$HOME" || fail 'written down'
	local first=$MOCK first_pid=$MOCK_PID first_url=$MOCK_URL
	mock_start github '{"name":"octo/hello"}'
	local other=$MOCK other_url=$MOCK_URL other_pid=$MOCK_PID
	MOCK=$first MOCK_URL=$first_url MOCK_PID=$first_pid
	fault "{\"match\":\"/releases\",\"status\":302,\"headers\":{\"Location\":\"$other_url/repos/octo/hello/releases\"}}"
	github --events releases --cache c >out
	same null "$(jq -r .headers.authorization "$other/log")" 'at the other server'
	fault '{"match":"/releases","status":200,"headers":{"Link":"<http://127.0.0.1:1/x>; rel=\"next\""},"body":"[]"}'
	ends 65 'next page' --events releases --cache c2
	fault '{"match":"/releases","status":302,"headers":{"Location":"http://example.org/"}}'
	ends 65 'not followed' --events releases --cache c3
	kill "$other_pid"
	run -78 athena-src-github --api-url http://example.org octo/hello
	(umask 077 && printf 'ghp_from_file\n' >token)
	forget_asked
	github --token-file token >out
	same 'Bearer ghp_from_file' "$(asked .headers.authorization | sort -u)"
	run -78 github --token-file no/such
	contains "$output" 'No such file or directory; write the token into it, and chmod 600 it'
	run -78 github --token-file <(:)
	same 'athena-src-github: the command that is to print the token printed none: did it fail?' "$output"
}

@test "TLS is verified" {
	need openssl
	MOCK=$PWD/tls
	mkdir tls
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls/key.pem -out tls/cert.pem -days 3650 \
		-subj /CN=mock -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	mock_again github "{\"ops\":[$LIFE]}"
	ends 69 'not trusted'
	github --cacert tls/cert.pem >out
	[ "$(wc -l <out)" -gt 20 ]
	ends 78 'no certificate' --cacert "$REPO_ROOT/LICENSE"
}

# ---- options ----

@test "--offline maps again what the cache has" {
	live
	github >online
	mock_stop
	github --offline >offline
	cmp online offline
	run -66 github --offline --cache empty
}

@test "--events and --branch that are widened later bring what was left out" {
	live
	into a --events issues
	same '' "$(sql a.db "SELECT id FROM events WHERE kind LIKE 'pull%' OR kind = 'commit'")"
	into a --events issues,pull_request
	into a
	complete a
	into a --events push
	act '{"do":"issue","title":"while not looked at"}'
	into a --events push
	into a
	complete a
}

@test "--since: only what happened then, and an earlier one later brings the rest" {
	live
	into a --since 2024-05-01T12:10:00Z
	same '' "$(sql a.db "SELECT id FROM events WHERE timestamp < '2024-05-01T12:10:00Z'")"
	github --since 2024-05-01T12:10:00Z | jq -r .id | sort >since
	github | jq -r 'select(.timestamp >= "2024-05-01T12:10:00Z") | .id' | sort | diff - since
	into a --since 2024-05-01
	complete a
}

@test "--since 1970-01-01 is all there is, though GitHub takes that for nothing" {
	live
	github >all
	github --since 1970-01-01 >out
	same "$(wc -l <all)" "$(wc -l <out)"
}

@test "--since that is lowered in a run of other --events: the rest is gone back for as well, once it is asked for" {
	live
	into a --since 2024-05-01T12:10:00Z
	into a --since 2024-05-01 --events push
	into a --since 2024-05-01
	complete a
}

@test "--limit: the oldest events, and with a cursor each run goes on" {
	live
	github >all
	local n
	for n in 0 1 7 1000; do
		github --limit "$n" >out
		jq -s 'sort_by(.timestamp) | .[:'"$n"'] | map(.timestamp)' all >want
		jq -s 'map(.timestamp)' out | diff want -
	done
	for n in {1..30}; do
		into a --limit 2 2>said
		[ "$(sql a.db 'SELECT count(*) FROM events')" -lt "$(wc -l <all)" ] || break
	done
	[ "$n" -gt 5 ] || fail "complete after $n runs"
	complete a
}

@test "--check: a line for each thing, and the worst code" {
	live
	github --check >out
	same '' "$(grep -v '^ok ' out)"
	contains "$(cat out)" 'classic personal access token from GITHUB_TOKEN, with the scopes repo'
	contains "$(github --check --token-file <(echo "$GITHUB_TOKEN"))" 'token from the command that prints it, with'
	contains "$(cat out)" 'requests an hour are left'
	act '{"do":"gone","path":"pulls/","status":403,"message":"Resource not accessible"}'
	run -77 --separate-stderr github --check
	contains "$output" $'\npulls: this token may not read it'
	contains "$output" $'\nok releases'
}

@test "--plan: how many requests, and how long" {
	mock_start github '{"ops":[{"do":"many","n":250,"what":{"do":"issue"}},{"do":"many","n":30,"what":{"do":"pull"}}]}'
	github --plan >out
	contains "$(cat out)" 'issues: 280 items, 3 requests'
	contains "$(cat out)" 'pulls: 30 items, 2 requests, with their reviews'
	grep -q '^requests: about 13$' out
	[ "$(asked | wc -l)" -le 13 ] || fail "$(asked)"
}
