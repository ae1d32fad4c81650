/* SPDX-License-Identifier: ISC */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ack.h"
#include "log.h"
#include "schema.h"
#include "xalloc.h"

enum { REJECTS_SAID = 5 }; /* lines that are named one by one; the rest is in the table */

int store_open(struct store *s)
{
	int rc = db_open(&s->db, DB_WRITE);

	if (!rc)
		rc = schema_write(&s->db);
	if (!rc)
		rc = record_open(&s->record, &s->db);
	if (!rc)
		rc = insert_open(&s->insert, &s->db, &s->counts);
	s->db.feeding = !rc;
	return rc;
}

static void close_all(struct store *s)
{
	insert_close(&s->insert);
	record_close(&s->record);
	db_close(&s->db);
	for (size_t i = 0; i < s->streams.n; i++)
		free(s->streams.items[i]->user);
	streams_release(&s->streams);
}

void store_note(struct store *s, int code)
{
	checkpoint_note(&s->code, code);
}

/* What the store remembers of a source goes with its stream. */
static struct stream *with_source(struct stream *stream)
{
	if (stream && !stream->user)
		stream->user = xcalloc(1, sizeof(struct source));
	return stream;
}

struct stream *store_stream(struct store *s, const char *source_id, size_t n)
{
	return with_source(streams_get(&s->streams, source_id, n));
}

/* ---- transactions ---- */

int store_begin(struct store *s)
{
	int rc;

	if (s->db.in_transaction)
		return 0;
	rc = db_begin(&s->db);
	return rc ? rc : record_run(&s->record);
}

static int write_books(struct store *s, bool at_end)
{
	int rc = record_counts(&s->record, &s->counts);

	for (size_t i = 0; !rc && i < s->streams.n; i++) {
		struct source *source = s->streams.items[i]->user;

		if (source->changed)
			rc = record_source(&s->record, s->streams.items[i],
					   at_end && stream_is_cut_short(s->streams.items[i]));
		source->changed = false;
	}
	return rc;
}

int store_flush(struct store *s)
{
	return insert_flush(&s->insert);
}

int store_commit(struct store *s)
{
	int rc;

	if (!s->db.in_transaction)
		return 0;
	rc = insert_flush(&s->insert);
	if (!rc)
		rc = write_books(s, false);
	if (!rc)
		rc = db_commit(&s->db);
	if (!rc)
		rc = db_in_place(&s->db);
	if (rc)
		return rc;
	s->kept = s->counts;
	s->run_kept = true;
	s->db.kept = s->counts.events;
	s->batch_rows = s->batch_bytes = 0;
	return 0;
}

/* ---- lines ---- */

int store_reject(struct store *s, int64_t number, const char *reason, const char *line, size_t n)
{
	int rc;

	s->counts.rejected++;
	store_note(s, EX_DATAERR);
	if (s->strict) {
		s->stopped = true;
		return log_error(EX_DATAERR, "stdin:%s: %s; stopped, nothing of the open batch is kept",
				 log_count((uint64_t)number), reason);
	}
	if (s->counts.rejected <= REJECTS_SAID)
		log_warn("stdin:%s: rejected: %s", log_count((uint64_t)number), reason);
	rc = store_begin(s);
	return rc ? rc : record_reject(&s->record, number, reason, line, n);
}

static int reject(struct store *s, const struct parsed_line *l, const char *reason)
{
	return store_reject(s, l->number, reason, l->text, l->n);
}

/* Bytes were lost or mixed on the way: what stands above a later checkpoint may not be all that was sent. */
static int damage(struct store *s, const struct parsed_line *l)
{
	char reason[160];

	if (!s->damaged && !s->no_cursor && !s->strict)
		log_warn("stdin:%s: damage on the way; no cursor moves from here on",
			 log_count((uint64_t)l->number));
	s->damaged = true;
	snprintf(reason, sizeof(reason), "not JSON: %s at byte %zu", l->why, l->at + 1);
	return reject(s, l, reason);
}

static struct stream *stream_of(struct store *s, const struct row_value *source_id)
{
	return store_stream(s, source_id->text, source_id->n);
}

/* An event that cannot be used has arrived all the same, where it says whose it is. */
static int invalid(struct store *s, const struct parsed_line *l)
{
	const struct row_value *source_id = &l->row.values[EVENT_SOURCE_ID];

	if (source_id->type == ROW_TEXT)
		stream_of(s, source_id)->events++;
	return reject(s, l, l->why);
}

