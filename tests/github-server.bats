#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-github and lib/http: what a server may do, by mistake, for its protection, or out of malice.
load helper
load mock/mock
load mock/github

setup() { github_setup; }
teardown() { mock_stop; }

pulls() { mock_start github "{${2:-\"cap\":2},\"ops\":[{\"do\":\"many\",\"n\":$1,\"what\":{\"do\":\"pull\",\"title\":\"change %d\"}}]}"; }

count() { sql a.db "SELECT count(*) FROM events WHERE kind = '$1'"; }

@test "what is no list is not taken for the end of one" {
	pulls 9
	fault '{"match":"/pulls?","at":[2,4],"status":200,"body":"{\"message\":\"Server Error\"}"}' \
		'{"match":"/compare/","status":200,"body":"{}"}' '{"match":"/issues?","at":[1,2],"how":"short"}' \
		'{"match":"/graphql","status":200,"body":"{}"}'
	into a --events pull_request,issues
	same 9 "$(count pull_request.opened)"
	fault '{"match":"/releases","at":[1,2,3],"status":200,"body":"\"no\""}'
	ends 75 'fails at pages of' --events releases --retries 0
}

@test "pages that lead in a circle" {
	live 100
	local link="\"headers\":{\"Link\":\"<$MOCK_URL/repositories/4242/%s?per_page=100&after=eHh4>; rel=\\\\\"next\\\\\"\"},\"body\":\"[]\""
	local many='"at":[1,2,3,4,5,6,7,8]' list
	for list in issues releases; do
		# shellcheck disable=SC2059 # the list stands in the link
		fault "{\"match\":\"/$list?\",$many,\"status\":200,$(printf "$link" "$list")}"
		ends 65 circle --events "$list" --cursor "$list"
		same false "$(last_checkpoint out | jq .final)"
		calm
	done
	fault "{\"match\":\"/graphql\",$many,\"status\":200,\"body\":\"{\\\"data\\\":{\\\"repository\\\":{\\\"discussions\\\":{\\\"nodes\\\":[],\\\"pageInfo\\\":{\\\"hasNextPage\\\":true,\\\"endCursor\\\":\\\"MA==\\\"}}}}}\"}"
	ends 65 circle --events discussions
}

@test "a server that fails at large pages is asked for smaller ones, and nothing is left out" {
	mock_start github '{"strong":25,"ops":[{"do":"many","n":30,"what":{"do":"pull"}},{"do":"many","n":60,"what":{"do":"issue"}},
		{"do":"many","n":70,"what":{"do":"comment","number":1,"step":0}},{"do":"many","n":60,"what":{"do":"commit"}},
		{"do":"many","n":30,"what":{"do":"discussion"}}]}'
	into a --retries 0
	[ "$(asked | grep -c ' 502$')" -le 18 ] || fail "$(asked)"
	into straight --retries 0 --cache other 2>straight.said
	same "$(ids straight)" "$(ids a)"
	same '60 30 70 60 30' "$(count issue.opened) $(count pull_request.opened) $(count pull_request.comment) $(count commit) $(
		count discussion.created)"
	mock_stop
	mock_start github '{"strong":20,"ops":[{"do":"issue"}]}'
	ends 75 'fails at pages of 25 items' --retries 0 --events releases
	mock_stop
	pulls 30 '"strong":5,"cap":100'
	github --retries 0 --events pull_request,discussions >out 2>said || same 75 "$?"
	contains "$(cat said)" 'pulls: the server fails at pages of 25'
}

@test "a depth beyond which a list is refused: said once, as an event too, and lists by time are whole" {
	mock_start github '{"cap":2,"page_cap":3,"issue_cursors":false,"ops":[{"do":"many","n":9,"what":{"do":"issue"}},
		{"do":"many","n":9,"what":{"do":"label","number":1}}]}'
	into a --events issues 2>said
	same 9 "$(count issue.opened)"
	same '6 1' "$(count issue.labeled) $(count source.cut_off)"
	same 1 "$(grep -c 'that part is missing' said)"
	into a --events issues 2>said
	same '' "$(cat said)"
	# a page where a run was cut short is none any more
	act '{"do":"many","n":5,"what":{"do":"label","number":1}}'
	into a --events issues --max-requests 5 2>/dev/null || :
	jq -e '.cursor.streams.issue_events.next' a.cursor >next || fail "$(cat a.cursor)"
	fault '{"match":"/issues/events?","status":422}'
	into a --events issues
	same 11 "$(count issue.labeled)"
}

