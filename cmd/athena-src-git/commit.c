/* SPDX-License-Identifier: ISC */
#include "commit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "grafts.h"
#include "kept.h"
#include "log.h"
#include "repo.h"
#include "xalloc.h"

enum { TAG_DEPTH = 32 };

struct commit_reader {
	git_odb *odb;
	struct object_db db;
	struct grafts grafts;
	struct kept kept; /* what commit_links() has read, until commit_read() asks for it */
};

int commit_reader_new(struct commit_reader **out, git_repository *repo, const struct object_folder *folder,
		      bool replace)
{
	struct commit_reader *r = xcalloc(1, sizeof(*r));

	*out = r;
	if (git_repository_odb(&r->odb, repo))
		return log_error(EX_DATAERR, "%s: the object database cannot be opened: %s",
				 git_repository_commondir(repo), repo_why());
	object_db_open(&r->db, r->odb, folder);
	return grafts_read(&r->grafts, repo, replace);
}

void commit_reader_free(struct commit_reader *r)
{
	if (!r)
		return;
	grafts_release(&r->grafts);
	kept_release(&r->kept);
	object_db_close(&r->db);
	git_odb_free(r->odb);
	free(r);
}

const struct oid_list *commit_shallow(const struct commit_reader *r)
{
	return &r->grafts.shallow;
}

const char *commit_grafts(const struct commit_reader *r)
{
	return r->grafts.hash;
}

static enum commit_result read_object(struct commit_reader *r, const git_oid *oid, git_object_t type,
				      struct object **object)
{
	enum object_result rc = object_read(&r->db, grafts_replaced(&r->grafts, oid), OBJECT_ANY, object);

	if (rc)
		return rc == OBJECT_MISSING ? COMMIT_MISSING : COMMIT_BROKEN;
	if ((*object)->type == type)
		return COMMIT_OK;
	object_free(*object);
	*object = NULL;
	return COMMIT_NOT;
}

enum commit_result commit_links(struct commit_reader *r, const git_oid *oid, struct commit_links *out)
{
	struct object *object;
	enum commit_result what = read_object(r, oid, GIT_OBJECT_COMMIT, &object);

	if (what != COMMIT_OK)
		return what;
	git_error_clear();
	if (commit_parse_links(out, object->data, object->size))
		grafts_parents(&r->grafts, oid, &out->parents);
	else
		what = COMMIT_BROKEN;
	kept_put(&r->kept, object);
	object_free(object);
	return what;
}

enum commit_result commit_read(struct commit_reader *r, const git_oid *oid, struct commit *out)
{
	enum commit_result what = COMMIT_OK;

	*out = (struct commit){.oid = *oid, .object = kept_take(&r->kept, grafts_replaced(&r->grafts, oid))};
	if (!out->object)
		what = read_object(r, oid, GIT_OBJECT_COMMIT, &out->object);
	if (what != COMMIT_OK)
		return what;
	git_error_clear();
	if (!commit_parse(out, out->object->data, out->object->size)) {
		commit_release(out);
		return COMMIT_BROKEN;
	}
	grafts_parents(&r->grafts, oid, &out->parents);
	out->tree = *grafts_replaced(&r->grafts, &out->tree);
	return COMMIT_OK;
}

void commit_release(struct commit *c)
{
	oid_list_release(&c->parents);
	object_free(c->object);
	*c = (struct commit){0};
}

enum commit_result tag_read(struct commit_reader *r, const git_oid *oid, struct tag *out)
{
	enum commit_result what;

	*out = (struct tag){0};
	what = read_object(r, oid, GIT_OBJECT_TAG, &out->object);
	if (what == COMMIT_OK && !tag_parse(out, out->object->data, out->object->size)) {
		tag_release(out);
		return COMMIT_BROKEN;
	}
	return what;
}

void tag_release(struct tag *t)
{
	object_free(t->object);
	*t = (struct tag){0};
}

enum commit_result commit_follow(struct commit_reader *r, const git_oid *oid, git_oid *commit)
{
	*commit = *oid;
	for (int depth = 0; depth < TAG_DEPTH; depth++) {
		enum object_result rc;
		enum commit_result what;
		git_object_t type;
		struct tag t;

		rc = object_type(&r->db, grafts_replaced(&r->grafts, commit), &type);
		if (rc)
			return rc == OBJECT_MISSING ? COMMIT_MISSING : COMMIT_BROKEN;
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
	char *folder = xasprintf("%spack", r->db.folder->path);
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
