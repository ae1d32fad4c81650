/* SPDX-License-Identifier: ISC
 *
 * The cursor file: what is staged, what checkpoints say of it, where the next run goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "checks.h"
#include "child.h"
#include "file.h"
#include "xalloc.h"

/* A run into a pipe with the cursor, and its final checkpoint; NULL with the verdict. */
static const struct checkpoint *run_with_cursor(struct trial *t, struct output *o)
{
	output_release(o);
	if (!trial_runs(t, SINK_PIPE, "--cursor", t->cursor, NULL) || !trial_reads(t, o))
		return NULL;
	return trial_final(t, o);
}

static bool is_staged(struct trial *t, const struct checkpoint *cp)
{
	static const char cure[] = "stage what stands in the checkpoint as cursor, and hash its canonical "
				   "form, the bytes of `jq -cSj .`: "
				   "sorted keys, no white space, no newline at the end";
	char *path = xasprintf("%s.%s", t->cursor, cp->stage ? cp->stage : ""), hash[SHA256_HEX];
	struct stat st;
	bool ok = false;

	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		trial_fail(t,
			   "write the new content of F under the name F.STAGE before the checkpoint that "
			   "names it",
			   "there is no %s", path);
	else if (!trial_position(path, hash))
		trial_fail(t, cure, "the staged file is no cursor file as athena-cursor(5) has it");
	else if (strcmp(hash, cp->next) != 0)
		trial_fail(t, cure, "the staged file has the hash %s, the checkpoint says %s", hash,
			   cp->next);
	else if ((st.st_mode & 07777) != 0600)
		trial_fail(t, "create it with the mode 0600 (umask 077)", "the staged file has the mode %o",
			   st.st_mode & 07777);
	else
		ok = true;
	free(path);
	return ok;
}

static void put_stage(struct trial *t)
{
	struct output o = {0};
	const struct checkpoint *cp = run_with_cursor(t, &o);

	if (!cp)
		goto out;
	if (!cp->ack || strcmp(cp->ack, t->cursor) != 0)
		trial_fail(t,
			   "name F as realpath(1) does in ack, and the staged file in stage, so that the "
			   "reader can move it",
			   "ack is %s, not %s", cp->ack ? cp->ack : "not there", t->cursor);
	else if (*o.checkpoints[0].line.prev)
		trial_fail(t, "prev is null where F is absent", "the first run begins at %s",
			   o.checkpoints[0].line.prev);
	else if (trial_unmoved(t, "with a pipe on standard output"))
		is_staged(t, cp);
out:
	output_release(&o);
}

static void put_chain(struct trial *t)
{
	struct output o = {0};
	size_t above = 0;
	const char *prev = "";

	if (!run_with_cursor(t, &o))
		goto out;
	for (size_t i = 0; i < o.n_checkpoints; i++) {
		const struct output_checkpoint *c = &o.checkpoints[i];

		if ((size_t)c->line.events != c->above - above)
			trial_fail(t, "count the events since the previous checkpoint, and them only",
				   "checkpoint %zu says %lld events, and %zu stand above it", i + 1,
				   (long long)c->line.events, c->above - above);
		if (strcmp(c->line.prev, prev) != 0)
			trial_fail(t,
				   "prev is the next of the checkpoint before: the SHA-256 of what F would "
				   "hold by now",
				   "the prev of checkpoint %zu is %s, and the next before it %s", i + 1,
				   *c->line.prev ? c->line.prev : "null", *prev ? prev : "null");
		if (strcmp(c->line.source_id, t->base.events[0].source_id) != 0)
			trial_fail(t, "events and checkpoints of a run have one source_id",
				   "checkpoint %zu is of %s, the events are of %s", i + 1, c->line.source_id,
				   t->base.events[0].source_id);
		if (c->line.final && i + 1 < o.n_checkpoints)
			trial_fail(t, "only the last checkpoint of a run is final",
				   "checkpoint %zu of %zu is final", i + 1, o.n_checkpoints);
		above = c->above;
		prev = c->line.next;
	}
	if (o.n_events != t->base.n_events)
		trial_fail(t, "with a cursor that is not there yet a run brings everything",
			   "%zu events with --cursor, and %zu without", o.n_events, t->base.n_events);
out:
	output_release(&o);
}

