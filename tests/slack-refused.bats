#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A thread that the server does not give to athena-src-slack, though it is there: what else is said comes, and the thread when it can be had.
load helper
load mock/mock
load slack

# refused N: from now on there is no thread to that message, says the server, until `given N`
refused() { act "{\"do\":\"set\",\"n\":$1,\"refused\":\"thread_not_found\"}"; }
given() { act "{\"do\":\"set\",\"n\":$1,\"refused\":false}"; }

@test "a thread that is not found to a message that is there: nothing is told, and a later run has it" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}'
	fault '{"match":"conversations.replies","status":200,"body":"{\"ok\":false,\"error\":\"thread_not_found\"}"}'
	ended 75
	contains "$(cat said)" 'general: the server finds no thread to a message that is there; the next run goes on from there'
	same 0 "$(deletions)"
	ended 0
	complete a
}

@test "a thread that is refused for ever: some runs end with 75, then it is given up and said; once it is given all of it comes" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"p1"}]}'
	ended 0
	refused 0
	act '{"do":"reply","n":0,"text":"r1"}'
	local n
	for n in 1 2 3; do
		act "{\"do\":\"post\",\"text\":\"new $n\"}"
		ended 75
		same 'athena-src-slack: general: the server finds no thread to a message that is there; the next run goes on from there' "$(cat said)"
		same 1 "$(replied "new $n")"
	done
	ended 0
	same "athena-src-slack: warning: general: the thread of 2024-05-01T12:01:00.000001Z cannot be had, in 4 runs: the server finds no thread to a message that is there; it is asked for again within a day, and its replies come when they can be had; an export (--export) may have them" \
		"$(cat said)"
	cp a.cursor before
	ended 0
	same '1 ' "$(wc -l <out) $(cat said)" 'a quiet run'
	# asked for again, to no avail: nothing is said, and the cursor is not moved by it
	act '{"do":"wait","step":90000}'
	forget_asked
	ended 0
	same '1 1 ' "$(wc -l <out) $(asked | grep -c replies) $(cat said)"
	same "$(jq -cS .cursor before)" "$(jq -cS .cursor a.cursor)" 'the position'
	# what more is said there is said to be missing, once; what of it the channel shows comes
	act '{"do":"reply","n":0,"text":"r2"}' '{"do":"reply","n":0,"text":"shown","broadcast":true}'
	ended 0
	same 1 "$(grep -c 'cannot be had' said)" "$(cat said)"
	same '1 0 0' "$(replied shown) $(replied r2) $(deletions)"
	ended 0
	same '' "$(cat said)"
	# it is not forgotten when it is older than the look-back
	act '{"do":"post","text":"much later","step":1900000}'
	ended 0
	act '{"do":"reply","n":0,"text":"shown later","broadcast":true}'
	ended 0
	same '1 ' "$(replied 'shown later') $(cat said)" 'the list has only the reply'
	given 0
	act '{"do":"wait","step":90000}'
	ended 0
	complete a
	same "0 1" "$(deletions) $(replied r1)"
	ended 0
	same '1 ' "$(wc -l <out) $(cat said)" 'a quiet run'
	jq -e '[.. | objects | has("tries")] | any | not' a.cursor >/dev/null || fail 'the count of tries stays'
}

@test "a thread that is refused for ever, and a budget of one request for its channel: what else is said there comes" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	refused 0
	act '{"do":"reply","n":0,"text":"r1"}'
	ended 75 --jobs 1 --max-requests 3
	act '{"do":"post","text":"new"}'
	local n
	for n in {1..12}; do
		slack --cursor a.cursor --jobs 1 --max-requests 3 >out 2>said || same 75 "$?"
		athena-store -q a.db <out
		cat said >>saids
	done
	same '1 0' "$(replied new) $(deletions)"
	contains "$(cat saids)" 'cannot be had, in 4 runs'
	ended 0 --jobs 1 --max-requests 3
	given 0
	act '{"do":"wait","step":90000}'
	ended 0
	complete a
}

