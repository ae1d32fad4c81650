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

char *last_sync(const struct settings *s, const struct settings_source *source)
{
	char *path = xasprintf("%s/%s.sync.prom", s->state, source->name), stamp[STAMP_SIZE];
	struct metrics m = {.exit_code = -1};
	struct buf line = {0};
	bool told = metrics_read(path, &m) && m.exit_code >= 0 && m.started_us;

	free(path);
	if (!told)
		return NULL;
	buf_addf(&line, "last sync %s: ", when(m.started_us + m.took_us, stamp));
	if (!m.exit_code)
		buf_addf(&line, "ended well, %" PRId64 " new", m.inserted);
	else
		buf_adds(&line, child_ended((int)m.exit_code));
	if (m.exit_code && m.success_us)
		buf_addf(&line, "; it last ended well %s", when(m.success_us, stamp));
	else if (m.exit_code)
		buf_adds(&line, "; it never ended well");
	if (m.retry_at_us)
		buf_addf(&line, "; the next makes sense at %s", when(m.retry_at_us, stamp));
	return buf_detach(&line);
}
