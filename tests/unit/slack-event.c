/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/event.c cmd/athena-src-slack/event-parts.c cmd/athena-src-slack/event-text.c cmd/athena-src-slack/ts.c cmd/athena-src-slack/mrkdwn.c cmd/athena-src-slack/blocks.c cmd/athena-src-slack/names.c */
/* What Slack says, odd as it can be, and the lines that come of it. */
#include "slack-event.h"

#include "../refusal.h"
#include "json-text.h"

static struct slack_names names;
static struct slack_maker m = {
	.team = "T1", .base = "https://acme.slack.com", .names = &names, .reactions = true};
static const struct slack_place place = {.id = "C1", .name = "general"};
static struct event e;
static json_t *held;

/* The line that the event makes, checked as the store does. Lives until the next call. */
static const char *line(void)
{
	static struct buf text;

	buf_reset(&text);
	e.source_id = e.source_type = "slack";
	if (!event_line(&text, &e))
		return "too long";
	if (refusal(&text))
		ok(false, "a line that the store takes: %s", refusal(&text));
	return buf_cstr(&text);
}

static const char *member(const char *name)
{
	return member_of(line(), name);
}

static bool message(const char *text)
{
	json_decref(held);
	return slack_message(&m, &place, held = parse(text), &e);
}

/* ---- ts ---- */

static int64_t ts_of(const char *ts)
{
	int64_t us = -1;

	return slack_ts_parse(ts, strlen(ts), &us) ? us : -1;
}

static void ts(void)
{
	json_t *number = json_real(1512085950.000216);
	int64_t us;

	is_int(ts_of("1512085950.000216"), INT64_C(1512085950000216), "every digit of a ts");
	is_int(ts_of("1512085950.1"), INT64_C(1512085950100000), "a short fraction");
	is_int(ts_of("0000000000.000000"), 0, "never");
	is_int(ts_of("99999999999.999999"), INT64_C(99999999999999999), "the latest");
	for (const char *const *bad = (const char *const[]){"", ".", "1", "1.", ".1", "-1.5", "1.1234567",
							    "1e5", "1512085950,000216", "1.2.3", " 1.5",
							    "1.5 ", "999999999999.5", NULL};
	     *bad; bad++)
		is_int(ts_of(*bad), -1, "no ts: '%s'", *bad);
	ok(!slack_ts(number, &us), "a number has lost digits");
	ok(slack_ts_compare("9.9", "10.1") < 0 && slack_ts_compare("1.1", "1.000002") > 0 &&
		   slack_ts_compare("1.1", "1.100000") == 0,
	   "compared as times");
	json_decref(number);
}

/* ---- messages ---- */

static void messages(void)
{
	ok(message("{'type':'message','user':'U1','text':'hi <@U1> &amp; all','ts':'1512085950.000216'}"),
	   "a message");
	is_str(member("id"), "\"C1/1512085950.000216\"", "id");
	is_str(member("kind"), "\"message\"", "kind");
	is_str(member("timestamp"), "\"2017-11-30T23:52:30.000216Z\"", "timestamp");
	is_str(member("session_id"), "\"slack:T1/C1/1512085950.000216\"", "its own thread");
	is_str(member("actor"), "\"Ann\"", "actor");
	is_str(member("url"), "\"https://acme.slack.com/archives/C1/p1512085950000216\"", "permalink");
	is_str(member("content"), "\"hi @Ann & all\"", "decoded");
	is_str(member(".text"), "\"hi <@U1> &amp; all\"", "raw");
	is_str(member(".user"), "\"U1\"", "the user's id");
	is_str(member(".channel_name"), "\"general\"", "the channel's name");
	is_str(member("revision"), "absent", "never edited");
	ok(message("{'user':'U1','text':'plain','ts':'1.5'}"), "plain text");
	is_str(member(".text"), "absent", "is kept once");

	ok(message("{'user':'U2','text':'re','ts':'2.000001','thread_ts':'1.000001','parent_user_id':'U1',"
		   "'subtype':'thread_broadcast','edited':{'user':'U2','ts':'3.000000'}}"),
	   "a reply that was edited");
	is_str(member("kind"), "\"reply\"", "is a reply");
	is_str(member("session_id"), "\"slack:T1/C1/1.000001\"", "in its thread");
	is_str(member("url"), "\"https://acme.slack.com/archives/C1/p2000001?thread_ts=1.000001&cid=C1\"",
	       "permalink");
	is_str(member("revision"), "3000000", "revision");
	is_str(member(".edited"), "{\"user\":\"U2\",\"ts\":\"3.000000\"}", "edited");
	is_str(member("actor"), "\"U2\"", "a user that nobody knows");
	is_str(member(".subtype"), "\"thread_broadcast\"", "subtype");

	ok(message("{'user':'U1','text':'','ts':'1.5','thread_ts':'1.5','reply_count':2,'reply_users_count':"
		   "1,"
		   "'latest_reply':'9.5','is_locked':true,'reactions':[{'name':'+1','count':5,'users':['U1']}"
		   ","
		   "{'name':'+1','users':['U1','U2']},{'count':1},7],'pinned_to':['C1'],'team':'T2'}"),
	   "a parent that says nothing");
	is_str(member("content"), "\"(empty message)\"", "has content");
	is_str(member("kind"), "\"message\"", "is a message");
	is_str(member(".reply_count"), "2", "replies");
	is_str(member(".latest_reply"), "\"9.5\"", "the latest");
	is_str(member(".reactions"), "[{\"name\":\"+1\",\"count\":5},{\"name\":\"+1\",\"count\":2}]",
	       "totals");
	is_str(member(".pinned_to"), "1", "pins");
	is_str(member(".team"), "\"T2\"", "another team's");
	is_str(member(".is_locked"), "true", "locked");
}

