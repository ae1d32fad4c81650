/* SPDX-License-Identifier: ISC */
#include "commit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "lines.h"
#include "log.h"
#include "text.h"

enum {
	REJECTS_SAID = 5, /* lines that are named one by one */
	WAIT_MS = 1000,   /* no signal is missed for longer */
};

/* ---- a batch ---- */

/* Each in its order, so that no staged file is left lying. */
static int move_cursors(struct commit *c)
{
	struct lines in;
	const char *line, *why;
	size_t n;
	int rc = c->checkpoints.size ? spool_rewind(&c->checkpoints) : 0;

	if (rc || !c->checkpoints.size)
		return rc;
	lines_init(&in, c->checkpoints.fd, c->folder, (size_t)c->max_line);
	while (lines_next(&in, -1, &line, &n) == LINES_LINE) {
		struct checkpoint cp;

		if (checkpoint_parse(&cp, line, n, &why) == CHECKPOINT_OK)
			checkpoint_note(&c->code, checkpoint_settle(&cp,
								    streams_get(&c->streams, cp.source_id,
										strlen(cp.source_id)),
								    "events are delivered", &c->moved));
		checkpoint_release(&cp);
	}
	lines_release(&in);
	return 0;
}

/* So nobody is told at the end that they are there. */
static int rejects_failed(struct commit *c)
{
	int rc = log_error(EX_IOERR, "%s: %s; cursor not moved", c->rejects_path, strerror(errno));

	close(c->rejects);
	c->rejects = -1;
	return rc;
}

/* What is rejected is to be on the disk before a cursor passes it. */
static int sync_rejects(struct commit *c)
{
	if (c->rejects < 0 || !c->rejected || !fsync(c->rejects) || errno == EINVAL)
		return 0;
	return rejects_failed(c);
}

static int deliver(struct commit *c)
{
	int rc = sync_rejects(c);

	if (!rc && c->lines.size) {
		rc = deliver_batch(&c->deliver, &c->lines);
		c->batches += !rc;
	}
	if (!rc) {
		c->delivered += c->in_batch;
		rc = move_cursors(c);
	}
	c->in_batch = 0;
	if (!rc)
		rc = spool_clear(&c->lines);
	if (!rc)
		rc = spool_clear(&c->checkpoints);
	return rc;
}

/* ---- lines ---- */

/* A line that cannot be used is not passed on. */
static int reject(struct commit *c, int64_t number, const char *reason, const char *line, size_t n)
{
	c->rejected++;
	checkpoint_note(&c->code, EX_DATAERR);
	if (c->strict)
		return log_error(EX_DATAERR, "stdin:%s: %s; stopped, the open batch is not delivered",
				 log_count((uint64_t)number), reason);
	if (c->rejected <= REJECTS_SAID)
		log_warn("stdin:%s: rejected: %s", log_count((uint64_t)number), reason);
	if (c->rejects >= 0 && (file_write_all(c->rejects, line, n) || file_write_all(c->rejects, "\n", 1)))
		return rejects_failed(c);
	return 0;
}

/* Bytes were lost or mixed on the way: what stands above a later checkpoint may not be all that was sent. */
static int damage(struct commit *c, int64_t number, const char *line, size_t n)
{
	char reason[160];

	if (!c->damaged && !c->strict)
		log_warn("stdin:%s: damage on the way; no cursor moves from here on",
			 log_count((uint64_t)number));
	c->damaged = true;
	snprintf(reason, sizeof(reason), "not JSON: %s at byte %zu", c->scan.why, c->scan.at + 1);
	return reject(c, number, reason, line, n);
}

/* The events between what came and this were lost on the way, with the checkpoint below them. */
static void check_gap(struct commit *c, struct stream *stream, const struct checkpoint *cp)
{
	if (c->damaged || stream->held || stream_leads_to(stream, cp))
		return;
	stream->held = true;
	checkpoint_note(
		&c->code,
		log_error(EX_CONFIG,
			  "%s: gap: the stream goes on from %s, to which nothing before led: a part of "
			  "it is missing; events are delivered, cursor not moved past it",
			  cp->source_id, *cp->prev ? cp->prev : "the beginning"));
}

static int checkpoint(struct commit *c, const struct checkpoint *cp, const char *line, size_t n)
{
	struct stream *stream = streams_get(&c->streams, cp->source_id, strlen(cp->source_id));
	int64_t missing = stream_compare(stream, cp, c->strict);
	int rc = 0;

	c->missing += missing;
	if (missing && c->strict)
		checkpoint_note(&c->code, EX_DATAERR);
	check_gap(c, stream, cp);
	stream_checkpoint(stream, cp);
	if (!c->damaged && !stream->held)
		rc = spool_add(&c->checkpoints, line, n);
	if (!rc && c->keep_control)
		rc = spool_add(&c->lines, line, n);
	if (!rc && c->batch && c->in_batch >= c->batch)
		rc = deliver(c);
	return rc;
}

