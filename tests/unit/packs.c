/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/%.c pkg: libdeflate libgit2 zlib */
#include "packs.h"

#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "object.h"
#include "packmade.h"
#include "packs-parts.h"
#include "tap.h"

enum { VERSIONS = 300, LINES = 200 };

/* ---- a pack that libgit2 made ---- */

struct world {
	git_repository *repo;
	git_odb *odb;
	git_oid names[2 * VERSIONS];
	size_t n;
};

/* A file of 200 lines, of which each version changes one, and the folder that it lies in. */
static void write_version(struct world *w, git_packbuilder *pack, int version)
{
	static int numbers[LINES];
	char text[LINES * 32], tree[64] = "100644 file";
	git_oid *blob = &w->names[w->n++], *folder = &w->names[w->n++];
	size_t n = 0;

	numbers[version * 7 % LINES] = version * 1000003;
	for (int i = 0; i < LINES; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "line %d is %d\n", i, numbers[i]);
	if (git_odb_write(blob, w->odb, text, n, GIT_OBJECT_BLOB))
		exit(1);
	memcpy(tree + 12, blob->id, GIT_OID_RAWSZ);
	if (git_odb_write(folder, w->odb, tree, 12 + GIT_OID_RAWSZ, GIT_OBJECT_TREE) ||
	    git_packbuilder_insert(pack, blob, "file") || git_packbuilder_insert(pack, folder, NULL))
		exit(1);
}

static void make_world(struct world *w, const char *folder)
{
	git_packbuilder *pack;

	if (git_repository_init(&w->repo, folder, true) || git_repository_odb(&w->odb, w->repo) ||
	    git_packbuilder_new(&pack, w->repo))
		exit(1);
	for (int i = 0; i < VERSIONS; i++)
		write_version(w, pack, i);
	if (git_packbuilder_write(pack, NULL, 0644, NULL, NULL))
		exit(1);
	git_packbuilder_free(pack);
}

static size_t deltas(const struct packs *packs, const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct pack_entry e;

		n += packs->n == 1 &&
		     pack_entry(&packs->list[0], pack_find(&packs->list[0], w->names[i].id), &e) &&
		     e.type > PACK_TAG;
	}
	return n;
}

/* How many objects are read as libgit2 reads them. */
static size_t equal(struct pack_reader *r, const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		git_odb_object *expected;
		struct object *o;

		if (pack_read(r, &w->names[i], OBJECT_ANY, &o))
			continue;
		if (git_odb_read(&expected, w->odb, &w->names[i]))
			exit(1);
		n += o->type == git_odb_object_type(expected) && o->size == git_odb_object_size(expected) &&
		     !memcmp(o->data, git_odb_object_data(expected), o->size) && !o->data[o->size];
		git_odb_object_free(expected);
		object_free(o);
	}
	return n;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) == EOF || fclose(f))
		exit(1);
}

static void test_libgit2s(void)
{
	struct world w = {0};
	char folder[TAP_FOLDER], path[TAP_FOLDER + 64], text[TAP_FOLDER + 64];
	struct pack_reader *r;
	struct folders folders = {0};
	struct packs *packs;

	tap_enter(folder);
	make_world(&w, folder);
	snprintf(path, sizeof(path), "%s/objects/", folder);
	folders_find(&folders, path);
	packs = packs_open(&folders);
	r = pack_reader_new(packs, NULL);
	is_int((intmax_t)packs->n, 1, "one pack");
	ok(deltas(packs, &w) > VERSIONS / 2, "most of its files are deltas");
	is_int((intmax_t)equal(r, &w), 2 * VERSIONS, "every object is what libgit2 reads");
	is_int((intmax_t)equal(r, &w), 2 * VERSIONS, "and a second time");
	pack_reader_free(r);
	packs_close(packs);
	folders_release(&folders);

	snprintf(path, sizeof(path), "%s/other", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/other/info", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/other/info/alternates", folder);
	write_file(path, "# the next is relative\n/nowhere\n../objects\n");
	snprintf(path, sizeof(path), "%s/objects/info/alternates", folder);
	snprintf(text, sizeof(text), "%s/other\n", folder);
	write_file(path, text);
	snprintf(path, sizeof(path), "%s/other/", folder);
	folders_find(&folders, path);
	packs = packs_open(&folders);
	r = pack_reader_new(packs, NULL);
	is_int((intmax_t)equal(r, &w), 2 * VERSIONS,
	       "an alternate is looked into, once, though it leads back");
	is_int((intmax_t)packs->n, 1, "and its pack is there once");
	pack_reader_free(r);
	packs_close(packs);
	folders_release(&folders);
	git_odb_free(w.odb);
	git_repository_free(w.repo);
	tap_leave(folder);
}

/* ---- packs that nobody should make ---- */

static char got[4096];

