/* SPDX-License-Identifier: ISC */
#include "functions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "jsonscan.h"
#include "refs.h"
#include "xalloc.h"

/* ---- the files of an event ---- */

/* What is to be done with one path; true ends the walk. */
typedef bool visit(void *user, const char *path, size_t n);

/* A string as it stands in JSON, between its quotes. */
static bool visit_string(visit *each, void *user, const char *s, size_t n)
{
	char *plain;
	bool done;

	if (!memchr(s, '\\', n))
		return each(user, s, n);
	plain = xmalloc(n);
	done = each(user, plain, jsonscan_unescape(s, n, plain));
	free(plain);
	return done;
}

/* The strings of a list that jsonscan has checked; what is within lists and objects in it does not count. */
static bool visit_list(visit *each, void *user, const char *list, size_t n)
{
	const char *p = list, *end = list + n;
	int depth = 0;

	for (; p < end; p++) {
		const char *from = p + 1;

		depth += (*p == '[' || *p == '{') - (*p == ']' || *p == '}');
		if (*p != '"')
			continue;
		for (p++; *p != '"'; p++)
			p += *p == '\\';
		if (depth == 1 && visit_string(each, user, from, (size_t)(p - from)))
			return true;
	}
	return false;
}

static bool visit_paths(visit *each, void *user, struct member path, struct member context)
{
	static struct jsonscan scan; /* its memory serves all rows */

	if (path.text && each(user, path.text, path.len))
		return true;
	if (!context.text || jsonscan_line(&scan, context.text, context.len) != JSONSCAN_OK)
		return false;
	for (size_t i = 0; i < scan.n; i++) {
		const struct jsonscan_member *m = &scan.members[i];

		if (m->type == JSONSCAN_ARRAY && m->name_len == 5 && !memcmp(m->name, "files", 5))
			return visit_list(each, user, m->value, m->len);
	}
	return false;
}

static bool is_wanted(void *user, const char *path, size_t n)
{
	const struct opt_list *globs = user;

	for (size_t i = 0; i < globs->n; i++)
		if (glob_match(globs->items[i], path, n))
			return true;
	return false;
}

/* Who reads only lends its pointer to who may write. */
static void *lend(const struct opt_list *globs)
{
	union {
		const struct opt_list *in;
		void *out;
	} u = {.in = globs};

	return u.out;
}

bool functions_touches(const struct opt_list *globs, struct member path, struct member context)
{
	return visit_paths(is_wanted, lend(globs), path, context);
}

static bool add_path(void *user, const char *path, size_t n)
{
	struct buf *out = user;

	if (n && !memchr(path, '\n', n)) {
		if (out->len)
			buf_addc(out, '\n');
		buf_add(out, path, n);
	}
	return false;
}

void functions_paths(struct buf *out, struct member path, struct member context)
{
	visit_paths(add_path, out, path, context);
}

/* ---- the functions of SQL ---- */

static struct member member(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return (struct member){text, text ? (size_t)sqlite3_value_bytes(value) : 0};
}

static void answer(sqlite3_context *ctx, struct buf *text)
{
	sqlite3_result_text(ctx, text->len ? text->data : "", (int)text->len, SQLITE_TRANSIENT);
	buf_release(text);
}

static void sql_touches(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	(void)n;
	sqlite3_result_int(ctx, functions_touches(sqlite3_user_data(ctx), member(args[0]), member(args[1])));
}

static void sql_paths(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	struct buf out = {0};

	(void)n;
	functions_paths(&out, member(args[0]), member(args[1]));
	answer(ctx, &out);
}

/* FNV-1a, 64 bits. */
void functions_link(struct buf *out, enum functions_link kind, const char *s, size_t n)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	buf_addf(out, "%c%016" PRIx64 " ", kind, hash);
}

static bool add_file_link(void *user, const char *path, size_t n)
{
	functions_link(user, LINK_FILE, path, n);
	return false;
}

static void add_oids(struct buf *out, struct member m)
{
	const char *oid;
	size_t len;

	for (size_t at = 0; m.text && refs_next_oid(m.text, m.len, REFS_OID, &at, &oid, &len);) {
		buf_add(out, oid, len);
		buf_addc(out, ' ');
	}
}

/* A commit is found by its id; that it names its parents would make a chain of all history. */
static void sql_links(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	struct member id = member(args[0]), session = member(args[1]);
	struct buf out = {0};

	(void)n;
	if (session.len)
		functions_link(&out, LINK_SESSION, session.text, session.len);
	visit_paths(add_file_link, &out, member(args[2]), member(args[3]));
	if (!id.text || strncmp(id.text, "commit/", 7) != 0) {
		add_oids(&out, member(args[4]));
		add_oids(&out, member(args[5]));
	}
	answer(ctx, &out);
}

static void sql_has_line(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	struct member text = member(args[0]), line = member(args[1]);
	const char *p = text.text, *end = p ? p + text.len : p;
	bool found = false;

	(void)n;
	while (p < end && !found) {
		const char *to = memchr(p, '\n', (size_t)(end - p));

		to = to ? to : end;
		found = (size_t)(to - p) == line.len && !memcmp(p, line.text, line.len);
		p = to + 1;
	}
	sqlite3_result_int(ctx, found);
}

static void sql_mentions(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	struct member content = member(args[0]), source = member(args[1]), repo = member(args[2]);

	(void)n;
	sqlite3_result_int(ctx, content.text && source.text && repo.text &&
					refs_mentions(content.text, content.len, source.text, repo.text,
						      sqlite3_value_int64(args[3])));
}

int functions_register(struct db *db, const struct query *q)
{
	static const struct {
		const char *name;
		int args;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} all[] = {
		{"touches", 2, sql_touches},   {"event_paths", 2, sql_paths}, {"event_links", 6, sql_links},
		{"has_line", 2, sql_has_line}, {"mentions", 4, sql_mentions},
	};
	int result = 0;

	for (size_t i = 0; !result && i < sizeof(all) / sizeof(*all); i++)
		result = sqlite3_create_function_v2(db->sql, all[i].name, all[i].args,
						    SQLITE_UTF8 | SQLITE_DETERMINISTIC, lend(&q->paths),
						    all[i].call, NULL, NULL, NULL);
	return result ? db_error(db, result) : 0;
}
