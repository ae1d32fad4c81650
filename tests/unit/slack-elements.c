/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/elements.c */
/* Arrays cut into their elements, wherever the chunks end. */
#include "elements.h"

#include "tap.h"

/* What comes of a text in chunks of n bytes: "<element>" each, "L" for one too long, "E" or "B" at the end. */
static const char *cut(const char *text, size_t chunk_size, size_t max)
{
	static struct buf out;
	struct elements s;
	enum elements_what what = ELEMENTS_MORE;
	size_t n = strlen(text);

	buf_reset(&out);
	elements_init(&s, max);
	for (size_t i = 0; i < n && what != ELEMENTS_BROKEN; i += chunk_size) {
		size_t len = n - i < chunk_size ? n - i : chunk_size;
		char *chunk = malloc(len); /* no more than that may be read */

		memcpy(chunk, text + i, len);
		for (size_t at = 0; (what = elements_next(&s, chunk, len, &at)) != ELEMENTS_MORE;) {
			if (what == ELEMENTS_ONE)
				buf_addf(&out, "<%.*s>", (int)s.len, s.text);
			else
				buf_adds(&out, what == ELEMENTS_LONG ? "L" : "B");
			if (what == ELEMENTS_BROKEN)
				break;
		}
		free(chunk);
	}
	if (elements_ended(&s))
		buf_adds(&out, "E");
	if (s.head.len)
		buf_addf(&out, " %.*s", (int)s.head.len, s.head.data);
	if (!elements_ended(&s) && what != ELEMENTS_BROKEN)
		buf_adds(&out, "?");
	elements_release(&s);
	return buf_cstr(&out);
}

/* The same in chunks of every size. */
static void all(const char *text, const char *want, const char *name)
{
	size_t sizes = strlen(text) + 1;

	for (size_t i = 1; i <= sizes; i++) {
		if (!strcmp(cut(text, i, 0), want))
			continue;
		is_str(cut(text, i, 0), want, "%s, in chunks of %zu", name, i);
		return;
	}
	ok(true, "%s", name);
}

int main(void)
{
	char *deep = malloc(10001);

	all("[]", "E", "an empty array");
	all(" \n[ {\"a\":1} , {\"b\":[1,2,{}]} ]", "<{\"a\":1} ><{\"b\":[1,2,{}]} >E", "two objects");
	all("\xEF\xBB\xBF[1,\"x\",null]", "<1><\"x\"><null>E", "scalars, after a byte order mark");
	all("[\"a]\",\"\\\"]\",\"\\\\\",{\"k\\\"]}\":\"}\"}]",
	    "<\"a]\"><\"\\\"]\"><\"\\\\\"><{\"k\\\"]}\":\"}\"}>E", "brackets and quotes within strings");
	all("[1]\n \n", "<1>E", "blanks after the array");
	all("[1]garbage", "<1>B", "what follows the array");
	all("[1][2]", "<1>B", "two of them");
	all(" null\n", "E", "null");
	all("nul", "?", "half of it");
	all("never", "B", "no null");
	all("null null", "B", "two of them");
	all("[{\"a\":1", "?", "cut short within an element");
	all("[{\"a\":1},", "<{\"a\":1}>?", "cut short after one");
	all("", "?", "nothing");
	all("hello", "B", "no JSON");
	all("[{]]", "<{]>E", "brackets of two kinds: the parser's to refuse");
	all("[}]", "B", "a bracket too many");
	all("{\"channel_id\":\"C1\",\"name\":\"x[1]\",\"messages\":[{\"ts\":\"1.5\"},{}],\"z\":1}",
	    "<{\"ts\":\"1.5\"}><{}>E {\"channel_id\":\"C1\",\"name\":\"x[1]\",\"messages\":", "a dump");
	all("{\"a\":[1,{\"messages\":[2]}],\"messages\" : [3]}",
	    "<3>E {\"a\":[1,{\"messages\":[2]}],\"messages\" : ", "messages further in are none of it");
	all("{\"a\":1}", "B {\"a\":1}", "an object without messages");
	is_str(cut("[{\"a\":\"123456789\"},{},7]", 5, 8), "L<{}><7>E",
	       "an element over the maximum is left out");
	is_str(cut("[{\"a\":\"123456789\"},{},7]", 100, 8), "L<{}><7>E", "within one chunk too");
	memset(deep, '[', 10000);
	deep[10000] = '\0';
	is_str(cut(deep, 4096, 0), "B", "nested 10,000 deep");
	memset(deep + 1, ' ', 9999);
	is_str(cut(deep, 4096, 0), "?", "blanks");
	free(deep);
	return tap_done();
}
