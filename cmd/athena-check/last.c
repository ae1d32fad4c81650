/* SPDX-License-Identifier: ISC */
#include "last.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "buf.h"
#include "child.h"
#include "file.h"
#include "metrics.h"
#include "process.h"
#include "stamp.h"
#include "xalloc.h"

/* To the second: this is for a person. */
static const char *when(int64_t us, char out[STAMP_SIZE])
{
	stamp_format(us - us % STAMP_SECOND, out);
	return out;
}

/*
 * When a sync last took its lock, microseconds since 1970, 0 where none did, and who holds it now. What the lock says
 * of itself comes before its date: that of a copied folder is the copy's.
 */
static int64_t begun(const struct settings *s, const struct settings_source *source, pid_t *holder)
{
	char *path = xasprintf("%s/%s.lock", s->state, source->name);
	struct stat st;
	int64_t at = stat(path, &st) ? 0 : st.st_mtim.tv_sec * STAMP_SECOND + st.st_mtim.tv_nsec / 1000, told;
	struct buf text;

	buf_init(&text, STAMP_SIZE * 4);
	if (!file_read(path, &text)) {
		const char *line = buf_cstr(&text);

		if (stamp_parse(line, strcspn(line, "\n"), &told))
			at = told;
	}
	*holder = file_lock_holder(path);
	buf_release(&text);
	free(path);
	return at;
}

/* Who holds the lock of the source's cursor; 0: nobody that can be seen. */
static pid_t cursor_holder(const struct settings *s, const struct settings_source *source)
{
	const struct setting *own = settings_find(&source->keys, "cursor");
	char *path =
		own && own->value ? xstrdup(own->value) : xasprintf("%s/%s.cursor", s->state, source->name);
	char *real = realpath(path, NULL), *lock = xasprintf("%s.lock", real ? real : path);
	pid_t holder = file_lock_holder(lock);

	free(lock);
	free(real);
	free(path);
	return holder;
}

/*
 * A pipeline that somebody else began, or that a sync left when it was killed: each sync comes back with 75. One that
 * holds it still, when all is known of it, is none of a sync that ended, or began, while we looked, and its number is
 * not another's by now.
 */
static void add_holder(struct buf *line, const struct settings *s, const struct settings_source *source,
		       pid_t pid)
{
	struct buf of = {0};

	process_add(&of, pid);
	if (cursor_holder(s, source) == pid)
		buf_addf(line,
			 "%s, holds its cursor, and no sync of it is running: each sync gives 75 until that "
			 "has ended; wait, or, where it hangs, kill %d\n",
			 buf_cstr(&of), (int)pid);
	buf_release(&of);
}

char *last_sync(const struct settings *s, const struct settings_source *source, bool well)
{
	char *path = xasprintf("%s/%s.sync.prom", s->state, source->name), stamp[STAMP_SIZE];
	struct metrics m = {.exit_code = -1};
	struct buf line = {0};
	bool told = metrics_read(path, &m) && m.exit_code >= 0 && m.started_us;
	pid_t holder, other = cursor_holder(s, source);
	int64_t at = begun(s, source, &holder);

	free(path);
	if (other && !holder)
		add_holder(&line, s, source, other);
	if (holder)
		buf_addf(&line, "a sync of it is running since %s, process %d%s", when(at, stamp),
			 (int)holder, told ? "\n" : "");
	else if (at > m.started_us + m.took_us)
		buf_addf(
			&line,
			"a sync began %s and never told how it ended: it was killed, the disk is full, or it "
			"runs where it cannot be seen from here%s",
			when(at, stamp), told ? "\n" : "");
	if (!told) {
		line.len -= line.len && line.data[line.len - 1] == '\n';
		return line.len ? buf_detach(&line) : NULL;
	}
	buf_addf(&line, "last sync %s: ", when(m.started_us + m.took_us, stamp));
	if (!m.exit_code)
		buf_addf(&line, "ended well, %" PRId64 " new", m.inserted);
	else
		buf_adds(&line, child_ended((int)m.exit_code));
	if (m.exit_code && m.success_us)
		buf_addf(&line, "; it last ended well %s", when(m.success_us, stamp));
	else if (m.exit_code)
		buf_adds(&line, "; it never ended well");
	if (well && m.exit_code && m.exit_code != EX_TEMPFAIL) {
		buf_adds(&line, "; to see why: athena sync -v ");
		words_quote(&line, source->name);
	}
	if (m.retry_at_us)
		buf_addf(&line, "; the next makes sense at %s", when(m.retry_at_us, stamp));
	return buf_detach(&line);
}