@test "a thread that is refused for ever holds up no cursor that only a clean end moves" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	refused 0
	local want
	for want in 75 75 75 0 0; do
		slack --commit=exit --cursor a.cursor 2>said | cat >out
		same "$want" "${PIPESTATUS[0]}" "$(cat said)"
		athena-store -q --no-ack a.db <out
	done
	same '1 ' "$(wc -l <out) $(cat said)" 'a quiet run'
	given 0
	act '{"do":"wait","step":90000}'
	ended 0
	complete a
}

@test "a thread whose pages lead nowhere for ever is given up too; where some of it came that begins anew" {
	mock_start slack '{"parent_again":false,"cap":1,"ops":[{"do":"post"},{"do":"reply","text":"r0"},{"do":"reply","text":"r1"},{"do":"reply","text":"r2"}]}'
	local n
	for n in 1 2 3 4 5; do
		# one more page of it in the third run
		act "{\"do\":\"blank\",\"what\":\"replies\",\"n\":$((n == 3 ? 0 : 99))}"
		[ "$n" -ne 3 ] || fault '{"match":"conversations.replies","at":2,"act":[{"do":"blank","what":"replies","n":99}]}'
		ended 75 --jobs 1
		same 1 "$(grep -c 'pages of a thread lead nowhere; the next run' said)" "$n: $(cat said)"
	done
	ended 0 --jobs 1
	contains "$(cat said)" "cannot be had, in 4 runs: the server's pages of a thread lead nowhere"
	act '{"do":"blank","what":"replies","n":0}' '{"do":"wait","step":90000}'
	ended 0
	complete a
}

@test "an error that is that of one thread stops no other, nor what else is said there" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"},{"do":"post","text":"p1"},{"do":"reply","n":2,"text":"r1"}]}'
	ended 0
	act '{"do":"set","n":0,"refused":"brand_new_error"}' '{"do":"reply","n":0,"text":"r2"}' '{"do":"reply","n":2,"text":"r3"}'
	local n
	for n in 1 2 3; do
		act "{\"do\":\"post\",\"text\":\"new $n\"}"
		ended 75
		same 'athena-src-slack: general: conversations.replies: brand_new_error; the next run goes on from there' "$(cat said)"
		same '1 1' "$(replied r3) $(replied "new $n")"
	done
	ended 0
	contains "$(cat said)" 'cannot be had, in 4 runs: conversations.replies: brand_new_error;'
	given 0
	act '{"do":"wait","step":90000}'
	ended 0
	complete a
}

@test "a thread that is refused at first, to a message that does not tell its last reply, is asked for again" {
	mock_start slack '{"latest":false,"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	fault '{"match":"conversations.replies","status":200,"body":"{\"ok\":false,\"error\":\"thread_not_found\"}"}'
	ended 75
	ended 0
	complete a
	slack --cursor a.cursor >out
	same 1 "$(wc -l <out)" 'lines of a quiet run'
}

@test "a thread that is not found, and pages that do not tell of its first message: that is what is said" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}'
	fault '{"match":"conversations.replies","status":200,"body":"{\"ok\":false,\"error\":\"thread_not_found\"}","act":[{"do":"blank","n":9}]}'
	ended 75
	contains "$(cat said)" 'general: the server finds a thread no more, and its pages do not tell whether the message that began it is there; the next run'
	same 0 "$(deletions)"
	act '{"do":"blank","n":0}'
	ended 0
	complete a
}

@test "a reply of which nobody could tell yet whether it was deleted stays in doubt" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db # committed, and no cursor tells of it
	act '{"do":"delete","n":-1}'
	# the thread comes; the question about r1 has to wait for longer than the run may take
	fault '{"match":"conversations.replies","at":2,"status":429,"headers":{"Retry-After":"3600"},"body":""}'
	ended 75 --jobs 1 --deadline 60s
	same 0 "$(deletions)"
	ended 0 --jobs 1
	same 1 "$(deletions)"
	complete a
}

