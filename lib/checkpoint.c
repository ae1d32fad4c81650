/* SPDX-License-Identifier: ISC */
#include "checkpoint.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "cursorfile.h"
#include "file.h"
#include "jsonout.h"
#include "log.h"
#include "xalloc.h"

/* ---- the line ---- */

/* A hash or null into out; false for anything else. */
static bool take_hash(json_t *v, char out[SHA256_HEX])
{
	const char *s = json_string_value(v);

	*out = '\0';
	if (json_is_null(v))
		return true;
	if (!s || !cursor_is_hash(s))
		return false;
	memcpy(out, s, SHA256_HEX);
	return true;
}

/* Only a name that stays beside F: no slash, no dot but the one. */
static bool is_stage(const char *s)
{
	size_t n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
	size_t digits;

	if (!n || n > 64 || s[n] != '.')
		return false;
	digits = strspn(s + n + 1, "0123456789");
	return digits && digits <= 10 && !s[n + 1 + digits];
}

/* ack and stage: both absent or null, or both sound. */
static bool take_ack(struct checkpoint *cp, json_t *object)
{
	json_t *ack = json_object_get(object, "ack"), *stage = json_object_get(object, "stage");

	if ((!ack || json_is_null(ack)) && (!stage || json_is_null(stage)))
		return true;
	if (!json_is_string(ack) || *json_string_value(ack) != '/' || !json_is_string(stage) ||
	    !is_stage(json_string_value(stage)))
		return false;
	cp->ack = xstrdup(json_string_value(ack));
	cp->stage = xstrdup(json_string_value(stage));
	return true;
}

static bool take_cursor(struct checkpoint *cp, json_t *object, const char **why)
{
	struct buf canonical = {0};
	struct cursor c = {0};
	bool ok = false;

	if (!json_is_object(object))
		*why = "no cursor";
	else if (cursor_from_json(&c, object, &canonical, why) != CURSOR_OK)
		ok = false;
	else if (strcmp(c.source_id, cp->source_id))
		*why = "its cursor is of another source";
	else if (strcmp(c.hash, cp->next))
		*why = "its cursor does not hash to next";
	else
		ok = true;
	if (ok)
		cp->cursor = buf_detach(&canonical);
	cursor_release(&c);
	buf_release(&canonical);
	return ok;
}

static bool take_members(struct checkpoint *cp, json_t *object, const char **why)
{
	json_t *source_id = json_object_get(object, "source_id"), *events = json_object_get(object, "events");
	json_t *final = json_object_get(object, "final");

	if (!json_is_string(source_id) || !json_string_length(source_id)) {
		*why = "no source_id";
		return false;
	}
	cp->source_id = xstrdup(json_string_value(source_id));
	if (!take_hash(json_object_get(object, "prev"), cp->prev))
		*why = "prev is neither null nor a SHA-256";
	else if (!take_hash(json_object_get(object, "next"), cp->next) || !*cp->next)
		*why = "next is no SHA-256";
	else if (!json_is_integer(events) || json_integer_value(events) < 0)
		*why = "events is no count";
	else if (!json_is_boolean(final))
		*why = "final is neither true nor false";
	else if (!take_ack(cp, object))
		*why = "ack is no absolute path with a stage";
	else {
		cp->events = json_integer_value(events);
		cp->final = json_is_true(final);
		return take_cursor(cp, json_object_get(object, "cursor"), why);
	}
	return false;
}

enum checkpoint_kind checkpoint_parse(struct checkpoint *cp, const char *line, size_t n, const char **why)
{
	json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	const char *what = json_string_value(json_object_get(object, "athena"));
	enum checkpoint_kind kind = CHECKPOINT_OTHER;

	*cp = (struct checkpoint){0};
	*why = "";
	if (!object) { /* it may be one: what is JSON and cannot be read is not passed over */
		kind = CHECKPOINT_BROKEN;
		*why = "a number that is too large";
	} else if (what && !strcmp(what, "checkpoint"))
		kind = take_members(cp, object, why) ? CHECKPOINT_OK : CHECKPOINT_BROKEN;
	json_decref(object);
	return kind;
}

void checkpoint_release(struct checkpoint *cp)
{
	free(cp->source_id);
	free(cp->cursor);
	free(cp->ack);
	free(cp->stage);
	*cp = (struct checkpoint){0};
}

static void hash_member(struct jsonout *j, const char *name, const char *hash)
{
	jsonout_name(j, name);
	if (*hash)
		jsonout_text(j, hash, strlen(hash));
	else
		jsonout_null(j);
}

void checkpoint_write(struct buf *out, const struct checkpoint *cp)
{
	struct jsonout j = {.out = out};

	jsonout_open(&j, '{');
	jsonout_member(&j, "athena", "checkpoint");
	jsonout_member(&j, "source_id", cp->source_id);
	hash_member(&j, "prev", cp->prev);
	hash_member(&j, "next", cp->next);
	jsonout_name(&j, "cursor");
	jsonout_raw(&j, cp->cursor, strlen(cp->cursor));
	jsonout_member_int(&j, "events", cp->events);
	jsonout_name(&j, "final");
	jsonout_bool(&j, cp->final);
	jsonout_member(&j, "ack", cp->ack);
	jsonout_member(&j, "stage", cp->stage);
	jsonout_close(&j, '}');
	buf_addc(out, '\n');
}

