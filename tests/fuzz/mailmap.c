/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/mailmap.c pkg: libgit2 */
/*
 * A mailmap, and after a NUL whom to look for in it: a whole map says what its lines say one after the other,
 * each a map of its own.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mailmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct wanted {
	const char *name, *mail;
	size_t name_len, mail_len;
};

static struct mailmap_person find(struct mailmap *m, const struct wanted *w)
{
	return mailmap_find(m, w->name, w->name_len, w->mail, w->mail_len);
}

static void take(const char **to, const char *said)
{
	free((char *)*to);
	*to = said ? strdup(said) : NULL;
}

/* What the lines say, read one by one: a line that asks for this name beats those for any. */
static struct mailmap_person line_by_line(const char *text, size_t n, const struct wanted *w)
{
	struct mailmap_person any = {0}, named = {0};
	bool is_named = false;

	for (const char *line = text, *end; line < text + n; line = end + 1) {
		const struct wanted nobody = {"\n", w->mail, 1, w->mail_len};
		struct mailmap *m = mailmap_new();
		struct mailmap_person of_any, of_us;

		end = memchr(line, '\n', (size_t)(text + n - line));
		end = end ? end : text + n;
		mailmap_add(m, line, (size_t)(end - line));
		of_any = find(m, &nobody);
		of_us = find(m, w);
		if (of_any.name)
			take(&any.name, of_any.name);
		if (of_any.mail)
			take(&any.mail, of_any.mail);
		if ((of_us.name || of_us.mail) && !of_any.name && !of_any.mail) {
			take(&named.name, of_us.name);
			take(&named.mail, of_us.mail);
			is_named = true;
		}
		mailmap_free(m);
	}
	if (!is_named)
		return any;
	take(&any.name, NULL);
	take(&any.mail, NULL);
	return named;
}

static void same(const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes, *cut = size ? memchr(text, '\0', size) : NULL, *mail;
	size_t n = cut ? (size_t)(cut - text) : size;
	struct wanted w = {0};
	struct mailmap *m = mailmap_new();
	struct mailmap_person got, want;

	if (cut) {
		w.name = cut + 1;
		w.name_len = size - n - 1;
		mail = memchr(w.name, '<', w.name_len);
		if (mail) {
			w.mail = mail + 1;
			w.mail_len = w.name_len - (size_t)(mail + 1 - w.name);
			w.name_len = (size_t)(mail - w.name);
		}
	}
	mailmap_add(m, text, n);
	got = find(m, &w);
	want = line_by_line(text, n, &w);
	same(got.name, want.name);
	same(got.mail, want.mail);
	take(&want.name, NULL);
	take(&want.mail, NULL);
	mailmap_free(m);
	return 0;
}
