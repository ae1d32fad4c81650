/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/slim.c cmd/athena-src-slack/names.c */
/* What is left of a message's JSON. */
#include "slim.h"

#include "tap.h"

static struct slack_names names;

/* Single quotes stand for double ones. */
static const char *slim(const char *json)
{
	static char text[1024];
	size_t n = strlen(json);

	memcpy(text, json, n + 1);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	n = slim_message(text, n, &names);
	text[n] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '"')
			*c = '\'';
	return text;
}

int main(void)
{
	names_put(&names.users, "U1", "Ann");
	is_str(slim("{'ts':'1.5','text':'x','blocks':[{'a':[1,2]},{}],'attachments':[7],'z':1}"),
	       "{'ts':'1.5','text':'x','blocks':[0,0],'attachments':[0],'z':1}", "blocks become zeros");
	is_str(slim("{'text':'x','blocks':[ ],'attachments':[[],[]]}"),
	       "{'text':'x','blocks':[],'attachments':[0,0]}", "as many as there are");
	is_str(slim("{'text':' \\n','blocks':[{'a':1}]}"), "{'text':' \\n','blocks':[{'a':1}]}",
	       "not where the text is blank");
	is_str(slim("{'text':'\\u0020\\t','blocks':[1]}"), "{'text':'\\u0020\\t','blocks':[1]}",
	       "however that is written");
	is_str(slim("{'blocks':[1]}"), "{'blocks':[1]}", "or where there is none");
	is_str(slim("{'text':[9],'blocks':[1]}"), "{'text':[9],'blocks':[1]}", "or no string");
	is_str(slim("{'user':'U1','user_profile':{'name':'a'},'replies':[{'ts':'1'}],'reply_count':1}"),
	       "{'user':'U1','reply_count':1}", "a profile of one who is known, and replies, are not needed");
	is_str(slim("{'user':'U2','user_profile':{'name':'a'}}"), "{'user':'U2','user_profile':{'name':'a'}}",
	       "that of one who is not known is");
	is_str(slim(" { 'a' : 'b\\'}' , 'root' : { } } "), "{'a':'b\\'}'}", "blanks and escapes");
	is_str(slim("{}"), "{}", "nothing in it");
	is_str(slim("{'a':1"), "{'a':1", "cut short: as it is");
	is_str(slim("[1]"), "[1]", "no object: as it is");
	is_str(slim("{'a' 1}"), "{'a' 1}", "no JSON: as it is");
	names_release(&names);
	return tap_done();
}
