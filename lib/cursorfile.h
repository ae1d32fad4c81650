/* SPDX-License-Identifier: ISC
 *
 * cursorfile - a source's hold on its cursor file F: lock, load, stage, promote.
 *
 *	struct cursorfile f = {0};
 *	rc = cursorfile_open(&f, path);              F.lock is held, F read, nothing else touched
 *	rc = cursorfile_claim(&f, source_id);        F is ours: leftovers of earlier runs are removed
 *	... f.at is where to resume, f.at.hash "" when F is absent or empty ...
 *	rc = cursorfile_stage(&f, selection, position, &next);     F.<nonce>.<n> lies there, durable
 *	... the checkpoint line is written; the consumer renames it onto F, or ...
 *	rc = cursorfile_promote(&f);                 ... the source does, where that is its job
 *	cursorfile_close(&f);                        the lock is released; staged files stay
 *
 * All functions that return int return 0 or a sysexits code that has been said:
 * 75 when another run holds the lock, 78 when F is damaged, newer or of another source.
 */
#ifndef CURSORFILE_H
#define CURSORFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "cursor.h"

enum { CURSORFILE_MAX = 64 << 20, CURSORFILE_STAGE = 40 };

struct cursorfile {
	char *path;                      /* F, resolved; NULL: no cursor is used */
	int lock_fd;                     /* of F.lock */
	struct cursor at;                /* what F said when it was opened */
	char first[SHA256_HEX];          /* hash of F then: the stream's first prev */
	char head[SHA256_HEX];           /* hash of the position last staged, at first that of F */
	char nonce[17];                  /* of this run, 16 hexadecimal digits */
	unsigned staged;                 /* how many were staged: the n of F.<nonce>.<n> */
	char stage[CURSORFILE_STAGE];    /* "<nonce>.<n>" of the last one */
	char *canonical;                 /* what the last one holds; at first what F holds, NULL if absent */
	bool unacknowledged;             /* an earlier run staged positions that nobody took over */
};

int cursorfile_open(struct cursorfile *f, const char *path);
int cursorfile_claim(struct cursorfile *f, const char *source_id);

/*
 * Stages a new position after the last one. Where it does not differ from it nothing is
 * written: head, canonical and stage stay. The two objects are borrowed.
 */
int cursorfile_stage(struct cursorfile *f, json_t *selection, json_t *position);

/* Moves the position last staged onto F, and syncs the folder. Nothing to do is no error. */
int cursorfile_promote(struct cursorfile *f);

void cursorfile_close(struct cursorfile *f);

#endif
