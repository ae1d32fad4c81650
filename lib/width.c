/* SPDX-License-Identifier: ISC */
#include "width.h"

#include <locale.h>
#include <wchar.h>

#include "text.h"

/* Once for the process: the locale whose tables know all of Unicode, or none where there is no such. */
static locale_t unicode(void)
{
	static locale_t locale;
	static bool asked;

	if (!asked)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!asked && !locale)
		locale = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
	asked = true;
	return locale;
}

static wchar_t decode(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	switch (len) {
	case 2:
		return (wchar_t)((p[0] & 0x1f) << 6 | (p[1] & 0x3f));
	case 3:
		return (wchar_t)((p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
	case 4:
		return (wchar_t)((p[0] & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 |
				 (p[3] & 0x3f));
	default:
		return (wchar_t)p[0];
	}
}

/* Of the character at s, whose length is left in *step. */
static size_t one(const char *s, size_t n, size_t *step)
{
	locale_t before;
	int columns;

	*step = text_utf8_len(s, n);
	if (*step < 2) {
		*step = 1;
		return 1;
	}
	if (!unicode())
		return 1;
	before = uselocale(unicode());
	columns = wcwidth(decode(s, *step));
	uselocale(before);
	return columns < 0 ? 1 : (size_t)columns;
}

size_t width_text(const char *s, size_t n)
{
	size_t columns = 0, step;

	for (size_t i = 0; i < n; i += step)
		columns += one(s + i, n - i, &step);
	return columns;
}

size_t width_cut(const char *s, size_t n, size_t columns)
{
	size_t used = 0, step, i = 0;

	for (; i < n; i += step) {
		used += one(s + i, n - i, &step);
		if (used > columns)
			break;
	}
	return i;
}

size_t width_cut_front(const char *s, size_t n, size_t columns)
{
	size_t used = width_text(s, n), step, i = 0;

	for (; used > columns && i < n; i += step)
		used -= one(s + i, n - i, &step);
	while (i < n && !one(s + i, n - i, &step)) /* a mark whose letter is gone */
		i += step;
	return i;
}
