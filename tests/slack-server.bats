#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a server may answer athena-src-slack: pages that are empty, short, in a circle or without what is there, cursors that expire,
# faults and refusals. Nothing is lost by it, nothing is taken for deleted, and what is not known is said.
load helper
load mock/mock
load slack

@test "messages that stand where one window ends and the next begins" {
	local n ops=
	for n in {1..120}; do ops+=",{\"do\":\"post\",\"text\":\"m$n\",\"at\":\"$((1714564800 + n * 60)).000000\",\"step\":60}"; done
	mock_start slack "{\"cap\":4,\"general\":false,\"ops\":[{\"do\":\"channel\",\"name\":\"general\",\"step\":0}$ops]}"
	slack >out
	same 120 "$(events out | wc -l)"
	into a
	complete a
	[ "$(asked | grep -c history)" -gt 60 ] || fail 'too few windows to say anything'
}

@test "a page or two that is empty though there is more; a cursor that leads back to itself" {
	mock_start slack '{"cap":2,"short":3,"ops":[{"do":"random","n":40,"seed":9}]}'
	into a
	complete a
	act '{"do":"delete","n":3}' '{"do":"delete","n":3}' '{"do":"reply","n":2}'
	into a
	complete a
	fault '{"at":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30],"match":"conversations.history","status":200,
		"body":"{\"ok\":true,\"messages\":[],\"has_more\":true,\"response_metadata\":{\"next_cursor\":\"bm93aGVyZQ==\"}}"}'
	forget_asked
	slack --cursor a.cursor >out 2>said || same 75 "$?"
	contains "$(cat said)" "general: the server's pages lead nowhere; the next run goes on from there"
	[ "$(asked | grep -c history)" -le 4 ] || fail 'it goes round and round'
	athena-store -q a.db <out
	calm
	into a
	complete a
}

@test "more to come, and no cursor that says from where: it goes on by the times of the messages" {
	mock_start slack '{"cap":4,"no_cursor":true,"ops":[{"do":"channel","name":"b"},{"do":"random","n":90,"seed":6},
		{"do":"many","n":9,"what":{"do":"reply","n":0,"text":"r%d"}}]}'
	into a
	complete a
	act '{"do":"many","n":9,"what":{"do":"reply","n":0,"text":"s%d"}}' '{"do":"random","n":20,"seed":7}' '{"do":"delete","n":3}'
	into a
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "pages that lead in a circle: of the list, of a channel, of a thread" {
	live 200
	local page='"response_metadata":{"next_cursor":"x"}}'
	fault "{\"match\":\"/users.conversations\",\"at\":[1,2,3],\"status\":200,\"body\":\"$(quoted "{\"ok\":true,\"channels\":[],$page")\"}"
	run -75 slack
	contains "$output" 'pages of conversations lead nowhere'
	calm
	fault "{\"match\":\"/conversations.history\",\"at\":[$(seq -s, 60)],\"status\":200,\"body\":\"$(quoted "{\"ok\":true,\"messages\":[],$page")\"}"
	run -75 slack --channel general
	contains "$output" "general: the server's pages lead nowhere"
	calm
	fault "{\"match\":\"/conversations.replies\",\"at\":[$(seq -s, 60)],\"status\":200,\"body\":\"$(quoted "{\"ok\":true,\"messages\":[],$page")\"}"
	run -75 slack --channel general
	contains "$output" "general: the server's pages of a thread lead nowhere"
	calm # two that lead to each other
	fault "{\"match\":\"/conversations.replies\",\"at\":[$(seq -s, 1 2 99)],\"status\":200,\"body\":\"$(quoted "{\"ok\":true,\"messages\":[],$page")\"}" \
		"{\"match\":\"/conversations.replies\",\"at\":[$(seq -s, 2 2 100)],\"status\":200,\"body\":\"$(quoted "{\"ok\":true,\"messages\":[],${page/\"x\"/\"y\"}")\"}"
	run -75 slack --jobs 1 --channel general
	contains "$output" "general: the server's pages of a thread lead nowhere"
	calm
	into d && complete d
}

@test "faults: tried again, and nothing is lost or doubled" {
	mock_start slack '{"cap":3,"ops":[{"do":"random","n":60,"seed":5}]}'
	fault '{"at":3,"status":502,"body":"<html>"}' '{"at":5,"how":"reset"}' '{"at":7,"how":"truncate"}' '{"at":9,"how":"html"}' \
		'{"at":11,"how":"badjson"}' '{"at":13,"status":200,"body":"{\"ok\":false,\"error\":\"internal_error\"}"}' \
		'{"at":14,"status":429,"headers":{"Retry-After":"1"},"body":"{\"ok\":false,\"error\":\"ratelimited\"}"}' \
		'{"at":16,"status":200,"body":"{\"ok\":false,\"error\":\"invalid_cursor\"}"}'
	into a --jobs 1 --metrics m
	complete a
	[ "$(sed -n 's/^athena_.*retries[a-z_]*{.*} //p' m)" -ge 5 ] || fail "$(grep retries m)"
}

