/* SPDX-License-Identifier: ISC */
#include "commit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "buf.h"
#include "kept.h"
#include "log.h"
#include "loose.h"
#include "repo.h"
#include "sha256.h"
#include "xalloc.h"

enum { GRAFT_FILE_MAX = 64 << 20, TAG_DEPTH = 32 };

struct graft {
	git_oid oid;
	struct oid_list parents;
};

struct replacement {
	git_oid from, to;
};

struct commit_reader {
	git_odb *odb;
	struct loose loose;
	struct oid_list shallow;
	struct graft *grafts; /* sorted by oid */
	size_t n_grafts;
	struct replacement *replacements; /* sorted by from */
	size_t n_replacements;
	struct kept kept; /* what commit_links() has read, until commit_read() asks for it */
	char grafts_hash[SHA256_HEX];
};

static const char *line_end(const char *s, const char *end)
{
	const char *nl = memchr(s, '\n', (size_t)(end - s));

	return nl ? nl : end;
}

/* A line "word <oid>"; moves *s past it. */
static bool oid_line(const char **s, const char *end, const char *word, git_oid *oid)
{
	size_t n = strlen(word);
	const char *eol;

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0 || !oid_from_hex(oid, *s + n, end))
		return false;
	eol = line_end(*s + n, end);
	if (eol != *s + n + GIT_OID_HEXSZ)
		return false;
	*s = eol < end ? eol + 1 : end;
	return true;
}

/* The time and zone after the mail address; text that is none leaves `dated` false. */
static void parse_date(struct person *p, const char *s, const char *end)
{
	bool minus, plus;
	uint64_t v = 0;
	int zone = 0;

	while (s < end && *s == ' ')
		s++;
	p->date = s;
	minus = s < end && *s == '-';
	for (s += minus; s < end && (unsigned)(*s - '0') <= 9; s++)
		v = v > (uint64_t)INT64_MAX / 10 - 1 ? (uint64_t)INT64_MAX : v * 10 + (uint64_t)(*s - '0');
	p->dated = s > p->date + minus && (s == end || *s == ' ') && v < (uint64_t)INT64_MAX;
	p->seconds = s == p->date + minus ? 0 : minus ? -(int64_t)v : (int64_t)v;
	p->date_len = (size_t)((p->dated ? s : end) - p->date);
	while (s < end && *s == ' ')
		s++;
	plus = s < end && *s == '+';
	if (end - s < 5 || (!plus && *s != '-'))
		return;
	for (int i = 1; i <= 4; i++) {
		if ((unsigned)(s[i] - '0') > 9)
			return;
		zone = zone * 10 + (s[i] - '0');
	}
	zone = zone / 100 * 60 + zone % 100;
	p->zone = plus ? zone : -zone;
}

static void trim(const char **s, size_t *n)
{
	while (*n && (**s == ' ' || **s == '\t')) {
		++*s;
		--*n;
	}
	while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
		--*n;
}

static void parse_person(struct person *p, const char *s, const char *end)
{
	const char *open = memchr(s, '<', (size_t)(end - s)), *close = memrchr(s, '>', (size_t)(end - s));

	*p = (struct person){.name = s, .date = end, .mail = end};
	if (!open || !close || close < open) {
		p->name_len = (size_t)(end - s); /* a mangled line: all of it is better than nothing */
	} else {
		p->name_len = (size_t)(open - s);
		p->mail = open + 1;
		p->mail_len = (size_t)(close - open - 1);
		parse_date(p, close + 1, end);
	}
	trim(&p->name, &p->name_len);
	trim(&p->mail, &p->mail_len);
}

/* The line "word ..." at *s, of which value is the rest; moves *s past it. */
static bool header(const char **s, const char *end, const char *word, const char **value,
		   const char **value_end)
{
	size_t n = strlen(word);

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
		return false;
	*value = *s + n;
	*value_end = line_end(*value, end);
	*s = *value_end < end ? *value_end + 1 : end;
	return true;
}

bool commit_parse_links(struct commit_links *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	struct person who = {0};
	git_oid parent;

	out->parents.n = 0;
	if (!oid_line(&s, end, "tree ", &out->tree))
		return false;
	while (oid_line(&s, end, "parent ", &parent))
		oid_list_add(&out->parents, &parent);
	header(&s, end, "author ", &value, &stop);
	if (header(&s, end, "committer ", &value, &stop)) {
		const char *close = memrchr(value, '>', (size_t)(stop - value));

		if (close)
			parse_date(&who, close + 1, stop);
	}
	out->date = who.seconds;
	return true;
}

