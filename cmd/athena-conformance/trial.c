/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

enum { FILE_MAX = 256 << 20 };

static void forget(struct trial *t)
{
	buf_release(&t->out);
	buf_release(&t->err);
	free(t->folder);
	free(t->cursor);
	free(t->why);
	free(t->command);
	t->folder = t->cursor = t->why = t->command = NULL;
	t->cure = NULL;
	t->verdict = VERDICT_PASSED;
	t->code = 0;
	t->unread_again = false;
}

int trial_begin(struct trial *t, const char *folder)
{
	forget(t);
	if (mkdir(folder, 0700))
		return log_error(EX_CANTCREAT, "%s: %s", folder, strerror(errno));
	t->folder = xstrdup(folder);
	t->cursor = xasprintf("%s/f", folder);
	return 0;
}

void trial_release(struct trial *t)
{
	forget(t);
	free(t->unread);
	json_decref(t->about);
	output_release(&t->base);
	opt_list_release(&t->args);
	opt_list_release(&t->missing);
}

bool trial_fail(struct trial *t, const char *cure, const char *fmt, ...)
{
	struct buf why = {0};
	char text[2048];
	va_list ap;

	if (t->verdict != VERDICT_PASSED)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_adds(&why, text);
	t->verdict = VERDICT_FAILED;
	t->why = buf_detach(&why);
	t->cure = cure;
	return false;
}

bool trial_skip(struct trial *t, const char *why)
{
	if (t->verdict != VERDICT_PASSED)
		return false;
	t->verdict = VERDICT_SKIPPED;
	t->why = xstrdup(why);
	return false;
}

bool trial_takes(struct trial *t, const char *p, size_t n, struct output *o)
{
	char *why = NULL;

	if (output_read(o, p, n, &why))
		return true;
	/* Told once, with what to do: a checkpoint of the wrong form stands in every run with a cursor. */
	t->unread_again = t->unread && !strcmp(t->unread, o->wrong);
	if (t->unread_again)
		trial_skip(t, "it needs lines that can be read: see the first check that failed");
	else if (!t->unread)
		t->unread = xstrdup(o->wrong);
	trial_fail(t,
		   "athena-events(5) lists the members of an event and athena-cursor(5) those of a "
		   "checkpoint; nothing else goes to standard output",
		   "%s", why);
	free(why);
	return false;
}

bool trial_reads(struct trial *t, struct output *o)
{
	return trial_takes(t, t->out.data, t->out.len, o);
}

bool trial_file(struct trial *t, const char *name, struct buf *text)
{
	char *path = xasprintf("%s/%s", t->folder, name);
	bool ok;

	buf_init(text, FILE_MAX);
	ok = !file_read(path, text) ||
	     trial_fail(t, "see what became of it", "%s: %s", path, strerror(errno));
	free(path);
	return ok;
}

const struct checkpoint *trial_final(struct trial *t, const struct output *o)
{
	static const char cure[] =
		"with --cursor the last line of a run that ended well is a checkpoint with \"final\":true, "
		"also when nothing was new: it is the source's sign of life";
	const struct output_checkpoint *last =
		o->n_checkpoints ? &o->checkpoints[o->n_checkpoints - 1] : NULL;

	if (!last)
		trial_fail(t, cure, "no checkpoint among %zu lines", o->n_lines);
	else if (last->above != o->n_events)
		trial_fail(t, cure, "%zu events stand below the last checkpoint", o->n_events - last->above);
	else if (!last->line.final)
		trial_fail(t, cure, "the last checkpoint is not final");
	else
		return &last->line;
	return NULL;
}

bool trial_writes(struct trial *t, const char *path, const char *text, size_t n)
{
	return !file_replace(path, text, n, 0600, false) ||
	       trial_fail(t, "see what the system lacks", "%s: %s", path, strerror(errno));
}

bool trial_promote(struct trial *t, const struct checkpoint *cp)
{
	char *staged = cp->stage ? xasprintf("%s.%s", t->cursor, cp->stage) : NULL;

	if (staged)
		unlink(staged);
	free(staged);
	return trial_writes(t, t->cursor, cp->cursor, strlen(cp->cursor));
}

bool trial_position(const char *path, char hash[SHA256_HEX])
{
	struct buf text, canonical = {0};
	struct cursor c = {0};
	const char *why;
	bool ok;

	buf_init(&text, FILE_MAX);
	ok = !file_read(path, &text) && cursor_parse(&c, text.data, text.len, &canonical, &why) == CURSOR_OK;
	memcpy(hash, ok ? c.hash : "", ok ? SHA256_HEX : 1);
	cursor_release(&c);
	buf_release(&canonical);
	buf_release(&text);
	return ok;
}

bool trial_holds(struct trial *t, const struct checkpoint *cp, const char *when)
{
	char hash[SHA256_HEX];
	bool ok = trial_position(t->cursor, hash);

	if (ok && !strcmp(hash, cp->next))
		return true;
	return trial_fail(t, "rename the staged file onto F, whole and synced, and change F in no other way",
			  "%s F %s", when,
			  access(t->cursor, F_OK) ? "is not there"
			  : ok                    ? "does not hold the position of the last checkpoint"
						  : "is no cursor file");
}

bool trial_unmoved(struct trial *t, const char *when)
{
	return access(t->cursor, F_OK) || trial_fail(t,
						     "stage the new position as F.RUN.N and leave F alone: "
						     "only the reader knows what it has committed",
						     "%s the source has written F itself", when);
}

bool trial_has_option(const struct trial *t, const char *name)
{
	const json_t *options = json_object_get(t->about, "options"), *o;
	size_t i;

	json_array_foreach (options, i, o) {
		const char *its = json_string_value(json_object_get(o, "name"));

		if (its && !strcmp(its, name))
			return true;
	}
	return false;
}

size_t trial_staged(const struct trial *t)
{
	DIR *dir = opendir(t->folder);
	struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += !fnmatch("f.*.[0-9]*", entry->d_name, 0);
	if (dir)
		closedir(dir);
	return n;
}
