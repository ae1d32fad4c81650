/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-git/%.c pkg: libdeflate libgit2 zlib */
/*
 * The parsers of commit and tag objects: slices stay within the object, the two commit parsers
 * agree, and what they say of a date holds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void within(const char *s, size_t n, const char *data, size_t size)
{
	if (s && (s < data || n > size || (size_t)(s - data) > size - n))
		abort();
}

static void check_person(const struct person *p, const char *data, size_t size)
{
	within(p->name, p->name_len, data, size);
	within(p->mail, p->mail_len, data, size);
	within(p->date, p->date_len, data, size);
	if (p->dated && !p->date_len)
		abort();
	if (p->zone < -99 * 60 - 99 || p->zone > 99 * 60 + 99)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *data = malloc(size + 1); /* of this size exactly, so that the sanitizer sees a step too far */
	struct commit_links links = {0};
	struct commit c = {0};
	struct tag t = {0};
	bool linked;

	if (!data)
		abort();
	if (size)
		memcpy(data, bytes, size);
	data = realloc(data, size ? size : 1);
	linked = commit_parse_links(&links, data, size);
	if (commit_parse(&c, data, size) != linked)
		abort();
	if (linked) {
		if (links.parents.n != c.parents.n || !git_oid_equal(&links.tree, &c.tree))
			abort();
		check_person(&c.author, data, size);
		check_person(&c.committer, data, size);
		within(c.encoding, c.encoding_len, data, size);
		within(c.message, c.message_len, data, size);
	}
	if (tag_parse(&t, data, size)) {
		check_person(&t.tagger, data, size);
		within(t.message, t.message_len, data, size);
	}
	oid_list_release(&links.parents);
	oid_list_release(&c.parents);
	free(data);
	return 0;
}