static const char *signature_kind(const char *s, const char *end)
{
	static const char *const kinds[][2] = {{"-----BEGIN PGP", "openpgp"},
					       {"-----BEGIN SSH", "ssh"},
					       {"-----BEGIN SIGNED MESSAGE", "x509"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((size_t)(end - s) >= strlen(kinds[i][0]) && !memcmp(s, kinds[i][0], strlen(kinds[i][0])))
			return kinds[i][1];
	return "unknown";
}

bool commit_parse(struct commit *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	git_oid parent;

	if (!oid_line(&s, end, "tree ", &out->tree))
		return false;
	while (oid_line(&s, end, "parent ", &parent))
		oid_list_add(&out->parents, &parent);
	while (s < end && *s != '\n') {
		if (!out->author.name && header(&s, end, "author ", &value, &stop)) {
			parse_person(&out->author, value, stop);
		} else if (!out->committer.name && header(&s, end, "committer ", &value, &stop)) {
			parse_person(&out->committer, value, stop);
		} else if (!out->encoding && header(&s, end, "encoding ", &value, &stop)) {
			out->encoding = value;
			out->encoding_len = (size_t)(stop - value);
		} else if (!out->signature && header(&s, end, "gpgsig ", &value, &stop)) {
			out->signature = signature_kind(value, stop);
		} else {
			stop = line_end(s, end); /* a header not wanted, or the continuation of one */
			s = stop < end ? stop + 1 : end;
		}
	}
	if (s < end)
		s++;
	out->message = s;
	out->message_len = (size_t)(end - s);
	return true;
}

bool tag_parse(struct tag *out, const char *data, size_t n)
{
	const char *s = data, *end = data + n, *value, *stop;
	char word[16];

	if (!oid_line(&s, end, "object ", &out->target))
		return false;
	out->target_type = GIT_OBJECT_INVALID;
	if (header(&s, end, "type ", &value, &stop) && (size_t)(stop - value) < sizeof(word)) {
		memcpy(word, value, (size_t)(stop - value));
		word[stop - value] = '\0';
		out->target_type = git_object_string2type(word);
	}
	while (s < end && *s != '\n') {
		if (!out->tagger.name && header(&s, end, "tagger ", &value, &stop)) {
			parse_person(&out->tagger, value, stop);
		} else {
			stop = line_end(s, end);
			s = stop < end ? stop + 1 : end;
		}
	}
	if (s < end)
		s++;
	out->message = s;
	out->message_len = (size_t)(end - s);
	return true;
}

/* Reads a file of the repository that may be absent. 0 or a sysexits code. */
static int read_optional(const char *folder, const char *name, struct buf *out)
{
	char *path = xasprintf("%s%s", folder, name);
	FILE *f = fopen(path, "re");
	int rc = 0;

	if (!f) {
		if (errno != ENOENT && errno != ENOTDIR)
			rc = log_error(EX_NOPERM, "%s: %s; nothing was read", path, strerror(errno));
		goto out;
	}
	buf_init(out, GRAFT_FILE_MAX);
	while (!feof(f) && !ferror(f) && buf_reserve(out, 65536))
		out->len += fread(out->data + out->len, 1, 65536, f);
	if (ferror(f) || out->over)
		rc = log_error(EX_IOERR, "%s: %s", path, out->over ? "larger than 64 MiB" : strerror(errno));
	fclose(f);
out:
	free(path);
	return rc;
}

static int read_shallow(struct commit_reader *r, const char *common)
{
	struct buf text = {0};
	int rc = read_optional(common, "shallow", &text);

	for (const char *s = buf_cstr(&text), *end = s + text.len; s < end; s = line_end(s, end) + 1) {
		git_oid oid;

		if (oid_from_hex(&oid, s, end))
			oid_list_add(&r->shallow, &oid);
	}
	oid_list_sort(&r->shallow);
	buf_release(&text);
	return rc;
}

static int read_grafts(struct commit_reader *r, const char *common)
{
	struct buf text = {0};
	int rc = read_optional(common, "info/grafts", &text);

	for (const char *s = buf_cstr(&text), *end = s + text.len, *eol; s < end; s = eol + 1) {
		struct graft g = {0};
		git_oid parent;

		eol = line_end(s, end);
		if (!oid_from_hex(&g.oid, s, eol))
			continue; /* a comment */
		for (s += GIT_OID_HEXSZ; s < eol && *s == ' ' && oid_from_hex(&parent, s + 1, eol);
		     s += GIT_OID_HEXSZ + 1)
			oid_list_add(&g.parents, &parent);
		r->grafts = xreallocarray(r->grafts, r->n_grafts + 1, sizeof(g));
		r->grafts[r->n_grafts++] = g;
	}
	if (r->n_grafts)
		qsort(r->grafts, r->n_grafts, sizeof(*r->grafts), oid_compare);
	buf_release(&text);
	return rc;
}

static int read_replacements(struct commit_reader *r, git_repository *repo)
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
			r->replacements = xreallocarray(r->replacements, r->n_replacements + 1, sizeof(x));
			r->replacements[r->n_replacements++] = x;
		}
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (r->n_replacements)
		qsort(r->replacements, r->n_replacements, sizeof(*r->replacements), oid_compare);
	return 0;
}

