/* SPDX-License-Identifier: ISC */
/* A file of an archive, object by object. */
#include "export.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "elements.h"
#include "httprule.h"
#include "slim.h"
#include "text.h"
#include "xalloc.h"

enum {
	CHUNK = 256 << 10,
	SAID_MAX = 10, /* elements that are named one by one */
};

/* What is not quite JSON is mended rather than lost: lone surrogates, bytes that are no UTF-8, numbers beyond
 * 2^63. */
static json_t *parse(char *text, size_t len)
{
	json_t *o = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
	struct buf mended = {0};

	if (o)
		return o;
	http_repair(text, len);
	text_repair(&mended, text, len);
	o = json_loadb(mended.data ? mended.data : "", mended.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
		       NULL);
	buf_release(&mended);
	return o;
}

static void reject(struct slack_export *x, const struct archive_file *file, size_t number, const char *why)
{
	if (x->archive.quiet)
		return;
	x->worst = EX_DATAERR;
	if (x->src->metrics.rejects++ < SAID_MAX)
		log_warn("%s: %s: element %zu %s; left out", x->archive.path, file->name, number, why);
}

void export_reject(struct slack_export *x, const struct archive_file *file, size_t number)
{
	reject(x, file, number, "has no ts, or one that is no string of two numbers");
}

/* What a dump says of its channel stands before the messages. */
static void learn_channel(struct slack_export *x, const struct buf *head)
{
	struct buf whole = {0};
	json_t *o, *id;

	buf_add(&whole, head->data, head->len);
	buf_adds(&whole, "null}");
	o = parse(whole.data, whole.len);
	id = json_object_get(o, "channel_id");
	if (json_is_string(id) && !names_channel(&x->names, json_string_value(id))) {
		json_object_set(o, "id", id);
		names_add_channel(&x->names, o);
	}
	json_decref(o);
	buf_release(&whole);
}

static int one(struct slack_export *x, struct elements *s, const struct archive_file *file, export_each *each,
	       void *user)
{
	json_t *o;
	int rc = 0;

	if (s->done == 1 && s->head.len)
		learn_channel(x, &s->head);
	x->element = s->done;
	if (x->in_days)
		s->len = slim_message(s->text, s->len, &x->names);
	o = parse(s->text, s->len);
	if (json_is_object(o))
		rc = each(x, o, user);
	else
		reject(x, file, s->done, "is no object");
	json_decref(o);
	return rc;
}

static int broken(const struct slack_export *x, const struct archive_file *file, const char *why,
		  const char *more)
{
	if (x->archive.quiet)
		return EX_DATAERR;
	if (!x->in_days)
		more = "; nothing was read: mend that file, or take it out of the export";
	return log_error(EX_DATAERR, "%s: %s: %s%s", x->archive.path, file->name, why, more);
}

static int chunk_done(struct slack_export *x, struct elements *s, char *chunk, size_t n,
		      const struct archive_file *file, export_each *each, void *user)
{
	enum elements_what what;
	int rc = 0;

	for (size_t at = 0; !rc && (what = elements_next(s, chunk, n, &at)) != ELEMENTS_MORE;) {
		if (what == ELEMENTS_ONE) {
			rc = one(x, s, file, each, user);
		} else if (what == ELEMENTS_LONG) {
			reject(x, file, s->done, "is over 16 MiB");
		} else {
			x->damage = broken(x, file, s->why, "; what follows in it is left out");
			break;
		}
	}
	return rc;
}

int export_read(struct slack_export *x, struct archive_file *file, export_each *each, void *user)
{
	char *chunk = xmalloc(CHUNK);
	struct elements s;
	ssize_t n = 0;
	int rc = 0;

	x->damage = archive_read_start(&x->archive, file);
	elements_init(&s, EXPORT_ELEMENT_MAX);
	while (!rc && !x->damage && (n = archive_read(&x->archive, chunk, CHUNK)) > 0) {
		rc = chunk_done(x, &s, chunk, (size_t)n, file, each, user);
		x->bytes_done += x->in_days ? (size_t)n : 0;
	}
	if (n < 0)
		x->damage = EX_DATAERR;
	if (!rc && !x->damage && !elements_ended(&s))
		x->damage = broken(x, file, "cut short", "");
	archive_read_end(&x->archive);
	elements_release(&s);
	free(chunk);
	return rc;
}
