#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-slack --export: ZIPs and folders as Slack, slackdump and the world make them.
# shellcheck disable=SC2154 # run sets $stderr
load helper

setup() { need jq python3 sqlite3; }

# What most exports here are made of. PEOPLE and CHANNELS are members of an object.
PEOPLE='"users.json":[{"id":"U1","team_id":"T1","name":"ann","profile":{"display_name":"Ann","real_name":"Ann A"}},
	{"id":"U2","team_id":"T1","name":"bob","real_name":"Bob B","profile":{"display_name":""}}]'
CHANNELS='"channels.json":[{"id":"C00000001","name":"general","created":1700000000},{"id":"C00000002","name":"quiet"}]'

# m TS TEXT [MEMBERS]: a message of Ann's.
m() { printf '{"type":"message","user":"U1","ts":"%s","text":"%s"%s}' "$1" "$2" "${3:+,$3}"; }

# make_export OUT OPTION... -- 'MEMBERS': with people and channels before them
make_export() {
	local out=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	"$FIXTURES/slack-export" "$out" ${options[0]+"${options[@]}"} <<<"{$PEOPLE,$CHANNELS,$2}"
}

# A bit of everything that an export has.
LIFE=$(cat <<END
"groups.json":[{"id":"G00000001","name":"secret"}],"mpims.json":[{"id":"G00000002","name":"mpdm-ann--bob-1"}],
"dms.json":[{"id":"D00000001","members":["U1","U2"]}],"integration_logs.json":[{"a":1}],
"general/2024-01-01.json":[$(m 1704100000.000100 'see <@U2> in <#C00000002> &amp; <https:\/\/a.org|A>' '"thread_ts":"1704100000.000100",
"reply_count":1,"latest_reply":"1704200000.000100","replies":[{"user":"U2","ts":"1704200000.000100"}],"user_team":"T1","source_team":"T1",
"user_profile":{"display_name":"Ann"},"reactions":[{"name":"+1","count":2,"users":["U1","U2"]}],
"files":[{"id":"F1","title":"a.png","created":1704100000,"user":"U1","permalink":"https:\/\/acme.slack.com\/files\/U1\/F1"}]'),
{"type":"message","subtype":"channel_join","user":"U2","text":"<@U2> has joined the channel","ts":"1704100001.000100"},
{"type":"message","subtype":"bot_message","bot_id":"B1","username":"CI","text":"","attachments":[{"fallback":"build failed"}],"ts":"1704100002.000100"}],
"general/2024-01-02.json":[{"type":"message","user":"U2","text":"a late reply","thread_ts":"1704100000.000100","ts":"1704200000.000100"},
{"type":"message","subtype":"thread_broadcast","user":"U2","text":"for all","thread_ts":"1704100000.000100","ts":"1704200001.000100"},
{"type":"message","subtype":"tombstone","user":"USLACKBOT","text":"This message was deleted.","hidden":true,"ts":"1704200002.000100"},
{"type":"message","subtype":"file_share","user":"U1","text":"<@U1> uploaded a file: old","file":{"id":"F0","name":"old.txt","timestamp":1704200003},"ts":"1704200003.000100"},
{"type":"message","subtype":"file_comment","text":"<@U1> commented","comment":{"user":"U1","comment":"hm"},"file":{"id":"F0","name":"old.txt","timestamp":1704200003},"ts":"1704200004.000100"}],
"general/2024-01-03.json":[],"general/canvas_in_the_conversation.json":[{"id":"F7"}],
"secret/2024-01-02.json":[$(m 1704200005.000100 'hush' '"edited":{"user":"U1","ts":"1704200006.000000"}')],
"mpdm-ann--bob-1/2024-01-02.json":[$(m 1704200007.000100 'the three of us')],
"D00000001/2024-01-02.json":[{"type":"message","user":"U9","user_profile":{"real_name":"A Stranger"},"text":"between us","ts":"1704200008.000100"}]
END
)

# is_life FILE: FILE holds the events of LIFE, whatever the order of the channels
is_life() {
	make_export life.zip -- "$LIFE"
	athena-src-slack --export life.zip | sort >want
	sort "$1" | diff want - || fail "$1 is not the whole of it"
}

@test "a workspace's export, as events" {
	make_export life.zip -- "$LIFE"
	athena-src-slack --export life.zip --bots >out
	golden athena-src-slack-export.ndjson out
}

@test "a ZIP in every shape gives the same" {
	local shape
	for shape in 'prefix=Acme export Jan 1 2024 - Jan 3 2024/' dirs zip64 date=0 "prefix=$(printf '%.0sa/' {1..30})"; do
		make_export shaped.zip "$shape" -- "$LIFE"
		athena-src-slack --export shaped.zip >out
		is_life out || fail "$shape"
	done
	make_export deep/ "$shape" -- "$LIFE"
	athena-src-slack --export deep >out
	is_life out || fail "folders, $shape"
	make_export deep/ "prefix=$(printf '%.0sb/' {1..110})" -- '"general/2024-01-01.json":[]'
	run -65 athena-src-slack --export deep
	contains "$output" 'over 100 folders deep'
	make_export folder/ -- "$LIFE"
	athena-src-slack --export folder >out
	is_life out
	make_export outer/ prefix=inner/ -- "$LIFE"
	athena-src-slack --export outer >out
	is_life out
}

@test "a ZIP of over 4 GiB, and one of over 65,535 entries" {
	local shape
	for shape in far=5 many=70000; do
		make_export shaped.zip "$shape" -- "$LIFE"
		# the end of a ZIP in 64 bits; without it these would be the old kind
		tail -c 200 shaped.zip | grep -qa $'PK\x06\x06' || fail "$shape is no zip64"
		small 244 athena-src-slack --export shaped.zip >out
		is_life out || fail "$shape"
		rm shaped.zip
	done
}

@test "a ZIP whose names have backslashes, or UTF-8 that is not said to be that, and lists that are null" {
	make_export back.zip -- "$LIFE"
	python3 - <<-'END'
		import zipfile
		old = zipfile.ZipFile("back.zip")
		with zipfile.ZipFile("slashes.zip", "w") as new:
		    for n in old.namelist():
		        new.writestr("Acme\\" + n.replace("/", "\\"), old.read(n))
		    new.writestr("Acme\\..\\..\\general\\2024-01-01.json", "[]")
		    new.writestr("Acme\\mpims.json", "null\r\n")
	END
	run -0 --separate-stderr athena-src-slack --export slashes.zip
	printf '%s\n' "$output" >out
	is_life out
	contains "$stderr" "1 files whose names lead out of the archive"
	make_export plain.zip -- '"file_conversations.json":[{"id":"C00000077","name":"FC:F1:🔗 Größe"}],"FC:F1:🔗 Größe/2024-01-01.json":['"$(m 1.5 beside)"']'
	python3 - <<-'END'
		data = bytearray(open("plain.zip", "rb").read())
		for mark, at in (b"PK\3\4", 7), (b"PK\1\2", 9):
		    i = data.find(mark)
		    while i >= 0:
		        data[i + at] &= 0xF7
		        i = data.find(mark, i + 4)
		open("plain.zip", "wb").write(data)
	END
	run -0 athena-src-slack --export plain.zip
	same 'C00000077/1.5' "$(jq -r .id <<<"$output")"
}

@test "a ZIP that is encrypted, or compressed in a way that libzip does not know: what to do" {
	make_export life.zip -- "$LIFE"
	python3 - <<-'END'
		def without(name, at, value, out):
		    data = bytearray(open("life.zip", "rb").read())
		    for mark, where in (b"PK\3\4", at), (b"PK\1\2", at + 2):
		        i = data.rfind(mark, 0, data.rfind(name) if mark[2] == 1 else data.find(name))
		        data[i + where] |= value
		    open(out, "wb").write(data)
		without(b"general/2024-01-01.json", 6, 1, "secret.zip")
		without(b"users.json", 8, 9, "deflate64.zip")
	END
	run -65 athena-src-slack --export secret.zip
	contains "$output" 'general/2024-01-01.json: encrypted: unpack it with its password and give the folder; left out'
	run -65 athena-src-slack --export deflate64.zip
	contains "$output" 'users.json: compressed in a way that is not known here: unpack it and give the folder'
	make_export list.zip -- '"groups.json":{"members":[]}'
	run -65 athena-src-slack --export list.zip
	contains "$output" 'groups.json: an object without a list of messages; nothing was read: mend that file, or take it out of the export'
}

@test "only what was asked for: channels, reactions, bots, times" {
	make_export life.zip -- "$LIFE"
	athena-src-slack --export life.zip --channel '#secret' --channel D00000001 >out
	same "D00000001/1704200008.000100 G00000001/1704200005.000100" "$(jq -r .id out | sort | xargs)"
	athena-src-slack --export life.zip --channel quiet >out
	[ ! -s out ]
	run -66 athena-src-slack --export life.zip --channel nowhere
	contains "$output" "nowhere: no channel of this export"
	athena-src-slack --export life.zip --no-reactions >out
	same 0 "$(jq -r 'select(.kind == "reaction") | .id' out | wc -l)"
	athena-src-slack --export life.zip --no-threads >out
	same "C00000001/1704200001.000100" "$(jq -r 'select(.kind == "reply") | .id' out)"
	same "CI: build failed" "$(athena-src-slack --export life.zip --bots | jq -r 'select(.metadata.bot_id == "B1") | .actor + ": " + .content')"
	same 0 "$(athena-src-slack --export life.zip | grep -c B1 || :)"
	athena-src-slack --export life.zip --since 2024-01-02T12:53:25Z --until 2024-01-02T12:53:28Z >out
	same "G00000001/1704200005.000100 G00000002/1704200007.000100" "$(jq -r .id out | sort | xargs)"
}

@test "--limit gives the oldest events of all channels, oldest first" {
	make_export life.zip -- "$LIFE"
	athena-src-slack --export life.zip | jq -r .timestamp | tr -d Z | sort | sed 's/$/Z/' | head -n 8 >want
	athena-src-slack --export life.zip --limit 8 | jq -r .timestamp >out
	diff want out
	same 0 "$(athena-src-slack --export life.zip --limit 0 | wc -l)"
}

@test "a name that another workspace's people outnumber, none, and one that is wrong" {
	"$FIXTURES/slack-export" bare.zip <<<"{$CHANNELS,\"general/2024-01-01.json\":[$(m 1.5 hi)]}"
	run -64 athena-src-slack --export bare.zip
	contains "$output" "--workspace T"
	athena-src-slack --export bare.zip --workspace T7 >out
	same slack:T7 "$(jq -r .source_id out)"
	same "slack:T7/C00000001/1.5" "$(jq -r .session_id out)"
	"$FIXTURES/slack-export" told.zip <<<"{$CHANNELS,\"general/2024-01-01.json\":[$(m 1.5 hi '"team":"T3"')]}"
	"$FIXTURES/slack-export" hurt.zip <<<"{$CHANNELS,\"general/2024-01-01.json\":[7,$(m 1.5 hi '"team":"T3"')],\"general/2024-01-02.json\":\"[{\"}"
	run -65 --separate-stderr athena-src-slack --export hurt.zip
	same '1 1' "$(grep -c 'element 1 is no object' <<<"$stderr") $(grep -c 'cut short' <<<"$stderr")" 'what is looked into for the name is said once'
	same slack:T3 "$(athena-src-slack --export told.zip | jq -r .source_id)"
	make_export ours.zip -- '"general/2024-01-01.json":['"$(m 1.5 hi)"']'
	run -78 athena-src-slack --export ours.zip --workspace T7
	contains "$output" "of workspace T1, none is of T7"
	same "https://acme.slack.com/archives/C00000001/p15" "$(athena-src-slack --export ours.zip --workspace acme | jq -r .url)"
	same "https://a.enterprise.slack.com/archives/C00000001/p15" \
		"$(athena-src-slack --export ours.zip --workspace https://a.enterprise.slack.com/ | jq -r .url)"
	run -64 athena-src-slack --export ours.zip --workspace 'no/host'
}

@test "slackdump: an export of its kinds, and a dump" {
	make_export standard.zip -- '"general/2024-01-01.json":['"$(m 1704100000.000100 one)"'],"general/attachments/F1-x.json":{"not":"ours"},
		"workspace.json":{"url":"https:\/\/acme.slack.com\/","team":"Acme","team_id":"T1","user_id":"U1"}'
	athena-src-slack --export standard.zip >out
	same "C00000001/1704100000.000100 https://acme.slack.com/archives/C00000001/p1704100000000100" "$(jq -r '.id + " " + .url' out)"
	make_export mattermost/ -- '"general/2024-01-01.json":['"$(m 1704100000.000100 one)"'],"__uploads/F1/2024-01-01.json":[{"my":"upload"}]'
	run -65 athena-src-slack --export mattermost
	contains "$output" "__uploads/F1: no list of channels has this name"
	"$FIXTURES/slack-export" dump.zip <<<'{"C051D4052.json":{"channel_id":"C051D4052","name":"dumped","messages":[
		'"$(m 1704100000.000100 parent '"thread_ts":"1704100000.000100","slackdump_thread_replies":['"$(m 1704100000.000100 parent),$(m 1704100001.000100 child '"thread_ts":"1704100000.000100"')"']')"','"$(m 1704100002.000100 after)"']},
		"C051D4052-1704000000.000100.json":{"channel_id":"C051D4052","thread_ts":"1704000000.000100","name":"dumped","messages":['"$(m 1704000000.000100 old)"']},
		"users.json":[{"id":"U1","team_id":"T1","name":"ann"}]}'
	athena-src-slack --export dump.zip | jq -r '.id + " " + .content + " " + .metadata.channel_name + " " + .session_id' | sort >out
	diff - out <<-'END'
		C051D4052/1704000000.000100 old dumped slack:T1/C051D4052/1704000000.000100
		C051D4052/1704100000.000100 parent dumped slack:T1/C051D4052/1704100000.000100
		C051D4052/1704100001.000100 child dumped slack:T1/C051D4052/1704100000.000100
		C051D4052/1704100002.000100 after dumped slack:T1/C051D4052/1704100002.000100
	END
}

