/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/mrkdwn.c cmd/athena-src-slack/blocks.c cmd/athena-src-slack/names.c */
/* What Slack writes, and what a person reads. */
#include "mrkdwn.h"

#include "json-text.h"

static struct slack_names names;
static struct buf out;

static const char *decoded(const char *text)
{
	buf_reset(&out);
	mrkdwn_decode(&out, &names, text, strlen(text));
	return buf_cstr(&out);
}

static const char *blocks(const char *text)
{
	json_t *o = parse(text);

	buf_reset(&out);
	mrkdwn_blocks(&out, &names, o);
	json_decref(o);
	return buf_cstr(&out);
}

static const char *attachments(const char *text)
{
	json_t *o = parse(text);

	buf_reset(&out);
	mrkdwn_attachments(&out, &names, o);
	json_decref(o);
	return buf_cstr(&out);
}

static void texts(void)
{
	is_str(decoded("plain *bold* :tada:"), "plain *bold* :tada:", "nothing to decode");
	is_str(decoded("a &amp; b &lt;c&gt; &quot; &"), "a & b <c> &quot; &", "three entities, no others");
	is_str(decoded("&amp;lt; &amp;amp;"), "&lt; &amp;", "once");
	is_str(decoded("&lt;@U1&gt;"), "<@U1>", "what was escaped is no mention");
	is_str(decoded("<@U1> <@U1|old>"), "@Ann @Ann", "a user by the name of today");
	is_str(decoded("<@U7|gone> <@U7>"), "@gone @U7", "an unknown user by label, by id");
	is_str(decoded("<@U7|@gone>"), "@gone", "one sign is enough");
	is_str(decoded("<#C1> <#C1|> <#C1|old> <#C7|there> <#C7>"), "#general #general #general #there #C7",
	       "channels");
	is_str(decoded("<#D1>"), "@Ann", "a direct conversation");
	is_str(decoded("<!here> <!channel> <!everyone> <!here|here> <!here|@here>"),
	       "@here @channel @everyone @here @here", "everybody");
	is_str(decoded("<!subteam^S1|@ops> <!subteam^S1>"), "@ops @S1", "a group of users");
	is_str(decoded("<!date^1392734382^{date} at {time}|2014-02-18, 2 PM>"), "2014-02-18, 2 PM", "a date");
	is_str(decoded("<!new|what &amp; ever> <!new>"), "what & ever @new", "a command of tomorrow");
	is_str(decoded("<https://a.org/?a=1&amp;b=2>"), "https://a.org/?a=1&b=2", "a link");
	is_str(decoded("<https://a.org|A &lt;3>"), "A <3 (https://a.org)", "a link with a label");
	is_str(decoded("<http://a.org|a.org> <https://a.org|https://a.org>"), "http://a.org https://a.org",
	       "a label that says nothing new");
	is_str(decoded("<mailto:a@b.c|a@b.c> <tel:123|123> <mailto:a@b.c|Ann>"),
	       "a@b.c 123 Ann (mailto:a@b.c)", "mail and telephone");
	is_str(decoded("1 < 2 and <b> <> <|x> <"), "1 < 2 and <b> <> <|x> <", "no links at all");
	is_str(decoded("<<@U1>>"), "<@Ann>", "brackets around a mention");
	is_str(decoded("<@U1|a<@U1>"), "@Ann", "a bracket within a label");
}

static void bounds(void)
{
	char *many = malloc(400001);

	memset(many, '<', 400000);
	many[400000] = '\0';
	is_int((int64_t)strlen(decoded(many)), 400000, "nothing but opening brackets");
	out.max = 10;
	is_str(decoded("123456789\xC3\xA9tail"), "123456789", "cut before a character that does not fit");
	ok(out.over, "which is noted");
	is_str(decoded("12345678\xC3\xA9 more"), "12345678\xC3\xA9", "all of one that fits");
	is_str(decoded("<@U1> and then <@U1>"), "@Ann and t", "cut within the text");
	out.max = 0;
	free(many);
}

