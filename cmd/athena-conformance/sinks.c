/* SPDX-License-Identifier: ISC
 *
 * Who moves the cursor: that depends on what stands behind standard output.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "xalloc.h"

static void put_file(struct trial *t)
{
	struct output o = {0};
	const struct checkpoint *cp = NULL;
	struct buf text = {0};

	if (trial_runs(t, SINK_FILE, "--cursor", t->cursor, NULL) && trial_file(t, "out", &text) &&
	    trial_takes(t, text.data, text.len, &o))
		cp = trial_final(t, &o);
	if (cp && trial_holds(t, cp, "with a regular file on standard output") && trial_staged(t))
		trial_fail(t, "rename the staged file onto F", "a staged file is left");
	buf_release(&text);
	output_release(&o);
}

static void put_torn(struct trial *t)
{
	static const char torn[] = "{\"half a li";
	char *path = xasprintf("%s/out", t->folder);
	struct output o = {0};
	struct buf text = {0};

	if (!trial_writes(t, path, torn, sizeof(torn) - 1) ||
	    !trial_runs(t, SINK_FILE, "--cursor", t->cursor, NULL) || !trial_file(t, "out", &text))
		goto out;
	if (text.len < sizeof(torn) || memcmp(text.data, torn, sizeof(torn) - 1) != 0)
		trial_fail(t, "add to standard output, wherever it stands, and cut nothing off",
			   "what the file held before is gone");
	else if (text.data[sizeof(torn) - 1] != '\n')
		trial_fail(t,
			   "where standard output is a regular file whose last byte is no newline, write one "
			   "first: a run before was killed there",
			   "the first event was written onto half a line");
	else
		trial_takes(t, text.data + sizeof(torn), text.len - sizeof(torn), &o);
out:
	buf_release(&text);
	output_release(&o);
	free(path);
}

static void put_exit(struct trial *t)
{
	struct output o = {0};
	const struct checkpoint *cp;

	if (!trial_runs(t, SINK_PIPE, "--cursor", t->cursor, "--commit=exit", NULL) || !trial_reads(t, &o))
		goto out;
	cp = trial_final(t, &o);
	if (!cp)
		goto out;
	if (cp->ack || cp->stage)
		trial_fail(t, "leave ack and stage out: the reader has nothing to move",
			   "with --commit=exit the checkpoint names %s", cp->ack ? cp->ack : cp->stage);
	else if (trial_holds(t, cp, "after --commit=exit"))
		if (trial_staged(t))
			trial_fail(t, "rename the staged file onto F at a clean end",
				   "a staged file is left");
out:
	output_release(&o);
}

static void put_nobody(struct trial *t)
{
	if (trial_runs(t, SINK_NOBODY, "--cursor", t->cursor, NULL))
		trial_unmoved(t, "with /dev/null on standard output");
}

static void put_gone(struct trial *t)
{
	static const char cure[] = "a reader that goes away is no failure of the source: die of SIGPIPE as "
				   "cat(1) does, or exit 0 "
				   "(Python: signal.signal(signal.SIGPIPE, signal.SIG_DFL))";

	if (!trial_run(t, SINK_GONE, "--cursor", t->cursor, NULL))
		return;
	if (t->err.len)
		trial_fail(t, cure, "nobody reads, and it says: %.200s", buf_cstr(&t->err));
	else if (t->code && t->code != 128 + SIGPIPE)
		trial_fail(t, cure, "nobody reads, and it exits %d", t->code);
	else
		trial_unmoved(t, "with a reader that has gone away");
}

const struct check checks_sinks[] = {
	{"file", "with a regular file on stdout the source moves F", NEEDS_EVENTS, put_file},
	{"torn", "... and first ends a torn line in it", NEEDS_EVENTS, put_torn},
	{"exit", "--commit=exit: the source moves F at a clean end", NEEDS_EVENTS, put_exit},
	{"nobody", "/dev/null moves nothing", NEEDS_EVENTS, put_nobody},
	{"gone", "a reader that goes away is a quiet stop", NEEDS_EVENTS, put_gone},
	{0},
};
