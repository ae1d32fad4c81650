/* SPDX-License-Identifier: ISC
 *
 * excerpt - the part of a content that matched, in one line and with marks around the words (SHOW_MARK_ON and _OFF).
 *
 *	rc = excerpt_open(&x, &db, expression);
 *	rc = excerpt_make(&x, content, n);       x.text: borrowed until the next one; NULL where nothing matched
 *	excerpt_close(&x);
 */
#ifndef EXCERPT_H
#define EXCERPT_H

#include "buf.h"
#include "db.h"

struct excerpt {
	struct db *db;
	sqlite3_stmt *put, *get;
	struct buf line;
	const char *text;
};

/* The tokenizer is registered in db. */
int excerpt_open(struct excerpt *x, struct db *db, const char *expression);
int excerpt_make(struct excerpt *x, const char *content, size_t n);
void excerpt_close(struct excerpt *x);

#endif
