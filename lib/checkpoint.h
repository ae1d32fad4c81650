/* SPDX-License-Identifier: ISC
 *
 * checkpoint - the control line that moves a cursor, and what a consumer does with it: the
 * other half of athena-cursor(5), for athena-store and athena-commit.
 *
 *	if (fields.control && checkpoint_parse(&cp, line, len, &why) == CHECKPOINT_OK) {
 *		struct stream *s = streams_get(&all, cp.source_id, strlen(cp.source_id));
 *
 *		stream_checkpoint(s, &cp);           prev and next become positions of this stream
 *		...                                  commit the events above and, with them, the position
 *		rc = checkpoint_settle(&cp, s, "events are kept", &moved);     only after the commit
 *		checkpoint_release(&cp);
 *	}
 *
 * Files: checkpoint.c has the line and the move of the cursor, streams.c what is remembered between two lines.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "event.h"

struct checkpoint {
	char *source_id;
	char prev[SHA256_HEX]; /* "" for null */
	char next[SHA256_HEX];
	char *cursor;          /* the canonical form of the new F, NUL-ended; hashes to next */
	int64_t events;        /* of this source since its previous checkpoint, as the source counted */
	bool final;            /* the run ended well */
	char *ack;             /* absolute path of F; NULL: nobody is to move it */
	char *stage;           /* "<nonce>.<n>"; NULL likewise */
};

enum checkpoint_kind {
	CHECKPOINT_OK,
	CHECKPOINT_OTHER,  /* a control record of another kind: to be ignored */
	CHECKPOINT_BROKEN, /* a checkpoint with a member missing or wrong, or a cursor that does not hash to next: moves nothing, is said */
};

/* The n bytes of a line that jsonscan_line() found to be an object with a member `athena`. */
enum checkpoint_kind checkpoint_parse(struct checkpoint *cp, const char *line, size_t n, const char **why);
void checkpoint_release(struct checkpoint *cp);

/* Adds the line, with its newline. */
void checkpoint_write(struct buf *out, const struct checkpoint *cp);

/* What a consumer remembers of one source within one input. */
struct stream {
	char *source_id;
	unsigned char *seen; /* positions of this stream, SHA256_SIZE bytes each: open-addressed set */
	size_t n, cap;       /* positions in it, slots */
	bool seen_null;      /* the null position is one of them */
	bool any;            /* a checkpoint was met */
	bool final;          /* the last one was final */
	int64_t events;      /* since the last checkpoint, counted by the consumer */
	int64_t total;       /* in this input */
	int64_t missing;     /* sum of what checkpoints announced and did not arrive */
	bool held;           /* a gap or damage: the cursor stays for the rest of the input */
	void *user;          /* the consumer's own, freed by it */
};

struct streams {
	struct stream **items;
	size_t n, cap;
	struct stream *last; /* the one asked for last: streams come in runs */
	size_t *slots;       /* open-addressed: 1 + index into items, by source_id; 0 is free */
	size_t n_slots;      /* a power of two, at least twice n */
};

/* Finds or adds; len is the length of source_id, which need not be NUL-ended. */
struct stream *streams_get(struct streams *all, const char *source_id, size_t len);
void streams_release(struct streams *all);

/* The stream of an event, or of a line that is none and says all the same whose it is; else NULL. */
struct stream *streams_of_event(struct streams *all, const struct event_fields *fields);

/* Does it go on from where the stream has been, or from where its cursor file stands? Ask before stream_checkpoint(). */
bool stream_leads_to(const struct stream *s, const struct checkpoint *cp);

/* Remembers prev and next as positions of this stream; call it for every checkpoint of S. */
void stream_checkpoint(struct stream *s, const struct checkpoint *cp);

/*
 * Compares what the checkpoint announces with the events counted since the one before, says what is
 * missing and returns how many that are. A filter may have dropped them, so only with `strict` is
 * the stream held. The count begins anew.
 */
int64_t stream_compare(struct stream *s, const struct checkpoint *cp, bool strict);

/* The last checkpoint is not final, or events came after it. Where there was none nobody can tell. */
bool stream_is_cut_short(const struct stream *s);

/* Is this position ("" for null) one of the stream? */
bool stream_has(const struct stream *s, const char *hash);

enum checkpoint_promotion {
	CHECKPOINT_PROMOTED,
	CHECKPOINT_NOTHING, /* no ack, the staged file is gone, or F has moved on: no error */
	CHECKPOINT_REFUSED, /* the staged file is not what it must be: said in *why, nothing moved */
	CHECKPOINT_FAILED,  /* the system refused: errno, and *why */
};

/*
 * Renames the staged file onto F after the consumer's commit: only a regular file of this user, of this
 * source_id, whose content hashes to next, and only while F holds a position of this
 * stream. So the input chooses neither path nor content.
 */
enum checkpoint_promotion checkpoint_promote(const struct checkpoint *cp, const struct stream *s, const char **why);

/*
 * The same, and says what went wrong, with `kept` for what became of the events: 0, EX_CONFIG where
 * the staged file is not what it must be, EX_IOERR. *moved is set where F was moved, else left.
 */
int checkpoint_settle(const struct checkpoint *cp, const struct stream *s, const char *kept, bool *moved);

/* Keeps in *code the worse of codes that do not end a run: EX_IOERR, which no second run cures, before EX_CONFIG and EX_DATAERR. */
void checkpoint_note(int *code, int another);

#endif
