/* SPDX-License-Identifier: ISC */
#include "object.h"

#include <stdlib.h>
#include <sysexits.h>

#include "log.h"
#include "repo.h"
#include "xalloc.h"

int object_folder_open(struct object_folder *f, git_repository *repo)
{
	git_buf path = {0};

	if (git_repository_item_path(&path, repo, GIT_REPOSITORY_ITEM_OBJECTS))
		return log_error(EX_DATAERR, "%s: the folder of its objects cannot be told: %s",
				 git_repository_commondir(repo), repo_why());
	f->path = xstrdup(path.ptr);
	git_buf_dispose(&path);
	f->elsewhere = getenv("GIT_OBJECT_DIRECTORY") || getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	f->packs = packs_open(f->elsewhere ? NULL : f->path);
	loose_init(&f->loose, f->path);
	return 0;
}

void object_folder_close(struct object_folder *f)
{
	packs_close(f->packs);
	loose_release(&f->loose);
	free(f->path);
	*f = (struct object_folder){0};
}

void object_db_open(struct object_db *db, git_odb *odb, const struct object_folder *folder)
{
	*db = (struct object_db){.odb = odb, .folder = folder, .packs = pack_reader_new(folder->packs)};
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

/* As libgit2 reads it, with all that it knows: loose objects, packs that came later, what its environment names. */
static enum object_result read_by_libgit2(struct object_db *db, const git_oid *oid, uint64_t most,
					  struct object **out)
{
	git_odb_object *from;
	git_object_t type;
	size_t size;
	int rc;

	if (loose_is_broken(&db->folder->loose, oid))
		return OBJECT_CUT;
	if (most != OBJECT_ANY && !git_odb_read_header(&size, &type, db->odb, oid) && size > most)
		return OBJECT_LARGE;
	rc = git_odb_read(&from, db->odb, oid);
	if (rc)
		return rc == GIT_ENOTFOUND ? OBJECT_MISSING : OBJECT_BROKEN;
	*out = xmalloc(sizeof(**out));
	**out = (struct object){.oid = *oid,
				.type = git_odb_object_type(from),
				.references = 1,
				.size = git_odb_object_size(from),
				.data = git_odb_object_data(from),
				.from = from};
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
