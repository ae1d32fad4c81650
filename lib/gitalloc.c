/* SPDX-License-Identifier: ISC */
#include "gitalloc.h"

#include <git2.h>
#include <git2/sys/alloc.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static void *get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return xmalloc(n);
}

static void *resize(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return xrealloc(p, n);
}

#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 7 /* later ones make the rest of these */
static void *get_zeroes(size_t n, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return xcalloc(n, size);
}

static char *copy(const char *s, const char *file, int line)
{
	(void)file;
	(void)line;
	return xstrdup(s);
}

static char *copy_most(const char *s, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return xstrndup(s, n);
}

/* Of n bytes, whatever they are. */
static char *copy_all(const char *s, size_t n, const char *file, int line)
{
	char *q = get(n + 1, file, line);

	memcpy(q, s, n);
	q[n] = '\0';
	return q;
}

static void *resize_array(void *p, size_t n, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return xreallocarray(p, n, size);
}

static void *get_array(size_t n, size_t size, const char *file, int line)
{
	return resize_array(NULL, n, size, file, line);
}
#endif

void gitalloc_use(void)
{
	static git_allocator ours = {
		.gmalloc = get,
		.grealloc = resize,
		.gfree = free,
#if LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR < 7
		.gcalloc = get_zeroes,
		.gstrdup = copy,
		.gstrndup = copy_most,
		.gsubstrdup = copy_all,
		.greallocarray = resize_array,
		.gmallocarray = get_array,
#endif
	};

	git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &ours);
}
