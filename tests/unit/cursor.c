/* SPDX-License-Identifier: ISC */
#include "cursor.h"

#include <stdlib.h>

#include "tap.h"
#include "xalloc.h"

/* The test vector of athena-cursor(5): `printf %s FORM | sha256sum`. */
#define VECTOR_FORM                                                                                          \
	"{\"athena_cursor\":1,\"cursor\":{\"refs\":{\"refs/heads/main\":"                                    \
	"\"4b825dc642cb6eb9a060e54bf8d69288fbee4904\"}},\"prev\":null,\"selection\":{\"branches\":["         \
	"\"main\"]},"                                                                                        \
	"\"source_id\":\"git:example.org/x\"}"
#define VECTOR_HASH "633e28b3393cd7f595011e7519b58dcb36fc5dda81a8c88c17487d39894d1035"

static const char *canonical_of(const char *text)
{
	static struct buf out;
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
	const char *why = NULL, *result;

	buf_reset(&out);
	result = v && cursor_canonical(v, &out, &why) ? buf_cstr(&out) : why;
	json_decref(v);
	return result;
}

static void test_canonical(void)
{
	is_str(canonical_of("{\"b\":[1, true,null],\n \"a\":{}}"), "{\"a\":{},\"b\":[1,true,null]}",
	       "keys are sorted, white space is gone");
	is_str(canonical_of("{\"\xC3\xA9\":\"\\u00e9\",\"z\":\"a\\/\\\"\\\\\"}"),
	       "{\"z\":\"a/\\\"\\\\\",\"\xC3\xA9\":\"\xC3\xA9\"}",
	       "UTF-8 is written raw, the slash too, keys sort by bytes");
	is_str(canonical_of("9007199254740992"), "9007199254740992", "2^53 is allowed");
	is_str(canonical_of("9007199254740993"), "an integer beyond 2^53", "2^53 + 1 is not");
	is_str(canonical_of("-9007199254740993"), "an integer beyond 2^53", "nor below");
	is_str(canonical_of("1.0"), "a number that is no integer, where a position has whole numbers and text", "a fraction is refused");
	is_str(canonical_of("{\"a\":[\"\\u007f\"]}"), "a string with a control character",
	       "U+007F is refused");
	is_str(canonical_of("{\"a\\n\":1}"), "a string with a control character",
	       "a control character in a name too");
}

static enum cursor_status status_of(const char *text, const char **why)
{
	struct cursor c;
	enum cursor_status status = cursor_parse(&c, text, strlen(text), NULL, why);

	cursor_release(&c);
	return status;
}

static void test_parse(void)
{
	static const char *const damaged[] = {
		"",
		"{",
		"[]",
		VECTOR_FORM "x",
		"{\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":null}",
		"{\"athena_cursor\":0,\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":null}",
		"{\"athena_cursor\":\"1\",\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":null}",
		"{\"athena_cursor\":1,\"selection\":{},\"cursor\":{},\"prev\":null}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"cursor\":{},\"prev\":null}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":1,\"prev\":null}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{}}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":\"abc\"}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{\"a\":1,\"a\":2},"
		"\"prev\":null}",
		"{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{\"a\":0.5},\"prev\":"
		"null}",
	};
	struct buf form = {0};
	struct cursor c;
	const char *why = "", *spaced = " " VECTOR_FORM "\n";

	is_int(cursor_parse(&c, spaced, strlen(spaced), &form, &why), CURSOR_OK,
	       "the vector is read, spaces and all");
	is_str(buf_cstr(&form), VECTOR_FORM, "and is its own canonical form");
	is_str(c.hash, VECTOR_HASH, "with the hash that the man page gives");
	is_str(c.source_id, "git:example.org/x", "source_id");
	is_str(c.prev, "", "a null prev is the empty string");
	cursor_release(&c);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++)
		is_int(status_of(damaged[i], &why), CURSOR_DAMAGED, "damaged: %s", damaged[i]);
	is_int(status_of("{\"athena_cursor\":2}", &why), CURSOR_NEWER, "a newer version is told from damage");
	is_int(status_of("{\"athena_cursor\":1,\"source_id\":\"s\",\"selection\":{},\"cursor\":{},\"prev\":"
			 "null,\"x\":1}",
			 &why),
	       CURSOR_OK, "a member that we do not know is no damage");
	buf_release(&form);
}

static void test_seal(void)
{
	struct cursor c = {.source_id = xstrdup("git:example.org/x"),
			   .selection = json_pack("{s:[s]}", "branches", "main"),
			   .position = json_pack("{s:{s:s}}", "refs", "refs/heads/main",
						 "4b825dc642cb6eb9a060e54bf8d69288fbee4904")};
	struct buf form = {0};
	const char *why = "";
	char first[SHA256_HEX];

	is_int(cursor_seal(&c, &form, &why), 1, "a position is sealed");
	is_str(buf_cstr(&form), VECTOR_FORM, "in canonical form");
	is_str(c.hash, VECTOR_HASH, "and hashed");
	memcpy(first, c.hash, SHA256_HEX);
	memcpy(c.prev, c.hash, SHA256_HEX);
	buf_reset(&form);
	is_int(cursor_seal(&c, &form, &why), 1, "the same position after itself is sealed");
	is_int(strcmp(first, c.hash) != 0, 1, "and has another hash: it names its predecessor");
	json_object_set_new(c.position, "x", json_real(1.5));
	is_int(cursor_seal(&c, &form, &why), 0, "what has no canonical form is refused");
	cursor_release(&c);
	buf_release(&form);
}

int main(void)
{
	test_canonical();
	test_parse();
	test_seal();
	is_int(cursor_is_blank(" \n", 2), 1, "white space is an empty cursor file");
	is_int(cursor_is_blank("\0", 1), 0, "a NUL is not");
	is_int(cursor_is_hash(VECTOR_HASH), 1, "64 digits are a hash");
	is_int(cursor_is_hash("0DCD"), 0, "others are not");
	return tap_done();
}