static const char *read_number(struct pack_reader *r, size_t i, uint64_t most)
{
	struct object *o;
	git_oid oid;

	memcpy(oid.id, made_name(i), GIT_OID_RAWSZ);
	switch (pack_read(r, &oid, most, &o)) {
	case PACK_LARGE:
		return "(large)";
	case PACK_NOT:
		return "(not)";
	case PACK_OK:
		break;
	}
	snprintf(got, sizeof(got), "%d %.*s", (int)o->type, (int)o->size, o->data);
	object_free(o);
	return got;
}

/* "hello" to "hello, hello!" and back */
static const unsigned char longer[] = "\x05\x0d\x90\x05\x02, \x90\x05\x01!", shorter[] = "\x0d\x05\x90\x05";

static void test_made(void)
{
	struct made m = {0};
	struct pack p;
	struct packs packs = {.list = &p, .n = 1};
	struct pack_reader *r = pack_reader_new(&packs, NULL);

	made_entry(&m, PACK_BLOB, 0, 5, "hello", 5);
	made_entry(&m, PACK_OFS_DELTA, 0, sizeof(longer) - 1, longer, sizeof(longer) - 1);
	made_entry(&m, PACK_REF_DELTA, 1, sizeof(shorter) - 1, shorter, sizeof(shorter) - 1);
	made_entry(&m, PACK_TREE, 0, 0, "", 0);
	made_entry(&m, PACK_REF_DELTA, 5, sizeof(longer) - 1, longer, sizeof(longer) - 1);
	made_entry(&m, PACK_REF_DELTA, 4, sizeof(shorter) - 1, shorter, sizeof(shorter) - 1);
	made_entry(&m, PACK_BLOB, 0, 6, "hello", 5);
	made_entry(&m, PACK_BLOB, 0, 4, "hello", 5);
	made_entry(&m, PACK_OFS_DELTA, 0, sizeof(shorter) - 1, shorter, sizeof(shorter) - 1);
	made_entry(&m, PACK_OFS_DELTA, 0, 5, "\x05\x05\x91\x01\x05", 5);
	made_entry(&m, PACK_OFS_DELTA, 0, 3, "\x05\x05\x00", 3);
	made_entry(&m, PACK_OFS_DELTA, 0, 5,
		   "\x05\x05\x06"
		   "ab",
		   5);
	made_entry(&m, PACK_OFS_DELTA, 0, 4, "\x05\x06\x90\x05", 4);
	made_entry(&m, PACK_REF_DELTA, 200, sizeof(longer) - 1, longer, sizeof(longer) - 1);
	made_entry(&m, 5, 0, 5, "hello", 5);
	made_entry(&m, PACK_BLOB, 0, UINT64_C(1) << 59, "hello", 5);
	made_entry(&m, PACK_BLOB, 0, 5, "hello", 5);
	m.at[17] = UINT64_C(1) << 40;
	m.n = 18;
	ok(made_end(&m, &p), "a pack");
	is_str(read_number(r, 0, 5), "3 hello", "whole");
	is_str(read_number(r, 1, 13), "3 hello, hello!", "a delta of what lies before it");
	is_str(read_number(r, 2, 5), "3 hello", "a delta of a name");
	is_str(read_number(r, 3, 0), "2 ", "nothing in it");
	is_str(read_number(r, 4, OBJECT_ANY), "(not)", "deltas in a circle");
	is_str(read_number(r, 6, OBJECT_ANY), "(not)", "more bytes named than there are");
	is_str(read_number(r, 7, OBJECT_ANY), "(not)", "fewer bytes named than there are");
	is_str(read_number(r, 8, OBJECT_ANY), "(not)", "a delta of another base");
	is_str(read_number(r, 9, OBJECT_ANY), "(not)", "a copy of what is behind the base");
	is_str(read_number(r, 10, OBJECT_ANY), "(not)", "an instruction that is none");
	is_str(read_number(r, 11, OBJECT_ANY), "(not)", "more to insert than there is");
	is_str(read_number(r, 12, OBJECT_ANY), "(not)", "fewer bytes made than named");
	is_str(read_number(r, 13, OBJECT_ANY), "(not)", "a base that is not here");
	is_str(read_number(r, 14, OBJECT_ANY), "(not)", "a type that is none");
	is_str(read_number(r, 15, OBJECT_ANY), "(not)", "more bytes than there is memory");
	is_str(read_number(r, 15, 100), "(large)", "which is too large besides");
	is_str(read_number(r, 17, OBJECT_ANY), "(not)", "an offset behind the end");
	is_str(read_number(r, 99, OBJECT_ANY), "(not)", "a name that is not here");
	is_str(read_number(r, 13, 12), "(large)", "too large, which is known without its base");
	is_str(read_number(r, 0, 4), "(large)", "whole, and too large");
	is_str(read_number(r, 1, 12), "(large)", "a delta, and what it makes is too large");
	pack_reader_free(r);

	r = pack_reader_new(&packs, NULL);
	is_str(read_number(r, 1, OBJECT_ANY), "3 hello, hello!", "what others are deltas of is kept");
	m.data[m.at[0] + 4] ^= 0x55;
	is_str(read_number(r, 0, 5), "3 hello", "and not read again");
	is_str(read_number(r, 0, 4), "(large)", "too large, also when it is kept");
	is_str(read_number(r, 16, 5), "3 hello", "elsewhere all is well");
	m.data[m.at[16] + 4] ^= 0x55;
	is_str(read_number(r, 16, 5), "(not)", "damaged");
	pack_reader_free(r);
	made_release(&m);
}

