#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-slack against a mock of Slack: that the database holds what the workspace does, whatever happens, what
# was asked of the server, and how often.
load helper
load mock/mock
load slack

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

@test "--jobs: several requests under way, and the same events in the same order for no request more" {
	mock_start slack '{"cap":4,"delay":0.1,"ops":[{"do":"channel","name":"b"},{"do":"channel","name":"c"},{"do":"channel","name":"d"},
		{"do":"random","n":120,"seed":11}]}'
	local n
	for n in 1 4; do
		forget_asked
		rm -rf "$HOME/.cache"
		slack --jobs "$n" --cursor "$n.cursor" >"$n.out"
		events "$n.out" >"$n.events"
		asked .target | sort >"$n.asked"
		same "$n" "$(asked .flying | sort -n | tail -n 1)" 'under way at most'
		athena-store "$n.db" <"$n.out"
	done
	cmp 1.events 4.events
	same '' "$(diff 1.asked 4.asked)" 'requests'
	same "$(jq -cS 'del(.prev)' 1.cursor)" "$(jq -cS 'del(.prev)' 4.cursor)" 'the position'
	complete 4
	# and so does a run that finds a little everywhere
	act '{"do":"random","n":30,"seed":12}' '{"do":"wait","step":3700}'
	for n in 1 4; do
		forget_asked
		rm -rf "$HOME/.local"
		cp 1.cursor "$n.next"
		slack --jobs "$n" --cursor "$n.next" >"$n.out"
		events "$n.out" >"$n.events"
		asked .target | sort >"$n.asked"
	done
	[ -s 1.events ]
	cmp 1.events 4.events
	same '' "$(diff 1.asked 4.asked)" 'requests'
	# what is counted is not spent on what may come to nothing
	forget_asked
	slack --jobs 4 --max-requests 5 >out || same 75 "$?"
	same '1 5' "$(asked .flying | sort -n | tail -n 1) $(asked | wc -l)"
}

@test "--jobs: a limit that several requests meet at once is one limit, of that method" {
	mock_start slack '{"cap":4,"delay":0.05,"tiers":{"conversations.history":[4,2]},"ops":[{"do":"channel","name":"b"},{"do":"channel","name":"c"},
		{"do":"channel","name":"d"},{"do":"random","n":60,"seed":13}]}'
	into a --jobs 4 2>said
	complete a
	same 1 "$(grep -c 'too many requests' said)" 'limits said'
	[ "$(asked .status | grep -c 429)" -le 8 ] || fail "$(asked)"
}

# revisions: of the message TEXT in all its versions, the newest first, as "CONTENT REVISION".
revisions() {
	sql a.db "SELECT content || ' ' || coalesce(revision, 0) FROM events WHERE id = '$1'
		UNION ALL SELECT * FROM (SELECT content || ' ' || coalesce(revision, 0) FROM event_history WHERE id = '$1' ORDER BY revision DESC)"
}

@test "the preview of a link is no edit; other content is a microsecond later than what it replaces" {
	mock_start slack '{"ops":[{"do":"post","text":"see https://example.org"},{"do":"reply","n":0,"text":"https://example.org"}]}'
	into a
	act '{"do":"unfurl","n":0}' '{"do":"unfurl","n":1}' '{"do":"wait","step":3700}'
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines after two previews'
	local id=C0ACM00004/1714564860.000001
	act '{"do":"edit","n":0,"text":"one"}'
	into a
	act '{"do":"set","n":0,"text":"two"}'
	into a
	act '{"do":"set","n":0,"text":"three"}'
	into a
	same "three 1714568800000005
two 1714568800000004
one 1714568800000003
see https://example.org 0" "$(revisions $id)"
	act '{"do":"edit","n":0,"text":"four"}'
	into a
	same 'four 1714568980000004' "$(revisions $id | head -n 1)" 'the next edit has its own time'
}

@test "a reaction taken back and given again is one event, of a higher revision each time" {
	live 999
	local n=0 op
	for op in react unreact react unreact react; do
		act "{\"do\":\"$op\",\"n\":4,\"name\":\"eyes\"}"
		slack --cursor a.cursor | tee -a out | athena-store a.db
		n=$((n + 1))
		same "$n" "$(events out | jq -r 'select(.kind == "reaction" and .metadata.name == "eyes") | .id' | wc -l)" 'times told'
	done
	same '["reacted with :eyes:","took back :eyes:","reacted with :eyes:","took back :eyes:","reacted with :eyes:"]' \
		"$(events out | jq -cs 'map(select(.metadata.name == "eyes")) | sort_by(.revision // 0) | map(.content)')"
	same '1 1' "$(events out | jq -rs 'map(select(.metadata.name == "eyes")) | [(map(.id) | unique | length), (map(.revision) | unique | length - 4)] | join(" ")')"
	complete a
}