@test "a full last page that has not changed may have got another behind it" {
	mock_start github '{"tag_items":true,"ops":[{"do":"many","n":100,"what":{"do":"issue","step":0}}]}'
	into a --events issues
	act '{"do":"issue","step":0,"title":"the one behind"}'
	into a --events issues
	same 101 "$(count issue.opened)"
}

@test "a change that is dated in the future hides nothing that comes later" {
	mock_start github '{"cap":3,"dated":true,"ops":[{"do":"many","n":5,"what":{"do":"issue"}},{"do":"many","n":5,"what":{"do":"pull"}},
		{"do":"future","number":2},{"do":"future","number":7}]}'
	into a
	act '{"do":"issue","title":"later"}' '{"do":"pull","title":"later too"}' '{"do":"review","number":7}'
	into a
	complete a
	github --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "answers without an end: of bytes, of headers, of time" {
	live 100
	fault '{"match":"/releases","how":"bomb"}'
	ends 65 'over 64 MiB' --events releases
	fault '{"match":"/releases","at":[1,2],"how":"headers"}'
	ends 65 'headers' --events releases
	fault '{"match":"/releases","at":[1,2],"how":"trickle"}'
	ends 75 'Timeout' --events releases --timeout 1s --retries 1
	fault '{"match":"/releases","how":"hang"}'
	SECONDS=0
	ends 75 'deadline' --events releases --deadline 1s
	[ "$SECONDS" -lt 20 ] || fail "an attempt outlived --deadline: $SECONDS s"
}

@test "GraphQL that fails or is limited with status 200" {
	pulls 12 '"cap":100'
	local n reset
	for n in {1..12}; do act "{\"do\":\"review\",\"number\":$n},{\"do\":\"discussion\"}"; done
	fault '{"match":"/graphql","at":[1,2],"status":200,"body":"{\"data\":null,\"errors\":[{\"message\":\"Something went wrong\"}]}"}'
	into a --events pull_request,discussions
	complete a 2>/dev/null || fail "$(cat straight.said)"
	# asked for too much, which is no use to ask for again
	rm a.*
	fault '{"match":"/graphql","at":[1,2,3],"status":200,"body":"{\"data\":{\"repository\":null},\"errors\":[{\"type\":\"NOT_FOUND\",\"message\":\"x\"},{\"type\":\"RESOURCE_LIMITS_EXCEEDED\",\"message\":\"Resource limits for this query exceeded.\"}]}"}'
	into a --events discussions
	same 12 "$(count discussion.created)"
	# limited: what REST has is read all the same
	reset=$(($(date +%s) + 900))
	local limited="{\"match\":\"/graphql\",\"status\":200,\"headers\":{\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\"$reset\"},
		\"body\":\"{\\\"errors\\\":[{\\\"type\\\":\\\"RATE_LIMITED\\\",\\\"message\\\":\\\"API rate limit exceeded\\\"}]}\"}"
	fault "$limited"
	ends 75 'quota is used up' --events releases,issues,discussions --deadline 60s --cursor F --metrics m
	same 24 "$(jq -r 'select(.kind == "issue.opened" or .athena) | .events // empty' out | tail -n 1 | grep -c . | sed 's/1/24/')"
	[ "$(sed -n 's/^athena_retry_at.*} //p' m | cut -d. -f1)" -ge "$reset" ] || fail "$(cat m)"
	rm "$HOME"/.local/state/athena/*.lock
	# it has more than one name
	fault "${limited/RATE_LIMITED/RATE_LIMIT}"
	ends 75 'quota is used up' --events discussions --deadline 60s
	rm "$HOME"/.local/state/athena/*.lock
	# and the other way round
	fault "{\"match\":\"/issues\",\"status\":403,\"headers\":{\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\"$reset\"}}"
	ends 75 'quota is used up' --events issues,discussions --deadline 60s
	same 12 "$(jq -r 'select(.kind == "discussion.created") | .id' out | wc -l)"
	rm "$HOME"/.local/state/athena/*.lock
	fault "${limited/$reset/$(($(date +%s) + 1))}"
	github --events discussions >out 2>said
	same 12 "$(wc -l <out)"
}

@test "a pull request that is gone does not spoil the query for the others" {
	pulls 12 '"cap":100'
	local n
	for n in {1..12}; do act "{\"do\":\"review\",\"number\":$n}"; done
	# it is gone between the list and the query
	fault '{"match":"/graphql","act":[{"do":"delete_pull","number":5}]}'
	forget_asked
	into a --events pull_request
	same '11 1' "$(count review.submitted) $(count pull_request.deleted)"
	same 1 "$(asked | grep -c '/pulls/[0-9]*/reviews')" 'asked one by one'
}