static void put_quiet(struct trial *t)
{
	struct output first = {0}, second = {0};
	const struct checkpoint *a = run_with_cursor(t, &first), *b;

	if (!a || !trial_promote(t, a))
		goto out;
	b = run_with_cursor(t, &second);
	if (!b)
		goto out;
	if (second.n_events)
		trial_fail(t, "resume after the position that F names",
			   "%zu events came again after they were acknowledged, the first one %s",
			   second.n_events, second.events[0].id);
	else if (strcmp(b->prev, a->next) != 0)
		trial_fail(t, "prev is the SHA-256 of F as it was found", "prev is %s, and F hashes to %s",
			   *b->prev ? b->prev : "null", a->next);
	else if (strcmp(b->next, b->prev) != 0)
		trial_fail(t,
			   "where nothing was new the position stays what it is, its prev too: write the "
			   "same cursor again",
			   "nothing was new, and next is not prev");
	else
		trial_holds(t, a, "after a run that saw nothing new");
out:
	output_release(&first);
	output_release(&second);
}

static bool same_ids(struct trial *t, const struct output *one, const struct output *two)
{
	for (size_t i = 0; i < one->n_events; i++)
		if (!output_find(two, one->events[i].id, one->events[i].revision))
			return trial_fail(
				t, "go on from F alone: what nobody acknowledged is to be written again",
				"%s was not acknowledged, and did not come again", one->events[i].id);
	return true;
}

static void put_again(struct trial *t)
{
	static const char other[] = "{\"athena_cursor\":1,\"cursor\":{},\"prev\":null,\"selection\":{},"
				    "\"source_id\":\"other:source\"}";
	char *stranger = xasprintf("%s.stranger.1", t->cursor), *backup = xasprintf("%s.backup", t->cursor),
	     *own = NULL;
	struct output first = {0}, second = {0};
	const struct checkpoint *cp = run_with_cursor(t, &first);

	if (!cp || !trial_writes(t, stranger, other, strlen(other)) ||
	    !trial_writes(t, backup, "no cursor", 9))
		goto out;
	if (!cp->stage) {
		trial_fail(t, "name the staged file in stage", "the checkpoint has no stage");
		goto out;
	}
	own = xasprintf("%s.%s", t->cursor, cp->stage);
	if (!run_with_cursor(t, &second) || !same_ids(t, &first, &second))
		goto out;
	if (access(stranger, F_OK) || access(backup, F_OK))
		trial_fail(t, "remove only files F.RUN.N that are cursor files of your own source_id",
			   "it removed a file beside F that is not its own");
	else if (!access(own, F_OK))
		trial_fail(t, "under the lock, remove what an earlier run of this source left staged",
			   "%s of the run before is still there", own);
out:
	free(stranger);
	free(backup);
	free(own);
	output_release(&first);
	output_release(&second);
}

static void put_empty(struct trial *t)
{
	struct output o = {0};
	const struct checkpoint *cp;

	if (!trial_writes(t, t->cursor, "", 0))
		return;
	cp = run_with_cursor(t, &o);
	if (cp && *cp->prev)
		trial_fail(t, "an empty F is the position before the first: prev is null", "prev is %s",
			   cp->prev);
	else if (cp && o.n_events != t->base.n_events)
		trial_fail(t, "an empty F means from the start", "%zu events of %zu", o.n_events,
			   t->base.n_events);
	output_release(&o);
}

static void put_link(struct trial *t)
{
	char *target = xasprintf("%s/real", t->folder), *lock = xasprintf("%s.lock", target);
	struct output o = {0};
	const struct checkpoint *cp;

	if (symlink("real", t->cursor)) {
		trial_fail(t, "see what the system lacks", "%s: %s", t->cursor, strerror(errno));
		goto out;
	}
	cp = run_with_cursor(t, &o);
	if (cp && (!cp->ack || strcmp(cp->ack, target) != 0))
		trial_fail(t,
			   "resolve F as realpath(1) does before anything is derived from it: the lock, the "
			   "staged files, ack",
			   "F is a link to %s, and ack is %s", target, cp->ack ? cp->ack : "not there");
	else if (cp && access(lock, F_OK))
		trial_fail(t, "hold the lock beside the resolved file", "F is a link, and there is no %s",
			   lock);
out:
	output_release(&o);
	free(target);
	free(lock);
}