@test "names in every script, two channels of one name, a folder without a channel" {
	"$FIXTURES/slack-export" bare.zip latin <<<"{$PEOPLE,\"channels.json\":[{\"id\":\"C00000001\",\"name\":\"café-日本\"}],\"café-日本/2024-01-01.json\":[$(m 1.5 x)]}"
	same 'C00000001/1.5' "$(athena-src-slack --export bare.zip | jq -r .id)" 'names that do not say that they are UTF-8'
	"$FIXTURES/slack-export" names.zip <<<"{$PEOPLE,\"channels.json\":[{\"id\":\"C00000001\",\"name\":\"café-日本\"},{\"id\":\"C00000003\",\"name\":\"twin\"},
		{\"id\":\"C00000004\",\"name\":\"twin\"}],\"café-日本/2024-01-01.json\":[$(m 1.5 x)],\"twin/2024-01-01.json\":[$(m 2.5 x)],
		\"gone/2024-01-01.json\":[$(m 3.5 x)],\"gone/2024-01-02.json\":[$(m 4.5 x)],\"C00000009/2024-01-01.json\":[$(m 5.5 x)]}"
	run -65 --separate-stderr athena-src-slack --export names.zip
	same "C00000001/1.5 C00000003/2.5 C00000009/5.5" "$(jq -r .id <<<"$output" | sort | xargs)"
	same "café-日本" "$(jq -r 'select(.id == "C00000001/1.5").metadata.channel_name' <<<"$output")"
	contains "$stderr" "twin: two channels have that name, C00000003 and C00000004"
	same 1 "$(grep -c 'gone: no list of channels' <<<"$stderr")"
	contains "$stderr" "channels.json"
}

@test "what is odd is mended, what is no message is left out and said, the rest goes on" {
	make_export odd.zip -- '"general/2024-01-01.json":['"$(m 1704100000.000100 'lone \ud800 nul \u0000 rtl \u202e')"',{"ts":1704100000.5,"text":"x"},7,
		{"text":"no ts"},'"$(m 1704100001.000100 after '"reply_count":99999999999999999999')"'],"general/2024-01-02.json":"[{\"ts\":\"2.5\",\"text\":\"whole\"},{\"ts\"",
		"general/2024-01-03.json":"<html>","general/2024-01-04.json":"","general/2024-01-05.json":['"$(m 5.5 last)"']'
	run -65 --separate-stderr athena-src-slack --export odd.zip
	same "C00000001/1704100000.000100 C00000001/1704100001.000100 C00000001/2.5 C00000001/5.5" "$(jq -r .id <<<"$output" | xargs)"
	same $'lone \xEF\xBF\xBD nul \xEF\xBF\xBD rtl \xE2\x80\xAE' "$(jq -rs '.[0].content' <<<"$output")"
	contains "$stderr" "general/2024-01-01.json: element 2 has no ts"
	contains "$stderr" "element 3 is no object"
	contains "$stderr" "2024-01-02.json: cut short"
	contains "$stderr" "2024-01-03.json: no JSON"
	contains "$stderr" "2024-01-04.json: cut short"
	make_export folder/ -- '"general/2024-01-01.json":[]'
	printf '[{"ts":"1.5","text":"a\377\376b","user":"U1"}]' >folder/general/2024-01-01.json
	same $'a\xEF\xBF\xBD\xEF\xBF\xBDb' "$(athena-src-slack --export folder | jq -r .content)"
}

