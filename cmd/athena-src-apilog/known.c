/* SPDX-License-Identifier: ISC */
#include "known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stamp.h"
#include "text.h"
#include "xalloc.h"

enum { STATE_OPEN, STATE_END, STATE_SETTLED };

struct known *knowns_add(struct knowns *all, const char *log, const char *path)
{
	struct known *k = xcalloc(1, sizeof(*k));

	if (all->n == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 16;
		all->items = xreallocarray(all->items, all->cap, sizeof(*all->items));
	}
	all->items[all->n++] = k;
	k->log = xstrdup(log);
	k->path = xstrdup(path);
	k->time = RECORD_NONE;
	k->fd = -1;
	k->unnamed = -1;
	return k;
}

static void known_free(struct known *k)
{
	if (k->fd >= 0)
		close(k->fd);
	free(k->log);
	free(k->path);
	free(k->was);
	free(k);
}

void knowns_remove(struct knowns *all, size_t i)
{
	known_free(all->items[i]);
	all->items[i] = all->items[--all->n];
}

void knowns_release(struct knowns *all)
{
	while (all->n)
		knowns_remove(all, all->n - 1);
	free(all->items);
	*all = (struct knowns){0};
}

struct hint hint_of(const struct stat *st)
{
	return (struct hint){
		st->st_dev, st->st_ino, st->st_size,
		st->st_mtim.tv_sec < 0 ? 0 : st->st_mtim.tv_sec * STAMP_SECOND + st->st_mtim.tv_nsec / 1000};
}

bool hint_same_inode(const struct hint *a, const struct hint *b)
{
	return a->ino == b->ino && a->dev == b->dev;
}

bool hint_same(const struct hint *a, const struct hint *b)
{
	return hint_same_inode(a, b) && a->size == b->size && a->mtime_us == b->mtime_us;
}

/*
 * The marks before the last: none whose bytes overlap with those of the next one, and each at least four
 * times as far away as the one behind it.
 */
static void thin(struct known *k)
{
	struct mark kept[KNOWN_MARKS];
	int64_t last = known_at(k)->offset, least = READER_WINDOW;
	size_t n = 0;

	for (size_t i = k->n_marks; i-- > 0 && n < KNOWN_MARKS;)
		if (!n || last - k->marks[i].offset >= least) {
			least = n ? 4 * (last - k->marks[i].offset) : least;
			kept[n++] = k->marks[i];
		}
	for (size_t i = 0; i < n; i++)
		k->marks[i] = kept[n - 1 - i];
	k->n_marks = n;
}

void known_mark(struct known *k, const struct mark *at)
{
	if (at->offset <= (k->n_marks ? known_at(k)->offset : 0))
		return;
	k->marks[k->n_marks++] = *at;
	thin(k);
}

void known_copy(struct known *k, const struct known *from, size_t n_marks)
{
	memcpy(k->first, from->first, FILE_HASH);
	memcpy(k->marks, from->marks, n_marks * sizeof(*k->marks));
	k->n_marks = n_marks;
	k->time = from->time;
	k->columns = from->columns || from->format.n;
	if (n_marks == from->n_marks)
		k->format = from->format; /* before its end it may have been another */
}

void known_rename(struct known *k, const char *log, const char *path)
{
	char *a = xstrdup(log), *b = xstrdup(path);

	free(k->log);
	free(k->path);
	k->log = a;
	k->path = b;
}

/* ---- as JSON ---- */

static json_t *text(const char *s, size_t n)
{
	return json_stringn(s, n);
}

