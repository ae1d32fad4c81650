/* SPDX-License-Identifier: ISC */
#include "last.h"

#include <inttypes.h>
#include <stdlib.h>

#include "buf.h"
#include "child.h"
#include "metrics.h"
#include "stamp.h"
#include "xalloc.h"

/* To the second: this is for a person. */
static const char *when(int64_t us, char out[STAMP_SIZE])
{
	stamp_format(us - us % STAMP_SECOND, out);
	return out;
}

static bool read_part(const char *path, struct metrics *m)
{
	*m = (struct metrics){.exit_code = -1};
	return metrics_read(path, m) && m->exit_code >= 0 && m->started_us;
}

static int64_t end_of(const struct metrics *m)
{
	return m->started_us + m->took_us;
}

/* A part that was killed told nothing: what lies there then is of an earlier sync. */
static bool is_of(const struct metrics *m, const struct metrics *newest)
{
	return end_of(m) >= newest->started_us;
}

/* A sync ends well where both parts do: the one that failed knows longest ago. 0: never, as far as is told. */
static int64_t last_success(const struct metrics *source, const struct metrics *store)
{
	if (!source || !store)
		return source ? source->success_us : store->success_us;
	return source->success_us < store->success_us ? source->success_us : store->success_us;
}

char *last_sync(const struct settings *s, const struct settings_source *source)
{
	const struct setting *own = settings_find(&source->keys, "metrics");
	char *source_path = own && own->value ? xstrdup(own->value)
					      : xasprintf("%s/%s.source.prom", s->state, source->name);
	char *store_path = xasprintf("%s/%s.store.prom", s->state, source->name), stamp[STAMP_SIZE];
	struct metrics source_end, store_end;
	const struct metrics *newest;
	struct buf line = {0};
	int64_t code = 0, success;
	bool silent;
	bool source_told = read_part(source_path, &source_end),
	     store_told = read_part(store_path, &store_end);

	free(source_path);
	free(store_path);
	if (!source_told && !store_told)
		return NULL;
	newest = !store_told || (source_told && end_of(&source_end) > end_of(&store_end)) ? &source_end
											  : &store_end;
	success = last_success(source_told ? &source_end : NULL, store_told ? &store_end : NULL);
	silent = source_told && !is_of(&source_end, newest);
	source_told = source_told && !silent;
	store_told = store_told && is_of(&store_end, newest);
	if (store_told)
		code = store_end.exit_code;
	if (source_told && source_end.exit_code)
		code = source_end.exit_code;
	buf_addf(&line, "last sync %s: ", when(end_of(newest), stamp));
	if (code)
		buf_addf(&line, "%s", child_ended((int)code));
	else
		buf_addf(&line, "%s, %" PRId64 " new",
			 silent ? "the source did not tell how it ended" : "ended well",
			 store_told ? store_end.inserted : 0);
	if ((code || silent) && success)
		buf_addf(&line, "; it last ended well %s", when(success, stamp));
	if (source_told && source_end.retry_at_us)
		buf_addf(&line, "; the next makes sense at %s", when(source_end.retry_at_us, stamp));
	return buf_detach(&line);
}