@test "no export: nothing there, no ZIP, half a ZIP, text only, a pipe" {
	run -66 athena-src-slack --export no/such.zip
	echo hello >text
	run -65 athena-src-slack --export text
	contains "$output" "no ZIP, or cut short"
	make_export life.zip -- "$LIFE"
	head -c 1500 life.zip >half.zip
	run -65 athena-src-slack --export half.zip
	contains "$output" "cut short"
	"$FIXTURES/slack-export" txt.zip <<<'{"channels/general.txt":"x","files/a.txt":"y"}'
	run -65 athena-src-slack --export txt.zip
	contains "$output" "in JSON"
	mkdir empty
	run -65 athena-src-slack --export empty
	mkfifo pipe
	run -66 athena-src-slack --export pipe
	if [ "$(id -u)" != 0 ]; then
		chmod 000 life.zip
		run -77 athena-src-slack --export life.zip
	fi
}

@test "a ZIP that means harm: names that lead out, blanks without end, an element without end, damage" {
	"$FIXTURES/slack-export" out.zip <<<"{$PEOPLE,$CHANNELS,\"../general/2024-01-01.json\":[$(m 1.5 x)],\"/abs/2024-01-01.json\":[],\"general/2024-01-02.json\":[$(m 2.5 in)]}"
	run -0 --separate-stderr athena-src-slack --export out.zip
	same "C00000001/2.5" "$(jq -r .id <<<"$output")"
	contains "$stderr" "2 files whose names lead out of the archive"
	make_export bomb.zip zeros=40 -- '"general/2024-01-01.json":"ZEROS","general/2024-01-02.json":['"$(m 2.5 after)"']'
	run -65 --separate-stderr athena-src-slack --export bomb.zip
	contains "$stderr" "2024-01-01.json: a megabyte of nothing"
	same "C00000001/2.5" "$(jq -r .id <<<"$output")"
	python3 -c 'import json; print(json.dumps({"general/2024-01-01.json": [{"ts": "1.5", "text": "x" * (17 << 20)}, {"ts": "2.5", "text": "after"}]})[1:-1])' >long
	make_export long.zip -- "$(cat long)"
	run -65 --separate-stderr small 244 athena-src-slack --export long.zip
	contains "$stderr" "element 1 is over 16 MiB"
	same "C00000001/2.5" "$(jq -r .id <<<"$output")"
	make_export whole.zip -- '"general/2024-01-01.json":['"$(m 1.5 "$(printf 'x%.0s' {1..2000})")"'],"general/2024-01-02.json":['"$(m 2.5 after)"']'
	python3 - <<-'END'
		data = bytearray(open("whole.zip", "rb").read())
		at = data.index(b"general/2024-01-01.json") + len("general/2024-01-01.json") + 12
		data[at] ^= 0xFF
		open("damaged.zip", "wb").write(data)
	END
	run -65 --separate-stderr athena-src-slack --export damaged.zip
	contains "$stderr" "2024-01-01.json"
	contains "$output" "C00000001/2.5"
	ln -s /etc/passwd linked.json
	make_export linked/ -- '"general/2024-01-02.json":['"$(m 2.5 in)"']'
	mkdir away && echo '[{"ts":"9.5","text":"away"}]' >away/2024-01-01.json
	ln -s ../away linked/away
	ln -s ../../away/2024-01-01.json linked/general/2024-01-01.json
	same "C00000001/2.5" "$(athena-src-slack --export linked | jq -r .id)"
}