/* As dense as deflate can be: a size is a lie only beyond that. */
static void test_dense(void)
{
	enum { SIZE = 32 << 20 };
	struct made m = {0};
	struct pack p;
	struct packs packs = {.list = &p, .n = 1};
	struct pack_reader *r = pack_reader_new(&packs, NULL);
	struct object *o = NULL;
	char *zeroes = xcalloc(1, SIZE);
	uLongf room = compressBound(SIZE);
	Bytef *out = xmalloc(room);
	git_oid oid;

	ok(compress2(out, &room, (const Bytef *)zeroes, SIZE, 9) == Z_OK, "as git does it");
	made_start(&m);
	m.at[m.n++] = m.len;
	made_head(&m, PACK_BLOB, SIZE);
	made_bytes(&m, out, room);
	ok(m.len < SIZE / 1024, "more than 1,024 bytes for each that is deflated");
	ok(made_end(&m, &p), "a pack");
	memcpy(oid.id, made_name(0), GIT_OID_RAWSZ);
	is_int(pack_read(r, &oid, SIZE, &o), PACK_OK, "is read");
	ok(o && o->size == SIZE && !memcmp(o->data, zeroes, SIZE), "whole");
	object_free(o);
	free(out);
	free(zeroes);
	pack_reader_free(r);
	made_release(&m);
}

/* ---- finding a name ---- */

enum { NAMES = 30000 };

static int by_name(const void *a, const void *b)
{
	return memcmp(a, b, PACK_HASH);
}

/* How many of the names are found where they are, and are not found when their last bit is another. The first `same` bytes of all are equal. */
static int found(size_t same)
{
	const size_t names = 8 + 256 * 4, offsets = names + NAMES * (size_t)(PACK_HASH + 4),
		     len = offsets + NAMES * 4 + 2 * (size_t)PACK_HASH;
	unsigned char data[32] = "PACK\0\0\0\2", *index = xcalloc(1, len), *name;
	uint64_t random = 88172645463325252;
	struct pack p;
	int n = 0;

	for (size_t i = 0; i < NAMES; i++)
		for (size_t k = same; k < PACK_HASH; k++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			index[names + i * PACK_HASH + k] = k == PACK_HASH - 1 ? random & 0xfe : random & 0xff;
		}
	qsort(index + names, NAMES, PACK_HASH, by_name);
	memcpy(index, "\377tOc\0\0\0\2", 8);
	for (size_t i = 0, at = 0; i < 256; i++) {
		while (at < NAMES && index[names + at * PACK_HASH] == i)
			at++;
		made_be32(index + 8 + 4 * i, (uint32_t)at);
	}
	for (uint32_t i = 0; i < NAMES; i++)
		made_be32(index + offsets + (size_t)i * 4, 12 + i);
	made_be32(data + 8, NAMES);
	if (!pack_over(&p, data, sizeof(data), index, len))
		exit(1);
	for (size_t i = 0; i < NAMES; i++) {
		name = index + names + i * PACK_HASH;
		n += pack_find(&p, name) == 12 + i;
		name[PACK_HASH - 1] |= 1;
		memcpy(got, name, PACK_HASH);
		name[PACK_HASH - 1] &= 0xfe;
		n += !pack_find(&p, (const unsigned char *)got);
	}
	free(index);
	return n;
}

static void test_no_packs(void)
{
	struct made m = {0};
	struct pack p;
	size_t n;

	made_entry(&m, PACK_BLOB, 0, 5, "hello", 5);
	ok(made_end(&m, &p), "a pack");
	n = p.index_len;
	ok(!pack_over(&p, m.data, 31, m.index, n), "a pack that is cut");
	ok(!pack_over(&p, m.data, m.len, m.index, n - 13), "an index that is cut");
	m.index[7] = 1;
	ok(!pack_over(&p, m.data, m.len, m.index, n), "an index of version 1");
	m.index[7] = 2;
	m.index[n - 40] ^= 1;
	ok(!pack_over(&p, m.data, m.len, m.index, n), "an index of another pack");
	m.index[n - 40] ^= 1;
	m.index[8 + 4 * 7 + 3] = 2;
	ok(!pack_over(&p, m.data, m.len, m.index, n), "counts that go down");
	made_release(&m);
}

int main(void)
{
	git_libgit2_init();
	test_libgit2s();
	test_made();
	test_dense();
	test_no_packs();
	is_int(found(0), 2 * NAMES, "each of many names is found, and no other");
	is_int(found(6), 2 * NAMES, "also where they are nothing like hashes");
	git_libgit2_shutdown();
	return tap_done();
}
