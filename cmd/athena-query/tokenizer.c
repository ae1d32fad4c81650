/* SPDX-License-Identifier: ISC */
#include "tokenizer.h"

#include <stdlib.h>
#include <sysexits.h>

#include "log.h"
#include "text.h"
#include "xalloc.h"

/* One tokenizer: SQLite's, and what it needs. */
struct tokenizer {
	fts5_tokenizer inner;
	Fts5Tokenizer *instance;
};

/* What is passed through a run of the inner tokenizer. */
struct run {
	void *ctx;
	int (*token)(void *ctx, int flags, const char *s, int n, int start, int end);
	const char *text;
};

/* Kana and ideographs, by the bytes of the character. */
static bool is_own_word(const unsigned char *s, size_t len)
{
	unsigned c;

	if (len == 4)
		return s[0] == 0xf0 && s[1] >= 0xa0 && s[1] < 0xc0; /* U+20000 to U+3FFFF */
	if (len != 3)
		return false;
	c = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9f);
}

/* Bytes up to the next character that is a word of its own; *own is the length of that, 0 at the end. */
static int span(const char *s, int n, int *own)
{
	int i = 0;

	while (i < n) {
		size_t len = text_utf8_len(s + i, (size_t)(n - i));

		*own = (int)len;
		if (len && is_own_word((const unsigned char *)s + i, len))
			return i;
		i += len ? (int)len : 1;
	}
	*own = 0;
	return n;
}

static bool is_ascii(const char *s, int n)
{
	unsigned char seen = 0;

	for (int i = 0; i < n; i++)
		seen |= (unsigned char)s[i];
	return seen < 0x80;
}

/* The token is folded and the text is not: their characters that are words stand in the same order. */
static int split(void *ctx, int flags, const char *token, int n, int start, int end)
{
	const struct run *run = ctx;

	if (is_ascii(token, n))
		return run->token(run->ctx, flags, token, n, start, end);
	for (int rc, own, same; n > 0;) {
		int before = span(token, n, &own), skipped = span(run->text + start, end - start, &same);

		if (before && (rc = run->token(run->ctx, flags, token, before, start, start + skipped)))
			return rc;
		start += skipped;
		if (own && (rc = run->token(run->ctx, flags, token + before, own, start, start + same)))
			return rc;
		token += before + own;
		n -= before + own;
		start += same;
	}
	return SQLITE_OK;
}

static int create(void *api, const char **args, int n, Fts5Tokenizer **out)
{
	struct tokenizer *t = xcalloc(1, sizeof(*t));
	const char *options[] = {"remove_diacritics", "2"};
	fts5_api *fts = api;
	void *user = NULL;
	int rc = fts->xFindTokenizer(fts, "unicode61", &user, &t->inner);

	(void)args, (void)n;
	if (!rc)
		rc = t->inner.xCreate(user, options, 2, &t->instance);
	if (rc) {
		free(t);
		return rc;
	}
	*out = (Fts5Tokenizer *)t;
	return SQLITE_OK;
}

static void delete (Fts5Tokenizer *tokenizer)
{
	struct tokenizer *t = (struct tokenizer *)tokenizer;

	t->inner.xDelete(t->instance);
	free(t);
}

static int tokenize(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text, int n,
		    int (*token)(void *, int, const char *, int, int, int))
{
	struct tokenizer *t = (struct tokenizer *)tokenizer;
	struct run run = {.ctx = ctx, .token = token, .text = text};

	return t->inner.xTokenize(t->instance, &run, flags, text, n, split);
}

int tokenizer_register(const struct db *db)
{
	fts5_tokenizer ours = {.xCreate = create, .xDelete = delete, .xTokenize = tokenize};
	sqlite3_stmt *stmt = NULL;
	fts5_api *api = NULL;
	int result = sqlite3_prepare_v2(db->sql, "SELECT fts5(?1)", -1, &stmt, NULL);

	if (result)
		return log_error(EX_UNAVAILABLE,
				 "--match: this SQLite was built without FTS5, its full text search");
	sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
	sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (!api)
		return log_error(EX_UNAVAILABLE,
				 "--match: this SQLite's full text search cannot be extended");
	result = api->xCreateTokenizer(api, TOKENIZER, api, &ours, NULL);
	return result ? db_error(db, result) : 0;
}
