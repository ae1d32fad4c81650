/* SPDX-License-Identifier: ISC */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
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
	if (what && !strcmp(what, "checkpoint"))
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

/* ---- what a consumer remembers ---- */

static bool is_named(const struct stream *s, const char *source_id, size_t len)
{
	return !strncmp(s->source_id, source_id, len) && !s->source_id[len];
}

/* The slot of a source: where it is, or the free one where it would go. */
static size_t *find_slot(const struct streams *all, const char *source_id, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++)
		at = (at ^ (unsigned char)source_id[i]) * 16777619u;
	for (at ^= at >> 15;; at++) {
		size_t *p = &all->slots[at & (all->n_slots - 1)];

		if (!*p || is_named(all->items[*p - 1], source_id, len))
			return p;
	}
}

/* Room for one more. */
static void widen(struct streams *all)
{
	if (all->n == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 8;
		all->items = xreallocarray(all->items, all->cap, sizeof(struct stream *));
	}
	if ((all->n + 1) * 2 <= all->n_slots)
		return;
	all->n_slots = all->n_slots ? all->n_slots * 2 : 16;
	free(all->slots);
	all->slots = xcalloc(all->n_slots, sizeof(*all->slots));
	for (size_t i = 0; i < all->n; i++)
		*find_slot(all, all->items[i]->source_id, strlen(all->items[i]->source_id)) = i + 1;
}

struct stream *streams_get(struct streams *all, const char *source_id, size_t len)
{
	struct stream *s = all->last;
	size_t *found;

	if (s && is_named(s, source_id, len))
		return s;
	widen(all);
	found = find_slot(all, source_id, len);
	if (!*found) {
		s = xcalloc(1, sizeof(*s));
		s->source_id = xstrndup(source_id, len);
		all->items[all->n++] = s;
		*found = all->n;
	}
	return all->last = all->items[*found - 1];
}

void streams_release(struct streams *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->items[i]->source_id);
		free(all->items[i]->seen);
		free(all->items[i]);
	}
	free(all->items);
	free(all->slots);
	*all = (struct streams){0};
}

struct stream *streams_of_event(struct streams *all, const struct event_fields *fields)
{
	const struct jsonscan_member *id = fields->column[EVENT_SOURCE_ID];
	struct stream *stream;
	char *text;
	size_t n;

	if (!id || id->type != JSONSCAN_STRING || id->len <= 2)
		return NULL;
	if (!id->escaped)
		return streams_get(all, id->value + 1, id->len - 2);
	text = xmalloc(id->len);
	n = jsonscan_unescape(id->value + 1, id->len - 2, text);
	stream = streams_get(all, text, n);
	free(text);
	return stream;
}

static void digest(const char *hash, unsigned char out[SHA256_SIZE])
{
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		unsigned hi = (unsigned char)hash[2 * i], lo = (unsigned char)hash[2 * i + 1];

		hi = hi <= '9' ? hi - '0' : hi - 'a' + 10;
		lo = lo <= '9' ? lo - '0' : lo - 'a' + 10;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
}

/* The slot of a digest: where it is, or the free one where it would go. All zeroes is a free slot. */
static unsigned char *slot(unsigned char *seen, size_t cap, const unsigned char *d)
{
	static const unsigned char free_slot[SHA256_SIZE];
	size_t at;

	memcpy(&at, d, sizeof(at));
	for (at &= cap - 1;; at = (at + 1) & (cap - 1)) {
		unsigned char *p = seen + at * SHA256_SIZE;

		if (!memcmp(p, d, SHA256_SIZE) || !memcmp(p, free_slot, SHA256_SIZE))
			return p;
	}
}

static void grow(struct stream *s)
{
	static const unsigned char free_slot[SHA256_SIZE];
	size_t cap = s->cap ? s->cap * 2 : 16;
	unsigned char *seen = xcalloc(cap, SHA256_SIZE);

	for (size_t i = 0; i < s->cap; i++) {
		const unsigned char *p = s->seen + i * SHA256_SIZE;

		if (memcmp(p, free_slot, SHA256_SIZE))
			memcpy(slot(seen, cap, p), p, SHA256_SIZE);
	}
	free(s->seen);
	s->seen = seen;
	s->cap = cap;
}

static void remember(struct stream *s, const char *hash)
{
	unsigned char d[SHA256_SIZE], *p;

	if (!*hash) {
		s->seen_null = true;
		return;
	}
	if (s->n * 2 >= s->cap)
		grow(s);
	digest(hash, d);
	p = slot(s->seen, s->cap, d);
	if (memcmp(p, d, SHA256_SIZE)) {
		memcpy(p, d, SHA256_SIZE);
		s->n++;
	}
}

void stream_checkpoint(struct stream *s, const struct checkpoint *cp)
{
	if (!s->any)
		remember(s, cp->prev);
	remember(s, cp->next);
	s->any = true;
	s->final = cp->final;
}

int64_t stream_compare(struct stream *s, const struct checkpoint *cp, bool strict)
{
	int64_t missing = cp->events - s->events;

	s->events = 0;
	if (missing <= 0)
		return 0;
	s->missing += missing;
	s->held |= strict;
	log_warn("%s: %s events announced, %s arrived%s", cp->source_id, log_count((uint64_t)cp->events),
		 log_count((uint64_t)(cp->events - missing)), strict ? "; cursor not moved" : "");
	return missing;
}

bool stream_is_cut_short(const struct stream *s)
{
	return s->any && (!s->final || s->events);
}

bool stream_has(const struct stream *s, const char *hash)
{
	unsigned char d[SHA256_SIZE];

	if (!*hash)
		return s->seen_null;
	if (!s->cap)
		return false;
	digest(hash, d);
	return !memcmp(slot(s->seen, s->cap, d), d, SHA256_SIZE);
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

/* F must still be where this stream has been. */
static enum checkpoint_promotion inspect_file(const struct checkpoint *cp, const struct stream *s,
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
	} else if (!stream_has(s, c.hash)) {
		verdict = CHECKPOINT_NOTHING;
	}
	cursor_release(&c);
	buf_release(&bytes);
	return verdict;
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