static void rich(void)
{
	is_str(blocks("[{'type':'rich_text','elements':[{'type':'rich_text_section','elements':["
		      "{'type':'text','text':'a &amp; <b> "
		      "'},{'type':'user','user_id':'U1'},{'type':'text','text':' in '},"
		      "{'type':'channel','channel_id':'C1'},{'type':'emoji','name':'tada'},"
		      "{'type':'link','url':'https://a.org','text':'A'},{'type':'link','url':'https://"
		      "b.org'},"
		      "{'type':'broadcast','range':'here'},{'type':'usergroup','usergroup_id':'S1'},"
		      "{'type':'date','timestamp':1,'fallback':'now'},{'type':'color','value':'#fff'}]}]}]"),
	       "a &amp; <b> @Ann in #general:tada:A (https://a.org)https://b.org@here@S1now#fff",
	       "a section, as it stands");
	is_str(blocks("[{'type':'rich_text','elements':[{'type':'rich_text_list','style':'ordered','indent':"
		      "1,'elements':["
		      "{'type':'rich_text_section','elements':[{'type':'text','text':'one'}]},"
		      "{'type':'rich_text_section','elements':[{'type':'text','text':'two'}]}]},"
		      "{'type':'rich_text_list','style':'bullet','elements':["
		      "{'type':'rich_text_section','elements':[{'type':'text','text':'dot'}]}]},"
		      "{'type':'rich_text_quote','elements':[{'type':'text','text':'said'}]},"
		      "{'type':'rich_text_preformatted','elements':[{'type':'text','text':'x = 1;'}]}]}]"),
	       "  1. one\n  2. two\n- dot\n> said\nx = 1;", "lists, a quote, code");
	is_str(blocks("[{'type':'header','text':{'type':'plain_text','text':'A &amp; B'}},{'type':'divider'},"
		      "{'type':'section','text':{'type':'mrkdwn','text':'*hi* <@U1>'},"
		      "'fields':[{'type':'mrkdwn','text':'f1'},{'type':'plain_text','text':'<f2>'}]},"
		      "{'type':'context','elements':[{'type':'mrkdwn','text':'c1'},{'type':'image','alt_text'"
		      ":'pic'}]},"
		      "{'type':'image','title':{'type':'plain_text','text':'T'},'alt_text':'alt'}]"),
	       "A & B\n*hi* @Ann\nf1\n<f2>\nc1 pic\nT", "blocks of an app");
	is_str(blocks("[{'type':'table','rows':[[{'type':'raw_text','text':'a'},{'type':'raw_text','text':'b'"
		      "}],"
		      "[{'type':'raw_text','text':'c'}]]}]"),
	       "a\tb\nc", "a table");
	is_str(blocks("[{'type':'tomorrow','text':'something'},{'type':7},null,3,'x',[]]"), "something\n",
	       "what nobody knows yet");
	is_str(blocks("null"), "", "no blocks");
}

static void attached(void)
{
	is_str(attachments(
		       "[{'pretext':'before','title':'T','title_link':'https://t.org','text':'body <@U1>',"
		       "'fields':[{'title':'A','value':'1'},{'value':'2'},{'title':'B'}],'fallback':'no'}]"),
	       "before\nT (https://t.org)\nbody @Ann\nA: 1\n2\nB", "all that it says");
	is_str(attachments("[{'fallback':'fb &amp; x','image_url':'https://i'},{'from_url':'https://f'}]"),
	       "fb & x\nhttps://f", "a fallback, else a link");
	is_str(attachments("[{'fallback':'no','blocks':[{'type':'section','text':{'type':'mrkdwn','text':'"
			   "yes'}}]}]"),
	       "yes", "blocks before the fallback");
	is_str(attachments("[{},null,7]"), "", "nothing");
}

static void called(void)
{
	json_t *o = parse("{'id':'U2','name':'bob','real_name':'Bob "
			  "B','profile':{'display_name':'','real_name':'Bobby'}}");
	json_t *dm = parse("{'id':'D2','members':['U1','U2','U9']}"), *none = parse("{'id':'U_','name':'x'}");

	ok(names_add_user(&names, o), "a user");
	is_str(names_user(&names, "U2"), "Bobby", "no display name: the real one, of the profile first");
	ok(names_add_channel(&names, dm), "a direct conversation");
	is_str(names_channel(&names, "D2"), "@Ann, @Bobby, @U9", "is called by its members");
	ok(!names_add_user(&names, none), "no id");
	ok(!names_user(&names, NULL) && !names_channel(&names, "U1"), "unknown");
	json_decref(o);
	o = parse("{'id':'U2','name':'robert'}");
	names_add_user(&names, o);
	is_str(names_user(&names, "U2"), "robert", "a later name replaces an earlier one");
	for (int i = 0; i < 1000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "U%d", 1000 + i);
		names_put(&names.users, id, id);
	}
	ok(names_user(&names, "U1999") && !strcmp(names_user(&names, "U1"), "Ann"), "a thousand more");
	json_decref(o);
	json_decref(dm);
	json_decref(none);
}

int main(void)
{
	names_put(&names.users, "U1", "Ann");
	names_put(&names.channels, "C1", "general");
	names_put(&names.channels, "D1", "@Ann");
	texts();
	bounds();
	rich();
	attached();
	called();
	names_release(&names);
	buf_release(&out);
	return tap_done();
}
