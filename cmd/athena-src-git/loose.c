/* SPDX-License-Identifier: ISC */
#include "loose.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "xalloc.h"

enum { BLOCK = 1 << 14 };

void loose_init(struct loose *l, const char *dir)
{
	size_t len = strlen(dir);

	l->dir = xasprintf("%s%s", dir, len && dir[len - 1] == '/' ? "" : "/");
	for (unsigned i = 0; i < 256; i++) {
		char *folder = xasprintf("%s%02x", l->dir, i);

		l->any[i] = !access(folder, F_OK);
		free(folder);
	}
}

void loose_release(struct loose *l)
{
	free(l->dir);
	*l = (struct loose){0};
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

bool loose_is_broken(const struct loose *l, const git_oid *oid)
{
	char hex[GIT_OID_HEXSZ + 1], *path;
	bool broken = false;
	int fd;

	if (!l->dir || !l->any[oid->id[0]])
		return false;
	git_oid_tostr(hex, sizeof(hex), oid);
	path = xasprintf("%s%.2s/%s", l->dir, hex, hex + 2);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		broken = !inflates(fd);
		close(fd);
	}
	free(path);
	return broken;
}
