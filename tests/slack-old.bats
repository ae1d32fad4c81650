#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is looked at again: late replies, edits and reactions of old threads and messages, within what a run may ask, each once.
load helper
load mock/mock
load slack

@test "late replies to threads of any age, and their edits: each within its time" {
	mock_start slack '{"ops":[{"do":"post","text":"ancient"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"old","step":8000000},
		{"do":"reply","n":2,"text":"r1"},{"do":"post","text":"new","step":3000000}]}'
	into a
	complete a
	# the sweep finds a reply to a thread that is in no list any more, a day later
	act '{"do":"reply","n":0,"text":"late"}'
	into a
	same 0 "$(replied late)" 'not yet'
	act '{"do":"wait","step":90000}'
	slack --plan --cursor a.cursor >out
	contains "$(cat out)" 'pages of old messages to be swept for late replies: 10 at most'
	forget_asked
	into a
	same 1 "$(replied late)"
	[ "$(asked | wc -l)" -le 6 ] || fail "$(asked)"
	# from then on the thread is a warm one: within the day
	act '{"do":"reply","n":0,"text":"later"}' '{"do":"wait","step":90000}'
	into a
	same 1 "$(replied later)"
	act '{"do":"reply","n":4,"text":"soon"}'
	into a
	same 1 "$(replied soon)" 'at once, where the parent is young'
	act '{"do":"edit","n":7,"text":"soon, edited"}' '{"do":"edit","n":6,"text":"later, edited"}' '{"do":"delete","n":5}' '{"do":"wait","step":3700}'
	into a
	same 1 "$(replied 'soon, edited')" 'within the hour, where it is hot'
	act '{"do":"wait","step":90000}'
	into a
	into a
	same 1 "$(replied 'later, edited')"
	complete a
	# an edit of an old message, and a reply that is shown in the channel
	act '{"do":"edit","n":0,"text":"ancient, edited"}' '{"do":"reply","n":1,"text":"shown","broadcast":true}'
	into a
	same 1 "$(replied shown)" 'at once'
	act '{"do":"wait","step":90000}'
	into a
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "--deadline: what was not looked at is said, and the next run goes on there" {
	mock_start slack '{"ops":[{"do":"channel","name":"b"},{"do":"post","text":"m0"},{"do":"post","text":"m1"},{"do":"post","text":"m2"},
		{"do":"post","channel":"b","text":"n0"},{"do":"reply","n":0,"text":"r0"},{"do":"reply","n":1,"text":"r1"},{"do":"reply","n":2,"text":"r2"},
		{"do":"reply","channel":"b","text":"r3"},{"do":"config","tiers":{"conversations.replies":[2,600]}}]}'
	ended 75 --jobs 1 --deadline 30s --metrics m
	# the limit is that of replies: what else is said comes, here and in the other conversation
	contains "$(cat said)" 'conversations.replies: too many requests at once, says the server: to go on before'
	contains "$(cat said)" 'and --deadline is earlier; the next run goes on'
	contains "$(cat said)" 'not looked at to the end: new replies of 2 threads; the next run goes on there'
	same 2 "$(grep -c . said)" 'lines said'
	same '["m0","m1","m2","n0","r0","r1"]' "$(events out | jq -cs 'map(.content) | sort')"
	same false "$(last_checkpoint out | jq .final)"
	[ "$(sed -n 's/^athena_retry_at_timestamp_seconds{.*} //p' m | cut -d. -f1)" -gt "$(date +%s)" ] || fail "$(cat m)"
	# the limit is still there
	act '{"do":"post","text":"m3"}' '{"do":"edit","n":0,"text":"m0, edited"}'
	ended 75 --jobs 1 --deadline 30s
	contains "$(cat said)" 'not looked at to the end: new replies of 2 threads'
	same '["m0, edited","m3"]' "$(events out | jq -cs 'map(.content) | sort')"
	act '{"do":"config","tiers":{}}'
	ended 0 --deadline 30s
	same '["r2","r3"]' "$(events out | jq -cs 'map(.content) | sort')"
	complete a
	same 1 "$(sql a.db 'SELECT count(*) FROM event_history')" 'versions'
	into a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "--deadline: threads whose time comes again, where the limit is that of replies" {
	mock_start slack '{"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"m0","step":3000000},{"do":"post","text":"m1"},{"do":"post","text":"m2"},
		{"do":"reply","n":1,"text":"r0"},{"do":"reply","n":2,"text":"r1"},{"do":"reply","n":3,"text":"r2"}]}'
	ended 0
	act '{"do":"edit","n":0,"text":"ancient, edited"}' '{"do":"edit","n":4,"text":"r0, edited"}' '{"do":"edit","n":5,"text":"r1, edited"}' \
		'{"do":"edit","n":6,"text":"r2, edited"}' '{"do":"wait","step":90000}' '{"do":"config","tiers":{"conversations.replies":[1,600]}}'
	ended 75 --jobs 1 --deadline 30s
	contains "$(cat said)" 'not looked at to the end: 2 threads whose time has come again; the next run goes on there'
	same '1 1' "$(replied 'ancient, edited') $(sql a.db "SELECT count(*) FROM events WHERE content LIKE 'r_, edited'")" 'the sweep goes on'
	act '{"do":"config","tiers":{}}'
	ended 0
	complete a
}

