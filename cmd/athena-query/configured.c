/* SPDX-License-Identifier: ISC */
#include "configured.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "child.h"
#include "jobs.h"
#include "log.h"
#include "metrics.h"
#include "near.h"
#include "search.h"
#include "stamp.h"
#include "text.h"
#include "xalloc.h"

static void set(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

/* Values of one source stand together. */
static struct configured_source *source_of(struct configured *c, const char *name, size_t n)
{
	struct configured_source *last = c->n ? &c->sources[c->n - 1] : NULL;

	if (last && strlen(last->name) == n && !memcmp(last->name, name, n))
		return last;
	c->sources = xreallocarray(c->sources, c->n + 1, sizeof(*c->sources));
	last = &c->sources[c->n++];
	*last = (struct configured_source){.name = xasprintf("%.*s", (int)n, name), .enabled = true};
	return last;
}

/* One value: store.database, state, or source.NAME.KEY, where NAME may have dots and KEY has none. */
static void take(struct configured *c, char **state, const char *key, const char *value)
{
	const char *name = key + strlen("source."), *last = strrchr(key, '.');
	struct configured_source *source;

	if (!strcmp(key, "store.database"))
		set(&c->database, value);
	else if (!strcmp(key, "state"))
		set(state, value);
	if (strncmp(key, "source.", strlen("source.")) != 0 || last <= name)
		return;
	source = source_of(c, name, (size_t)(last - name));
	if (!strcmp(last, ".cursor"))
		set(&source->cursor, value);
	else if (!strcmp(last, ".enabled"))
		text_bool(value, &source->enabled);
}

static void take_lines(struct configured *c, char **state, const struct buf *lines)
{
	const char *p = lines->data, *end = p + lines->len, *nl;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
		json_t *line = json_loadb(p, (size_t)(nl - p), 0, NULL);
		const char *key = json_string_value(json_object_get(line, "key"));
		const char *value = json_string_value(json_object_get(line, "value"));

		if (key && value)
			take(c, state, key, value);
		json_decref(line);
	}
}

static void look(struct configured_source *source, const char *state)
{
	struct metrics last = {0};
	char *told = xasprintf("%s/%s.sync.prom", state, source->name);
	json_t *cursor;
	const char *id;

	if (!source->cursor)
		source->cursor = xasprintf("%s/%s.cursor", state, source->name);
	cursor = json_load_file(source->cursor, 0, NULL);
	id = json_string_value(json_object_get(cursor, "source_id"));
	source->id = id ? xstrdup(id) : NULL;
	json_decref(cursor);
	if (metrics_read(told, &last)) {
		source->synced = true;
		source->code = (int)last.exit_code;
		source->ended_well = last.success_us != 0;
	}
	free(told);
}

int configured_load(struct configured *c)
{
	static const char *const argv[] = {"athena-config", "--format=ndjson", NULL};
	struct job job = {.argv = argv, .plain = true};
	char *state = NULL;

	search_extend_path();
	jobs_run(&job, 1, &(struct jobs_how){.at_once = 1, .timeout_us = 10 * STAMP_SECOND});
	if (!job.code)
		take_lines(c, &state, &job.out);
	for (size_t i = 0; state && i < c->n; i++)
		look(&c->sources[i], state);
	if (!c->database && job.code && job.code != CHILD_MISSING)
		log_error(EX_USAGE,
			  "no database is named, and of the configured one athena-config says: %s; "
			  "run athena config, or name a database",
			  child_ended(job.code));
	else if (!c->database)
		log_error(EX_USAGE, "one database is needed, or [store] database = ... in the configuration; "
				    "'athena help config' shows how");
	jobs_release(&job, 1);
	free(state);
	return c->database ? 0 : EX_USAGE;
}

void configured_ids(const struct configured *c, struct opt_list *sources)
{
	for (size_t i = 0; i < sources->n; i++)
		for (size_t k = 0; k < c->n; k++)
			if (c->sources[k].id && !strcmp(c->sources[k].name, sources->items[i])) {
				sources->items[i] = c->sources[k].id;
				break;
			}
}

const char *configured_near(const struct configured *c, const char *word)
{
	struct near n = near_to(word);

	for (size_t i = 0; c && i < c->n; i++)
		near_look(&n, c->sources[i].name);
	return n.best;
}

const struct configured_source *configured_find(const struct configured *c, const char *id)
{
	const struct configured_source *found = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->sources[i].id && !strcmp(c->sources[i].id, id) && (!found || !found->enabled))
			found = &c->sources[i];
	return found;
}

bool configured_never(const struct configured_source *source)
{
	return source->enabled && !source->id && !source->ended_well;
}

bool configured_failed(const struct configured_source *source)
{
	return source->enabled && source->code && source->code != EX_TEMPFAIL && source->code < 128;
}

void configured_release(struct configured *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->sources[i].name);
		free(c->sources[i].id);
		free(c->sources[i].cursor);
	}
	free(c->sources);
	free(c->database);
}