static json_t *percent(const char *s)
{
	struct buf b = {0};
	json_t *v;

	text_percent(&b, s, strlen(s), "");
	v = text(b.data, b.len);
	buf_release(&b);
	return v;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What percent() was given, on the heap; NULL where it cannot have been. */
static char *unpercent(const json_t *v)
{
	const char *s = json_string_value(v);
	char *out = s ? xmalloc(strlen(s) + 1) : NULL, *p = out;

	for (; s && *s; s++) {
		int high = *s == '%' ? hex_digit(s[1]) : 0,
		    low = *s == '%' && high >= 0 ? hex_digit(s[2]) : 0;

		if (high < 0 || low < 0 || (*s == '%' && !high && !low)) {
			free(out);
			return NULL;
		}
		*p++ = *s == '%' ? (char)(high << 4 | low) : *s;
		s += *s == '%' ? 2 : 0;
	}
	if (out)
		*p = '\0';
	return out;
}

static json_t *mark_json(const struct mark *m)
{
	json_t *a = json_array();

	json_array_append_new(a, json_integer(m->offset));
	json_array_append_new(a, json_integer(m->lines));
	json_array_append_new(a, text(m->hash, FILE_HASH));
	return a;
}

static json_t *known_json(const struct known *k)
{
	json_t *o = json_object(), *at = json_array();
	char seen[96];

	for (size_t i = 0; i < k->n_marks; i++)
		json_array_append_new(at, mark_json(&k->marks[i]));
	snprintf(seen, sizeof(seen), "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64, k->hint.dev, k->hint.ino,
		 k->hint.size, k->hint.mtime_us);
	json_object_set_new(o, "at", at);
	json_object_set_new(o, "first", text(k->first, FILE_HASH));
	json_object_set_new(o, "path", percent(k->path));
	json_object_set_new(o, "seen", json_string(seen));
	json_object_set_new(o, "state",
			    json_integer(k->settled ? STATE_SETTLED
					 : k->end   ? STATE_END
						    : STATE_OPEN));
	if (k->columns || k->format.n)
		json_object_set_new(o, "columns", json_true());
	if (k->time >= STAMP_MIN && k->time <= STAMP_MAX) {
		char stamp[STAMP_SIZE];

		stamp_format(k->time, stamp);
		json_object_set_new(o, "time", json_string(stamp));
	}
	return o;
}

json_t *knowns_json(const struct knowns *all)
{
	json_t *logs = json_object();

	for (size_t i = 0; i < all->n; i++) {
		json_t *name = percent(all->items[i]->log);
		json_t *files = json_object_get(logs, json_string_value(name));

		if (!all->items[i]->n_marks) {
			json_decref(name);
			continue;
		}
		if (!files) {
			files = json_array();
			json_object_set_new(logs, json_string_value(name), files);
		}
		json_array_append_new(files, known_json(all->items[i]));
		json_decref(name);
	}
	return json_pack("{s:o}", "logs", logs);
}

static bool load_hash(char to[FILE_HASH], const json_t *v)
{
	const char *s = json_string_value(v);

	if (!s || strlen(s) != FILE_HASH || strspn(s, "0123456789abcdef") != FILE_HASH)
		return false;
	memcpy(to, s, FILE_HASH);
	return true;
}

static bool load_marks(struct known *k, const json_t *array)
{
	size_t n = json_array_size(array);
	int64_t last = 0;

	if (!n || n > KNOWN_MARKS)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *m = json_array_get(array, i);
		struct mark *to = &k->marks[i];

		to->offset = json_integer_value(json_array_get(m, 0));
		to->lines = json_integer_value(json_array_get(m, 1));
		if (to->offset <= last || to->lines < 1 || !load_hash(to->hash, json_array_get(m, 2)))
			return false;
		last = to->offset;
	}
	k->n_marks = n;
	return true;
}

/* A number and what ends it: a space, or the end. False for anything else. */
static bool load_number(const char **s, char end, uint64_t *v)
{
	char *stop;

	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	*v = strtoull(*s, &stop, 10);
	if (errno || *stop != end)
		return false;
	*s = end ? stop + 1 : stop;
	return true;
}

static bool load_seen(struct hint *h, const char *s)
{
	uint64_t size, mtime;

	if (!s || !load_number(&s, ' ', &h->dev) || !load_number(&s, ' ', &h->ino) ||
	    !load_number(&s, ' ', &size) || !load_number(&s, '\0', &mtime) || size > INT64_MAX ||
	    mtime > INT64_MAX)
		return false;
	h->size = (int64_t)size;
	h->mtime_us = (int64_t)mtime;
	return true;
}

static bool load_known(struct knowns *all, const char *log, json_t *o)
{
	char *path = unpercent(json_object_get(o, "path"));
	json_t *state = json_object_get(o, "state");
	const char *time = json_string_value(json_object_get(o, "time"));
	struct known *k;

	if (!path || *path != '/') {
		free(path);
		return false;
	}
	k = knowns_add(all, log, path);
	free(path);
	k->end = json_integer_value(state) >= STATE_END;
	k->settled = json_integer_value(state) == STATE_SETTLED;
	k->columns = json_is_true(json_object_get(o, "columns"));
	return json_is_integer(state) && load_marks(k, json_object_get(o, "at")) &&
	       load_hash(k->first, json_object_get(o, "first")) &&
	       load_seen(&k->hint, json_string_value(json_object_get(o, "seen"))) &&
	       (!time || stamp_parse(time, strlen(time), &k->time));
}

bool knowns_load(struct knowns *all, json_t *position)
{
	json_t *logs = json_object_get(position, "logs"), *files, *file;
	const char *name;
	bool good = json_is_object(logs);
	size_t i;

	json_object_foreach (logs, name, files) {
		json_t *v = json_string(name);
		char *log = unpercent(v);

		good &= log && *log == '/' && json_is_array(files);
		json_array_foreach (files, i, file)
			good = good && load_known(all, log, file);
		json_decref(v);
		free(log);
	}
	return good;
}
