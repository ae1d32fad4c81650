/* SPDX-License-Identifier: ISC
 *
 * An entry of the cache, as any bytes: what is taken for one is written back to the same bytes. And as any headers and
 * body, apart by NUL: what is written is read back as it was.
 */
#include "httpcache.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static void bytes(const char *p, size_t n)
{
	const char *second = memchr(p, '\n', n),
		   *end = second ? memchr(second + 1, '\n', (size_t)(p + n - second - 1)) : NULL;
	struct buf file = {0}, again = {0};
	struct httpcache_entry e = {0};
	char *key = end ? xstrndup(second + 1, (size_t)(end - second - 1)) : xstrdup("");

	buf_add(&file, p, n);
	if (httpcache_parse(&file, key, &e)) {
		check(e.status >= 100 && e.status <= 999);
		/* a carriage return ends no line, and is written into none */
		if (httpcache_print(&again, key, &e))
			check(again.len <= n &&
			      !memcmp(again.data + again.len - e.body.len, p + n - e.body.len, e.body.len));
	}
	httpcache_entry_release(&e);
	buf_release(&file);
	buf_release(&again);
	free(key);
}

/* The text up to the next NUL, on the heap. */
static char *part(const char **p, const char *end)
{
	const char *from = *p, *nul = memchr(from, '\0', (size_t)(end - from));

	*p = nul ? nul + 1 : end;
	return xstrndup(from, (size_t)((nul ? nul : end) - from));
}

static void parts(const char *p, size_t n)
{
	const char *end = p + n;
	char *key = part(&p, end), *other;
	struct httpcache_entry e = {.status = 100 + (int)(n % 900)}, got = {0};
	struct buf file = {0};

	e.etag = part(&p, end);
	e.modified = part(&p, end);
	e.link = part(&p, end);
	buf_add(&e.body, p, (size_t)(end - p));
	if (httpcache_print(&file, key, &e)) {
		check(httpcache_parse(&file, key, &got));
		check(got.status == e.status && same(got.etag, e.etag) && same(got.modified, e.modified) &&
		      same(got.link, e.link));
		check(got.body.len == e.body.len &&
		      (!e.body.len || !memcmp(got.body.data, e.body.data, e.body.len)));
		httpcache_entry_release(&got);
		/* any other key, and any fewer bytes, are none */
		other = xasprintf("%s, another", key);
		check(!httpcache_parse(&file, other, &got));
		free(other);
		file.len--;
		check(!httpcache_parse(&file, key, &got));
	} else {
		check(strpbrk(key, "\r\n") || strpbrk(e.etag, "\r\n") || strpbrk(e.modified, "\r\n") ||
		      strpbrk(e.link, "\r\n"));
	}
	buf_release(&file);
	httpcache_entry_release(&e);
	free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes((const char *)data, size);
	parts((const char *)data, size);
	return 0;
}