/* F.lock as a run would hold it, until it is closed; -1, with the verdict. */
static int hold_lock(struct trial *t)
{
	char *path = xasprintf("%s.lock", t->cursor);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
		trial_fail(t, "see what the system lacks", "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static void put_lock(struct trial *t)
{
	int fd = hold_lock(t);

	if (fd < 0)
		return;
	if (trial_run(t, SINK_PIPE, "--cursor", t->cursor, NULL))
		trial_refused(t, EX_TEMPFAIL,
			      "a cursor file whose F.lock another process holds with flock(2)");
	close(fd);
}

/* athena check is asked why it takes so long, while it takes so long. */
static void put_beside(struct trial *t)
{
	int fd;

	if (!trial_has_option(t, "check")) {
		trial_skip(t, "it has no --check, and need not have it");
		return;
	}
	fd = hold_lock(t);
	if (fd < 0)
		return;
	if (trial_run(t, SINK_PIPE, "--check", "--cursor", t->cursor, NULL)) {
		if (t->code)
			trial_fail(t,
				   "let --check take no lock: it only looks, also while a run is under way",
				   "%s for --check while another process holds F.lock", child_ended(t->code));
		else
			trial_unmoved(t, "with --check");
	}
	close(fd);
}

/* The cursor with one member set, or taken away where value is NULL; the caller's to free. */
static char *spoiled(const char *cursor, const char *member, json_t *value)
{
	json_t *object = json_loads(cursor, 0, NULL);
	char *text;

	if (value)
		json_object_set_new(object, member, value);
	else
		json_object_del(object, member);
	text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(object);
	return text;
}

/* One cursor that is not to be taken; `text` is freed. */
static bool is_refused(struct trial *t, char *text, const char *what)
{
	struct buf now;
	bool ok;

	if (!trial_writes(t, t->cursor, text, strlen(text)) ||
	    !trial_run(t, SINK_PIPE, "--cursor", t->cursor, NULL) || !trial_refused(t, EX_CONFIG, what)) {
		free(text);
		return false;
	}
	buf_init(&now, 64 << 20);
	ok = !file_read(t->cursor, &now) && now.len == strlen(text) && !memcmp(now.data, text, now.len);
	if (!ok)
		trial_fail(t, "leave F as it is: somebody will want to look at it",
			   "it changed F, which holds %s", what);
	buf_release(&now);
	free(text);
	return ok;
}

static void put_foreign(struct trial *t)
{
	struct output o = {0};
	const struct checkpoint *cp = run_with_cursor(t, &o);
	size_t staged = trial_staged(t);

	if (!cp)
		goto out;
	(void)(is_refused(t, xstrdup("not json"), "a cursor file that is not JSON") &&
	       is_refused(t, xstrdup("{}"), "a cursor file without members") &&
	       is_refused(t, xstrdup("[]"), "a cursor file that is no object") &&
	       is_refused(t, xstrndup(cp->cursor, strlen(cp->cursor) / 2), "half a cursor file") &&
	       is_refused(t, spoiled(cp->cursor, "athena_cursor", json_integer(2)),
			  "a cursor file of version 2") &&
	       is_refused(t, spoiled(cp->cursor, "source_id", json_string("other:source")),
			  "a cursor file of another source") &&
	       is_refused(t, spoiled(cp->cursor, "source_id", NULL), "a cursor file without source_id") &&
	       is_refused(t, spoiled(cp->cursor, "cursor", NULL), "a cursor file without cursor"));
	if (t->verdict == VERDICT_PASSED && trial_staged(t) > staged)
		trial_fail(t, "look at F before anything is staged", "runs that were refused staged files");
out:
	output_release(&o);
}

const struct check checks_cursor[] = {
	{"stage", "into a pipe: the new position is staged, and F not moved", NEEDS_EVENTS, put_stage},
	{"chain", "checkpoints count the events, and name the position before", NEEDS_EVENTS, put_chain},
	{"quiet", "what was acknowledged does not come again", NEEDS_EVENTS, put_quiet},
	{"again", "what was not comes again, and its staged file goes", NEEDS_EVENTS, put_again},
	{"empty", "an empty F means from the start", NEEDS_EVENTS, put_empty},
	{"link", "where F is a link, the file that it names is F", NEEDS_EVENTS, put_link},
	{"lock", "a second run at the same time exits 75 at once", NEEDS_EVENTS, put_lock},
	{"beside", "and --check answers while that run holds the lock", NEEDS_EVENTS, put_beside},
	{"foreign", "a damaged, newer or foreign F is 78, and left as it is", NEEDS_EVENTS, put_foreign},
	{0},
};