static void refused(void)
{
	ok(!message("{'text':'x'}"), "no ts");
	ok(!message("{'text':'x','ts':1512085950.000216}"), "a ts that is a number");
	ok(!message("{'text':'x','ts':1512085950}"), "or an integer");
	ok(!message("{'text':'x','ts':''}") && !message("{'text':'x','ts':'1.2x'}"), "or nonsense");
	ok(message("{'text':'x','ts':'1.5','thread_ts':7}"), "a thread_ts that is none");
	is_str(member("kind"), "\"message\"", "is left aside");
	ok(!slack_message(&m, &(struct slack_place){.id = "C/1"}, held, &e), "a channel that is none");
	ok(message("{'ts':'99999999999.5','text':7,'user':[],'edited':'x','reactions':{},'files':'f','blocks'"
		   ":1,"
		   "'attachments':null,'subtype':{},'team':1}"),
	   "members of the wrong kind");
	is_str(member("content"), "\"(empty message)\"", "count as absent");
	is_str(member("actor"), "absent", "nobody");
	is_str(member("timestamp"), "\"5138-11-16T09:46:39.5Z\"", "a late time");
}

static void otherwise(void)
{
	ok(message("{'ts':'1.5','text':' "
		   "\\n','blocks':[{'type':'section','text':{'type':'mrkdwn','text':'block'}}],"
		   "'attachments':[{'text':'attached'}],'files':[{'id':'F1','title':'a.png'},{'id':'F2','"
		   "name':'b'},"
		   "{'id':'F3','mode':'tombstone'}]}"),
	   "no text");
	is_str(member("content"), "\"block\\nattached\\n[file] a.png\\n[file] b\"", "all else that is said");
	is_str(member(".files"), "[\"F1\",\"F2\",\"F3\"]", "files");
	is_str(member(".blocks"), "1", "blocks are counted");
	ok(message("{'ts':'1.5','text':'t','blocks':[{'type':'header'}],'attachments':[{'text':'attached'}]"
		   "}"),
	   "text");
	is_str(member("content"), "\"t\"", "is enough");
	ok(message("{'ts':'1.5','subtype':'bot_message','username':'Hook &amp; "
		   "Co','bot_id':'B1','text':'x'}"),
	   "a bot");
	is_str(member("actor"), "\"Hook & Co\"", "is called as it calls itself");
	ok(message("{'ts':'1.5','bot_id':'B1','bot_profile':{'id':'B1','name':'Deploy'},'text':'x'}"),
	   "another");
	is_str(member("actor"), "\"Deploy\"", "by its profile");
	ok(message("{'ts':'1.5','bot_id':'B9','text':'x'}"), "one more");
	is_str(member("actor"), "\"B9\"", "by its id");
	ok(message("{'ts':'1.5','user':'U3','user_profile':{'display_name':'','real_name':'Cy','name':'c'},'"
		   "text':'x'}"),
	   "a stranger in an export");
	is_str(member("actor"), "\"Cy\"", "by what the message says of them");
	ok(message("{'ts':'1.5','user':'USLACKBOT','text':'x'}"), "Slackbot");
	is_str(member("actor"), "\"Slackbot\"", "has a name");
	ok(message("{'ts':'1.5','subtype':'file_comment','comment':{'user':'U1','comment':'nice'},'file':{'"
		   "id':'F1'},"
		   "'text':'<@U1> commented on a file: nice'}"),
	   "a comment of old");
	is_str(member("actor"), "\"Ann\"", "by whom");
	is_str(member(".files"), "[\"F1\"]", "on what");
	ok(message("{'ts':'1.5','subtype':'something_new','text':'x'}"), "a subtype of tomorrow");
	is_str(member("kind"), "\"message\"", "is a message");
	is_str(member(".subtype"), "\"something_new\"", "of that subtype");
}