@test "a pull request of this minute whose reviews are not there is no deleted one: the server is late" {
	mock_start github '{"dated":true,"ops":[{"do":"pull"},{"do":"wait","step":600},{"do":"pull"},{"do":"review","number":2}]}'
	fault '{"match":"/pulls/2/reviews","at":1,"status":404,"headers":{"Date":"Wed, 01 May 2024 12:13:10 GMT"}}'
	ends 75 '#2 is listed, and its reviews are not there yet' --events pull_request --cursor F
	into a --events pull_request
	same '2 1 0' "$(count pull_request.opened) $(count review.submitted) $(count pull_request.deleted)"
	act '{"do":"edit","number":1,"title":"late"},{"do":"wait","step":100}'
	fault '{"match":"/pulls/1/reviews","at":1,"status":404,"headers":{"Date":"Wed, 01 May 2024 12:16:00 GMT"}}'
	into a --events pull_request
	same 1 "$(count pull_request.deleted)"
}

@test "reviews that the server showed late are asked for once more" {
	mock_start github '{"step":10,"ops":[{"do":"pull"},{"do":"pull"},{"do":"review","number":1},{"do":"edit","number":2,"title":"b"}]}'
	fault '{"match":"/pulls/1/reviews","at":1,"status":200,"body":"[]"}'
	into a --events pull_request
	same '2 0' "$(count pull_request.opened) $(count review.submitted)"
	into a --events pull_request
	same 1 "$(count review.submitted)"
}

@test "waits are what the server says, in seconds or as a date, and long ones are explained" {
	live 100
	fault "{\"match\":\"/releases\",\"status\":503,\"headers\":{\"Retry-After\":\"$(date -u -d '+2 seconds' '+%a, %d %b %Y %H:%M:%S GMT')\"}}"
	github --events releases >out
	asked '"\(.at) \(.status)"' | awk 'last == 503 && $1 - at < 0.9 { print "too soon"; exit 1 } { last = $2; at = $1 }'
	fault '{"match":"/releases","status":503,"headers":{"Retry-After":"3600"}}'
	ends 75 'deadline' --events releases --deadline 20s
	# what the others do not wait for does not end them
	fault '{"match":"/releases","status":503,"headers":{"Retry-After":"3600"}}'
	ends 75 '/releases?per_page=100: 503 from the server: to go on before' --deadline 60s --metrics m
	same '["discussion","issue","pull_request"]' "$(jq -r '.kind // empty' out | grep -o '^[a-z_]*' |
		jq -Rcs 'split("\n") | map(select(IN("issue", "discussion", "pull_request", "release"))) | unique')"
	[ "$(sed -n 's/^athena_retry_at.*} //p' m | cut -d. -f1)" -gt $(($(date +%s) + 3000)) ] || fail "$(cat m)"
	fault '{"match":"/releases","status":503,"headers":{"Retry-After":"3600"}}'
	athena-src-github --api-url "$MOCK_URL" --events releases octo/hello >out 2>said 3>&- & # a function's pid is not its program's
	local pid=$!
	eventually 20 grep -q 'trying again in 3600 s' said
	kill -TERM "$pid"
	wait "$pid" || same 143 "$?"
}

@test "the request that used up the quota is the last one" {
	live 100
	act '{"do":"quota","limit":5,"used":2}'
	ends 75 'quota is used up' --deadline 30s --jobs 1 --events issues,pull_request,releases
	same '' "$(asked | grep ' 403$')" 'asked in vain'
}