@test "a reply that is in doubt, and a budget of one request for its channel: what else is said there comes" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db
	act '{"do":"delete","n":-1}' '{"do":"post","text":"new"}'
	local n
	for n in {1..12}; do
		slack --cursor a.cursor --jobs 1 --max-requests 3 >out 2>said || same 75 "$?"
		athena-store -q a.db <out
	done
	same 1 "$(replied new)"
	act '{"do":"wait","step":90000}'
	ended 0
	complete a
}

@test "threads that were given up, more than can be remembered: the oldest are forgotten first" {
	mock_start slack '{"ops":[{"do":"post","text":"m0"},{"do":"post","text":"m1"}]}'
	ended 0
	# what the database holds is of no matter here: the position is made up
	python3 - <<'PY'
import json
f = json.load(open("a.cursor"))
threads = f["cursor"]["channels"]["C0ACM00004"].setdefault("threads", {})
for i in range(9000):
	threads["16%08d.000001" % i] = {"known": {}, "n": 1, "l": "1700000000.000001", "at": "", "from": "", "tries": 4}
json.dump(f, open("a.cursor", "w"), sort_keys=True, separators=(",", ":"))
PY
	slack --cursor a.cursor --jobs 1 --max-requests 6 >out 2>said || same 75 "$?" "$(cat said)"
	contains "$(cat said)" 'than can be remembered: what is older than 2020-'
	same 2 "$(jq '.cursor.channels.C0ACM00004.known | length' a.cursor)" 'messages that are remembered'
	[ "$(wc -L <out)" -lt 819200 ] || fail "a line of $(wc -L <out) bytes"
}

@test "a message in doubt in a conversation that the next run is not asked for stays in doubt" {
	mock_start slack '{"ops":[{"do":"channel","name":"b"},{"do":"post","text":"p0"},{"do":"post","channel":"b","text":"q0"}]}'
	ended 0
	act '{"do":"channel","name":"d"}' '{"do":"post","channel":"d","text":"d0"}' '{"do":"post","channel":"b","text":"q1"}' '{"do":"reply","channel":"b","n":0,"text":"r0"}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db # committed, and no cursor tells of it
	act '{"do":"delete","channel":"b","n":2}' '{"do":"delete","channel":"b","n":1}' '{"do":"delete","channel":"d"}' '{"do":"post","text":"p1"}'
	# nor is d open to the token then
	act '{"do":"flag","channel":"d","member":false}'
	ended 0 --channel general
	same 0 "$(deletions)"
	act '{"do":"flag","channel":"d","member":true}'
	ended 0
	same '' "$(cat said)"
	same 3 "$(deletions)"
	complete a
}

@test "replies that are in doubt, more than can be remembered: the oldest are forgotten first" {
	mock_start slack '{"ops":[{"do":"post","text":"m0"},{"do":"post","text":"m1"}]}'
	ended 0
	python3 - <<'PY'
import json
f = json.load(open("a.cursor"))
c = f["cursor"]["channels"]["C0ACM00004"]
for what in "maybe_threads", "told_threads":
	c[what] = {"16%08d.000001" % t: {"16%08d.000002" % (t + i): "12345678" for i in range(20)} for t in range(0, 30000, 20)}
json.dump(f, open("a.cursor", "w"), sort_keys=True, separators=(",", ":"))
PY
	slack --cursor a.cursor >out 2>said || fail "$(cat said)"
	contains "$(cat said)" 'than can be remembered: what is older than 2020-'
	same 2 "$(jq '.cursor.channels.C0ACM00004.known | length' a.cursor)" 'messages that are remembered'
	[ "$(wc -L <out)" -lt 819200 ] || fail "a line of $(wc -L <out) bytes"
}

@test "threads that a budget left are not read where replies are not asked for, and come when they are again" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}'
	ended 75 --jobs 1 --max-requests 3
	contains "$(cat said)" 'new replies of 1 thread'
	ended 0 --no-threads
	same '0 ' "$(replied r1) $(cat said)"
	ended 0
	complete a
}