static void channels(void)
{
	ok(message("{'ts':'1.5','subtype':'channel_join','user':'U1','text':'<@U1> has joined the channel'}"),
	   "joined");
	is_str(member("kind"), "\"channel.joined\"", "kind");
	is_str(member("event_type"), "\"observation\"", "event_type");
	is_str(member("id"), "\"C1/1.5\"", "id");
	is_str(member("content"), "\"@Ann has joined the channel\"", "in words");
	ok(message("{'ts':'1.5','subtype':'group_name','user':'U1','text':'renamed','old_name':'a','name':'b'"
		   "}"),
	   "renamed");
	is_str(member("kind"), "\"channel.renamed\"", "kind");
	is_str(member(".old_name"), "\"a\"", "from");
	ok(slack_renamed(&m, &place, "old", "n\u00ebw", 2, INT64_C(1704067200000000), &e),
	   "by its names alone");
	is_str(member("id"), "\"C1/renamed/2/n%C3%ABw\"", "id");
	is_str(member("content"), "\"renamed #old -> #n\u00ebw\"", "in words");
	is_str(member("session_id"), "\"slack:T1/C1\"", "session");
	ok(!slack_renamed(&m, &place, "a", "b", 1, -1, &e), "without a time there is none");
}

static void deleted(void)
{
	char *by_tombstone;

	ok(message("{'ts':'1.5','thread_ts':'1.5','subtype':'tombstone','user':'USLACKBOT','hidden':true,"
		   "'text':'This message was deleted.','reply_count':3}"),
	   "a tombstone");
	is_str(member("id"), "\"C1/1.5/deleted\"", "id");
	is_str(member("kind"), "\"message.deleted\"", "kind");
	by_tombstone = strdup(line());
	ok(slack_deleted(&m, &place, "1.5", NULL, &e), "one that is gone");
	is_str(line(), by_tombstone, "is the same event");
	ok(slack_deleted(&m, &place, "2.5", "1.5", &e), "a reply");
	is_str(member("session_id"), "\"slack:T1/C1/1.5\"", "in its thread");
	ok(!slack_deleted(&m, &place, "x", NULL, &e) && !slack_deleted(&m, &place, "\xFF.1", "\xFF", &e),
	   "no ts");
	ok(message("{'ts':'9.5','subtype':'message_deleted','deleted_ts':'1.5','hidden':true}"),
	   "as an event of its own");
	is_str(line(), by_tombstone, "is the same event too");
	ok(message("{'ts':'9.5','subtype':'message_changed','message':{'ts':'1.5','text':'new','user':'U1',"
		   "'edited':{'ts':'2.0'}}}"),
	   "a change as an event of its own");
	is_str(member("id"), "\"C1/1.5\"", "is of the message");
	is_str(member("revision"), "2000000", "that was edited");
	free(by_tombstone);
}

