# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# `load slack` after helper and mock/mock: athena-src-slack against the mock, and what the database holds after it.
setup() {
	need jq python3 curl sqlite3
	unset "${!SLACK_@}"
	export SLACK_BOT_TOKEN=xoxb-$MARK
}
teardown() { mock_stop; }

slack() { athena-src-slack --api-url "$MOCK_URL" "$@"; }

into() { into_with slack "$@"; }

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

# quoted TEXT: as it stands within a string of JSON
quoted() { sed 's/"/\\"/g' <<<"$1"; }

replied() { sql a.db "SELECT count(*) FROM events WHERE content = '$1'"; }

deletions() { sql a.db "SELECT count(*) FROM events WHERE kind = 'message.deleted'"; }

# ended CODE OPTION...: a run that ends with CODE, into a.db; what it says is in `said`, and in `out` what it gave.
ended() {
	local want=$1 got=0
	shift
	slack --cursor a.cursor "$@" >out 2>said || got=$?
	athena-store -q a.db <out 2>>stored || same 65 "$?"
	same "$want" "$got" "exit code: $(cat said)"
}