@test "a reaction that is taken back while runs ask for none" {
	mock_start slack '{"ops":[{"do":"post","text":"p0"},{"do":"react"},{"do":"reply","text":"r0"},{"do":"react","n":1}]}'
	ended 0
	act '{"do":"wait","step":3700}'
	ended 0 --no-reactions
	act '{"do":"unreact"}' '{"do":"unreact","n":1}' '{"do":"react","name":"eyes"}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db # committed, and no cursor tells of it
	act '{"do":"unreact","name":"eyes"}'
	ended 0 --no-reactions
	ended 0
	complete a
	same 3 "$(sql a.db "SELECT count(*) FROM events WHERE content LIKE 'took back%'")"
}

@test "thousands of conversations leave room to remember messages" {
	mock_start slack '{"ops":[{"do":"post","text":"m0"},{"do":"post","text":"m1"}]}'
	ended 0
	python3 - <<'PY'
import json
f = json.load(open("a.cursor"))
channels = f["cursor"]["channels"]
for i in range(6000):
	channels["C1%08d" % i] = {"name": "c%d" % i, "done": "1714564860.000001", "near": "1713960060.000001"}
json.dump(f, open("a.cursor", "w"), sort_keys=True, separators=(",", ":"))
PY
	act '{"do":"edit","n":0,"text":"m0, edited"}'
	slack --cursor a.cursor -q >out 2>said || fail "$(cat said)"
	same 'm0, edited ' "$(events out | jq -r .content) $(cat said)"
	same 2 "$(jq '.cursor.channels.C0ACM00004.known | length' a.cursor)" 'messages that are remembered'
}

@test "threads that wait for the limit of replies, as many as there is room for: nothing else is asked for before some were read" {
	mock_start slack '{"ops":[{"do":"post","text":"m0"},{"do":"post","text":"m1"}]}'
	ended 0
	python3 - <<'PY'
import json
f = json.load(open("a.cursor"))
threads = f["cursor"]["channels"]["C0ACM00004"].setdefault("threads", {})
for i in range(3000):
	threads["16%08d.000001" % i] = {"known": {}, "n": 0, "l": "", "todo": True}
json.dump(f, open("a.cursor", "w"), sort_keys=True, separators=(",", ":"))
PY
	act '{"do":"reply","n":0,"text":"r0"}'
	fault '{"match":"conversations.replies","status":429,"headers":{"Retry-After":"3600"},"body":""}'
	forget_asked
	slack --cursor a.cursor --jobs 1 --deadline 60s >out 2>said || same 75 "$?" "$(cat said)"
	contains "$(cat said)" 'replies of too many threads are still to be read: nothing else is asked for before some of them were; the next run begins with them'
	contains "$(cat said)" '1 of 1 conversations, new replies of 3000 threads'
	same 0 "$(asked | grep -c history)" 'pages of messages'
	slack --cursor a.cursor >out 2>said || fail "$(cat said)"
	same r0 "$(events out | jq -r .content)"
}

@test "a reply in doubt that is missing in a part of its thread, where a budget cuts the reading" {
	mock_start slack '{"cap":2,"ops":[{"do":"post","text":"p0"},{"do":"reply","n":0,"text":"r0"}]}'
	ended 0
	act '{"do":"reply","n":0,"text":"r1"}' '{"do":"reply","n":0,"text":"r2"}' '{"do":"reply","n":0,"text":"r3"}' '{"do":"reply","n":0,"text":"r4"}'
	slack --cursor a.cursor | athena-store -q --no-ack a.db # committed, and no cursor tells of it
	act '{"do":"delete","n":2}'
	ended 75 --jobs 1 --max-requests 3
	jq -e '[.. | .part?] | any' a.cursor >/dev/null || fail 'it was read to its end'
	ended 0
	same 1 "$(deletions)"
	complete a
}
