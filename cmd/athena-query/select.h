/* SPDX-License-Identifier: ISC
 *
 * select - the question as SQL: conditions with their values, which are always bound, never part of the text.
 *
 *	struct select s = {0};
 *	select_build(&s, &query);
 *	rc = select_prepare(&s, &db, "SELECT count(*)", "", &stmt);
 *	... step, sqlite3_finalize ...
 *	select_release(&s);
 *
 * The row of an event is `e` there. The statement keeps copies of the values.
 */
#ifndef SELECT_H
#define SELECT_H

#include "buf.h"
#include "db.h"
#include "query.h"

struct select_value {
	char *text; /* NULL: the integer */
	int64_t integer;
};

struct select {
	struct buf from;  /* FROM and its joins */
	struct buf where; /* conditions joined by AND, without the word WHERE; may be empty */
	struct select_value *values;
	size_t n;
};

void select_build(struct select *s, const struct query *q);
void select_release(struct select *s);

/* Adds a condition; each ? in it takes the next value. */
void select_and(struct select *s, const char *sql);
void select_text(struct select *s, const char *value);
void select_integer(struct select *s, int64_t value);

/* Any of the words, nothing where there are none; with * or ? in it a word is a pattern. */
void select_words(struct select *s, const char *column, const struct opt_list *words);

/* Prepares `head` FROM ... WHERE ... `tail`, all values bound. */
int select_prepare(const struct select *s, struct db *db, const char *head, const char *tail,
		   sqlite3_stmt **stmt);

/*
 * Looks up which sources --source means, so that one is found by its index. Not for --follow, where more may come.
 * Says so where there is none.
 */
int select_resolve(struct query *q, struct db *db);

/* No source is called so, but another one may be meant. */
int select_say_unknown(const struct query *q, struct db *db);

/* Where nothing was found: what is probably wrong with the question and, for a person, that there is nothing. */
int select_say_none(struct db *db, const struct query *q);

/* A pattern of the user's, in which * and ? are the only wildcards, as SQLite's GLOB has it. */
void select_pattern(struct buf *out, const char *pattern);

#endif