static void hash_grafts(struct commit_reader *r)
{
	struct buf b = {0};

	for (size_t i = 0; i < r->n_grafts; i++) {
		buf_adds(&b, "graft");
		buf_add(&b, r->grafts[i].oid.id, GIT_OID_RAWSZ);
		buf_addf(&b, "%zu ", r->grafts[i].parents.n);
		for (size_t k = 0; k < r->grafts[i].parents.n; k++)
			buf_add(&b, r->grafts[i].parents.items[k].id, GIT_OID_RAWSZ);
	}
	for (size_t i = 0; i < r->n_replacements; i++) {
		buf_adds(&b, "replace");
		buf_add(&b, r->replacements[i].from.id, GIT_OID_RAWSZ);
		buf_add(&b, r->replacements[i].to.id, GIT_OID_RAWSZ);
	}
	if (b.len)
		sha256_hex(b.data, b.len, r->grafts_hash);
	buf_release(&b);
}

int commit_reader_new(struct commit_reader **out, git_repository *repo, bool replace)
{
	struct commit_reader *r = xcalloc(1, sizeof(*r));
	const char *common = git_repository_commondir(repo);
	git_buf objects = {0};
	int rc = 0;

	*out = r;
	if (git_repository_odb(&r->odb, repo) ||
	    git_repository_item_path(&objects, repo, GIT_REPOSITORY_ITEM_OBJECTS))
		return log_error(EX_DATAERR, "%s: the object database cannot be opened: %s", common,
				 repo_why());
	loose_init(&r->loose, objects.ptr);
	git_buf_dispose(&objects);
	rc = read_shallow(r, common);
	if (!rc)
		rc = read_grafts(r, common);
	if (!rc && replace)
		rc = read_replacements(r, repo);
	hash_grafts(r);
	return rc;
}

void commit_reader_free(struct commit_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_grafts; i++)
		oid_list_release(&r->grafts[i].parents);
	free(r->grafts);
	free(r->replacements);
	oid_list_release(&r->shallow);
	kept_release(&r->kept);
	loose_release(&r->loose);
	git_odb_free(r->odb);
	free(r);
}

const struct oid_list *commit_shallow(const struct commit_reader *r)
{
	return &r->shallow;
}

const char *commit_grafts(const struct commit_reader *r)
{
	return r->grafts_hash;
}

static const git_oid *replaced(const struct commit_reader *r, const git_oid *oid)
{
	for (int depth = 0; r->n_replacements && depth < 5; depth++) { /* as deep as git follows */
		const struct replacement *x =
			bsearch(oid, r->replacements, r->n_replacements, sizeof(*r->replacements), oid_compare);

		if (!x)
			break;
		oid = &x->to;
	}
	return oid;
}

/* Shallow and grafts go by the name of the commit, not of what replaces it, as in git. */
static void rewrite_parents(const struct commit_reader *r, const git_oid *oid, struct oid_list *parents)
{
	const struct graft *g = NULL;

	if (oid_list_has(&r->shallow, oid)) {
		parents->n = 0;
		return;
	}
	if (r->n_grafts)
		g = bsearch(oid, r->grafts, r->n_grafts, sizeof(*r->grafts), oid_compare);
	if (!g)
		return;
	parents->n = 0;
	for (size_t i = 0; i < g->parents.n; i++)
		oid_list_add(parents, &g->parents.items[i]);
}

static enum commit_result read_object(struct commit_reader *r, const git_oid *oid, git_object_t type,
				      git_odb_object **object)
{
	const git_oid *at = replaced(r, oid);
	int rc;

	if (loose_is_broken(&r->loose, at))
		return COMMIT_BROKEN;
	rc = git_odb_read(object, r->odb, at);
	if (rc)
		return rc == GIT_ENOTFOUND ? COMMIT_MISSING : COMMIT_BROKEN;
	if (git_odb_object_type(*object) == type)
		return COMMIT_OK;
	git_odb_object_free(*object);
	*object = NULL;
	return COMMIT_NOT;
}

