#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the plan of a workspace hides from athena-src-slack: the end of what can be read, said where it is missing, and not deleted.
load helper
load mock/mock
load slack

@test "what a plan hides is the end of the list, however that is said, and is not deleted" {
	local more
	for more in false true; do
		mock_start slack "{\"limited_more\":$more,\"cap\":4,\"ops\":[{\"do\":\"many\",\"n\":5,\"what\":{\"do\":\"post\",\"text\":\"old %d\"}},
			{\"do\":\"reply\",\"n\":0,\"text\":\"old reply\"},{\"do\":\"many\",\"n\":5,\"what\":{\"do\":\"post\",\"text\":\"m%d\",\"step\":40000}}]}"
		rm -rf a.cursor a.db "$HOME"/.local/state/athena
		ended 0
		complete a
		# 3 of the last are still shown
		act '{"do":"config","shows":100000}' '{"do":"post","text":"new","step":1}'
		ended 0
		same '' "$(cat said)"
		complete a
		# nothing is shown but the newest, which comes all the same
		act '{"do":"config","shows":10}' '{"do":"post","text":"newer","step":99000}'
		ended 0
		complete a
		same 1 "$(replied newer)"
		act '{"do":"wait"}'
		ended 0
		forget_asked
		ended 0
		same '0 1' "$(deletions) $(asked | grep -c history)" 'deletions, and requests'
		mock_stop
	done
}

@test "a first run where a plan hides what is old: what is shown, and that is said once" {
	mock_start slack '{"limited_more":true,"cap":4,"ops":[{"do":"many","n":30,"what":{"do":"post","text":"old %d","step":90000}},
		{"do":"many","n":9,"what":{"do":"post","text":"m%d","step":1000}},{"do":"channel","name":"b"},{"do":"post","channel":"b"}]}'
	act '{"do":"config","shows":9500}'
	ended 0
	same "athena-src-slack: general: the workspace's plan hides what is older than 2024-06-01T18:01:00.00003Z, perhaps in other conversations too" "$(cat said)"
	same 11 "$(sql a.db "SELECT count(*) FROM events")"
	ended 0
	same '' "$(cat said)"
}

@test "what a plan hid between two runs is missing: said once, and an event" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"read"}]}'
	ended 0
	act '{"do":"post","text":"never seen","step":90000}' '{"do":"post","text":"new","step":7999999}'
	ended 0
	contains "$(cat said)" "general: the workspace's plan hides what is older than 2024-08-03T03:14:19.000003Z: what was said there after 2024-05-01T12:01:00.000001Z and hidden before a run saw it is missing, if there was any; run more often"
	same '1 0' "$(replied new) $(deletions)"
	same '2024-05-01T12:01:00.000001Z|#general: the workspace'\''s plan hides what is older than 2024-08-03T03:14:19.000003Z; what was said after 2024-05-01T12:01:00.000001Z and not read by then may be missing' \
		"$(sql a.db "SELECT timestamp, content FROM events WHERE kind = 'source.cut_off'")"
	act '{"do":"post","text":"newer"}'
	ended 0
	same '' "$(cat said)"
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
}

# a_thread_left: of two threads the replies that came since are left by a budget
a_thread_left() {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"p1","step":4000000},{"do":"post","text":"p2"}]}'
	rm -rf a.cursor a.db "$HOME"/.local/state/athena
	ended 0
	act '{"do":"reply","n":0,"text":"shown","broadcast":true}'
	ended 75 --jobs 1 --max-requests 3
	contains "$(cat said)" 'new replies of 1 thread'
}

@test "a thread that a budget left and the plan hides by then: said once, and not deleted" {
	a_thread_left
	act '{"do":"wait","step":4000000}'
	forget_asked
	ended 0 --jobs 1
	contains "$(cat said)" "general: the workspace's plan hides a thread by now: what was said in it after 2024-05-01T12:02:00.000002Z may be missing; run more often"
	same '0 1' "$(deletions) $(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off' AND id LIKE '%/1714564860.000001/cut-off/%'")"
	ended 0
	same '' "$(cat said)"
	act '{"do":"wait","step":3700}'
	ended 0
	same '0 1 ' "$(deletions) $(replied shown) $(cat said)" 'the channel shows that reply'
}