@test "a reply that is shown in the channel too is one event, and so is what is left of a deleted parent" {
	mock_start slack '{"ops":[{"do":"post","text":"parent"},{"do":"reply","n":0,"text":"shown","broadcast":true},{"do":"reply","n":0,"text":"not shown"}]}'
	into a
	slack >out
	same '["shown"]' "$(events out | jq -cs 'map(select(.content == "shown") | .content)')"
	same '1' "$(events out | jq -rs 'map(select(.kind == "reply") | .session_id) | unique | length')" 'sessions'
	act '{"do":"delete","n":0}'
	slack --cursor a.cursor | tee out | athena-store a.db
	same '["message.deleted"]' "$(events out | jq -cs 'map(.kind)')"
	complete a
	# an edit of the one that is shown comes with the page that shows it
	act '{"do":"edit","n":0,"text":"shown, edited"}' '{"do":"config","tiers":{"conversations.replies":[1,600]}}'
	into a
	same 'shown, edited' "$(sql a.db "SELECT content FROM events WHERE content LIKE 'shown%'")"
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
	act '{"do":"config","tiers":{}}'
	slack >out # a reader who comes later
	same '{"message.deleted":1,"reply":2}' "$(events out | jq -cSs 'group_by(.kind) | map({(.[0].kind): length}) | add')"
	slack --no-threads >out
	same '{"message.deleted":1,"reply":1}' "$(events out | jq -cSs 'group_by(.kind) | map({(.[0].kind): length}) | add')"
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
	set -o pipefail
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		act "{\"do\":\"random\",\"n\":1,\"seed\":$n}"
		cut_short $((n % 2 ? 9 : 15)) "0.$((n * 37 % 40 + 10))" athena-src-slack --api-url "$MOCK_URL" --cursor a.cursor \
			2>said | store_cut a.db
	done
	act '{"do":"wait","step":90000}'
	into a 2>/dev/null # goes on where the last one was cut short, and
	into a 2>/dev/null # this one looks back at all of them
	complete a
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

@test "killed at a pace of one page in a while: each page that was given out is done" {
	mock_start slack '{"cap":15,"tiers":{"conversations.history":[1,2]},"ops":[{"do":"many","n":70,"what":{"do":"post","text":"m%d"}}]}'
	pipe_open
	athena-src-slack --api-url "$MOCK_URL" --cursor a.cursor >&9 2>/dev/null 8<&- 9>&- &
	local source=$! store before
	athena-store -q a.db <&8 2>/dev/null 8<&- 9>&- &
	store=$!
	pipe_close
	some() { [ -s a.cursor ] && [ "$(sql a.db "SELECT count(*) FROM events")" -ge 15 ]; } 2>/dev/null
	eventually 60 some
	kill -KILL "$source"
	wait "$source" "$store" 2>/dev/null || :
	before=$(sql a.db 'SELECT count(*) FROM events')
	act '{"do":"config","tiers":{}}'
	slack --cursor a.cursor >out
	athena-store a.db <out
	complete a
	same "$((70 - before))" "$(events out | wc -l)" "events of the second run, after $before"
}

@test "random kills, faults, budgets and changes, one after the other" {
	mock_start slack '{"cap":5,"short":4,"ops":[{"do":"channel","name":"b"},{"do":"random","n":60,"seed":8}]}'
	local n how
	set -o pipefail
	for n in 1 2 3 4 5 6 7 8; do
		act "{\"do\":\"random\",\"n\":3,\"seed\":$n}"
		fault "{\"at\":[$((n + 2)),$((n * 2 + 3))],\"act\":[{\"do\":\"random\",\"n\":1,\"seed\":2$n}]}" \
			"{\"at\":$((n + 5)),\"how\":\"reset\"}" "{\"at\":$((n + 4)),\"status\":200,\"body\":\"{\\\"ok\\\":false,\\\"error\\\":\\\"invalid_cursor\\\"}\"}"
		how=()
		[ $((n % 3)) != 0 ] || how=(--max-requests $((n + 6)))
		cut_short KILL "$((n % 2 ? 20 : 0)).$((n * 53 % 90 + 9))" athena-src-slack --api-url "$MOCK_URL" --cursor a.cursor "${how[@]}" \
			2>said | store_cut a.db
	done
	calm
	act '{"do":"wait","step":90000}'
	into a 2>/dev/null # goes on where the last one was cut short, and
	into a 2>/dev/null # this one looks back at all of them
	complete a
}

@test "what a killed run gave out, and what was taken back before the next" {
	live 999
	into a
	act '{"do":"post","text":"brief"}' '{"do":"reply","n":1,"text":"brief reply"}' '{"do":"react","n":1,"name":"brief"}' '{"do":"edit","n":2,"text":"between"}'
	# the store commits what no cursor tells of
	slack --cursor a.cursor | athena-store --no-ack a.db
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE content = 'brief'")"
	act '{"do":"delete","n":-1}' '{"do":"delete","n":-1}' '{"do":"unreact","n":1,"name":"brief"}' '{"do":"edit","n":2,"text":"after"}'
	# and this one is killed before it has told anything
	slack --cursor a.cursor >/dev/null
	into a
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

# ---- which conversations ----

@test "channels by name and by id; one that cannot be read stops no other" {
	live 999
	slack general >out
	same '["C0ACM00004"]' "$(jq -cs 'map(.metadata.channel) | unique' out)"
	slack --channel '#secret' D0ACM00007 >out
	same '["C0ACM00006","D0ACM00007"]' "$(jq -cs 'map(.metadata.channel) | unique' out)"
	run -77 --separate-stderr slack no-such general
	contains "${stderr:-}" '/invite'
	[ "${#lines[@]}" -gt 5 ]
	run -69 slack no-such
	export SLACK_BOT_TOKEN='' SLACK_USER_TOKEN=xoxp-1
	act '{"do":"config","bot":false}'
	slack >out
	contains "$(jq -r .content out)" unseen
}

@test "a channel that refuses keeps its position, and its news come when it is open again" {
	live 999
	into a
	act '{"do":"post","text":"while away"}' '{"do":"post","channel":"secret","text":"here"}'
	fault '{"match":"conversations.history","status":200,"body":"{\"ok\":false,\"error\":\"not_in_channel\"}"}'
	slack --cursor a.cursor --jobs 1 >out 2>said || same 77 "$?"
	contains "$(cat said)" '/invite'
	same 1 "$(grep -c . said)" 'lines said'
	same '["here"]' "$(events out | jq -cs 'map(.content)')"
	same false "$(last_checkpoint out | jq .final)"
	athena-store a.db <out
	into a
	complete a
	fault '{"match":"conversations.history","status":200,"body":"{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"channels:history\"}"}'
	slack >out 2>said || same 77 "$?"
	contains "$(cat said)" 'channels:history'
	fault '{"match":"conversations.history","status":200,"body":"{\"ok\":false,\"error\":\"brand_new_error\"}"}'
	slack >out 2>said || same 69 "$?"
	contains "$(cat said)" 'brand_new_error'
}

@test "a channel that fails for now is 75, and the others are read" {
	live 999
	fault '{"match":"conversations.history","at":[1,2],"status":502}'
	slack --cursor a.cursor --retries 1 --jobs 1 -q >out 2>said || same 75 "$?"
	same 1 "$(grep -c . said)" 'lines said'
	contains "$(jq -r .content out)" psst
	athena-store a.db <out
	into a
	complete a
}

@test "a channel that is left, archived, made private and joined again goes on where it was" {
	live 999
	into a
	act '{"do":"flag","channel":"general","member":false}' '{"do":"post","text":"while away"}' '{"do":"reply","n":1,"text":"a reply while away"}' \
		'{"do":"edit","n":2,"text":"edited while away"}' '{"do":"delete","n":3}'
	slack --cursor a.cursor >out 2>said
	athena-store a.db <out
	contains "$(cat said)" 'general (C0ACM00004): no longer open to this token, or deleted; its position is kept'
	same '' "$(events out)"
	act '{"do":"flag","channel":"general","member":true,"archived":true,"kind":"private"}'
	into a
	complete a
	same '1 1' "$(replied 'while away') $(replied 'a reply while away')"
	act '{"do":"flag","channel":"general","archived":false}' '{"do":"react","n":0,"name":"eyes"}' '{"do":"post","text":"back"}'
	into a
	complete a
	same 0 "$(sql a.db 'SELECT count(*) FROM event_history WHERE content = (SELECT content FROM events WHERE events.id = event_history.id)')" 'the same twice'
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "a renamed channel goes on, and is said once" {
	live 999
	into a
	act '{"do":"rename","channel":"general","name":"common"}' '{"do":"post","channel":"common","text":"after"}'
	into a 2>said
	contains "$(cat said)" 'common'
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'channel.renamed'")"
	# where Slack has written it into the channel, that is it
	act '{"do":"rename","channel":"common","name":"once","says":true}' '{"do":"rename","channel":"once","name":"again","says":true}'
	into a
	same '@Ann has renamed the channel from "common" to "once",@Ann has renamed the channel from "once" to "again"' \
		"$(sql a.db "SELECT group_concat(content) FROM (SELECT * FROM events WHERE kind = 'channel.renamed' ORDER BY timestamp LIMIT -1 OFFSET 1)")"
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
	complete a
}

@test "a name that comes back is told, though Slack wrote of its first time; and one that a bot gave" {
	mock_start slack '{"ops":[{"do":"channel","name":"b"},{"do":"post","channel":"b"}]}'
	into a
	act '{"do":"rename","channel":"b","name":"c","says":true}'
	into a
	act '{"do":"rename","channel":"c","name":"d"}'
	into a
	act '{"do":"rename","channel":"d","name":"c"}'
	into a
	same '["@Ann has renamed the channel from \"b\" to \"c\"","renamed #c -> #d","renamed #d -> #c"]' \
		"$(sql a.db "SELECT json_group_array(content) FROM (SELECT content FROM events WHERE kind = 'channel.renamed' ORDER BY seq)")"
	act '{"do":"rename","channel":"c","name":"e","says":true}' '{"do":"set","channel":"e","n":2,"bot_id":"B0BOT"}'
	into a
	same 'renamed #c -> #e' "$(sql a.db "SELECT content FROM events WHERE kind = 'channel.renamed' AND id LIKE '%/e'")"
}

@test "a rename is one event, though the run was cut right after, or began right before" {
	live 999
	into a
	act '{"do":"rename","channel":"general","name":"caf\u00e9 %"}'
	into a
	same 'renamed #general -> #café %' "$(sql a.db "SELECT content FROM events WHERE kind = 'channel.renamed'")"
	act '{"do":"rename","channel":"caf\u00e9 %","name":"general"}'
	into a
	same 'renamed #café % -> #general' "$(sql a.db "SELECT content FROM events WHERE kind = 'channel.renamed' AND id LIKE '%/2/%'")"
	act '{"do":"rename","channel":"general","name":"common"}'
	slack --cursor a.cursor | athena-store --no-ack a.db # the store has it, and the cursor is where it was
	act '{"do":"flag","channel":"common","updated":1714600000}' '{"do":"post","channel":"common","text":"after"}'
	into a
	same 'renamed #general -> #common' "$(sql a.db "SELECT group_concat(content) FROM events WHERE kind = 'channel.renamed' AND id LIKE '%/common'")"
	# there and back again
	act '{"do":"rename","channel":"common","name":"general"}'
	into a
	act '{"do":"rename","channel":"general","name":"common"}'
	into a
	same 5 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'channel.renamed'")"
	# the list of channels has the old name yet, the channel itself says the new one, and the next run does not look back
	fault '{"match":"conversations.history","act":[{"do":"rename","channel":"common","name":"new","says":true}]}' \
		'{"match":"conversations.history","at":2,"status":200,"body":"{\"ok\":false,\"error\":\"token_revoked\"}"}'
	ended 77 --jobs 1
	calm
	into a
	same 6 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'channel.renamed'")"
	# two names since then, each on a page of its own
	act '{"do":"config","cap":1}'
	fault '{"match":"conversations.history","act":[{"do":"rename","channel":"new","name":"newer","says":true},
		{"do":"rename","channel":"newer","name":"newest","says":true}]}' \
		'{"match":"conversations.history","at":3,"status":200,"body":"{\"ok\":false,\"error\":\"token_revoked\"}"}'
	ended 77 --jobs 1
	calm
	into a
	same 8 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'channel.renamed'")"
	complete a
}

@test "each option by which a later run asks for more: what is missing is gone back for, once" {
	live 999
	act '{"do":"post","text":"from a robot","bot_id":"B0ROBOT","subtype":"bot_message","user":null}' '{"do":"reply","n":1,"text":"a reply"}'
	local n=0 less
	for less in general --no-threads --no-reactions '' --since=2024-05-01T12:10:00Z '--no-threads --no-reactions --since=2024-05-01T12:10:00Z @Bob'; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		into "$n" $less
		curl -sS "$MOCK_URL/_mock/truth" | sort >truth
		held "$n" >held
		! cmp -s truth held || fail "nothing was left out with '$less'"
		into "$n" --bots --since=2020-01-01 2>said
		complete "$n"
		same "$(sql "$n.db" 'SELECT count(*) FROM events')" "$(sql "$n.db" 'SELECT count(DISTINCT id) FROM events')" "events after '$less'"
		same 0 "$(sql "$n.db" 'SELECT count(*) FROM event_history')" "versions more after '$less'"
		slack --cursor "$n.cursor" --bots >out
		same 1 "$(wc -l <out)" "lines of a quiet run after '$less'"
	done
	same 6 "$n" 'selections'
}

@test "what went between a run and one that asks for more is known to be gone" {
	live 999
	act '{"do":"reply","n":4,"text":"the only one"}' '{"do":"reply","n":1,"text":"one of them"}' '{"do":"react","n":5}'
	local n
	into a --bots --since=2024-05-01T12:00:30Z
	for n in -1 -2 2; do act "{\"do\":\"delete\",\"n\":$n}"; done
	act '{"do":"unreact","n":2}'
	into a --since=2020-01-01 --bots
	complete a
	slack --cursor a.cursor --bots >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "a run that asks for less leaves what it does not ask for to a later one" {
	live 999
	into a
	act '{"do":"post","text":"new"}' '{"do":"reply","n":1,"text":"new reply"}' '{"do":"react","n":2,"name":"new"}' '{"do":"post","channel":"dm","text":"new there"}'
	into a general --no-threads --no-reactions
	same '1 0 0' "$(replied new) $(replied 'new reply') $(replied 'new there')"
	into a
	complete a
}

@test "a new channel, another selection, an earlier --since: what is missing is gone back for" {
	live 999
	into a general --no-threads --since '2024-05-01T12:10:00Z'
	into a general '@Bob' --no-threads --since '2024-05-01T12:10:00Z'
	same 1 "$(replied psst)"
	into a --since 2020-01-01 2>said
	contains "$(cat said)" 'from its start'
	complete a
	into a general --no-threads --no-reactions # narrower is taken as it is, and
	into a 2>said                              # as it was again goes back for what was left out
	contains "$(cat said)" 'from its start'
	complete a
	run -78 slack --cursor a.cursor --workspace T0OTHER
	act '{"do":"config","team":"T0OTHER"}'
	run -78 slack --cursor a.cursor
}

# ---- who, and where to ----

@test "names: a list once a day, strangers one by one, and ids where names may not be seen" {
	live 999
	act '{"do":"user","name":"eve","stranger":true}' '{"do":"post","text":"from abroad","user":"eve"}'
	into a
	same 'Eve' "$(sql a.db "SELECT actor FROM events WHERE content = 'from abroad'")"
	same '1 1' "$(asked | grep -c users.list) $(asked | grep -c users.info)"
	act '{"do":"post","text":"again","user":"eve"}'
	into a
	same '1 1' "$(asked | grep -c users.list) $(asked | grep -c users.info)" 'kept'
	# a day later people are called as they are by then, and a direct conversation is no channel that was renamed
	act '{"do":"called","user":"bob","display":"Robert"}' '{"do":"wait","step":90000}' '{"do":"post","text":"as ever","user":"bob"}'
	into a 2>said
	same 'Robert' "$(sql a.db "SELECT actor FROM events WHERE content = 'as ever'")"
	same '0 0' "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'channel.renamed'") $(sql a.db 'SELECT count(*) FROM event_history')"
	same '2 2' "$(asked | grep -c users.list) $(asked | grep -c users.info)" 'asked anew'
	act '{"do":"config","scopes":"channels:read,channels:history"}'
	rm -r "$HOME/.cache"
	slack >out 2>said
	contains "$(cat said)" 'users:read'
	contains "$(jq -r .actor out)" U0ACM00001
	same '["C0ACM00004"]' "$(jq -cs 'map(.metadata.channel) | unique' out)" 'what the scopes let it list'
}

@test "the token: from a file, to Slack only, never in what is written" {
	live 999
	act '{"do":"config","token":"xoxb-1"}'
	run -77 --separate-stderr slack
	contains "${stderr:-}" invalid_auth
	echo xoxb-1 >token
	chmod 600 token
	slack --token-file token -v --cursor a.cursor --metrics m >out 2>said
	! grep -r 'xoxb-1' out said m a.cursor "$HOME" || fail 'the token is written'
	same '' "$(asked '.target' | grep xoxb)" 'in an address'
	chmod 644 token
	run -78 slack --token-file token
	run -78 --separate-stderr athena-src-slack --api-url https://evil.example.org
	contains "${stderr:-}" '--token-file'
	unset SLACK_BOT_TOKEN
	run -78 --separate-stderr slack
	contains "${stderr:-}" SLACK_BOT_TOKEN
	run -64 slack --workspace 'a b' --token-file token
}

@test "--check: token, workspace, scopes, and each conversation with its remedy" {
	live 999
	slack --check >out
	same '' "$(grep -v '^ok ' out)"
	contains "$(cat out)" 'bot token from SLACK_BOT_TOKEN'
	contains "$(slack --check --token-file <(echo "$SLACK_BOT_TOKEN"))" 'bot token from the command that prints it'
	contains "$(cat out)" 'T0ACME (Acme)'
	same 'ok 1 public channel is not read; /invite the app there to have it: away' "$(grep invite out)"
	slack --check general >out
	same '' "$(grep invite out)" 'where it is said which'
	act '{"do":"config","scopes":"channels:read,channels:history,groups:read,users:read"}'
	run -77 --separate-stderr slack --check
	contains "$output" 'groups:history'
	contains "$output" 'ok general'
	contains "$output" 'secret (C0ACM00006): cannot be read'
	same '' "$(find . -name '*.cursor*')"
}

@test "--check: each kind of token, and one that is refused" {
	mock_start slack '{"ops":[{"do":"post"}]}'
	local kind why got
	while IFS=: read -r token kind; do
		SLACK_BOT_TOKEN=$token slack --check >out
		contains "$(cat out)" "ok token: $kind from SLACK_BOT_TOKEN"
	done <<-END
		xoxb-1:bot token
		xoxp-1:user token
		xoxe.xoxb-1:rotating bot token, good for 12 hours
		xoxe.xoxp-1:rotating user token, good for 12 hours
		xoxa-1:legacy workspace token
		1:token of an unknown kind
	END
	while IFS=: read -r token kind; do
		got=0
		SLACK_BOT_TOKEN=$token slack --check >out || got=$?
		same 77 "$got"
		contains "$(cat out)" "token: $kind from SLACK_BOT_TOKEN: reads no conversation; take a bot's, which begins with xoxb-"
		same '' "$(grep '^ok token' out)"
	done <<-END
		xoxe-1:refresh token
		xapp-1:app-level token
		xoxc-1:token of a browser's session
		xoxd-1:cookie of a browser's session
	END
	while IFS=: read -r error why; do
		fault "{\"status\":200,\"body\":\"$(quoted "{\"ok\":false,\"error\":\"$error\"}")\"}"
		got=0
		slack --check >out 2>said || got=$?
		same 77 "$got"
		same 'token: bot token from SLACK_BOT_TOKEN: cannot be used' "$(cat out)"
		contains "$(cat said)" "auth.test: $error: $why"
	done <<-END
		invalid_auth:the token is refused: is it whole, and of this workspace? Else take the app's present one
		token_revoked:the token was revoked; install the app again
		token_expired:the token rotates and has expired; refresh it
		account_inactive:its user or its app is gone; install the app again
		not_allowed_token_type:a token of this kind reads nothing
	END
}

@test "--check: of each feature the scope that is missing; a classic app's one scope stands for many" {
	live 999
	act '{"do":"channel","name":"us","kind":"mpim"}'
	act '{"do":"config","scopes":"channels:read,channels:history"}'
	slack --check >out
	same 'ok private channels: left out; add the scope groups:read and groups:history to the app and install it again
ok group conversations: left out; add the scope mpim:read and mpim:history to the app and install it again
ok direct conversations: left out; add the scope im:read and im:history to the app and install it again
ok names of people: left out; add the scope users:read to the app and install it again' "$(grep 'left out' out)"
	act '{"do":"config","scopes":"channels:read,groups:read,im:read,mpim:read,channels:history,users:read"}'
	run -77 slack --check
	contains "$output" 'secret (C0ACM00006): cannot be read: add the scope groups:history to the app and install it again'
	contains "$output" '@Bob (D0ACM00007): cannot be read: add the scope im:history to the app'
	contains "$output" 'us (C0ACM00009): cannot be read: add the scope mpim:history to the app'
	run -77 slack
	contains "$output" 'secret: the token has not the scope groups:history; add it to the app and install it again'
	act '{"do":"config","scopes":"users:read"}'
	run -77 slack --check
	contains "$output" 'the token may list no conversation: it needs one of the scopes channels:read, groups:read, mpim:read, im:read'
	act '{"do":"config","scopes":"identify,bot","wide":true}'
	slack --check >out
	same '' "$(grep -v '^ok' out)$(grep 'left out' out)"
}

@test "--plan: how many requests, and how long" {
	mock_start slack '{"ops":[{"do":"many","n":450,"what":{"do":"post","text":"m%d"}},{"do":"reply"},{"do":"channel","name":"b"}]}'
	slack --plan >out
	contains "$(cat out)" 'general: never read'
	grep -q '^requests about [0-9]*' out
	grep -q '^time about ' out
	[ "$(asked | wc -l)" -le 5 ]
	into a
	# what is looked back at is three pages of the one
	slack --plan --cursor a.cursor >out
	contains "$(cat out)" 'requests about 6'
	forget_asked
	into a
	same 6 "$(asked | wc -l)" 'and so it is'
	# also where people are asked for anew, a thread is looked at, and what is old is swept
	act '{"do":"post"}' '{"do":"wait","step":90000}'
	slack --plan --cursor a.cursor >out
	contains "$(cat out)" 'threads to be looked at again: 1'
	contains "$(cat out)" 'requests about 8, and those pages'
	forget_asked
	into a
	same '9 5' "$(asked | wc -l) $(asked | grep -c history)" 'and one page is swept'
	# an app of the smallest tier
	act '{"do":"config","cap":15}'
	slack --plan >out
	contains "$(cat out)" 'at one request a minute, which this app may ask'
}

# ---- an export and the API ----

# download NAME: an export of the workspace as it is.
download() { curl -sS "$MOCK_URL/_mock/export" | "$FIXTURES/slack-export" "$1"; }

# from_export DB EXPORT: into the same database as `into DB`, with a cursor of its own.
from_export() {
	set -o pipefail
	athena-src-slack --export "$2" --workspace acme --cursor "$1.export" | athena-store "$1.db"
	set +o pipefail
}

# rows DB: what a reader sees of its events, metadata aside.
rows() {
	sql "$1.db" "SELECT id, source_id, kind, timestamp, coalesce(revision, 0), session_id, event_type, content, actor, url FROM events ORDER BY id"
}
versions() { sql "$1.db" 'SELECT count(*) FROM event_history'; }

# A workspace in which everything has happened that an export can show, so that neither way sees more than the other.
TALK='{"do":"channel","name":"secret","kind":"private"},{"do":"channel","name":"dm","kind":"im","user":"bob"},{"do":"channel","name":"mpdm-ann--bob-1","kind":"mpim"},
	{"do":"post","text":"hi <@U0ACM00001> &amp; <#C0ACM00004>","means":"hi @Ann & #general"},{"do":"reply","n":0,"text":"r0","step":40000},
	{"do":"reply","n":0,"text":"shown","broadcast":true},{"do":"file","name":"a.png"},{"do":"react","n":1},{"do":"react","n":0,"user":"ann","name":"wave::skin-tone-3"},
	{"do":"post","channel":"secret","text":"hush"},{"do":"post","channel":"dm","text":"psst"},{"do":"post","channel":"mpdm-ann--bob-1","text":"us"},
	{"do":"edit","n":1,"text":"r0, edited","step":50000},{"do":"post","text":"parent"},{"do":"reply","n":4,"text":"left"},{"do":"delete","n":4},
	{"do":"many","n":6,"what":{"do":"post","text":"m%d","step":30000}},{"do":"react","n":-1}'
CHANGES=('{"do":"post","text":"new"}' '{"do":"reply","n":0,"text":"late"}' '{"do":"edit","n":6,"text":"m1, edited"}' '{"do":"edit","n":1,"text":"r0, edited again"}'
	'{"do":"react","n":7,"name":"eyes"}' '{"do":"unreact","n":-2}' '{"do":"edit","n":2,"text":"shown, edited"}' '{"do":"delete","n":8}')

@test "an export gives what the API gives: the same events by the same ids" {
	mock_start slack "{\"ops\":[$TALK]}"
	download w.zip
	into a
	from_export b w.zip
	complete a
	complete b
	rows a >a.rows
	rows b | sed 's/|@Ann, @Bob, @Carl|/|@Bob|/' >b.rows
	diff a.rows b.rows
}

@test "an export first, and then the API, in one database" {
	mock_start slack "{\"ops\":[$TALK]}"
	download one.zip
	from_export a one.zip
	rows a >before
	into a
	rows a | diff before -
	same 0 "$(versions a)" 'versions, for nothing has changed'
	act "${CHANGES[@]}" '{"do":"wait","step":90000}'
	into a
	complete a
	same "$(sql a.db 'SELECT count(*) FROM events')" "$(sql a.db 'SELECT count(DISTINCT id) FROM events')" 'rows, and ids'
	# a newer export after that has nothing to add
	rows a >before
	versions a >history
	download two.zip
	from_export a two.zip
	rows a | diff before -
	same "$(cat history)" "$(versions a)" 'versions'
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "the API first, and then exports, in one database; what is older than it changes nothing" {
	mock_start slack "{\"ops\":[$TALK]}"
	download one.zip
	into a
	act "${CHANGES[@]}" '{"do":"wait","step":90000}'
	into a
	complete a
	rows a >before
	from_export a one.zip
	rows a | diff before - # an older one
	act '{"do":"edit","n":6,"text":"m1, a third time"}' '{"do":"reply","n":0,"text":"later"}' '{"do":"react","n":-2}' '{"do":"post","text":"newest"}' \
		'{"do":"delete","n":9}'
	download two.zip
	act '{"do":"unreact","n":7,"name":"eyes"}'
	into a
	rows a >before
	from_export a two.zip # an export that is newer than the one before, and older than the API
	rows a | diff before -
	act '{"do":"wait","step":90000}'
	into a
	complete a
}

# ---- hostile ----

@test "hostile messages come through, and nothing of them breaks a line" {
	mock_start slack '{"slash":true,"ops":[{"do":"post","text":"\u0000 \ud800 \u202e <@U0NOBODY> <!date^1^x|y> &amp;lt;"},{"do":"post","text":""},
		{"do":"post","text":"x","subtype":"never_heard_of"},{"do":"post","text":"z","blocks":null,"files":[{"id":"F1","mode":"tombstone"}]},
		{"do":"file","name":"\u0007"}]}'
	act '{"do":"post","text":"\u00fc","times":40000}'
	python3 -c 'import json; print(json.dumps({"do": "post", "text": "loved", "reactions": [["heart", ["U0FAN%05d" % i for i in range(1000)]]]}))' >loved
	act "$(cat loved)" '{"do":"config","scopes":"channels:read,channels:history"}'
	into a 2>said
	same 7 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'message'")"
	same 1000 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'reaction'")"
	same 40000 "$(sql a.db "SELECT max(length(content)) FROM events")"
	# one more, one less, and the same one again
	for n in react:ann unreact:U0FAN00997 react:U0FAN00997; do
		act "{\"do\":\"${n%:*}\",\"n\":-1,\"name\":\"heart\",\"user\":\"${n#*:}\"}"
		into a 2>said
	done
	same 1001 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'reaction' AND content LIKE 'reacted%'")"
	same 1 "$(sql a.db "SELECT count(*) FROM event_history WHERE content LIKE 'took back%'")"
	same 0 "$(sql a.db 'SELECT count(*) FROM rejects')"
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "what is remembered has a bound, and that is said" {
	mock_start slack '{"ops":[{"do":"many","n":24000,"what":{"do":"post","text":"m%d","step":1}}]}'
	slack --cursor a.cursor >out 2>said
	same 24000 "$(events out | wc -l)"
	contains "$(cat said)" 'more was said within --lookback than can be remembered'
	[ "$(wc -L <out)" -lt 1048576 ] || fail 'a line over 1 MiB'
	forget_asked
	slack --cursor a.cursor >>out
	same 24002 "$(grep -vc '"final":false' out)" 'lines of two runs'
	same '' "$(events out | jq -r .id | sort | uniq -d | head)" 'twice'
	# a page that is larger than all that may be remembered
	python3 -c 'import json
for n in range(40):
	print(json.dumps({"do": "post", "text": "loved", "reactions": [["heart", ["U0FAN%05d" % i for i in range(2500)]]]}))' >loved
	local one
	while read -r one; do act "$one"; done <loved
	slack --cursor a.cursor >out 2>said
	same 100000 "$(grep -c '"kind":"reaction"' out)"
	[ "$(wc -L <out)" -lt 1048576 ] || fail 'a line over 1 MiB'
}

@test "a cursor that is damaged inside is refused, and stays" {
	live 999
	into a general
	cp a.cursor good
	local change
	for change in '.cursor.channels = []' '.cursor.channels.C0ACM00004.done = "x"' '.cursor.channels.C0ACM00004.known = 1' '.cursor.team = 1' \
		'.cursor.channels.C0ACM00004.known = {"1714564800.000100": 5}' '.cursor.channels.C0ACM00004.threads = {"x": {}}' \
		'.cursor.channels.C0ACM00004.done = "12345678901234567890.000001"' '.cursor.channels["a/b"] = {}' 'del(.cursor.channels)'; do
		jq -c "$change" good >a.cursor
		cp a.cursor before
		run -78 slack --cursor a.cursor general
		cmp a.cursor before
	done
}
