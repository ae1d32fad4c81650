/* SPDX-License-Identifier: ISC */
#include "words.h"

#include "tap.h"
#include "xalloc.h"

static void word(const char *text, const char *want)
{
	struct buf out = {0};

	words_quote(&out, text);
	is_str(buf_cstr(&out), want, "%s", want);
	buf_release(&out);
}

int main(void)
{
	struct words w = {0};
	struct buf out = {0};

	word("plain-1.0_x/y:z@%+=,", "plain-1.0_x/y:z@%+=,");
	word("", "''");
	word("a b", "'a b'");
	word("it's", "'it'\\''s'");
	word("$HOME", "'$HOME'");
	word("*", "'*'");
	words_add(&w, xstrdup("run"));
	words_addf(&w, "--path=%s", "a b");
	words_addf(&w, "%d", 7);
	words_show(&out, &w);
	is_str(buf_cstr(&out), "run --path='a b' 7", "an option's value has the quotes");
	ok(!words_argv(&w)[3], "ended by NULL");
	words_release(&w);
	buf_release(&out);
	return tap_done();
}
