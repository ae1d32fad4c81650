/* SPDX-License-Identifier: ISC
 *
 * cursorfile - a source's hold on its cursor file F: lock, load, stage, promote.
 *
 *	struct cursorfile f = {0};
 *	rc = cursorfile_open(&f, path);              F.lock is held, F read, nothing else touched
 *	rc = cursorfile_claim(&f, source_id);        F is ours: leftovers of earlier runs are removed
 *	... f.at ...                                 where to resume; f.at.hash is "" when F is absent or empty
 *	rc = cursorfile_stage(&f, selection, position);   F.<nonce>.<n> lies there, whole and synced
 *	...                                          the checkpoint line is written; the consumer renames it onto F, or
 *	rc = cursorfile_promote(&f);                 the source does, where that is its job
 *	cursorfile_close(&f);                        the lock is released; staged files stay
 *
 *	rc = cursorfile_look(&f, path, source_id);   F is read, beside a run that holds it, and nothing is made
 *
 * All functions that return int return 0, or a sysexits code that is logged:
 * 75 when another run holds the lock, 78 when F is damaged, newer or of another source.
 */
#ifndef CURSORFILE_H
#define CURSORFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "cursor.h"

enum {
	CURSORFILE_MAX = 64 << 20, /* bytes of a cursor file */
	CURSORFILE_STAGE = 40,     /* room for "<nonce>.<n>" */
	CURSORFILE_KEEP = 64,      /* staged files that a reader may be behind by; one that is gone is no error */
};

struct cursorfile {
	char *path;                      /* F, resolved; NULL: no cursor is used */
	int lock_fd;                     /* of F.lock */
	struct cursor at;                /* what F said when it was opened */
	struct cursor last;              /* the position last staged; at first what F said */
	char *canonical;                 /* its canonical form; NULL while there is none */
	char nonce[17];                  /* of this run, 16 hexadecimal digits */
	unsigned staged;                 /* how many were staged: the n of F.<nonce>.<n> */
	unsigned promoted;               /* the n that was last moved onto F by this program */
	unsigned keep;                   /* staged files left lying at most, older ones are removed */
	char stage[CURSORFILE_STAGE];    /* "<nonce>.<n>" of the last one; names no file while staged is 0 */
	struct cursor left;              /* the newest position that an earlier run staged and nobody took over: what stands
					    above it may have been committed or not. Zeroed where there is none */
	struct timespec left_at;         /* when it was staged */
	bool keep_left;                  /* set between open and claim: it stays until this run has staged one, or
					    is done, so that a run that is killed before leaves the next as wise */
	char *left_path;                 /* where it lies then */
	bool unacknowledged;             /* an earlier run staged positions that nobody took over */
};

int cursorfile_open(struct cursorfile *f, const char *path);
int cursorfile_claim(struct cursorfile *f, const char *source_id);

/* The folder where F is, or would be, through all links: where a run writes. A heap string; NULL where there is none. */
char *cursorfile_folder(const char *path);

/* What open and claim would say, but for who holds the lock: for --check and --plan. Only f->at is of use then. */
int cursorfile_look(struct cursorfile *f, const char *path, const char *source_id);

/*
 * Stages a new position after the last one. Where it does not differ from it nothing is
 * written: last, canonical and stage stay. The two objects are borrowed (and copied).
 */
int cursorfile_stage(struct cursorfile *f, json_t *selection, json_t *position);

/* Removes what keep_left kept; staging a position does so. */
void cursorfile_drop_left(struct cursorfile *f);

/* Moves the position last staged onto F, and syncs the folder. Nothing to do is no error. */
int cursorfile_promote(struct cursorfile *f);

void cursorfile_close(struct cursorfile *f);

#endif
