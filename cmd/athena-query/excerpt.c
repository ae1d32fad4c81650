/* SPDX-License-Identifier: ISC */
#include "excerpt.h"

#include "tokenizer.h"

/* The index keeps no text, so the one row that is shown is indexed again, in memory: SQLite then knows best. */
int excerpt_open(struct excerpt *x, struct db *db, const char *expression)
{
	int rc;

	*x = (struct excerpt){.db = db};
	rc = db_exec(db, "CREATE VIRTUAL TABLE temp.excerpt USING fts5(content, tokenize='" TOKENIZER "')");
	if (!rc)
		rc = db_prepare(db, &x->put, "REPLACE INTO temp.excerpt(rowid, content) VALUES(1, ?1)");
	if (!rc)
		rc = db_prepare(
			db, &x->get,
			"SELECT snippet(excerpt, 0, char(2), char(3), '\xe2\x80\xa6', 32) FROM temp.excerpt"
			" WHERE excerpt MATCH ?1");
	if (!rc)
		sqlite3_bind_text(x->get, 1, expression, -1, SQLITE_TRANSIENT);
	return rc;
}

int excerpt_make(struct excerpt *x, const char *content, size_t n)
{
	const char *s;
	bool found = false;
	int rc;

	x->text = NULL;
	db_bind_text(x->put, 1, content, (int64_t)n);
	rc = db_step(x->db, x->put);
	if (!rc)
		rc = db_row(x->db, x->get, &found);
	s = found ? (const char *)sqlite3_column_text(x->get, 0) : NULL;
	buf_reset(&x->line);
	for (; s && *s; s++) /* line ends and what is around them are one space */
		if (*s != '\n' && *s != '\r')
			buf_addc(&x->line, *s);
		else if (x->line.len && x->line.data[x->line.len - 1] != ' ')
			buf_addc(&x->line, ' ');
	sqlite3_reset(x->get);
	if (found)
		x->text = buf_cstr(&x->line);
	return rc;
}

void excerpt_close(struct excerpt *x)
{
	sqlite3_finalize(x->put);
	sqlite3_finalize(x->get);
	buf_release(&x->line);
	*x = (struct excerpt){0};
}
