/* SPDX-License-Identifier: ISC */
#include "ack.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "words.h"

/* What the user can do: go on from where this database is, or begin again where it is nowhere. */
static void add_way_out(struct buf *out, const struct store *s, const struct checkpoint *cp, const char *at)
{
	struct buf f = {0};

	words_quote(&f, cp->ack ? cp->ack : "F");
	if (!*at) {
		buf_adds(out, "to begin again: rm ");
		buf_add(out, f.data, f.len);
	} else {
		buf_adds(out, "to go on from there: athena-store --cursor-of ");
		words_quote(out, cp->source_id);
		buf_addc(out, ' ');
		words_quote(out, s->db.path);
		buf_addf(out, " > %s.new && mv %s.new %s", buf_cstr(&f), buf_cstr(&f), buf_cstr(&f));
	}
	buf_release(&f);
}

/* The stream goes on from a position that this database has not seen: what is between is missing here. */
static int say_gap(struct store *s, struct stream *stream, const struct checkpoint *cp)
{
	struct source *source = stream->user;
	char at[SHA256_HEX];
	struct buf text = {0};
	int rc = record_at(&s->record, cp->source_id, at);

	if (rc)
		return rc;
	stream->held = true;
	source->gap = true;
	s->counts.gaps++;
	add_way_out(&text, s, cp, at);
	store_note(s, EX_CONFIG);
	log_error(EX_CONFIG,
		  "%s: %s: gap: the stream goes on from %s, which this database never saw; it is at %s; "
		  "events are kept, cursor not moved; %s",
		  s->db.path, cp->source_id, cp->prev, *at ? at : "no position", buf_cstr(&text));
	buf_release(&text);
	return 0;
}

static int check_gap(struct store *s, struct stream *stream, const struct checkpoint *cp)
{
	bool known = true;
	int rc = 0;

	if (*cp->prev)
		rc = record_knows(&s->record, cp->source_id, cp->prev, &known);
	return rc || known ? rc : say_gap(s, stream, cp);
}

static int checkpoint(struct store *s, const struct checkpoint *cp)
{
	struct stream *stream = store_stream(s, cp->source_id, strlen(cp->source_id));
	struct source *source = stream->user;
	int64_t missing;
	bool moves;
	int rc = store_begin(s);

	missing = stream_compare(stream, cp, s->strict);
	s->counts.missing += missing;
	if (missing && s->strict)
		store_note(s, EX_DATAERR);
	stream_checkpoint(stream, cp);
	source->checkpoints++;
	source->changed = true;
	if (!rc && !s->no_cursor && !s->damaged && !stream->held)
		rc = check_gap(s, stream, cp);
	moves = !s->no_cursor && !s->damaged && !stream->held;
	if (!rc && moves)
		rc = record_position(&s->record, cp);
	if (!rc)
		rc = store_commit(s);
	if (!rc && moves && !s->no_ack)
		store_note(s, checkpoint_settle(cp, stream, "events are kept", &s->db.moved));
	return rc;
}

int ack_control(struct store *s, int64_t number, const char *line, size_t n)
{
	struct checkpoint cp;
	char reason[256];
	const char *why;
	int rc = 0;

	switch (checkpoint_parse(&cp, line, n, &why)) {
	case CHECKPOINT_OK:
		rc = checkpoint(s, &cp);
		break;
	case CHECKPOINT_BROKEN:
		snprintf(reason, sizeof(reason), "checkpoint: %s", why);
		rc = store_reject(s, number, reason, line, n);
		break;
	case CHECKPOINT_OTHER:
		break;
	}
	checkpoint_release(&cp);
	return rc;
}
