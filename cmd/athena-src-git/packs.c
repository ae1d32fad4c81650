/* SPDX-License-Identifier: ISC */
#include "packs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"
#include "packs-parts.h"
#include "xalloc.h"

static const unsigned char *map(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	void *p = MAP_FAILED;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uintmax_t)st.st_size <= SIZE_MAX / 2) {
		*len = (size_t)st.st_size;
		p = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static void unmap(const unsigned char *p, size_t len)
{
	if (p)
		munmap((void *)(uintptr_t)p, len);
}

/* The pack whose index has that path. */
static void add_pack(struct packs *packs, const char *index_path)
{
	char *data_path = xasprintf("%.*s.pack", (int)(strlen(index_path) - strlen(".idx")), index_path);
	size_t index_len = 0, data_len = 0;
	const unsigned char *index = map(index_path, &index_len), *data = map(data_path, &data_len);
	struct pack p;

	free(data_path);
	if (index && data && pack_over(&p, data, data_len, index, index_len)) {
		packs->list = xreallocarray(packs->list, packs->n + 1, sizeof(*packs->list));
		packs->list[packs->n++] = p;
	} else {
		unmap(index, index_len);
		unmap(data, data_len);
	}
}

static void add_packs(struct packs *packs, const char *folder)
{
	char *path = xasprintf("%spack", folder);
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		size_t len = strlen(e->d_name);

		if (len > 4 && !strcmp(e->d_name + len - 4, ".idx")) {
			char *index = xasprintf("%s/%s", path, e->d_name);

			add_pack(packs, index);
			free(index);
		}
	}
	if (dir)
		closedir(dir);
	free(path);
}

struct packs *packs_open(const struct folders *folders)
{
	struct packs *packs = xcalloc(1, sizeof(*packs));

	for (size_t i = 0; i < folders->n; i++)
		add_packs(packs, folders->list[i]);
	return packs;
}

void packs_close(struct packs *packs)
{
	if (!packs)
		return;
	for (size_t i = 0; i < packs->n; i++) {
		unmap(packs->list[i].data, packs->list[i].data_len);
		unmap(packs->list[i].index, packs->list[i].index_len);
	}
	free(packs->list);
	free(packs);
}
