/* SPDX-License-Identifier: ISC */
#include "httppace.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static struct httppace_kind *find(const struct httppace *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->kinds[i].name, name))
			return &p->kinds[i];
	return NULL;
}

static struct httppace_kind *get(struct httppace *p, const char *name)
{
	struct httppace_kind *k = find(p, name);

	if (k)
		return k;
	p->kinds = xreallocarray(p->kinds, p->n + 1, sizeof(*p->kinds));
	k = &p->kinds[p->n++];
	*k = (struct httppace_kind){.name = xstrdup(name)};
	return k;
}

int64_t httppace_at(const struct httppace *p, const char *name)
{
	const struct httppace_kind *k = find(p, name);
	int64_t at;

	if (!k)
		return 0;
	at = k->pace ? k->sent + k->pace : 0;
	return at > k->not_before ? at : k->not_before;
}

int64_t httppace_of(const struct httppace *p, const char *name)
{
	const struct httppace_kind *k = find(p, name);

	return k ? k->pace : 0;
}

void httppace_sent(struct httppace *p, const char *name, int64_t now)
{
	struct httppace_kind *k = get(p, name);

	if (!k->n)
		k->begun = now;
	k->n++;
	k->sent = now;
	if (k->pace && ++k->good > HTTPPACE_GOOD) {
		k->pace = k->pace / 2 < HTTPPACE_FREE ? 0 : k->pace / 2;
		k->good = 0;
		/* what was sent at the pace before says nothing about the one that is tried now */
		k->begun = now;
		k->n = 1;
	}
}

void httppace_limited(struct httppace *p, const char *name, int64_t now, int64_t wait)
{
	struct httppace_kind *k = get(p, name);
	bool echo = now < k->not_before; /* it was under way when the limit was met */

	if (!echo) {
		k->through = k->n;
		k->span = now + wait - (k->n ? k->begun : now);
	}
	k->through -= k->through > 0; /* the one that was refused is none of them */
	if (now + wait > k->not_before)
		k->not_before = now + wait;
	k->pace = k->span / (k->through ? k->through : 1);
	if (k->pace > HTTPPACE_MAX)
		k->pace = HTTPPACE_MAX;
	k->sent = k->not_before - k->pace; /* the next one goes out when the server said */
	k->good = 0;
	k->n = 0;
}

void httppace_release(struct httppace *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->kinds[i].name);
	free(p->kinds);
	*p = (struct httppace){0};
}