@test "what ends a run at once, each with its sentence" {
	mock_start slack
	local error
	for error in not_authed invalid_auth token_revoked token_expired account_inactive not_allowed_token_type no_permission access_denied is_bot \
		two_factor_setup_required ekm_access_denied accesslimited enterprise_is_restricted; do
		fault "{\"status\":200,\"body\":\"{\\\"ok\\\":false,\\\"error\\\":\\\"$error\\\"}\"}"
		run -77 --separate-stderr slack
		contains "${stderr:-}" "$error"
		same 1 "$(grep -c . <<<"${stderr:-}")" 'lines said'
	done
	fault '{"status":200,"body":"{\"ok\":false,\"error\":\"unknown_method\"}"}'
	run -69 slack
	fault '{"status":404,"body":"nothing here"}'
	run -69 --separate-stderr slack
	contains "${stderr:-}" '--api-url'
	fault '{"at":[1,2,3],"how":"html"}'
	run -75 slack --retries 1
}

@test "a page that leaves out what is there deletes nothing" {
	live 999
	into a
	act '{"do":"leave_out","n":0}' '{"do":"leave_out","n":2}' '{"do":"edit","n":2,"text":"edited behind its back"}' '{"do":"leave_out","n":6}' \
		'{"do":"reply","n":0,"text":"so that it is read"}'
	into a
	same 1 "$(deletions)" 'deletions told: the one of before'
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "a reply that a page leaves out is there" {
	mock_start slack '{"ops":[{"do":"post"},{"do":"reply","text":"r0"},{"do":"reply","text":"r1"},{"do":"reply","text":"r2"}]}'
	into a
	act '{"do":"leave_out","n":2}' '{"do":"delete","n":1}' '{"do":"reply","text":"r3"}'
	into a
	same 1 "$(deletions)" 'of which one is'
	complete a
	# also one that nobody has seen, and with it the thread is read once more, when its time comes
	act '{"do":"reply","text":"r4"}' '{"do":"leave_out","n":-1}'
	into a
	same 0 "$(replied r4)"
	act '{"do":"wait","step":3700}'
	into a
	same 1 "$(replied r4)"
	act '{"do":"post","text":"another"}' '{"do":"reply","n":-1,"text":"the first"}' '{"do":"leave_out","n":-1}'
	into a
	act '{"do":"wait","step":3700}'
	into a
	same 1 "$(replied 'the first')"
	act '{"do":"delete","n":1}' '{"do":"delete","n":1}' '{"do":"delete","n":1}' '{"do":"delete","n":1}' '{"do":"delete","n":0}'
	into a
	complete a
}

@test "what a deletion costs: a request for all that stood side by side" {
	mock_start slack '{"ops":[{"do":"many","n":40,"what":{"do":"post","text":"m%d"}}]}'
	into a
	act '{"do":"many","n":30,"what":{"do":"delete","n":5}}' '{"do":"delete","n":8}'
	forget_asked
	into a
	complete a
	same 5 "$(asked | wc -l)" 'requests: two, the page, and one for each place'
	same 31 "$(deletions)"
}

@test "a deletion that the budget does not let it look for is not told, and said; a later run tells it" {
	mock_start slack '{"ops":[{"do":"many","n":9,"what":{"do":"post","text":"m%d"}}]}'
	into a
	act '{"do":"delete","n":1}' '{"do":"delete","n":4}' '{"do":"post","text":"new"}'
	slack --cursor a.cursor --max-requests 4 >out 2>said || same 75 "$?"
	contains "$(cat said)" 'known messages missing on a page: 1;'
	athena-store a.db <out
	same '1 1' "$(deletions) $(sql a.db "SELECT count(*) FROM events WHERE content = 'new'")" 'the one it could look for, and what is new'
	into a
	into a
	complete a
}

# ---- more is there, and nothing says where ----

# Fewer requests than that, where the same is asked again and again.
few() { [ "$(asked | grep -c "$1")" -le "$2" ] || fail "$(asked)"; }

@test "a blank page that says there is more, of a channel: it is not the end of it" {
	live 999
	act '{"do":"blank","n":99}'
	ended 75 --jobs 1 general
	contains "$(cat said)" "general: the server's pages lead nowhere; the next run goes on from there"
	same 1 "$(grep -c . said)" 'lines said'
	few history 6
	act '{"do":"blank","n":0}'
	into a
	complete a
	# also where the channel is known already, and only one page of several is so
	act '{"do":"config","cap":3}' '{"do":"post","text":"new"}' '{"do":"blank","n":1}'
	into a
	complete a
	act '{"do":"post","text":"newer"}' '{"do":"blank","n":99}'
	ended 75 --jobs 1
	contains "$(cat said)" "the server's pages lead nowhere"
	same 0 "$(replied newer)"
	act '{"do":"blank","n":0}'
	into a
	complete a
}

@test "a blank page that says there is more, of a thread: it is not all of its replies" {
	mock_start slack '{"parent_again":false,"ops":[{"do":"post"},{"do":"reply","text":"r0"},{"do":"reply","text":"r1"}]}'
	act '{"do":"blank","what":"replies","n":99}'
	ended 75
	contains "$(cat said)" "general: the server's pages of a thread lead nowhere; the next run goes on from there"
	few replies 5
	act '{"do":"blank","what":"replies","n":2}'
	into a
	complete a
	# and what is known of it is not gone
	act '{"do":"reply","text":"r2"}' '{"do":"blank","what":"replies","n":99}'
	ended 75
	same '0 0' "$(deletions) $(replied r2)"
	act '{"do":"blank","what":"replies","n":0}'
	into a
	complete a
}

@test "a thread whose pages lead nowhere for ever: what else is said there comes, and it is asked for once a run" {
	mock_start slack '{"parent_again":false,"ops":[{"do":"post"},{"do":"reply","text":"r0"},{"do":"post"},{"do":"reply","n":2,"text":"r1"}]}'
	local post
	for post in one two three; do
		act '{"do":"blank","what":"replies","n":99}' "{\"do\":\"post\",\"text\":\"$post\"}"
		ended 75
		same 1 "$(sql a.db "SELECT count(*) FROM events WHERE content = '$post'")" "$post"
		same 2 "$(grep -c 'pages of a thread lead nowhere' said)" 'each is said once a run'
		few replies 10
		forget_asked
	done
	act '{"do":"blank","what":"replies","n":0}'
	into a
	complete a
}

@test "a blank page where a deletion is to be confirmed is no deletion" {
	mock_start slack '{"parent_again":false,"ops":[{"do":"post"},{"do":"reply","text":"r0"},{"do":"post","text":"second"}]}'
	into a
	local what n=2 # the second message, and then the reply
	for what in history replies; do
		act "{\"do\":\"leave_out\",\"n\":$n}" '{"do":"reply","n":0,"text":"so that it is read"}'
		# the first is the page that leaves it out
		fault "{\"match\":\"conversations.$what\",\"at\":2,\"act\":[{\"do\":\"blank\",\"what\":\"$what\"}]}"
		ended 75 --jobs 1
		same 'athena-src-slack: general: known messages missing on a page: 1; whether they were deleted is for a later run to see' "$(cat said)"
		same 0 "$(deletions)"
		into a
		complete a
		n=1
	done
}

@test "a blank page where old messages are swept: said, and a later sweep finds what is there" {
	mock_start slack '{"ops":[{"do":"channel","name":"b"},{"do":"post","text":"ancient"},{"do":"post","channel":"b","text":"ancient too"},
		{"do":"post","text":"new","step":3000000},{"do":"post","channel":"b","text":"new there"}]}'
	into a
	act '{"do":"reply","n":0,"text":"late"}' '{"do":"reply","channel":"b","n":0,"text":"late there"}' '{"do":"wait","step":90000}'
	fault '{"match":"conversations.history","at":3,"act":[{"do":"blank"}]}' # after a look at each channel
	ended 75 --jobs 1
	contains "$(cat said)" "general: the server's pages of old messages lead nowhere; the next sweep looks again"
	same '0 1' "$(replied late) $(replied 'late there')" 'the other channel is swept'
	into a
	same 0 "$(replied late)" 'not at once'
	act '{"do":"wait","step":90000}'
	into a
	complete a
}