@test "a thread that a plan hides, where a page that holds nothing does not say so, is not deleted" {
	# left by a budget: the thread is asked for before the list; an earlier run has seen that there is such a plan
	mock_start slack '{"unsaid":true,"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"p0","step":8000000},{"do":"reply","n":1,"text":"r0"},
		{"do":"post","text":"p1","step":4000000},{"do":"post","text":"p2"}]}'
	ended 0 --lookback 100d
	act '{"do":"reply","n":1,"text":"r1","broadcast":true}'
	ended 75 --jobs 1 --max-requests 3 --lookback 100d
	contains "$(cat said)" 'new replies of 1 thread'
	act '{"do":"wait","step":4000000}'
	ended 0 --jobs 1 --lookback 100d
	contains "$(cat said)" 'plan hides a thread by now'
	same 0 "$(deletions)"
	mock_stop
	# looked at again, after the list; and messages themselves
	mock_start slack '{"unsaid":true,"shows":7776000,"ops":[{"do":"channel","name":"b"},{"do":"post","text":"p0"},{"do":"post","channel":"b","text":"q0"},
		{"do":"post","channel":"b","text":"q1","step":7700000},{"do":"reply","n":0,"text":"r0"}]}'
	rm -rf a.cursor a.db "$HOME"/.local/state/athena
	ended 0 --lookback 100d
	act '{"do":"wait","step":90000}'
	fault "{\"match\":\"conversations.history\",\"status\":200,\"body\":\"$(quoted '{"ok":true,"messages":[],"has_more":false,"is_limited":true}')\"}"
	ended 0 --jobs 1 --lookback 100d
	ended 0 --jobs 1 --lookback 100d
	same 0 "$(deletions)"
}

@test "a thread that was hidden and shows itself again is looked at again" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"p1"}]}'
	ended 0
	act '{"do":"config","shows":1000}' '{"do":"post","text":"p2","step":90000}'
	ended 0
	jq -e '[.. | .hidden?] | any' a.cursor >/dev/null || fail 'it is not hidden'
	act '{"do":"config","shows":null}' '{"do":"edit","n":1,"text":"r0, edited"}' '{"do":"wait","step":90000}'
	ended 0
	same '1 0' "$(replied 'r0, edited') $(deletions)"
	ended 0
	complete a
}

@test "a thread that the plan hides while a first run reads: no run has missed it" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"p1","step":4000000}]}'
	fault '{"match":"conversations.replies","act":[{"do":"config","shows":1000}]}'
	ended 0 --jobs 1
	same "athena-src-slack: general: the workspace's plan hides what is older than 2024-05-01T12:01:00.000001Z, perhaps in other conversations too" "$(cat said)"
	same 0 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
	ended 0
	same '' "$(cat said)"
}

@test "a conversation that is asked on behalf of another one, and refuses that, is read all the same" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"channel","name":"b"},{"do":"post","text":"read"},{"do":"post","channel":"b","text":"b0"}]}'
	ended 0
	act '{"do":"post","text":"never seen","step":90000}' '{"do":"post","text":"new","step":7999999}' '{"do":"post","channel":"b","text":"b1"}'
	# the list, the last message by itself, its place, and the same place in the other one
	fault "{\"match\":\"conversations.history\",\"at\":4,\"status\":200,\"body\":\"$(quoted '{"ok":false,"error":"brand_new_error"}')\"}"
	ended 0 --jobs 1
	contains "$(cat said)" 'general: the workspace'\''s plan hides what is older than'
	same '0 1 1' "$(grep -c brand_new_error said) $(replied b1) $(replied new)"
}

@test "a thread that a budget left and that is gone by then: deleted, whatever the budget and the plan" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"old","step":8000000},{"do":"post","text":"p0"},
		{"do":"reply","n":2,"text":"r0"},{"do":"post","text":"p1"}]}'
	ended 0
	act '{"do":"reply","n":2,"text":"r1"}'
	ended 75 --jobs 1 --max-requests 3
	contains "$(cat said)" 'new replies of 1 thread'
	act '{"do":"delete","n":5}' '{"do":"delete","n":3}' '{"do":"delete","n":2}'
	# one request a run: the thread is refused, then its place is asked for
	ended 75 --jobs 1 --max-requests 3
	same 0 "$(deletions)" 'not known yet'
	ended 75 --jobs 1 --max-requests 3
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE id LIKE '%.000004/deleted'")" 'a reply that was known'
	ended 0
	ended 0
	same 2 "$(deletions)" 'r1 was never seen'
}

