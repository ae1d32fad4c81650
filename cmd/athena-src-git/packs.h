/* SPDX-License-Identifier: ISC
 *
 * packs - the pack files of a repository, mapped, and read with libdeflate, which takes less than half of zlib's time:
 * that is what most of the time of a history goes into.
 *
 *	struct packs *packs = packs_open(&folders);
 *	struct pack_reader *r = pack_reader_new(packs, &loose);        one a thread
 *	if (pack_read(r, oid, most, &object) == PACK_OK) ...
 *
 * Whatever is not here, or is not as it should be, is PACK_NOT: libgit2 is asked then, and says what is wrong. What
 * is read is checked by every length and by the Adler-32 of what was deflated, not by its name: git log does no more.
 */
#ifndef PACKS_H
#define PACKS_H

#include <git2.h>
#include <stdint.h>

#include "folders.h"

enum {
	PACK_OBJECT_MAX = 256 << 20, /* bytes of an object that is read here, and of any that it is a delta of */
	PACK_BASES_MAX = 12 << 20,   /* bytes of objects that a reader keeps because others are deltas of them */
};

struct loose;
struct object;
struct packs;
struct pack_reader;

/* The packs in folders of objects, as of now. What cannot be opened is left out. */
struct packs *packs_open(const struct folders *folders);
void packs_close(struct packs *packs);

enum pack_result {
	PACK_OK,
	PACK_LARGE, /* of more than `most` bytes */
	PACK_NOT,
};

/* `loose` are the loose objects, for what is damaged and lies there as well; or NULL. */
struct pack_reader *pack_reader_new(const struct packs *packs, const struct loose *loose);

/* *out is the caller's; its oid is not set. */
enum pack_result pack_read(struct pack_reader *r, const git_oid *oid, uint64_t most, struct object **out);
void pack_reader_free(struct pack_reader *r);

#endif