# into DB EXPORT [OPTION...]: a run into the store, with the cursor DB.cursor.
into() {
	local db=$1 export=$2
	shift 2
	set -o pipefail
	athena-src-slack --export "$export" --cursor "$db.cursor" "$@" | tee "$db.ndjson" | athena-store "$db.db"
	set +o pipefail
}

@test "a newer export gives what is new or changed" {
	make_export one.zip -- "$LIFE"
	into a one.zip
	same "$(athena-src-slack --export one.zip | wc -l)" "$(sql a.db 'SELECT count(*) FROM events')"
	into a one.zip
	same "0 true" "$(last_checkpoint a.ndjson | jq -r '"\(.events) \(.final)"')" "the same again"
	make_export folder/ -- "$LIFE"
	into a folder
	same 0 "$(events a.ndjson | wc -l)" "the same, unpacked"
	make_export two.zip -- "${LIFE/late reply/late answer\",\"edited\":{\"user\":\"U2\",\"ts\":\"1704300000.000000\"\},\"x\":\"}"',
		"general/2024-01-04.json":['"$(m 1704400000.000100 new)"']'
	into a two.zip
	same "a late answer|1704300000000000" "$(sql a.db "SELECT content, revision FROM events WHERE id = 'C00000001/1704200000.000100'")"
	same new "$(sql a.db "SELECT content FROM events WHERE id = 'C00000001/1704400000.000100'")"
	same 0 "$(events a.ndjson | grep -c 2024-01-01T || :)" "a day that did not change is not read"
	into b two.zip
	same "$(sql b.db 'SELECT count(*) FROM events')" "$(sql a.db 'SELECT count(*) FROM events')"
}

