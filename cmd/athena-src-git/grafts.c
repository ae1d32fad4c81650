/* SPDX-License-Identifier: ISC */
#include "grafts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "repo.h"
#include "xalloc.h"

enum {
	GRAFT_FILE_MAX = 64 << 20,
	DEPTH = 5, /* of replacements of replacements, as deep as git follows */
};

struct graft {
	git_oid oid;
	struct oid_list parents;
};

struct replacement {
	git_oid from, to;
};

/* Reads a file of the repository that may be absent. 0 or a sysexits code. */
static int read_optional(const char *folder, const char *name, struct buf *out)
{
	char *path = xasprintf("%s%s", folder, name), *real = realpath(path, NULL);
	int rc = 0;

	buf_init(out, GRAFT_FILE_MAX);
	if ((!real || file_read(real, out)) && errno != ENOENT && errno != ENOTDIR)
		rc = log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %s; nothing was read", path,
			       errno == EFBIG    ? "larger than 64 MiB"
			       : errno == EINVAL ? "no regular file"
						 : strerror(errno));
	free(real);
	free(path);
	return rc;
}

static int read_shallow(struct grafts *g, const char *common)
{
	struct buf text = {0};
	int rc = read_optional(common, "shallow", &text);

	for (const char *s = buf_cstr(&text), *end = s + text.len; s < end; s = strchrnul(s, '\n') + 1) {
		git_oid oid;

		if (oid_from_hex(&oid, s, end))
			oid_list_add(&g->shallow, &oid);
	}
	oid_list_sort(&g->shallow);
	buf_release(&text);
	return rc;
}

static int read_grafts(struct grafts *g, const char *common)
{
	struct buf text = {0};
	int rc = read_optional(common, "info/grafts", &text);

	for (const char *s = buf_cstr(&text), *end = s + text.len, *eol; s < end; s = eol + 1) {
		struct graft one = {0};
		git_oid parent;

		eol = strchrnul(s, '\n');
		if (!oid_from_hex(&one.oid, s, eol))
			continue; /* a comment */
		for (s += GIT_OID_HEXSZ; s < eol && *s == ' ' && oid_from_hex(&parent, s + 1, eol);
		     s += GIT_OID_HEXSZ + 1)
			oid_list_add(&one.parents, &parent);
		g->items = xreallocarray(g->items, g->n + 1, sizeof(one));
		g->items[g->n++] = one;
	}
	if (g->n)
		qsort(g->items, g->n, sizeof(*g->items), oid_compare);
	buf_release(&text);
	return rc;
}

static int read_replacements(struct grafts *g, git_repository *repo)
{
	static const char prefix[] = "refs/replace/";
	git_reference_iterator *it;
	git_reference *ref;

	if (git_reference_iterator_glob_new(&it, repo, "refs/replace/*"))
		return log_error(EX_DATAERR, "refs/replace: %s", repo_why());
	while (!git_reference_next(&ref, it)) {
		const char *name = git_reference_name(ref) + strlen(prefix);
		struct replacement x;

		if (git_reference_type(ref) == GIT_REFERENCE_DIRECT &&
		    oid_from_hex(&x.from, name, name + strlen(name))) {
			x.to = *git_reference_target(ref);
			g->replacements = xreallocarray(g->replacements, g->n_replacements + 1, sizeof(x));
			g->replacements[g->n_replacements++] = x;
		}
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (g->n_replacements)
		qsort(g->replacements, g->n_replacements, sizeof(*g->replacements), oid_compare);
	return 0;
}

static void make_hash(struct grafts *g)
{
	struct buf b = {0};

	for (size_t i = 0; i < g->n; i++) {
		buf_adds(&b, "graft");
		buf_add(&b, g->items[i].oid.id, GIT_OID_RAWSZ);
		buf_addf(&b, "%zu ", g->items[i].parents.n);
		for (size_t k = 0; k < g->items[i].parents.n; k++)
			buf_add(&b, g->items[i].parents.items[k].id, GIT_OID_RAWSZ);
	}
	for (size_t i = 0; i < g->n_replacements; i++) {
		buf_adds(&b, "replace");
		buf_add(&b, g->replacements[i].from.id, GIT_OID_RAWSZ);
		buf_add(&b, g->replacements[i].to.id, GIT_OID_RAWSZ);
	}
	if (b.len)
		sha256_hex(b.data, b.len, g->hash);
	buf_release(&b);
}

int grafts_read(struct grafts *g, git_repository *repo, bool replace)
{
	const char *common = git_repository_commondir(repo);
	int rc = read_shallow(g, common);

	if (!rc)
		rc = read_grafts(g, common);
	if (!rc && replace)
		rc = read_replacements(g, repo);
	make_hash(g);
	return rc;
}

void grafts_release(struct grafts *g)
{
	for (size_t i = 0; i < g->n; i++)
		oid_list_release(&g->items[i].parents);
	free(g->items);
	free(g->replacements);
	oid_list_release(&g->shallow);
	*g = (struct grafts){0};
}

const git_oid *grafts_replaced(const struct grafts *g, const git_oid *oid)
{
	for (int depth = 0; g->n_replacements && depth < DEPTH; depth++) {
		const struct replacement *x = bsearch(oid, g->replacements, g->n_replacements,
						      sizeof(*g->replacements), oid_compare);

		if (!x)
			break;
		oid = &x->to;
	}
	return oid;
}

void grafts_parents(const struct grafts *g, const git_oid *oid, struct oid_list *parents)
{
	const struct graft *one = NULL;

	if (oid_list_has(&g->shallow, oid)) {
		parents->n = 0;
		return;
	}
	if (g->n)
		one = bsearch(oid, g->items, g->n, sizeof(*g->items), oid_compare);
	if (!one)
		return;
	parents->n = 0;
	for (size_t i = 0; i < one->parents.n; i++)
		oid_list_add(parents, &one->parents.items[i]);
}
