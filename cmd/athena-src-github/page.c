/* SPDX-License-Identifier: ISC */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* The value of a parameter of the query; NULL where it is not there. */
static const char *parameter(const char *target, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strchr(target, '?'); p; p = strchr(p + 1, '&'))
		if (!strncmp(p + 1, name, n) && p[n + 1] == '=')
			return p + n + 2;
	return NULL;
}

/* The number there, -1 where it is none. */
static long number(const char *value)
{
	char *end;
	long n = value ? strtol(value, &end, 10) : -1;

	return value && end > value && (!*end || *end == '&') && n > 0 && n < 1000000000 ? n : -1;
}

/* Puts a number in place of the one that begins at `value`; takes over the target. */
static char *put(char *target, const char *value, long n)
{
	char *new = xasprintf("%.*s%ld%s", (int)(value - target), target, n, value + strcspn(value, "&"));

	free(target);
	return new;
}

size_t page_size(const char *target)
{
	long size = number(parameter(target, "per_page"));

	return size > 0 ? (size_t)size : PAGE;
}

char *page_sized(const char *target, size_t size)
{
	char *copy = xstrdup(target);
	const char *value = parameter(copy, "per_page");

	return number(value) > 0 ? put(copy, value, (long)size) : copy;
}

char *page_smaller(const char *target)
{
	long size = number(parameter(target, "per_page")), page;
	char *smaller;
	const char *at;

	if (size / 2 < PAGE_LEAST)
		return NULL;
	page = number(parameter(target, "page"));
	if (page > 0 && (page - 1) * size % (size / 2))
		return NULL; /* no page of that size begins there */
	smaller = page_sized(target, (size_t)(size / 2));
	at = parameter(smaller, "page");
	return page > 0 ? put(smaller, at, (page - 1) * size / (size / 2) + 1) : smaller;
}

bool page_circle_closed(struct page_circle *c, const char *target)
{
	if (c->seen && !strcmp(c->seen, target))
		return true;
	if (++c->steps > c->lap) {
		c->lap = c->lap ? 2 * c->lap : 1;
		c->steps = 0;
		free(c->seen);
		c->seen = xstrdup(target);
	}
	return false;
}

void page_circle_release(struct page_circle *c)
{
	free(c->seen);
	*c = (struct page_circle){0};
}