static int control(struct commit *c, int64_t number, const char *line, size_t n)
{
	struct checkpoint cp;
	char reason[256];
	const char *why;
	int rc = 0;

	switch (checkpoint_parse(&cp, line, n, &why)) {
	case CHECKPOINT_OK:
		rc = checkpoint(c, &cp, line, n);
		break;
	case CHECKPOINT_BROKEN:
		snprintf(reason, sizeof(reason), "checkpoint: %s", why);
		rc = reject(c, number, reason, line, n);
		break;
	case CHECKPOINT_OTHER:
		rc = c->keep_control ? spool_add(&c->lines, line, n) : 0;
		break;
	}
	checkpoint_release(&cp);
	return rc;
}

static int take_line(struct commit *c, int64_t number, const char *line, size_t n)
{
	const char *why = "";
	struct stream *stream;
	bool sound;

	switch (jsonscan_line(&c->scan, line, n)) {
	case JSONSCAN_OK:
		break;
	case JSONSCAN_REFUSED:
		return reject(c, number, c->scan.why, line, n);
	case JSONSCAN_NOT_JSON:
		return text_is_blank(line, n) ? 0 : damage(c, number, line, n);
	}
	sound = event_check(&c->scan, &c->fields, &why);
	if (sound && c->fields.control)
		return control(c, number, line, n);
	/* One that cannot be used has arrived all the same, where it says whose it is. */
	stream = streams_of_event(&c->streams, &c->fields);
	if (stream)
		stream->events++;
	if (!sound)
		return reject(c, number, why, line, n);
	c->in_batch++;
	return spool_add(&c->lines, line, n);
}

static int take_long(struct commit *c, int64_t number, const char *line, size_t n)
{
	char reason[80];

	snprintf(reason, sizeof(reason), "longer than --max-line; here are its first %s bytes", log_count(n));
	return reject(c, number, reason, line, n);
}

/* ---- the stream ---- */

int commit_stream(struct commit *c, int fd)
{
	bool ended = false;
	struct lines in;
	int rc = 0;

	lines_init(&in, fd, "stdin", (size_t)c->max_line);
	while (!rc && !ended && !*c->deliver.stop) {
		const char *line;
		size_t n;

		switch (lines_next(&in, WAIT_MS, &line, &n)) {
		case LINES_LINE:
			rc = take_line(c, in.number, line, n);
			log_progress("events", (uint64_t)(c->delivered + c->in_batch), 0);
			break;
		case LINES_LONG:
			rc = take_long(c, in.number, line, n);
			break;
		case LINES_TORN:
			checkpoint_note(&c->code, log_error(EX_DATAERR,
							    "stdin:%s: the input ends within a line; that "
							    "line is not passed on",
							    log_count((uint64_t)in.number)));
			break;
		case LINES_ERROR:
			checkpoint_note(&c->code, log_error(EX_IOERR, "stdin: %s", strerror(errno)));
			ended = true;
			break;
		case LINES_END:
			ended = true;
			break;
		case LINES_IDLE:
			break;
		}
	}
	c->bytes = in.bytes;
	log_progress_end();
	lines_release(&in);
	return rc || !ended ? rc : deliver(c);
}

/* Of a stream that was read to its end. */
static void say_cut_short(const struct commit *c)
{
	for (size_t i = 0; i < c->streams.n; i++)
		if (stream_is_cut_short(c->streams.items[i]))
			log_note("%s: the stream ended without a final checkpoint",
				 c->streams.items[i]->source_id);
}

static void say_counts(const struct commit *c)
{
	if (c->rejected && !c->strict)
		log_error(EX_DATAERR, "%s lines rejected, which were not passed on%s%s",
			  log_count((uint64_t)c->rejected), c->rejects < 0 ? "" : "; they are in ",
			  c->rejects < 0 ? "" : c->rejects_path);
	log_verbose("%s events delivered in %s batches, %s lines rejected", log_count((uint64_t)c->delivered),
		    log_count((uint64_t)c->batches), log_count((uint64_t)c->rejected));
}

int commit_end(struct commit *c, int rc)
{
	if (*c->deliver.stop)
		rc = 128 + *c->deliver.stop;
	if (!rc)
		say_cut_short(c);
	if (!rc)
		rc = c->code;
	say_counts(c);
	spool_release(&c->lines);
	spool_release(&c->checkpoints);
	streams_release(&c->streams);
	jsonscan_release(&c->scan);
	event_fields_release(&c->fields);
	return rc;
}