@test "late replies and edits that a budget leaves: said, found by a later run, each once" {
	mock_start slack '{"ops":[{"do":"post","text":"ancient"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"old","step":8000000},
		{"do":"reply","n":2,"text":"r1"},{"do":"post","text":"new","step":3000000},{"do":"post","text":"newest"},{"do":"reply","n":4,"text":"r2"},
		{"do":"reply","n":0,"text":"r3"}]}'
	into a
	act '{"do":"edit","n":6,"text":"r2, edited"}' '{"do":"edit","n":7,"text":"r3, edited"}' '{"do":"reply","n":2,"text":"late"}' '{"do":"wait","step":90000}'
	# enough for the list of channels, the channel and the names of people: two threads and what is old are due
	ended 75 --max-requests 4
	contains "$(cat said)" '--max-requests: 4 were sent; the next run goes on'
	contains "$(cat said)" 'not looked at to the end: 2 threads whose time has come again, messages before --lookback; the next run goes on there'
	same '' "$(events out)" 'found without a request'
	act '{"do":"edit","n":4,"text":"new, edited"}'
	ended 75 --max-requests 4
	contains "$(cat said)" 'not looked at to the end: 1 thread whose time has come again, messages before --lookback; the next run goes on there'
	same 1 "$(events out | wc -l)" 'the edit of one reply'
	ended 75 --max-requests 4
	contains "$(cat said)" 'not looked at to the end: messages before --lookback; the next run goes on there'
	same 1 "$(events out | wc -l)" 'that of the other'
	# the round is complete: the next run looks back, though the sweep is not at its end
	ended 75 --max-requests 3
	same '["new, edited"]' "$(events out | jq -cs 'map(.content)')"
	ended 0 --max-requests 5
	same '["late"]' "$(events out | jq -cs 'map(.content)')" 'the sweep'
	complete a
	into a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "--plan after a run that a budget cut: what that left is counted" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"post","text":"p1"},{"do":"post","text":"p2"}]}'
	ended 0
	act '{"do":"reply","n":0}' '{"do":"reply","n":1}' '{"do":"reply","n":2}'
	ended 75 --jobs 1 --max-requests 3
	slack --plan --cursor a.cursor >out
	contains "$(cat out)" 'general: what is new, and what an earlier run left'
	contains "$(cat out)" 'threads with new replies that an earlier run left: 3'
	contains "$(cat out)" 'requests about 6'
	forget_asked
	ended 0
	same 6 "$(asked | wc -l)" "$(asked)"
}

@test "a budget of one request for a conversation: the round comes to its end, and so does the look back" {
	mock_start slack '{"ops":[{"do":"post","text":"m0"},{"do":"post","text":"m1"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"late"}'
	ended 75 --jobs 1 --max-requests 3
	act '{"do":"edit","n":1,"text":"m1, edited"}' '{"do":"post","text":"new"}'
	ended 75 --jobs 1 --max-requests 3
	same '1 0' "$(replied late) $(replied new)"
	ended 0 --jobs 1 --max-requests 3
	same '1 1' "$(replied new) $(replied 'm1, edited')"
	ended 0 --jobs 1 --max-requests 3
	same '1 ' "$(wc -l <out) $(cat said)" 'a quiet run'
	complete a
}

@test "a sweep that takes several runs: that is said once, and what it finds comes out" {
	mock_start slack '{"cap":3,"ops":[{"do":"many","n":70,"what":{"do":"post","text":"m%d"}},{"do":"post","text":"new","step":3000000}]}'
	into a
	act '{"do":"reply","n":0,"text":"late"}' '{"do":"wait","step":90000}'
	into a 2>said
	same 1 "$(grep -c 'swept for late replies and edits, at most 10 pages a run; the next run goes on' said)"
	same 0 "$(replied late)"
	into a 2>said
	same 0 "$(grep -c swept said)" 'said once'
	into a 2>said
	same 1 "$(replied late)" 'in the third'
	complete a
}