static int event(struct store *s, struct row *row)
{
	struct stream *stream = stream_of(s, &row->values[EVENT_SOURCE_ID]);
	struct source *source = stream->user;
	int rc = store_begin(s);

	if (!rc && !source->number)
		rc = record_number(&s->record, stream->source_id, &source->number);
	row->values[EVENT_SOURCE_ID] = (struct row_value){.integer = source->number, .type = ROW_INTEGER};
	if (!rc)
		rc = insert_event(&s->insert, row, s->record.run);
	if (rc)
		return rc;
	stream->events++;
	stream->total++;
	source->changed = true;
	s->counts.events++;
	return 0;
}

static int long_line(struct store *s, const struct parsed_line *l)
{
	char reason[80];

	snprintf(reason, sizeof(reason), "longer than --max-line; here are its first %s bytes",
		 log_count(l->n));
	return reject(s, l, reason);
}

/* No line, or none that can be relied on. */
static void note_end(struct store *s, const struct parsed_line *l)
{
	if (l->verdict == PARSED_ERROR)
		store_note(s, log_error(EX_IOERR, "stdin: %s", strerror((int)l->at)));
	else
		store_note(s, log_error(EX_DATAERR,
					"stdin:%s: the input ends within a line; that line is not stored",
					log_count((uint64_t)l->number)));
}

static void count_line(struct store *s, const struct parsed_line *l)
{
	if (l->verdict == PARSED_ERROR)
		return;
	s->counts.lines = l->number;
	if (l->verdict >= PARSED_LONG)
		return;
	s->counts.bytes += (int64_t)l->n + 1;
	s->batch_rows++;
	s->batch_bytes += (int64_t)l->n;
}

int store_line(struct store *s, struct parsed_line *l)
{
	count_line(s, l);
	switch (l->verdict) {
	case PARSED_EVENT:
		return event(s, &l->row);
	case PARSED_CONTROL:
		return ack_control(s, l->number, l->text, l->n);
	case PARSED_DAMAGE:
		return damage(s, l);
	case PARSED_REFUSED:
		return reject(s, l, l->why);
	case PARSED_INVALID:
		return invalid(s, l);
	case PARSED_LONG:
		return long_line(s, l);
	case PARSED_TORN:
	case PARSED_ERROR:
		note_end(s, l);
		return 0;
	case PARSED_BLANK:
		return 0;
	}
	return 0;
}

/* ---- the end ---- */

static void say_cut_short(struct store *s)
{
	for (size_t i = 0; i < s->streams.n; i++) {
		const struct stream *stream = s->streams.items[i];

		if (!stream_is_cut_short(stream))
			continue;
		s->counts.cut_short++;
		((struct source *)stream->user)->changed = true;
		log_note("%s: the stream ended without a final checkpoint", stream->source_id);
	}
}

/* In a transaction of its own, where the database is still there to take it. */
static int close_books(struct store *s, int code)
{
	int rc = store_begin(s);

	if (!rc)
		rc = write_books(s, true);
	if (!rc)
		rc = record_end(&s->record, code);
	if (!rc)
		rc = db_commit(&s->db);
	if (!rc)
		s->kept = s->counts;
	return rc;
}

static void say_counts(const struct store *s)
{
	const struct counts *n = &s->kept;

	if (n->rejected && !s->stopped)
		log_error(EX_DATAERR, "%s: %s of %s lines rejected; they are in the table rejects%s",
			  s->db.path, log_count((uint64_t)n->rejected), log_count((uint64_t)n->lines),
			  s->damaged && n->rejected == n->lines
				  ? "; of a log or a repository a source makes events: see athena(7)"
				  : "");
	log_verbose("%s: %s inserted, %s updated, %s known, %s rejected", s->db.path,
		    log_count((uint64_t)n->inserted), log_count((uint64_t)n->updated),
		    log_count((uint64_t)n->known), log_count((uint64_t)n->rejected));
}

/* --strict: what the open batch counted is gone with it; the run remains, with the line that ended it. */
static void forget_batch(struct store *s)
{
	insert_forget(&s->insert);
	db_rollback(&s->db);
	s->kept.lines = s->counts.lines;
	s->kept.rejected = s->counts.rejected;
	s->counts = s->kept;
	if (!s->run_kept)
		s->record.run = 0;
	for (size_t i = 0; i < s->streams.n; i++)
		((struct source *)s->streams.items[i]->user)->changed = false;
}

int store_end(struct store *s, int rc)
{
	bool signalled = rc > 128, failed = rc && !signalled && !s->stopped;

	if (s->stopped)
		forget_batch(s);
	else if (!failed)
		say_cut_short(s);
	if (!rc || (signalled && s->code == EX_IOERR))
		rc = s->code;
	if (!failed && s->counts.lines) {
		int ended = close_books(s, rc);

		rc = ended ? ended : rc;
	}
	db_rollback(&s->db);
	say_counts(s);
	close_all(s);
	return rc;
}
