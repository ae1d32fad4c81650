/* SPDX-License-Identifier: ISC */
#include "gitlib.h"

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

/* Memory or death, see xalloc.h: without it libgit2 takes what it could not read for absent, or calls itself until the stack ends. */
static void use_our_memory(void)
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

/* Two functions of mbedtls that libgit2 looks for in the program first. Whoever did use TLS would trust nobody. */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);
int mbedtls_x509_crt_parse_path(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

int mbedtls_x509_crt_parse_path(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

int gitlib_init(void)
{
	int rc;

	use_our_memory();
	rc = git_libgit2_init();
	return rc < 0 ? rc : 0;
}
