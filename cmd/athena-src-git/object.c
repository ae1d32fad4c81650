/* SPDX-License-Identifier: ISC */
#include "object.h"

#include <stdlib.h>
#include <sysexits.h>

#include "log.h"
#include "repo.h"
#include "xalloc.h"

int object_folder_open(struct object_folder *f, git_repository *repo)
{
	const struct folders none = {0};
	git_buf path = {0};
	int rc;

	if (git_repository_item_path(&path, repo, GIT_REPOSITORY_ITEM_OBJECTS))
		return log_error(EX_DATAERR, "%s: the folder of its objects cannot be told: %s",
				 git_repository_commondir(repo), repo_why());
	f->path = xstrdup(path.ptr);
	git_buf_dispose(&path);
	f->elsewhere = folders_are_elsewhere();
	rc = folders_find(&f->all, f->path);
	if (!rc)
		rc = folders_of_environment(&f->all);
	f->packs = packs_open(f->elsewhere ? &none : &f->all);
	loose_init(&f->loose, &f->all);
	return rc;
}

void object_folder_close(struct object_folder *f)
{
	packs_close(f->packs);
	folders_release(&f->all);
	free(f->path);
	*f = (struct object_folder){0};
}

void object_db_open(struct object_db *db, git_odb *odb, const struct object_folder *folder)
{
	*db = (struct object_db){
		.odb = odb, .folder = folder, .packs = pack_reader_new(folder->packs, &folder->loose)};
}

void object_db_close(struct object_db *db)
{
	pack_reader_free(db->packs);
	*db = (struct object_db){0};
}

struct object *object_new(git_object_t type, size_t size)
{
	struct object *o = size < SIZE_MAX - sizeof(*o) ? malloc(sizeof(*o) + size + 1) : NULL;

	if (o) {
		*o = (struct object){.type = type, .references = 1, .size = size, .data = o->own};
		o->own[size] = '\0';
	}
	return o;
}

struct object *object_ref(struct object *o)
{
	o->references++;
	return o;
}

void object_free(struct object *o)
{
	if (!o || --o->references)
		return;
	git_odb_object_free(o->from);
	free(o);
}

struct object *object_of(git_odb_object *from, const git_oid *oid)
{
	struct object *o = xmalloc(sizeof(*o));

	*o = (struct object){.oid = *oid,
			     .type = git_odb_object_type(from),
			     .references = 1,
			     .size = git_odb_object_size(from),
			     .data = git_odb_object_data(from),
			     .from = from};
	return o;
}

/* A copy of its own that is whole: libgit2 tries no other where one is damaged, and git does. Else what was said of it stays. */
static enum object_result read_copy(struct object_db *db, const git_oid *oid, uint64_t most,
				    struct object **out)
{
	const git_error *e = git_error_last();
	char *why = e && e->message ? xstrdup(e->message) : NULL;
	int klass = e ? e->klass : GIT_ERROR_NONE;

	*out = loose_read(&db->folder->loose, oid);
	if (!*out && why)
		git_error_set_str(klass, why);
	free(why);
	if (!*out)
		return OBJECT_BROKEN;
	if ((*out)->size <= most)
		return OBJECT_OK;
	object_free(*out);
	*out = NULL;
	return OBJECT_LARGE;
}

/* As libgit2 reads it, with all that it knows: loose objects, packs that came later, what its environment names. */
static enum object_result read_by_libgit2(struct object_db *db, const git_oid *oid, uint64_t most,
					  struct object **out)
{
	enum object_result result;
	git_odb_object *from;
	git_object_t type;
	size_t size;
	int rc;

	if (loose_is_broken(&db->folder->loose, oid)) {
		result = read_copy(db, oid, most, out);
		return result == OBJECT_BROKEN ? OBJECT_CUT : result;
	}
	if (most != OBJECT_ANY && !git_odb_read_header(&size, &type, db->odb, oid) && size > most)
		return OBJECT_LARGE;
	rc = git_odb_read(&from, db->odb, oid);
	if (rc)
		return rc == GIT_ENOTFOUND ? OBJECT_MISSING : read_copy(db, oid, most, out);
	*out = object_of(from, oid);
	return OBJECT_OK;
}

enum object_result object_read(struct object_db *db, const git_oid *oid, uint64_t most, struct object **out)
{
	switch (pack_read(db->packs, oid, most, out)) {
	case PACK_OK:
		(*out)->oid = *oid;
		return OBJECT_OK;
	case PACK_LARGE:
		return OBJECT_LARGE;
	case PACK_NOT:
		break;
	}
	return read_by_libgit2(db, oid, most, out);
}

enum object_result object_type(struct object_db *db, const git_oid *oid, git_object_t *type)
{
	size_t size;
	int rc;

	if (loose_is_no_file(&db->folder->loose, oid))
		return OBJECT_CUT;
	rc = git_odb_read_header(&size, type, db->odb, oid);
	if (rc)
		return rc == GIT_ENOTFOUND ? OBJECT_MISSING : OBJECT_BROKEN;
	return OBJECT_OK;
}
