/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/%.c pkg: libdeflate libgit2 zlib */
#include "kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { MANY = 5000, LARGE = 1 << 20 };

static git_oid names[MANY];

/* A commit in name only: n bytes that begin with a number of their own. */
static void put(struct kept *k, int number, size_t n)
{
	struct object *o = object_new(GIT_OBJECT_COMMIT, n);

	memset(o->own, 0, n);
	snprintf(o->own, n, "%d", number);
	if (git_odb_hash(&o->oid, o->data, n, GIT_OBJECT_COMMIT))
		exit(1);
	names[number] = o->oid;
	kept_put(k, o);
	object_free(o);
}

static bool take(struct kept *k, int number)
{
	struct object *o = kept_take(k, &names[number]);
	bool found = o && atoi(o->data) == number;

	object_free(o);
	return found;
}

/* Every second one is taken, then those between: the gaps must not hide what lies behind them. */
static bool each_once(struct kept *k)
{
	for (int i = 0; i < MANY; i++)
		put(k, i, 32);
	put(k, 7, 32);
	if (k->n != MANY)
		return false;
	for (int first = 0; first < 2; first++)
		for (int i = first; i < MANY; i += 2)
			if (!take(k, i) || take(k, i))
				return false;
	return !k->n && !k->bytes;
}

int main(void)
{
	struct kept k = {0};
	int fit = 0;

	git_libgit2_init();
	ok(!kept_take(&k, &names[0]), "nothing lies there yet");
	ok(each_once(&k), "each is handed out, and once");
	for (int i = 0; i < 40; i++)
		put(&k, i, LARGE);
	for (int i = 0; i < 40; i++)
		fit += take(&k, i);
	ok(fit == 31 && !k.bytes, "no more than 32 MiB lie there");
	put(&k, 50, LARGE);
	put(&k, 51, 32);
	kept_release(&k);
	ok(!k.n && !k.bytes && !kept_take(&k, &names[51]), "what nobody asked for goes");
	git_libgit2_shutdown();
	return tap_done();
}
