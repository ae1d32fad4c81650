/* SPDX-License-Identifier: ISC */
#include "patch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "tree.h"

enum { CONTEXT = 3 };

/* Adds a whole line or nothing, and nothing more once something did not fit. */
static void add_line(struct buf *out, const struct buf *line)
{
	if (!out->over)
		buf_add(out, line->data, line->len);
}

static bool needs_quotes(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f || *s == '"' || *s == '\\')
			return true;
	return false;
}

/* A path with its a/ or b/, quoted as a C string where git does. */
static void add_path(struct buf *out, const char *prefix, const char *path)
{
	static const char names[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";
	const char *name;

	if (!needs_quotes(path)) {
		buf_adds(out, prefix);
		buf_adds(out, path);
		return;
	}
	buf_addc(out, '"');
	buf_adds(out, prefix);
	for (; *path; path++) {
		for (name = names; *name && *name != *path; name += 2)
			;
		if (*name) {
			buf_addc(out, '\\');
			buf_addc(out, name[1]);
		} else if ((unsigned char)*path < ' ' || (unsigned char)*path >= 0x7f) {
			buf_addf(out, "\\%03o", (unsigned)(unsigned char)*path);
		} else {
			buf_addc(out, *path);
		}
	}
	buf_addc(out, '"');
}

static const char *old_path(const struct change *c)
{
	return c->old_path ? c->old_path : c->path;
}

static void write_index(const struct change *c, struct buf *line)
{
	char a[GIT_OID_HEXSZ + 1], b[GIT_OID_HEXSZ + 1];

	buf_addf(line, "index %s..%s", git_oid_tostr(a, sizeof(a), &c->old_oid),
		 git_oid_tostr(b, sizeof(b), &c->new_oid));
	if (c->old_mode == c->new_mode)
		buf_addf(line, " %06o", (unsigned)c->new_mode);
	buf_addc(line, '\n');
}

void patch_header(const struct change *c, struct buf *out)
{
	struct buf line = {0};

	buf_adds(&line, "diff --git ");
	add_path(&line, "a/", old_path(c));
	buf_addc(&line, ' ');
	add_path(&line, "b/", c->path);
	buf_addc(&line, '\n');
	if (!c->old_mode)
		buf_addf(&line, "new file mode %06o\n", (unsigned)c->new_mode);
	else if (!c->new_mode)
		buf_addf(&line, "deleted file mode %06o\n", (unsigned)c->old_mode);
	else if (c->old_mode != c->new_mode)
		buf_addf(&line, "old mode %06o\nnew mode %06o\n", (unsigned)c->old_mode,
			 (unsigned)c->new_mode);
	if (c->old_path) {
		buf_addf(&line, "similarity index %d%%\nrename from ", c->similarity);
		add_path(&line, "", c->old_path);
		buf_adds(&line, "\nrename to ");
		add_path(&line, "", c->path);
		buf_addc(&line, '\n');
	}
	if (!git_oid_equal(&c->old_oid, &c->new_oid))
		write_index(c, &line);
	add_line(out, &line);
	buf_release(&line);
}

/* One side's name as "---", "+++" and "Binary files" show it. */
static void add_side(struct buf *line, bool there, const char *prefix, const char *path)
{
	if (there)
		add_path(line, prefix, path);
	else
		buf_adds(line, "/dev/null");
}

static void write_names(const struct change *c, struct buf *out)
{
	struct buf line = {0};

	buf_adds(&line, "--- ");
	add_side(&line, c->old_mode, "a/", old_path(c));
	buf_adds(&line, c->old_mode && strchr(old_path(c), ' ') ? "\t\n+++ " : "\n+++ ");
	add_side(&line, c->new_mode, "b/", c->path);
	buf_adds(&line, c->new_mode && strchr(c->path, ' ') ? "\t\n" : "\n");
	add_line(out, &line);
	buf_release(&line);
}

static void write_binary(const struct change *c, struct buf *out)
{
	struct buf line = {0};

	buf_adds(&line, "Binary files ");
	add_side(&line, c->old_mode, "a/", old_path(c));
	buf_adds(&line, " and ");
	add_side(&line, c->new_mode, "b/", c->path);
	buf_adds(&line, " differ\n");
	add_line(out, &line);
	buf_release(&line);
}

/* What a hunk is written to. */
struct writing {
	const struct change *change;
	struct buf *out;
	struct buf line;
	bool begun; /* the names stand */
};

static int write_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
	struct writing *w = payload;

	(void)delta;
	if (!w->begun)
		write_names(w->change, w->out);
	w->begun = true;
	if (!w->out->over)
		buf_add(w->out, hunk->header, hunk->header_len);
	return w->out->over ? GIT_EUSER : 0;
}

static int write_line(const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *l,
		      void *payload)
{
	struct writing *w = payload;

	(void)delta;
	(void)hunk;
	buf_reset(&w->line);
	if (l->origin == ' ' || l->origin == '+' || l->origin == '-')
		buf_addc(&w->line, l->origin);
	buf_add(&w->line, l->content, l->content_len);
	add_line(w->out, &w->line);
	return w->out->over ? GIT_EUSER : 0;
}

static int write_hunks(const struct change *c, const struct pair_side *old, const struct pair_side *new,
		       struct buf *out)
{
	struct writing w = {.change = c, .out = out};
	git_diff_options options;
	const git_error *e;
	int rc;

	git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
	options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
	options.context_lines = CONTEXT;
	rc = git_diff_buffers(old->p, old->n, NULL, new->p, new->n, NULL, &options, NULL, NULL, write_hunk,
			      write_line, &w);
	buf_release(&w.line);
	if (!rc || out->over)
		return 0;
	e = git_error_last();
	return log_error(EX_SOFTWARE, "%s: %s", c->path, e ? e->message : "no diff");
}

int patch_write(const struct change *c, const struct pair_side *old, const struct pair_side *new, bool binary,
		struct buf *out)
{
	patch_header(c, out);
	if (c->old_mode && c->new_mode && git_oid_equal(&c->old_oid, &c->new_oid))
		return 0;
	if (binary) {
		write_binary(c, out);
		return 0;
	}
	return write_hunks(c, old, new, out);
}