@test "a thread that the plan hides between its channel's list and its replies is not deleted" {
	mock_start slack '{"cap":1,"shows":7776000,"ops":[{"do":"post","text":"p0"},{"do":"post","text":"p1","step":4000000},{"do":"reply","n":0,"text":"r0"},
		{"do":"reply","n":0,"text":"r1"}]}'
	ended 0
	act '{"do":"delete","n":2}' '{"do":"wait","step":3700}'
	# the first answer has no r0, and before it is looked for the plan hides the thread
	fault '{"match":"conversations.replies","at":2,"status":200,"body":"{\"ok\":false,\"error\":\"thread_not_found\"}","pause":true}'
	fault '{"match":"conversations.history","at":2,"status":200,"body":"{\"ok\":true,\"messages\":[],\"has_more\":false,\"is_limited\":true}"}'
	ended 0 --jobs 1
	same 0 "$(deletions)"
}

@test "a conversation whose place cannot be asked for: its thread is left, and nothing is told" {
	a_thread_left
	act '{"do":"wait","step":4000000}'
	fault '{"match":"conversations.history","status":200,"body":"{\"ok\":false,\"error\":\"brand_new_error\"}"}'
	ended 69 --jobs 1
	same 0 "$(deletions)"
	ended 0
	same 0 "$(deletions)"
	contains "$(cat said)" 'plan hides a thread'
}

@test "what a plan hid is said without a look back too, once; and not where nothing was hidden" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"read","step":7000000}]}'
	ended 0 --lookback 0s
	# something is hidden always; this is none of what was not read
	act '{"do":"post","text":"new","step":5000000}'
	ended 0 --lookback 0s
	same '' "$(cat said)"
	act '{"do":"delete","n":2}' '{"do":"post","text":"newer"}'
	ended 0 --lookback 0s
	same '' "$(cat said)" 'the last one was deleted, and an older one is shown'
	act '{"do":"post","text":"never seen"}' '{"do":"post","text":"newest","step":7999999}'
	ended 0 --lookback 0s
	contains "$(cat said)" 'and hidden before a run saw it is missing, if there was any; run more often'
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
	forget_asked
	act '{"do":"post","text":"after it"}'
	ended 0 --lookback 0s
	same ' 1' "$(cat said) $(asked | grep -c history)" 'said, and asked'
}

@test "a conversation that was silent for longer than a plan shows, and that runs saw, lacks nothing" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"read"}]}'
	ended 0
	act '{"do":"wait","step":5000000}'
	ended 0
	act '{"do":"wait","step":5000000}'
	ended 0
	act '{"do":"post","text":"new","step":90000}'
	ended 0
	same ' 1 0' "$(cat said) $(replied new) $(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
	# no run for half a year: what may be missing is missing since the last one
	act '{"do":"post","text":"never seen"}' '{"do":"post","text":"newest","step":15000000}'
	ended 0
	same "1 $(sql a.db "SELECT timestamp FROM events WHERE content = 'new'")" \
		"$(sql a.db "SELECT count(*), timestamp FROM events WHERE kind = 'source.cut_off'" | tr '|' ' ')"
	# the same where a run comes in between to which nothing is shown
	act '{"do":"post","text":"not seen either"}' '{"do":"wait","step":15000000}'
	ended 0
	act '{"do":"post","text":"last"}'
	ended 0
	contains "$(cat said)" 'and hidden before a run saw it is missing, if there was any'
	same "2 $(sql a.db "SELECT timestamp FROM events WHERE content = 'newest'")" \
		"$(sql a.db "SELECT count(*), max(timestamp) FROM events WHERE kind = 'source.cut_off'" | tr '|' ' ')"
}

@test "what was said first in a conversation that runs saw empty, and hidden before the next one, is said to be missing" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"channel","name":"b"}]}'
	ended 0
	act '{"do":"post","channel":"b","text":"never seen"}' '{"do":"post","channel":"b","text":"new","step":7999999}'
	ended 0
	contains "$(cat said)" "b: the workspace's plan hides what is older than 2024-08-02T02:15:19.000002Z: what was said there after 2024-05-01T12:01:00Z and hidden before a run saw it is missing, if there was any; run more often"
	same '1 1' "$(replied new) $(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
	# the same where a run comes in between to which nothing is shown
	act '{"do":"channel","name":"d"}'
	ended 0
	act '{"do":"post","channel":"d","text":"not seen either"}' '{"do":"wait","step":15000000}'
	ended 0
	act '{"do":"post","channel":"d","text":"last"}'
	ended 0
	same 'd 2' "$(grep -o '. d: the workspace' said | cut -c 3) $(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
	ended 0
	same '' "$(cat said)"
}