@test "what is looked at again costs no more than it has to" {
	mock_start slack '{"ops":[{"do":"many","n":20,"what":{"do":"post","text":"m%d"}},{"do":"reply","n":0},{"do":"reply","n":1},{"do":"reply","n":2}]}'
	into a
	forget_asked
	into a
	same 0 "$(asked | grep -c replies)" 'at once after'
	slack --plan --cursor a.cursor >out
	same '' "$(grep 'again\|swept' out)"
	act '{"do":"wait","step":3700}'
	slack --plan --cursor a.cursor >out
	contains "$(cat out)" 'threads to be looked at again: 3'
	forget_asked
	into a
	same 3 "$(asked | grep -c replies)" 'an hour later, each hot thread'
	act '{"do":"wait","step":200000}'
	into a
	forget_asked
	act '{"do":"wait","step":3700}'
	into a
	[ "$(asked | grep -c replies)" -le 2 ] || fail 'warm ones once a day'
	# without the schedule everything is due, and nothing comes twice
	rm -r "$HOME/.local"
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "--lookback is as far as deletions are seen" {
	mock_start slack '{"ops":[{"do":"post","text":"a"},{"do":"post","text":"b","step":100000},{"do":"post","text":"c"}]}'
	into a --lookback 1d
	act '{"do":"delete","n":1}' '{"do":"delete","n":0}'
	into a --lookback 1d
	same '["C0ACM00004/1714664860.000002/deleted"]' "$(sql a.db "SELECT json_group_array(id) FROM events WHERE kind = 'message.deleted'")"
}

@test "a reply that lags behind what its parent shows: the thread is kept until it has come" {
	mock_start slack '{"ops":[{"do":"post","text":"parent"}]}'
	into a
	act '{"do":"reply","n":0,"text":"late","step":500000}' '{"do":"leave_out","n":1,"times":99}'
	into a
	# the parent is no longer within the look-back, and the sweep passes it
	act '{"do":"post","text":"new","step":200000}'
	into a
	same 0 "$(replied late)"
	act '{"do":"set","n":1,"left_out":0}' '{"do":"wait","step":90000}'
	into a
	same 1 "$(replied late)"
	complete a
}

@test "a thread that is being read is not forgotten, though there is no more room" {
	mock_start slack '{"cap":2,"ops":[{"do":"post","text":"parent"},{"do":"many","n":4,"what":{"do":"reply","text":"r%d"}}]}'
	python3 -c 'import json
def fans(n):
	return [["heart", ["U0FAN%05d" % i for i in range(n)]]]
print(json.dumps({"do": "many", "n": 25, "what": {"do": "post", "text": "loved", "reactions": fans(2500)}}))
print(",".join(json.dumps({"do": "set", "n": n, "reactions": fans(500)}) for n in (1, 2, 3, 4)))' >loved
	act "$(head -n 1 loved)"
	into a -q
	# what is remembered is full; then the replies take more room, while their thread is looked at again
	act "$(tail -n 1 loved)" '{"do":"wait","step":3700}'
	into a 2>said
	contains "$(cat said)" 'more was said within --lookback than can be remembered'
	same 2000 "$(sql a.db "SELECT count(*) FROM events r, events e WHERE e.kind = 'reply' AND r.kind = 'reaction' AND r.id LIKE e.id || '/%'")"
	jq -e '.cursor.channels.C0ACM00004.threads | has("1714564860.000001")' a.cursor >/dev/null || fail 'it was forgotten'
}

@test "a conversation that failed in a run that was cut: the next one looks back at it" {
	mock_start slack '{"ops":[{"do":"channel","name":"b"},{"do":"post","text":"m0"},{"do":"post","channel":"b","text":"n0"}]}'
	into a
	act '{"do":"edit","n":0,"text":"m0, edited"}' '{"do":"edit","channel":"b","n":0,"text":"n0, edited"}'
	fault '{"match":"conversations.history","status":200,"body":"{\"ok\":false,\"error\":\"brand_new_error\"}"}'
	ended 75 --jobs 1 --max-requests 3
	contains "$(cat said)" 'general: brand_new_error; its position is kept'
	contains "$(cat said)" 'not looked at to the end: 2 of 2 conversations; the next run goes on there'
	ended 0 --jobs 1
	complete a
}

@test "a schedule of another clock: what it says of times to come is not believed" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	ended 0
	local looks=("$HOME"/.local/state/athena/*.looks) never
	cp "${looks[0]}" kept
	for never in -9000000000000000 9223372036854775807 '"x"' 9000000000000000; do
		sed "s/\(\"\(looked\|swept\|C0ACM00004\)\":\)[0-9]*/\1$never/g" kept >"${looks[0]}"
		! cmp -s kept "${looks[0]}" || fail 'it is as it was'
		slack --plan --cursor a.cursor >out
		contains "$(cat out)" 'threads to be looked at again: 1'
	done
	act '{"do":"post","text":"never seen","step":90000}' '{"do":"post","text":"new","step":7999999}'
	ended 0
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")" "$(cat said)"
}
