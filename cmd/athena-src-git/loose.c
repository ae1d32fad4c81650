/* SPDX-License-Identifier: ISC */
#include "loose.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <git2/sys/odb_backend.h>

#include "object.h"
#include "xalloc.h"

enum { BLOCK = 1 << 14 };

void loose_init(struct loose *l, const struct folders *folders)
{
	l->folders = folders;
	for (size_t i = 0; i < folders->n; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			char *folder = l->any[byte] ? NULL : xasprintf("%s%02x", folders->list[i], byte);

			l->any[byte] |= folder && !access(folder, F_OK);
			free(folder);
		}
}

/* Inflates all of a file; true when its stream ends where it should. */
static bool inflates(int fd)
{
	unsigned char in[BLOCK], out[BLOCK];
	z_stream z = {0};
	ssize_t n = 0;
	int rc;

	if (inflateInit(&z) != Z_OK)
		return false;
	do {
		if (!z.avail_in) {
			n = read(fd, in, sizeof(in));
			if (n <= 0)
				break;
			z.next_in = in;
			z.avail_in = (uInt)n;
		}
		z.next_out = out;
		z.avail_out = sizeof(out);
		rc = inflate(&z, Z_NO_FLUSH);
	} while (rc == Z_OK);
	inflateEnd(&z);
	return n > 0 && rc == Z_STREAM_END;
}

enum state { NONE, BROKEN, WHOLE };

static char *path_of(const char *folder, const git_oid *oid)
{
	char hex[GIT_OID_HEXSZ + 1];

	git_oid_tostr(hex, sizeof(hex), oid);
	return xasprintf("%s%.2s/%s", folder, hex, hex + 2);
}

static enum state look(const char *folder, const git_oid *oid)
{
	char *path = path_of(folder, oid);
	enum state state = NONE;
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* nobody may ever write into a pipe */
	if (fd >= 0) {
		state = !fstat(fd, &st) && S_ISREG(st.st_mode) && inflates(fd) ? WHOLE : BROKEN;
		close(fd);
	}
	free(path);
	return state;
}

bool loose_is_broken(const struct loose *l, const git_oid *oid)
{
	bool broken = false;

	for (size_t i = 0; l->folders && l->any[oid->id[0]] && !broken && i < l->folders->n; i++)
		broken = look(l->folders->list[i], oid) == BROKEN;
	return broken;
}

bool loose_is_no_file(const struct loose *l, const git_oid *oid)
{
	bool is = false;

	for (size_t i = 0; l->folders && l->any[oid->id[0]] && !is && i < l->folders->n; i++) {
		char *path = path_of(l->folders->list[i], oid);
		struct stat st;

		is = !stat(path, &st) && !S_ISREG(st.st_mode);
		free(path);
	}
	return is;
}

/* As libgit2 reads it where it knows of nothing else. */
static struct object *read_in(const char *folder, const git_oid *oid)
{
	git_odb_backend *backend = NULL;
	git_odb_object *from = NULL;
	git_odb *odb = NULL;

	if (!git_odb_new(&odb) && !git_odb_backend_loose(&backend, folder, -1, 0, 0, 0)) {
		if (git_odb_add_backend(odb, backend, 1))
			backend->free(backend);
		else if (git_odb_read(&from, odb, oid))
			from = NULL;
	}
	git_odb_free(odb);
	return from ? object_of(from, oid) : NULL;
}

struct object *loose_read(const struct loose *l, const git_oid *oid)
{
	struct object *o = NULL;

	for (size_t i = 0; l->folders && l->any[oid->id[0]] && !o && i < l->folders->n; i++)
		if (look(l->folders->list[i], oid) == WHOLE)
			o = read_in(l->folders->list[i], oid);
	return o;
}