static void reactions(void)
{
	struct slack_reaction r = {0};
	int n = 0;

	message("{'ts':'2.5','thread_ts':'1.5','text':'x','reactions':[{'name':'thumbsup::skin-tone-3','"
		"count':9,"
		"'users':['U1','U2','U/3',7]},{'name':'a/"
		"b','users':['U1']},{'users':['U1']},null,{'name':'x','users':{}}]}");
	while (slack_next_reaction(&m, held, &r))
		n++;
	is_int(n, 3, "pairs of name and user");
	r = (struct slack_reaction){0};
	slack_next_reaction(&m, held, &r);
	ok(slack_reaction(&m, &place, held, &r, EVENT_NONE, &e), "the first");
	is_str(member("id"), "\"C1/2.5/reaction/thumbsup::skin-tone-3/U1\"", "id");
	is_str(member("content"), "\"reacted with :thumbsup::skin-tone-3:\"", "content");
	is_str(member("session_id"), "\"slack:T1/C1/1.5\"", "in the thread");
	is_str(member("actor"), "\"Ann\"", "actor");
	is_str(member("revision"), "absent", "no revision");
	r.removed = true;
	ok(slack_reaction(&m, &place, held, &r, 7, &e), "taken back");
	is_str(member("content"), "\"took back :thumbsup::skin-tone-3:\"", "content");
	is_str(member("revision"), "7", "revision");
	is_str(member(".state"), "\"removed\"", "state");
	r.removed = false;
	slack_next_reaction(&m, held, &r);
	slack_next_reaction(&m, held, &r);
	slack_reaction(&m, &place, held, &r, EVENT_NONE, &e);
	is_str(member("id"), "\"C1/2.5/reaction/a%2Fb/U1\"", "a name with a slash");
	m.reactions = false;
	r = (struct slack_reaction){0};
	ok(!slack_next_reaction(&m, held, &r), "none are asked for");
	m.reactions = true;
}

static void files(void)
{
	const json_t *file;
	size_t at = 0;
	int n = 0;

	message("{'ts':'1.5','text':'x','files':[{'id':'F1','title':'a.txt','created':1512085950,'user':'U1',"
		"'size':3,"
		"'mimetype':'text/plain','permalink':'https://acme.slack.com/files/U1/F1','preview':'a &lt; "
		"b'},"
		"{'id':'F2','mode':'tombstone'},{'id':'F3','mode':'hidden_by_limit'},{'id':'F4','file_access'"
		":"
		"'check_file_info'},{'id':'F5','file_access':'visible'},{},null]}");
	while (slack_next_file(held, &at))
		n++;
	is_int(n, 2, "files of which something is known");
	at = 0;
	file = slack_next_file(held, &at);
	ok(slack_file(&m, &place, held, file, &e), "the first");
	is_str(member("id"), "\"file/F1\"", "id");
	is_str(member("content"), "\"[file] a.txt\\n\\na < b\"", "title and what is in it");
	is_str(member("timestamp"), "\"2017-11-30T23:52:30Z\"", "its own time");
	is_str(member("url"), "\"https://acme.slack.com/files/U1/F1\"", "its own address");
	is_str(member(".message"), "\"C1/1.5\"", "the message");
	is_str(member(".size"), "3", "size");
	file = slack_next_file(held, &at);
	ok(slack_file(&m, &place, held, file, &e), "one without a title");
	is_str(member("content"), "\"[file] F5\"", "is called by its id");
	is_str(member("timestamp"), "\"1970-01-01T00:00:01.5Z\"", "at the time of the message");
	message("{'ts':'1.5','text':'x','file':{'id':'F9','name':'old.png','timestamp':9}}");
	at = 0;
	file = slack_next_file(held, &at);
	ok(file && slack_file(&m, &place, held, file, &e) && !slack_next_file(held, &at),
	   "the one of old exports");
	is_str(member("id"), "\"file/F9\"", "id");
}

static bool is_wanted(const char *text)
{
	json_decref(held);
	return slack_wanted(&m, held = parse(text));
}

static void bots(void)
{
	ok(is_wanted("{'user':'U1'}") && is_wanted("{}"), "people are wanted");
	ok(!is_wanted("{'bot_id':'B1'}") && !is_wanted("{'subtype':'bot_message'}") &&
		   !is_wanted("{'user':'USLACKBOT'}"),
	   "bots are not");
	ok(is_wanted("{'user':'USLACKBOT','subtype':'tombstone'}"), "a tombstone is");
	m.bots = true;
	ok(is_wanted("{'bot_id':'B1'}"), "unless asked for");
	m.bots = false;
}

