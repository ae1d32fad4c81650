/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/kept.c pkg: libgit2 */
#include "kept.h"

#include <git2/sys/mempack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { MANY = 5000, LARGE = 1 << 20 };

static git_odb *odb;
static git_oid names[MANY];

/* A commit in name only: n bytes that begin with a number of their own. */
static git_odb_object *object(int number, size_t n)
{
	git_odb_object *o = NULL;
	char *text = calloc(1, n);
	git_oid oid;

	snprintf(text, n, "%d", number);
	if (git_odb_write(&oid, odb, text, n, GIT_OBJECT_COMMIT) || git_odb_read(&o, odb, &oid))
		exit(1);
	free(text);
	return o;
}

static void put(struct kept *k, int number, size_t n)
{
	git_odb_object *o = object(number, n);

	names[number] = *git_odb_object_id(o);
	kept_put(k, o);
	git_odb_object_free(o);
}

static bool take(struct kept *k, int number)
{
	git_odb_object *o = kept_take(k, &names[number]);
	bool found = o && atoi(git_odb_object_data(o)) == number;

	git_odb_object_free(o);
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
	git_odb_backend *memory;
	int fit = 0;

	git_libgit2_init();
	if (git_odb_new(&odb) || git_mempack_new(&memory) || git_odb_add_backend(odb, memory, 1))
		return 1;
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
	git_odb_free(odb);
	git_libgit2_shutdown();
	return tap_done();
}