@test "what a plan hid while more was asked for than before is said, whatever an earlier run saw" {
	mock_start slack '{"cap":2,"shows":7776000,"ops":[{"do":"many","n":9,"what":{"do":"post","text":"m%d","step":1000000}}]}'
	ended 0 --no-reactions
	act '{"do":"react","n":3}'
	ended 75 --jobs 1 --max-requests 5
	# the messages between those that the run saw are hidden now, and with them the reaction
	act '{"do":"wait","step":4276000}'
	ended 0
	contains "$(cat said)" 'and hidden before a run saw it is missing, if there was any; run more often'
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off'")"
}

@test "what a plan hid between two runs is said where the second one asks for more, also in two goes" {
	local goes
	for goes in one two; do
		mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"read"}]}'
		rm -rf a.cursor a.db "$HOME"/.local/state/athena
		ended 0 --no-reactions
		act '{"do":"post","text":"never seen"}' '{"do":"many","n":3,"what":{"do":"post","text":"m%d","step":2700000}}' '{"do":"config","cap":1}'
		[ $goes = one ] || ended 75 --jobs 1 --max-requests 3
		ended 0
		same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off' AND timestamp = '2024-05-01T12:01:00.000001Z'")" "in $goes"
		ended 0
		same '' "$(cat said)"
		mock_stop
	done
}

@test "what a plan hid after a first run that nobody acknowledged is said" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"read"}]}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db
	act '{"do":"post","text":"never seen"}' '{"do":"post","text":"new","step":7999999}'
	ended 0
	same 1 "$(sql a.db "SELECT count(*) FROM events WHERE kind = 'source.cut_off' AND timestamp = '2024-05-01T12:01:00.000001Z'")"
	ended 0
	same '' "$(cat said)"
}

@test "what a plan hid after a run that a budget cut is said" {
	mock_start slack '{"cap":2,"shows":7776000,"ops":[{"do":"post","text":"read"}]}'
	ended 0
	act '{"do":"many","n":4,"what":{"do":"post","text":"lost %d"}}' '{"do":"many","n":2,"what":{"do":"post","text":"m%d","step":3000000}}'
	ended 75 --jobs 1 --max-requests 3
	act '{"do":"wait","step":4600000}'
	ended 0
	contains "$(cat said)" 'and hidden before a run saw it is missing, if there was any; run more often'
	same '0 0' "$(replied 'lost 0') $(deletions)"
	ended 0
	same '' "$(cat said)"
}

@test "a deletion at the end of the look back, where a plan hides what is old" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"old","step":7000000},{"do":"post","text":"a","step":1000000},
		{"do":"post","text":"b"}]}'
	ended 0
	act '{"do":"delete","n":2}'
	ended 0
	same 1 "$(deletions)"
	same '' "$(cat said)"
}

@test "a deletion that an answer without the older message does not tell, where another conversation is limited" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"post","text":"m0","step":8000000},{"do":"channel","name":"b"},
		{"do":"post","channel":"b","text":"q0"},{"do":"post","channel":"b","text":"q1"}]}'
	ended 0
	act '{"do":"delete","channel":"b","n":1}'
	# after a list of each: the place of q1, where q0 is left out
	fault '{"match":"conversations.history","at":3,"act":[{"do":"leave_out","channel":"b","n":0}]}'
	ended 75 --jobs 1
	contains "$(cat said)" 'b: known messages missing on a page: 1; whether they were deleted is for a later run to see'
	same 0 "$(deletions)"
	ended 0
	same '1 1' "$(deletions) $(sql a.db "SELECT count(*) FROM events WHERE kind = 'message.deleted' AND id LIKE 'C0ACM00005/%'")"
}

@test "a plan that hides what is old hides nothing of today: a conversation's only message, and a thread, are told to be deleted" {
	mock_start slack '{"shows":7776000,"ops":[{"do":"post","text":"ancient"},{"do":"channel","name":"b"},{"do":"channel","name":"d"}]}'
	ended 0
	act '{"do":"post","channel":"b","text":"only","step":9000000}' '{"do":"post","channel":"d","text":"p0"}' '{"do":"reply","channel":"d","n":0,"text":"r0"}'
	ended 0
	act '{"do":"delete","channel":"b","n":0}' '{"do":"delete","channel":"d","n":1}' '{"do":"delete","channel":"d","n":0}' '{"do":"wait","step":3700}'
	ended 0
	same 3 "$(deletions)"
	complete a
}