enum commit_result commit_links(struct commit_reader *r, const git_oid *oid, struct commit_links *out)
{
	git_odb_object *object;
	enum commit_result what = read_object(r, oid, GIT_OBJECT_COMMIT, &object);

	if (what != COMMIT_OK)
		return what;
	git_error_clear();
	if (commit_parse_links(out, git_odb_object_data(object), git_odb_object_size(object)))
		rewrite_parents(r, oid, &out->parents);
	else
		what = COMMIT_BROKEN;
	kept_put(&r->kept, object);
	git_odb_object_free(object);
	return what;
}

enum commit_result commit_read(struct commit_reader *r, const git_oid *oid, struct commit *out)
{
	enum commit_result what = COMMIT_OK;

	*out = (struct commit){.oid = *oid, .object = kept_take(&r->kept, replaced(r, oid))};
	if (!out->object)
		what = read_object(r, oid, GIT_OBJECT_COMMIT, &out->object);
	if (what != COMMIT_OK)
		return what;
	git_error_clear();
	if (!commit_parse(out, git_odb_object_data(out->object), git_odb_object_size(out->object))) {
		commit_release(out);
		return COMMIT_BROKEN;
	}
	rewrite_parents(r, oid, &out->parents);
	out->tree = *replaced(r, &out->tree);
	return COMMIT_OK;
}

void commit_release(struct commit *c)
{
	oid_list_release(&c->parents);
	git_odb_object_free(c->object);
	*c = (struct commit){0};
}

enum commit_result tag_read(struct commit_reader *r, const git_oid *oid, struct tag *out)
{
	enum commit_result what;

	*out = (struct tag){0};
	what = read_object(r, oid, GIT_OBJECT_TAG, &out->object);
	if (what == COMMIT_OK &&
	    !tag_parse(out, git_odb_object_data(out->object), git_odb_object_size(out->object))) {
		tag_release(out);
		return COMMIT_BROKEN;
	}
	return what;
}

void tag_release(struct tag *t)
{
	git_odb_object_free(t->object);
	*t = (struct tag){0};
}

enum commit_result commit_follow(struct commit_reader *r, const git_oid *oid, git_oid *commit)
{
	*commit = *oid;
	for (int depth = 0; depth < TAG_DEPTH; depth++) {
		enum commit_result what;
		git_object_t type;
		struct tag t;
		size_t len;
		int rc = git_odb_read_header(&len, &type, r->odb, replaced(r, commit));

		if (rc)
			return rc == GIT_ENOTFOUND ? COMMIT_MISSING : COMMIT_BROKEN;
		if (type != GIT_OBJECT_TAG)
			return type == GIT_OBJECT_COMMIT ? COMMIT_OK : COMMIT_NOT;
		what = tag_read(r, commit, &t);
		if (what != COMMIT_OK)
			return what;
		*commit = t.target;
		tag_release(&t);
	}
	return COMMIT_NOT;
}

bool commit_peel(struct commit_reader *r, const git_oid *oid, git_oid *commit)
{
	return commit_follow(r, oid, commit) == COMMIT_OK;
}

bool commit_exists(struct commit_reader *r, const git_oid *oid)
{
	return git_odb_exists(r->odb, oid);
}

static int check_file(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd >= 0)
		close(fd);
	else if (errno != ENOENT) /* a repack took it away */
		rc = log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %s; nothing was read", path,
			       strerror(errno));
	free(path);
	return rc;
}

int commit_readable(const struct commit_reader *r)
{
	char *folder = xasprintf("%spack", r->loose.dir);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int rc = 0;

	if (!dir && errno != ENOENT)
		rc = log_error(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %s; nothing was read", folder,
			       strerror(errno));
	while (!rc && dir && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && (!strcmp(dot, ".pack") || !strcmp(dot, ".idx")))
			rc = check_file(folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
	free(folder);
	return rc;
}

int commit_error(const git_oid *oid, enum commit_result what)
{
	char hex[GIT_OID_HEXSZ + 1];
	const git_error *e = git_error_last();

	git_oid_tostr(hex, sizeof(hex), oid);
	if (what == COMMIT_MISSING)
		return log_error(
			EX_DATAERR,
			"commit %s is missing from the repository; run git fsck there, or fetch it again",
			hex);
	if (what == COMMIT_NOT)
		return log_error(EX_DATAERR, "object %s should be a commit and is none; run git fsck", hex);
	return log_error(EX_DATAERR, "commit %s cannot be read: %s; run git fsck", hex,
			 e && e->message && *e->message ? e->message : "it has no tree line");
}