/* ---- promotion ---- */

/* The staged file must be what the checkpoint says it is. */
static enum checkpoint_promotion inspect_stage(const struct checkpoint *cp, const char *path,
					       const char **why)
{
	enum checkpoint_promotion verdict = CHECKPOINT_REFUSED;
	struct buf bytes;
	struct cursor c = {0};
	struct stat st;

	if (lstat(path, &st)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return CHECKPOINT_NOTHING;
		*why = "the staged cursor cannot be looked at";
		return CHECKPOINT_FAILED;
	}
	buf_init(&bytes, CURSORFILE_MAX);
	if (!S_ISREG(st.st_mode))
		*why = "the staged cursor is no regular file";
	else if (st.st_uid != geteuid())
		*why = "the staged cursor belongs to another user; run both sides as the same one";
	else if (file_read(path, &bytes)) {
		*why = "the staged cursor cannot be read";
		verdict = errno == ENOENT ? CHECKPOINT_NOTHING : CHECKPOINT_FAILED;
	} else if (cursor_parse(&c, bytes.data, bytes.len, NULL, why) != CURSOR_OK)
		*why = "the staged file is no cursor";
	else if (strcmp(c.source_id, cp->source_id) || strcmp(c.hash, cp->next))
		*why = "the staged cursor is not the one that was announced";
	else
		verdict = CHECKPOINT_PROMOTED;
	cursor_release(&c);
	buf_release(&bytes);
	return verdict;
}

/* Where F stands; PROMOTED where that can be read. */
static enum checkpoint_promotion read_file(const struct checkpoint *cp, char hash[SHA256_HEX],
					   const char **why)
{
	enum checkpoint_promotion verdict = CHECKPOINT_PROMOTED;
	struct buf bytes;
	struct cursor c = {0};

	buf_init(&bytes, CURSORFILE_MAX);
	if (file_read(cp->ack, &bytes) && errno != ENOENT) {
		*why = "the cursor file cannot be read";
		verdict = errno == ELOOP || errno == EINVAL ? CHECKPOINT_REFUSED : CHECKPOINT_FAILED;
	} else if (!cursor_is_blank(bytes.data, bytes.len) &&
		   cursor_parse(&c, bytes.data, bytes.len, NULL, why) != CURSOR_OK) {
		*why = "the cursor file is damaged";
		verdict = CHECKPOINT_REFUSED;
	}
	memcpy(hash, c.hash, SHA256_HEX);
	cursor_release(&c);
	buf_release(&bytes);
	return verdict;
}

/* F must still be where this stream has been. */
static enum checkpoint_promotion inspect_file(const struct checkpoint *cp, const struct stream *s,
					      const char **why)
{
	char hash[SHA256_HEX];
	enum checkpoint_promotion verdict = read_file(cp, hash, why);

	return verdict == CHECKPOINT_PROMOTED && !stream_has(s, hash) ? CHECKPOINT_NOTHING : verdict;
}

bool stream_leads_to(const struct stream *s, const struct checkpoint *cp)
{
	char hash[SHA256_HEX];
	const char *why;

	return !s->any || stream_has(s, cp->prev) ||
	       (cp->ack && read_file(cp, hash, &why) == CHECKPOINT_PROMOTED && !strcmp(hash, cp->prev));
}

enum checkpoint_promotion checkpoint_promote(const struct checkpoint *cp, const struct stream *s,
					     const char **why)
{
	enum checkpoint_promotion verdict;
	char *path;

	if (!cp->ack)
		return CHECKPOINT_NOTHING;
	path = xasprintf("%s.%s", cp->ack, cp->stage);
	verdict = inspect_stage(cp, path, why);
	if (verdict == CHECKPOINT_PROMOTED)
		verdict = inspect_file(cp, s, why);
	if (verdict == CHECKPOINT_PROMOTED && (rename(path, cp->ack) || file_sync_folder(cp->ack))) {
		*why = "the cursor cannot be moved";
		verdict = errno == ENOENT ? CHECKPOINT_NOTHING : CHECKPOINT_FAILED;
	}
	free(path);
	return verdict;
}

int checkpoint_settle(const struct checkpoint *cp, const struct stream *s, const char *kept, bool *moved)
{
	const char *why = "";

	errno = 0;
	switch (checkpoint_promote(cp, s, &why)) {
	case CHECKPOINT_PROMOTED:
		*moved = true;
		break;
	case CHECKPOINT_NOTHING:
		break;
	case CHECKPOINT_REFUSED:
		return log_error(EX_CONFIG, "%s: cursor not moved: %s; %s", cp->ack, why, kept);
	case CHECKPOINT_FAILED:
		return log_error(EX_IOERR, "%s: cursor not moved: %s: %s; %s", cp->ack, why, strerror(errno),
				 kept);
	}
	return 0;
}

void checkpoint_note(int *code, int another)
{
	bool file = *code == EX_IOERR;

	if (!file && (another == EX_IOERR || another > *code))
		*code = another;
}