@test "redirects: within the API, never in a circle, to a file, or from https to http" {
	live 100
	fault '{"match":"/repos/octo/hello/releases","status":307,"headers":{"Location":"/repositories/4242/releases?per_page=100"}}'
	github --events releases >out
	same 2 "$(wc -l <out)"
	same "Bearer ghp_$MARK" "$(asked .headers.authorization | sort -u)"
	local to
	for to in file:///etc/passwd ftp://127.0.0.1/ http://example.org/ //; do
		fault "{\"match\":\"/releases\",\"status\":302,\"headers\":{\"Location\":\"$to\"}}"
		ends 65 'not followed' --events releases --cache "c${to//\//_}"
	done
	fault '{"match":"/releases","at":[1,2,3,4,5,6,7],"status":302,"headers":{"Location":"/repositories/4242/releases"}}'
	ends 65 'not followed' --events releases --cache circle
}

@test "an enterprise server: below /api/v3, with GraphQL beside it" {
	mock_start github "{\"prefix\":\"/api/v3\",\"cap\":2,\"ops\":[$LIFE]}"
	MOCK_URL=$MOCK_URL/api/v3 github >out
	jq -r .kind out | grep -q discussion.created
	[ "$(jq -r .kind out | sort -u | wc -l)" -gt 12 ]
	MOCK_URL=$MOCK_URL/api/v3/ github --cache other | cmp - out
	same '' "$(asked | grep -v ' /api/')"
	ends 69 'not there'
	run -64 athena-src-github --api-url 'https://me:secret@example.org/api/v3' octo/hello
}