@test "of the newest days only the messages that are new, changed or gone" {
	local old new
	old=$(m 1704400000.000100 first),$(m 1704400001.000100 same '"reactions":[{"name":"+1","count":1,"users":["U1"]}]'),$(
		m 1704400002.000100 before),$(m 1704400003.000100 'to go' '"thread_ts":"1704400001.000100"'),$(
		m 1704400004.000100 unfurled),$(m 1704400005.000100 last)
	make_export one.zip -- '"general/2024-01-04.json":['"$old"']'
	into a one.zip
	new=${old/before\"/after\",\"edited\":\{\"user\":\"U1\",\"ts\":\"1704400009.000000\"\}}
	new=${new/'"users":["U1"]'/'"users":["U2"]'}
	new=${new/"$(m 1704400003.000100 'to go' '"thread_ts":"1704400001.000100"'),"/}
	new=${new/unfurled\"/unfurled\",\"attachments\":[\{\"text\":\"a page\"\}]}
	make_export two.zip -- '"general/2024-01-04.json":['"$new,$(m 1704400006.000100 new)"']'
	into a two.zip
	events a.ndjson | jq -r '[.id, .kind, .content, (.metadata.state // "-"), (.revision // 0 | . > 0)] | map(tostring) | join(" ")' | sort >out
	diff - out <<-'END'
		C00000001/1704400001.000100/reaction/+1/U1 reaction took back :+1: removed true
		C00000001/1704400001.000100/reaction/+1/U2 reaction reacted with :+1: - true
		C00000001/1704400002.000100 message after - true
		C00000001/1704400003.000100/deleted message.deleted (message deleted) - false
		C00000001/1704400006.000100 message new - false
	END
	same slack:T1/C00000001/1704400001.000100 "$(events a.ndjson | jq -r 'select(.kind == "message.deleted").session_id')"
	same 1704400009000000 "$(events a.ndjson | jq -r 'select(.content == "after").revision')"
	into a two.zip
	same 0 "$(events a.ndjson | wc -l)"
}

@test "a reaction taken back and given again from one export to the next: a higher revision each time" {
	local with without n
	without=$(m 1704400000.000100 a),$(m 1704400001.000100 b)
	with=$(m 1704400000.000100 a '"reactions":[{"name":"+1","count":1,"users":["U1"]}]'),$(m 1704400001.000100 b)
	make_export one.zip -- '"general/2024-01-04.json":['"$with"']'
	make_export two.zip -- '"general/2024-01-04.json":['"$without"']'
	into a one.zip
	for n in 1 2; do
		into a two.zip
		same 'took back :+1:' "$(sql a.db "SELECT content FROM events WHERE kind = 'reaction'")"
		into a one.zip
		same 'reacted with :+1:' "$(sql a.db "SELECT content FROM events WHERE kind = 'reaction'")"
	done
	# the newest message stands for the time of an export, and a microsecond more each time
	same 1704400001000103 "$(sql a.db "SELECT revision FROM events WHERE kind = 'reaction'")"
	same 0 "$(into a one.zip && events a.ndjson | wc -l)"
	# the dates of files, which may be in any time zone or of a copy, and the reader's time zone make no difference
	make_export copy/ -- '"general/2024-01-04.json":['"$without"']'
	make_export dateless.zip date=0 -- '"general/2024-01-04.json":['"$without"']'
	for n in b c; do cp a.cursor $n.cursor && cp a.db $n.db; done
	into a two.zip
	TZ=Asia/Tokyo into b copy
	TZ=America/Lima into c dateless.zip
	cmp <(events a.ndjson) <(events b.ndjson)
	cmp <(events a.ndjson) <(events c.ndjson)
	same 1704400001000104 "$(events a.ndjson | jq .revision)"
}

@test "the age of an export: of its last day in all channels, no later than now, and what is damaged there is said once" {
	local with without day
	with=$(m 1704400000.000100 a '"reactions":[{"name":"+1","count":1,"users":["U1"]}]'),$(m 1704400001.000100 b)
	without=$(m 1704400000.000100 a),$(m 1704400001.000100 b)
	make_export one.zip -- '"general/2024-01-04.json":['"$with"']'
	into a one.zip
	for day in '['"$(m 1704500000.000100 later)"'],"quiet/2024-01-04.json":['"$(m 1704499999.000100 earlier)"']' \
		'['"$(m 9999999999.000100 never)"']' "\"[$(m 1704600000.000100 whole | sed 's/"/\\"/g'),{\""; do
		make_export two.zip -- '"general/2024-01-04.json":['"$without"'],"quiet/2024-01-05.json":'"$day"
		cp a.cursor b.cursor
		cp a.db b.db
		into b two.zip 2>said || :
		events b.ndjson | jq 'select(.kind == "reaction").revision'
		grep -c 'cut short' said || :
	done >out
	[ "$(sed -n 3p out)" -gt 1750000000000000 ]
	same '1704500000000100 0 0 1704600000000100 1' "$(sed 3d out | xargs)"
}

@test "days of another time zone: nothing is gone, nothing is doubled" {
	local a b c
	a=$(m 1704400000.000100 a) b=$(m 1704450000.000100 b) c=$(m 1704500000.000100 c)
	make_export one.zip -- '"general/2024-01-04.json":['"$a,$b"'],"general/2024-01-05.json":['"$c"']'
	make_export two.zip -- '"general/2024-01-04.json":['"$a"'],"general/2024-01-05.json":['"$b,$c"']'
	into a one.zip
	into a two.zip
	into a one.zip
	same "a b c" "$(sql a.db 'SELECT content FROM events ORDER BY id' | xargs)"
}

@test "another selection: a channel more, an earlier floor go back; others are refused" {
	make_export one.zip -- "$LIFE"
	into a one.zip --channel secret --since 2024-01-02
	same 1 "$(sql a.db 'SELECT count(*) FROM events')"
	into a one.zip --channel secret --channel general --since 2024-01-02
	same "$(athena-src-slack --export one.zip --channel secret --channel general --since 2024-01-02 | wc -l)" "$(sql a.db 'SELECT count(*) FROM events')"
	into a one.zip --since 2023-01-01
	same "$(athena-src-slack --export one.zip | wc -l)" "$(sql a.db 'SELECT count(*) FROM events')"
	run -78 athena-src-slack --export one.zip --cursor a.cursor --bots
	contains "$output" "--bots"
	run -78 athena-src-slack --export one.zip --cursor a.cursor --no-reactions
	make_export other.zip -- '"general/2024-01-01.json":[]'
	sed -i 's/"export":{"channels"/"elsewhere":{"channels"/' a.cursor
	run -78 athena-src-slack --export one.zip --cursor a.cursor
	contains "$output" "no position of an export"
}

@test "killed at any point, run again: everything once" {
	local day members=''
	for day in {01..28}; do
		members+=",\"general/2024-01-$day.json\":["
		members+="$(m "17041$day.000100" a),$(m "17041$day.000200" b '"reactions":[{"name":"x","users":["U1"]}]'),$(m "17041$day.000300" c)]"
	done
	make_export many.zip -- "${members#,}"
	want=$(athena-src-slack --export many.zip | jq -r .id | sort)
	for n in 1 7 30 31 200; do
		rm -f k.*
		# the reader is gone after n lines: what it committed is what counts
		(athena-src-slack --export many.zip --cursor k.cursor || :) | head -n "$n" | athena-store k.db 2>/dev/null || :
		into k many.zip 2>/dev/null
		same "$want" "$(sql k.db 'SELECT id FROM events' | sort)" "killed after $n lines"
		rm -f k.*
		# so many events a run, until there are no more
		for ((i = 0; i < 40; i++)); do
			into k many.zip --limit 20
			[ "$(last_checkpoint k.ndjson | jq .events)" != 0 ] || break
		done
		same "$want" "$(sql k.db 'SELECT id FROM events' | sort)" "in parts"
	done
}

@test "the cursor lists the newest day files, and the older ones by one hash" {
	python3 - >files.json <<-'END'
		import datetime, json
		files = {"users.json": [{"id": "U1", "team_id": "T1", "name": "ann"}], "channels.json": [{"id": "C%08d" % c, "name": "c%d" % c} for c in range(13)]}
		for c in range(13):
		    for d in range(800):
		        day = datetime.date(2020, 1, 1) + datetime.timedelta(days=d)
		        files["c%d/%s.json" % (c, day)] = [{"ts": "%d.%06d" % (1577836800 + d * 86400 + 3600, c), "text": "x", "user": "U1"}]
		json.dump(files, open("files.json", "w"))
		files["c7/2020-01-05.json"][0].update(text="y", edited={"ts": "1600000000.000000"})
		json.dump(files, open("changed.json", "w"))
	END
	"$FIXTURES/slack-export" one.zip <files.json
	"$FIXTURES/slack-export" two.zip <changed.json
	into a one.zip
	same 10400 "$(sql a.db 'SELECT count(*) FROM events')"
	[ "$(wc -c <a.cursor)" -lt 1000000 ] || fail "the cursor has $(wc -c <a.cursor) bytes"
	into a one.zip
	same 0 "$(events a.ndjson | wc -l)"
	into a two.zip
	same y "$(sql a.db "SELECT content FROM events WHERE id LIKE 'C00000007/%' AND revision > 0")"
	[ "$(events a.ndjson | wc -l)" -lt 800 ] || fail "more than one channel was read again"
	into a two.zip
	same 0 "$(events a.ndjson | wc -l)"
}

@test "--check and --plan" {
	make_export life.zip -- "$LIFE"
	run -0 athena-src-slack --export life.zip --check
	contains "$output" "ok export life.zip: a ZIP, source slack:T1"
	contains "$output" "ok channel G00000001 secret: 1 day files, to 2024-01-02"
	contains "$output" "ok channel D00000001 @Ann, @Bob B: 1 day files"
	run -0 athena-src-slack --export life.zip --plan
	contains "$output" "day files 6 of 6 to read"
	into a life.zip
	run -0 athena-src-slack --export life.zip --cursor a.cursor --plan
	contains "$output" "day files 0 of 6 to read"
}
