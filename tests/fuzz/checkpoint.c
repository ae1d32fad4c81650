/* SPDX-License-Identifier: ISC */
/*
 * A control line of anybody's: what is taken for a checkpoint has hashes, a cursor that hashes to next, and an ack
 * that is absolute with a stage that stays beside it; written again it is read again as the same. No position
 * is known that was not told, however many streams there are.
 */
#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void check_members(const struct checkpoint *cp)
{
	char hash[SHA256_HEX];

	sha256_hex(cp->cursor, strlen(cp->cursor), hash);
	check(cursor_is_hash(cp->next) && (!*cp->prev || cursor_is_hash(cp->prev)));
	check(!strcmp(hash, cp->next));
	check(cp->events >= 0 && *cp->source_id && !cp->ack == !cp->stage);
	check(!cp->ack || (*cp->ack == '/' && !strchr(cp->stage, '/') && strcmp(cp->stage, "..") != 0));
}

static void check_again(const struct checkpoint *cp)
{
	struct buf line = {0};
	struct checkpoint again;
	const char *why;

	checkpoint_write(&line, cp);
	check(checkpoint_parse(&again, line.data, line.len - 1, &why) == CHECKPOINT_OK);
	check(same(again.source_id, cp->source_id) && same(again.cursor, cp->cursor) &&
	      same(again.ack, cp->ack) && same(again.stage, cp->stage) && same(again.prev, cp->prev) &&
	      same(again.next, cp->next) && again.events == cp->events && again.final == cp->final);
	checkpoint_release(&again);
	buf_release(&line);
}

/* Each line is one of the same input. */
static void one_line(struct streams *all, const char *line, size_t n)
{
	struct checkpoint cp;
	const char *why = NULL;

	if (checkpoint_parse(&cp, line, n, &why) == CHECKPOINT_OK) {
		struct stream *s = streams_get(all, cp.source_id, strlen(cp.source_id));
		bool first = !s->any;

		check_members(&cp);
		check_again(&cp);
		stream_checkpoint(s, &cp);
		check(stream_has(s, cp.next) && (!first || stream_has(s, cp.prev)));
		check(s == streams_get(all, cp.source_id, strlen(cp.source_id)));
		s->final ^= true;
		check(!stream_has(s, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
	}
	check(why);
	checkpoint_release(&cp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	struct streams all = {0};

	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		stop = stop ? stop : end;
		one_line(&all, p, (size_t)(stop - p));
		p = stop + 1;
	}
	streams_release(&all);
	return 0;
}