@test "the cache: for us alone, without secrets, shared, and what is damaged in it is none" {
	live
	github >out
	local dir=$HOME/.cache/athena f
	same '' "$(find "$dir" -type f ! -perm 600)" 'others can read it'
	! grep -rq ghp_ "$dir" || fail 'a token'
	local n=0
	for f in "$dir"/*; do
		n=$((n + 1))
		case $((n % 5)) in
		0) : >"$f" ;;
		1) truncate -s -1 "$f" ;;
		2) sed -i '$s/[0-9]/x/' "$f" ;;
		3) head -c 3000 /dev/zero >"$f" ;;
		4) cp "$dir/$(printf '%064d' 0)" "$f" 2>/dev/null || cp "$REPO_ROOT/LICENSE" "$f" ;;
		esac
	done
	github >again
	cmp out again
	# several at once, with tokens of their own so that they need not take turns
	local pids=()
	for n in 1 2 3 4; do
		GITHUB_TOKEN=ghp_$n github >"out$n" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do wait "$n"; done
	for n in 1 2 3 4; do cmp out "out$n"; done
}

@test "two runs with one token take turns at the server, and each is done" {
	mock_start github "{\"cap\":2,\"delay\":0.03,\"ops\":[$LIFE]}"
	github --jobs 2 --cache c1 >one &
	local pid=$!
	github --jobs 2 --cache c2 >two
	wait "$pid"
	cmp one two
	[ "$(asked .flying | sort -n | tail -n 1)" -le 2 ] || fail "at a time: $(asked .flying | sort -n | tail -n 1)"
}

@test "a backfill that was cut short goes on at its page" {
	pulls 40
	into a --events pull_request --max-requests 10 2>/dev/null || :
	local first next
	next=$(jq -er .cursor.streams.pulls.next a.cursor)
	first=$(asked .target | grep -c '/pulls?')
	forget_asked
	into a --events pull_request
	same 40 "$(count pull_request.opened)"
	# twenty pages in all; the page where it was left, and the top, which is looked at again
	[ "$(asked .target | grep -c '/pulls?')" -le $((20 - first + 3)) ] || fail "$(asked)"
	same "$next" "$(asked .target | grep '/pulls?' | head -n 1)" 'read from the start'
}

@test "many branches, and one whose base is gone" {
	mock_start github '{"cap":3,"ops":[{"do":"many","n":12,"what":{"do":"commit"}}]}'
	local n options=()
	for n in {1..20}; do
		act "{\"do\":\"branch\",\"branch\":\"b$n\"},{\"do\":\"commit\",\"branch\":\"b$n\"}"
		options+=(--branch "b$n")
	done
	into a --events push "${options[@]}"
	same 32 "$(count commit)"
	forget_asked
	github --events push --cursor a.cursor "${options[@]}" >out
	same "$(asked | wc -l)" "$(asked | grep -c ' 304$')"
	[ "$(asked | wc -l)" -le 22 ] || fail "$(asked)"
	# a new branch is read whole though no other can be compared with any more
	act '{"do":"vanish","branch":"b1","keep":20},{"do":"delete_branch","branch":"b2"}'
	sed -i 's/"next":"[^"]*"//' a.cursor
	into c --events push --branch b1
	same 20 "$(sql c.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
	run -64 github --branch $'\xff'
	run -64 github --branch a..b
}

@test "accounts of bots, and of nobody, are called the same wherever they come from" {
	mock_start github '{"ops":[{"do":"issue","user":"robo[bot]"},{"do":"discussion","user":"robo[bot]"},
		{"do":"discuss","number":2,"user":null},{"do":"answer","number":2},{"do":"flag","archived":true}]}'
	github >out 2>said
	same $'ghost\nrobo[bot]' "$(jq -r .actor out | sort -u)"
	contains "$(cat said)" archived
	act '{"do":"flag","has_issues":false}'
	github --cache c >out 2>/dev/null
	mock_stop
	github --cache c --offline 2>/dev/null | cmp - out
}

@test "a place in the list of discussions that the server does not know any more: it is read from its top" {
	mock_start github '{"cap":4,"ops":[{"do":"many","n":30,"what":{"do":"discussion"}}]}'
	github --events discussions --cursor F --max-requests 4 >out 2>said || same 75 "$?"
	contains "$(cat F*)" '"next"'
	athena-store -q a.db <out
	fault '{"match":"/graphql","at":1,"status":200,"body":"{\"data\":{\"repository\":null},\"errors\":[{\"type\":\"INVALID_CURSOR_ARGUMENTS\",\"message\":\"`MQ==` does not appear to be a valid cursor.\"}]}"}'
	github --events discussions --cursor F | athena-store -q a.db
	same 30 "$(count discussion.created)"
	# in the middle of a run it is a fault of the server's
	fault '{"match":"/graphql","at":2,"status":200,"body":"{\"data\":{\"repository\":null},\"errors\":[{\"type\":\"INVALID_CURSOR_ARGUMENTS\",\"message\":\"no\"}]}"}'
	ends 75 'does not know its own place' --events discussions
}

@test "a discussion whose pages of comments are too heavy is read in smaller ones" {
	mock_start github '{"strong":25,"ops":[{"do":"discussion"},{"do":"many","n":120,"what":{"do":"discuss","number":1}},
		{"do":"many","n":70,"what":{"do":"discuss","number":1,"reply_to":0}}]}'
	into a --events discussions --retries 0
	same 190 "$(count discussion.comment)"
}

@test "a page where a list was left that is not there any more: the list is read from its top" {
	local status
	mock_start github '{"cap":2,"ops":[{"do":"many","n":12,"what":{"do":"commit"}}]}'
	for status in 400 404 410 422; do
		rm -f F a.*
		calm
		fault '{"match":"after=","at":[2,3,4],"status":502}'
		github --events push --cursor F --retries 0 >out 2>said || same 75 "$?"
		contains "$(cat F*)" 'after='
		athena-store -q a.db <out
		calm
		fault "{\"match\":\"after=\",\"at\":1,\"status\":$status}"
		github --events push --cursor F >out 2>said || fail "$status: $(cat said)"
		athena-store -q a.db <out
		same 12 "$(count push)" "$status"
	done
}

@test "something dated long ago among what is new does not end a list" {
	mock_start github '{"cap":3,"ops":[{"do":"issue","title":"a"},{"do":"label","number":1},{"do":"label","number":1}]}'
	into a
	act '{"do":"many","n":5,"what":{"do":"label","number":1}}' '{"do":"event","number":1,"event":"pinned","created_at":1000000000}' '{"do":"label","number":1}'
	into a
	same 8 "$(count issue.labeled)"
}
