/* SPDX-License-Identifier: ISC */
#include "near.h"

#include <string.h>

#include "tap.h"

/* The nearest of some words. */
static const char *of(const char *word)
{
	static const char *const all[] = {"store", "sync", "query", "sources", "src-git", NULL};
	struct near n = near_to(word);

	for (size_t i = 0; all[i]; i++)
		near_look(&n, all[i]);
	return n.best ? n.best : "";
}

static void slips(void)
{
	is_str(of("stroe"), "store", "two letters that are swapped");
	is_str(of("synch"), "sync", "one too many");
	is_str(of("quey"), "query", "one too few");
	is_str(of("guery"), "query", "another one");
	is_str(of("source"), "sources", "the nearest of several");
	is_str(of("src-gt"), "src-git", "a longer word");
	is_str(of("sync"), "sync", "the word itself");
	is_str(of("xyzzyx"), "", "none is near");
	is_str(of(""), "", "nor to nothing");
}

static void long_words(void)
{
	char word[300];
	struct near n;

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	n = near_to(word);
	near_look(&n, "a");
	near_look(&n, word);
	ok(!n.best, "a long word is near to none");
}

int main(void)
{
	slips();
	long_words();
	return tap_done();
}
