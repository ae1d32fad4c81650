/* SPDX-License-Identifier: ISC
 *
 * position - what the cursor of a git source says: which commits were given out.
 *
 *	{"refs":{KEY:OID},        where every ref stood when a run last ended (absent: none ever did)
 *	 "scope":[NAME]|true,     which refs that run looked at: --branch names, or true for all
 *	 "frontier":[OID],        of a run that was cut short: what it gave out, without what that reaches
 *	 "seen":[OID],            tips that refs have left behind, the newest SEEN_MAX
 *	 "shallow":[OID],         commits that had no parents then
 *	 "skew":N,"newest":N,"leads":{OID:N}   see walk.h; a lead of 0 is left out, -1 is not known
 *	 "moves":{KEY:N},         ref events that a ref has had: the last part of their ids
 *	 "grafts":HEX,            of grafts and replacements; absent: there were none
 *	 "whole":true,            grafts changed: only the frontier is known, everything is given out again
 *	 "worktree":{PATH:OID}}   uncommitted changes that were given out
 *
 * Known are the frontier, refs and seen, and all their ancestors.
 */
#ifndef POSITION_H
#define POSITION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "commit.h"

enum { SEEN_MAX = 256, MOVES_MAX = 20000 };

struct position {
	json_t *refs;  /* object; NULL: no run has ended yet */
	json_t *scope; /* array or true, NULL with refs */
	struct oid_list frontier, seen, shallow; /* shallow is sorted */
	uint32_t skew;
	uint64_t newest;
	json_t *leads;    /* object */
	json_t *moves;    /* object */
	json_t *worktree; /* object, or NULL: never looked at */
	char grafts[65];
	bool whole;
};

/* From the member `cursor` of a cursor file; NULL: the start. 0 or 78, said. */
int position_load(struct position *p, json_t *object);
void position_release(struct position *p);

/* A new reference. */
json_t *position_json(const struct position *p);

/* The lead of a root as the cursor has it. */
int64_t position_lead(const struct position *p, const git_oid *oid);

/* "refs":{KEY:OID}. False where there is no such ref. */
bool position_ref(const struct position *p, const char *key, git_oid *oid);

#endif