/* ---- the same message, from here and from there ---- */

static void same(void)
{
	char *from_api;

	message("{'client_msg_id':'x','type':'message','text':'see "
		"<https:\\/\\/a.org|A>','user':'U1','ts':'1.5','team':'T1',"
		"'thread_ts':'1.5','reply_count':1,'reply_users_count':1,'latest_reply':'2.5','reply_users':["
		"'U2'],"
		"'is_locked':false,'subscribed':true,'last_read':'2.5','edited':{'user':'U1','ts':'1.9'},"
		"'reactions':[{'name':'+1','users':['U1'],'count':1}],'blocks':[{'type':'rich_text'}]}");
	from_api = strdup(line());
	message("{'reply_users':['U2'],'reply_users_count':1,'latest_reply':'2.5','reply_count':1,'is_locked'"
		":false,"
		"'client_msg_id':'x','type':'message','text':'see <https://a.org|A>','user':'U1','ts':'1.5',"
		"'blocks':[{'type':'rich_text'}],'team':'T1','user_team':'T1','source_team':'T1','user_"
		"profile':"
		"{'real_name':'Ann "
		"A','display_name':'Ann','name':'ann'},'edited':{'user':'U1','ts':'1.9'},'thread_ts':'1.5',"
		"'replies':[{'user':'U2','ts':'2.5'}],'reactions':[{'name':'+1','users':['U1'],'count':1}]}");
	is_str(line(), from_api, "an export says it in other words: the line is the same");
	free(from_api);
}

/* ---- bounds ---- */

static json_t *long_message(size_t n, const char *unit)
{
	struct buf text = {0};
	json_t *o = json_object();

	while (text.len < n)
		buf_adds(&text, unit);
	json_object_set_new(o, "ts", json_string("1.5"));
	json_object_set_new(o, "text", json_stringn(text.data, text.len));
	buf_release(&text);
	return o;
}

static void hostile(void)
{
	static const char *const units[] = {"\x01", "<@U1>", "\xE2\x80\xAE\xD7\x90\xE2\x80\xAC",
					    "\"\\", "<",     "&amp;"};
	json_t *reactions, *users;

	ok(message("{'ts':'1.5','text':'a\\u0000b\\u202ec\\u202c\\u0007'}"), "NUL, RTL, BEL");
	is_str(member("content"),
	       "\"a\xEF\xBF\xBD"
	       "b\xE2\x80\xAE"
	       "c\xE2\x80\xAC\\u0007\"",
	       "NUL is replaced, the rest stays");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		json_decref(held);
		held = long_message(900000, units[i]);
		ok(slack_message(&m, &place, held, &e) && strlen(line()) <= EVENT_LINE_MAX && *line() == '{',
		   "900,000 bytes of %zu", i);
		ok(strstr(member(".truncated"), i < 5 ? "content" : "text") != NULL,
		   "are cut, and that is said");
	}
	json_decref(held);
	held = long_message(160000, "\xF0\x9F\x8E\x89");
	ok(slack_message(&m, &place, held, &e), "40,000 characters");
	is_str(member(".truncated"), "absent", "are whole");
	reactions = json_array();
	for (int i = 0; i < 1000; i++) {
		users = json_pack("[s]", "U1");
		json_array_append_new(reactions, json_pack("{s:s%,s:o}", "name", "x\0y", 1, "users", users));
	}
	json_object_set_new(held, "reactions", reactions);
	ok(slack_message(&m, &place, held, &e) && *line() == '{', "1,000 reactions");
	is_str(member(".truncated"), "[\"reactions\"]", "are cut in the message");
	m.base = NULL;
	slack_message(&m, &place, held, &e);
	is_str(member("url"), "absent", "no domain, no link");
	m.base = "https://acme.slack.com";
}

int main(void)
{
	names_put(&names.users, "U1", "Ann");
	ts();
	messages();
	refused();
	otherwise();
	channels();
	deleted();
	reactions();
	files();
	bots();
	same();
	hostile();
	json_decref(held);
	names_release(&names);
	slack_maker_release(&m);
	return tap_done();
}
