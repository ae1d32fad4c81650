/* SPDX-License-Identifier: ISC */
#include "packs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "packs-parts.h"
#include "xalloc.h"

enum {
	FOLDERS_MAX = 64, /* of objects, with all alternates */
	ALTERNATES_MAX = 1 << 20,
};

/* The folders that were looked into: alternates may lead in a circle. */
struct folders {
	struct {
		dev_t dev;
		ino_t ino;
	} seen[FOLDERS_MAX];
	size_t n;
};

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

static bool seen(struct folders *f, const char *folder)
{
	struct stat st;

	if (f->n == FOLDERS_MAX || stat(folder, &st))
		return true;
	for (size_t i = 0; i < f->n; i++)
		if (f->seen[i].dev == st.st_dev && f->seen[i].ino == st.st_ino)
			return true;
	f->seen[f->n].dev = st.st_dev;
	f->seen[f->n++].ino = st.st_ino;
	return false;
}

static void add_folder(struct packs *packs, struct folders *f, const char *folder);

/* Each line of info/alternates is a folder of objects, relative ones to the folder of the file. */
static void add_alternates(struct packs *packs, struct folders *f, const char *folder)
{
	char *path = xasprintf("%sinfo/alternates", folder), *lines = NULL, *rest, *line, *next;
	struct buf text;

	buf_init(&text, ALTERNATES_MAX);
	if (!file_read(path, &text) && !text.over) {
		rest = lines = xstrdup(buf_cstr(&text));
		while ((line = strsep(&rest, "\n"))) {
			if (!*line || *line == '#' || *line == '"')
				continue;
			next = xasprintf("%s%s/", *line == '/' ? "" : folder, line);
			add_folder(packs, f, next);
			free(next);
		}
	}
	free(lines);
	buf_release(&text);
	free(path);
}

static void add_folder(struct packs *packs, struct folders *f, const char *folder)
{
	if (seen(f, folder))
		return;
	add_packs(packs, folder);
	add_alternates(packs, f, folder);
}

struct packs *packs_open(const char *folder)
{
	struct packs *packs = xcalloc(1, sizeof(*packs));
	struct folders f = {0};

	if (folder)
		add_folder(packs, &f, folder);
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
