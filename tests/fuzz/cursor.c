/* SPDX-License-Identifier: ISC */
/*
 * A cursor file of anybody's: what is read has one canonical form, which is that of jansson with sorted keys, is read
 * again as the same, and hashes to what the file is called.
 */
#include "cursor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_form(const struct cursor *c, const struct buf *form)
{
	json_t *value = json_loadb(form->data, form->len, JSON_REJECT_DUPLICATES, NULL);
	char *theirs = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS), hash[SHA256_HEX];

	check(theirs && strlen(theirs) == form->len && !memcmp(theirs, form->data, form->len));
	sha256_hex(form->data, form->len, hash);
	check(!strcmp(hash, c->hash));
	check(!memchr(form->data, '\n', form->len) && !memchr(form->data, 0x7f, form->len));
	free(theirs);
	json_decref(value);
}

static void check_again(const struct cursor *c, const struct buf *form)
{
	struct buf second = {0};
	struct cursor again = {0};
	const char *why = "";

	check(cursor_parse(&again, form->data, form->len, &second, &why) == CURSOR_OK);
	check(second.len == form->len && !memcmp(second.data, form->data, form->len));
	check(!strcmp(again.source_id, c->source_id) && !strcmp(again.prev, c->prev) &&
	      json_equal(again.position, c->position) && json_equal(again.selection, c->selection));
	cursor_release(&again);
	buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf form = {0};
	struct cursor c = {0};
	const char *why = "";

	if (cursor_parse(&c, (const char *)data, size, &form, &why) == CURSOR_OK) {
		check(c.source_id && json_is_object(c.selection) && json_is_object(c.position));
		check_form(&c, &form);
		check_again(&c, &form);
	} else {
		check(*why);
	}
	cursor_release(&c);
	buf_release(&form);
	return 0;
}
