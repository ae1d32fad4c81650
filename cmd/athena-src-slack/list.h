/* SPDX-License-Identifier: ISC
 *
 * list - what was said in a channel between two times, page by page, from new to old, as Slack answers it.
 *
 *	struct list l = {0};
 *	ts_copy(l.low, ...), ts_copy(l.high, ...);
 *	while (!l.end && !rc && !c->rc)
 *		rc = list_step(f, c, &l);
 *	free(l.cursor);
 *
 * What is on a page is given out, its oldest message first; what is known of that time and not on it is
 * looked for.
 */
#ifndef LIST_H
#define LIST_H

#include "fetch.h"

#define LIST_METHOD "conversations.history"

struct list {
	char low[TS_SIZE];    /* everything after this */
	char after[TS_SIZE];  /* what is newer counts in `messages`: `low` takes in a known one */
	char high[TS_SIZE];   /* and before this is still to come */
	char latest[TS_SIZE]; /* what was asked for with the first page: a cursor wants the same again */
	char *cursor;         /* of the next page; NULL: it is asked for by `high` */
	unsigned pages, messages, same;
	bool back; /* it goes on below what is done */
	bool above;        /* it is above the window in progress */
	char top[TS_SIZE]; /* of such a one: the newest message seen */
	bool end;
};

/* Puts the question for the next page into f->form. */
void list_question(struct fetch *f, const struct channel *c, struct list *l);
/* Asks it. */
int list_ask(struct fetch *f, const struct channel *c, struct list *l, struct api_answer *a);
/* Gives out what is on a page, and notes where the list goes on. */
int list_take(struct fetch *f, struct channel *c, struct list *l, const struct api_answer *a);
/* All three. */
int list_step(struct fetch *f, struct channel *c, struct list *l);
/*
 * The list of a window ends where the workspace's plan hides what is older (hidden.c); `bottom` is the oldest
 * message of the window, "" where there is none.
 */
int hidden_end(struct fetch *f, struct channel *c, const char *bottom);
/* The lowest and the highest ts of the page that are within the list; "" where there is none. */
void list_measure(const json_t *messages, const struct list *l, char low[TS_SIZE], char high[TS_SIZE]);

#endif
