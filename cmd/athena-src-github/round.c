/* SPDX-License-Identifier: ISC
 *
 * A run: its lists in turn, page by page, each to its end; and the round of which it may be only a part.
 */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "fetch.h"

static int say_renamed(struct fetch *f)
{
	size_t n = json_array_size(f->names);
	const char *old = json_string_value(json_array_get(f->names, n - 1));
	struct event e;
	int rc;

	if (!strcmp(old, f->full_name))
		return 0;
	log_note("%s is called %s now; its events go on as %s", old, f->full_name, f->src->source_id);
	event_renamed(&f->maker, &e, f->repository, old, f->full_name);
	rc = source_wants(f->src, e.timestamp) ? oldest_emit(&f->oldest, f->src, &e) : 0;
	if (n >= NAMES_MAX)
		json_array_remove(f->names, 1);
	json_array_append_new(f->names, json_string(f->full_name));
	return rc;
}

/* Between two steps: is there time for a checkpoint, is it enough? */
static int between(struct fetch *f)
{
	int rc = 0;

	if (source_due(f->src)) {
		json_t *position = position_json(f);

		rc = source_checkpoint(f->src, f->selection, position);
		json_decref(position);
	}
	if (!rc && (source_interrupted() || source_limit_reached(f->src)))
		rc = SOURCE_STOP;
	return rc;
}

static bool is_permanent(int rc)
{
	return rc > 0 && rc != EX_TEMPFAIL;
}

/* Takes note of how a stream's step ended; what it returns ends the run. */
static int judge(struct fetch *f, struct stream *s, int rc)
{
	if (rc > 0) {
		s->rc = rc;
		s->failed = rc == EX_TEMPFAIL && !f->api->over;
		s->done = true;
		api_drop(f->api, s->call);
		s->call = NULL;
	}
	return rc == EX_IOERR || rc == EX_SOFTWARE || rc < 0 || f->api->refused ? rc : 0;
}

static int verdict(const struct fetch *f)
{
	int rc = 0;

	for (size_t i = 0; i < STREAMS; i++) {
		const struct stream *s = &f->streams[i];

		if (s->rejects)
			log_warn("%s: %s: left out %" PRId64
				 " that lack what makes an event (an id, a number, a time)",
				 f->full_name, s->type->name, s->rejects);
		if (s->rc && !is_permanent(rc))
			rc = s->rc;
	}
	return rc;
}

bool fetch_is_read(const struct fetch *f, const struct stream *s)
{
	return fetch_wants(f, s->type->wanted) &&
	       (s->turn == TURN_READ || (s->turn == TURN_NOW && s->done && !s->rc));
}

bool fetch_through(const struct fetch *f)
{
	for (size_t i = 0; i < STREAMS; i++) {
		const struct stream *s = &f->streams[i];

		if (fetch_wants(f, s->type->wanted) && !fetch_is_read(f, s) &&
		    !(s->turn == TURN_NOW && s->done && is_permanent(s->rc)))
			return false;
	}
	return true;
}

/* Begins the next streams as long as few enough are under way; `begun` of all were looked at. */
static int begin_some(struct fetch *f, size_t *begun)
{
	int64_t open = 0;
	int rc = 0;

	for (size_t i = 0; i < *begun; i++)
		open += !f->streams[i].done;
	for (; *begun < STREAMS && open < f->options->at_once && !rc; ++*begun) {
		struct stream *s = &f->streams[*begun];

		if (s->done)
			continue;
		s->turn = TURN_NOW;
		rc = judge(f, s, s->type->begin(f, s));
		open += !s->done;
	}
	return rc;
}

/* Those whose turn it is, one page after the other, each to its end. */
static int take_turns(struct fetch *f, enum stream_turn turn)
{
	size_t begun = 0;
	bool active = true;
	int rc = 0;

	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *s = &f->streams[i];

		s->done = !fetch_wants(f, s->type->wanted) || s->turn != turn;
	}
	while (active && !rc) {
		active = false;
		rc = begin_some(f, &begun);
		for (size_t i = 0; i < begun && !rc; i++) {
			struct stream *s = &f->streams[i];

			if (s->done)
				continue;
			rc = judge(f, s, s->type->step(f, s));
			active = true;
			if (!rc)
				rc = between(f);
		}
	}
	return rc;
}

/*
 * A run that may not send all requests goes on with what earlier ones did not come to, and is through when that is done:
 * were the lists that come first asked again each time, it would never be.
 */
static int take_all(struct fetch *f)
{
	int rc = 0;

	for (int turn = TURN_FIRST; turn < TURN_READ && !rc && !f->api->over; turn++)
		rc = take_turns(f, (enum stream_turn)turn);
	if (rc || f->api->over)
		return rc;
	if (!f->options->budget || !fetch_through(f))
		return take_turns(f, TURN_READ);
	for (size_t i = 0; i < STREAMS; i++)
		if (f->streams[i].turn == TURN_READ) {
			log_note("%s: this run read what the earlier ones did not come to; the next one "
				 "begins "
				 "anew",
				 f->full_name);
			break;
		}
	return 0;
}

int fetch_run(struct fetch *f)
{
	int rc = say_renamed(f), code;

	if (!rc)
		rc = take_all(f);
	if (!rc && !f->api->over)
		rc = oldest_write(&f->oldest, f->src);
	if (rc)
		return rc;
	code = verdict(f);
	return f->api->over ? EX_TEMPFAIL : code;
}