@test "a channel whose pages lead nowhere for ever: what is new there comes all the same, and what was between when it can" {
	mock_start slack '{"cap":3,"ops":[{"do":"many","n":4,"what":{"do":"post","text":"m%d"}}]}'
	into a
	local n
	for n in 1 2 3; do
		act "{\"do\":\"many\",\"n\":5,\"what\":{\"do\":\"post\",\"text\":\"new $n.%d\"}}"
		# below the first page, or what a run before left, it is blank
		fault "{\"match\":\"conversations.history\",\"at\":$((n == 1 ? 2 : 1)),\"act\":[{\"do\":\"blank\",\"n\":4}]}"
		ended 75 --jobs 1
		same 1 "$(grep -c 'lead nowhere' said)" "$(cat said)"
		same 1 "$(replied "new $n.4")"
	done
	same '3|5' "$(sql a.db "SELECT sum(content LIKE 'new 1.%'), sum(content LIKE 'new 3.%') FROM events")"
	act '{"do":"edit","n":-1,"text":"new 3.4, edited"}' '{"do":"delete","n":-2}' '{"do":"reply","n":-1,"text":"there too"}' '{"do":"blank","n":4}'
	ended 75 --jobs 1
	same '1 1 1' "$(replied 'new 3.4, edited') $(deletions) $(replied 'there too')" 'changes are seen too'
	calm
	into a
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

# ---- cursors that expire ----

@test "a cursor that expires in the list of conversations: it begins again, and not for ever" {
	live 999
	act '{"do":"config","cap":1}'
	fault "{\"match\":\"conversations\",\"at\":3,\"status\":200,\"body\":\"$(quoted '{"ok":false,"error":"invalid_cursor"}')\"}"
	into a
	complete a
	fault "{\"match\":\"conversations\",\"at\":[2,4,6,8,10],\"status\":200,\"body\":\"$(quoted '{"ok":false,"error":"invalid_cursor"}')\"}"
	ended 75
	contains "$(cat said)" 'users.conversations: its cursors expire; come back later'
}

@test "a cursor that expires while a deletion is confirmed: that question begins again, and not for ever" {
	live 999
	into a
	act '{"do":"leave_out","n":0,"times":2}' '{"do":"delete","n":3}'
	# the page, and of the first question an empty one with a cursor that is none
	fault "{\"match\":\"conversations.history\",\"at\":2,\"status\":200,
		\"body\":\"$(quoted '{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"bm93aGVyZQ=="}}')\"}"
	ended 0 --jobs 1 general
	complete a
	same 2 "$(deletions)" 'one more'
	act '{"do":"leave_out","n":0}'
	fault "{\"match\":\"conversations.history\",\"at\":[2,3,4,5,6],\"status\":200,\"body\":\"$(quoted '{"ok":false,"error":"invalid_cursor"}')\"}"
	forget_asked
	ended 75 --jobs 1 general
	contains "$(cat said)" 'general: known messages missing on a page: 1; whether they were deleted is for a later run to see'
	few history 7
	calm
	into a
	complete a
}

@test "the sweep over old messages: its cursor outlives the run, and where it has expired the sweep goes on by time" {
	mock_start slack '{"cap":3,"ops":[{"do":"many","n":9,"what":{"do":"post","text":"m%d"}},{"do":"post","text":"new","step":3000000}]}'
	into a
	act '{"do":"reply","n":0,"text":"late"}' '{"do":"reply","n":8,"text":"late too"}' '{"do":"wait","step":90000}'
	# twelve blank pages, one after the other, are more than a run asks for
	fault '{"match":"conversations.history","at":2,"act":[{"do":"blank","n":12,"leads":true}]}'
	ended 0 --jobs 1
	contains "$(cat said)" 'swept for late replies and edits'
	same '0 0' "$(replied late) $(replied 'late too')"
	jq -e .sweep.cursor "$HOME"/.local/state/athena/*.looks >/dev/null || fail 'the cursor is not kept'
	ended 0 --jobs 1
	same '1 1' "$(replied late) $(replied 'late too')"
	complete a
	# the first page of the next is empty, and its cursor is none
	act '{"do":"reply","n":0,"text":"later"}' '{"do":"wait","step":180000}'
	fault "{\"match\":\"conversations.history\",\"at\":2,\"status\":200,
		\"body\":\"$(quoted '{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"bm93aGVyZQ=="}}')\"}"
	ended 0 --jobs 1
	same 1 "$(replied later)"
	complete a
}

# ---- a cursor that cannot be kept ----

@test "a position that cannot be staged ends the run at once, and is said once" {
	mock_start slack '{"cap":2,"delay":0.2,"ops":[{"do":"channel","name":"b"},{"do":"many","n":40,"what":{"do":"post","text":"m%d"}},
		{"do":"post","channel":"b"}]}'
	local name got=0
	name=$(printf 'F%.0s' {1..245}) # a lock beside it has room in its name, a staged position has not
	slack --jobs 1 --cursor "$name" >out 2>said || got=$?
	same 73 "$got"
	same 1 "$(grep -c . said)" "$(cat said)"
	contains "$(cat said)" 'cannot stage the next position'
	[ "$(asked | wc -l)" -lt 20 ] || fail 'it went on'
	same 0 "$(grep -c '"athena":"checkpoint"' out)"
	# and at the end of one that is over before the first
	act '{"do":"config","cap":999}'
	slack --cursor "$name" >out 2>said || got=$?
	same '73 1' "$got $(grep -c . said)"
}

@test "what a long silence costs where a channel is read for the first time" {
	mock_start slack '{"cap":4,"ops":[{"do":"many","n":40,"what":{"do":"post","text":"a%d"}},{"do":"post","text":"after years","step":99000000},
		{"do":"many","n":40,"what":{"do":"post","text":"b%d"}}]}'
	into a
	complete a
	few history 28
}
