/* SPDX-License-Identifier: ISC
 *
 * Runs of the source on trial.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "stamp.h"
#include "trial.h"
#include "words.h"
#include "xalloc.h"

enum { BLOCK = 65536, LOOK_MS = 100, OUT_MAX = 256 << 20, ERR_MAX = 1 << 20 };

/* One block, or the end: -1 in *fd. */
static void take(int *fd, struct buf *out)
{
	char block[BLOCK];
	ssize_t n = read(*fd, block, sizeof(block));

	if (n > 0) {
		buf_add(out, block, (size_t)n);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		close(*fd);
		*fd = -1;
	}
}

/* Reads both to their ends. False where the time is over first, it is too much, or we are to stop. */
static bool listen_to(struct trial *t, int *out, int *err)
{
	int64_t until = stamp_steady() + t->timeout_us;

	while (*out >= 0 || *err >= 0) {
		struct pollfd p[2] = {{.fd = *out, .events = POLLIN}, {.fd = *err, .events = POLLIN}};

		if (*t->stop || t->out.over || stamp_steady() > until)
			return false;
		if (poll(p, 2, LOOK_MS) <= 0)
			continue;
		if (p[0].revents)
			take(out, &t->out);
		if (p[1].revents)
			take(err, &t->err);
	}
	return true;
}

/* The descriptor for the child's stdout; *read_end is ours to read, or -1. -1: errno says why. */
static int open_sink(const struct trial *t, enum sink sink, int *read_end)
{
	int ends[2], fd;
	char *path;

	*read_end = -1;
	switch (sink) {
	case SINK_NOBODY:
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	case SINK_FILE:
		path = xasprintf("%s/out", t->folder);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		free(path);
		return fd;
	case SINK_PIPE:
	case SINK_GONE:
		break;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	if (sink == SINK_PIPE)
		*read_end = ends[0];
	else
		close(ends[0]);
	return ends[1];
}

static void close_both(const int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

/* ends: what the source writes and says, for us to read, or -1. */
static bool start(struct trial *t, enum sink sink, const struct words *words, pid_t *pid, int ends[2])
{
	struct child_spec spec = {.argv = words_argv(words), .in = CHILD_NULL, .err = -1, .group = true};
	int err[2] = {-1, -1}, why;

	spec.out = open_sink(t, sink, &ends[0]);
	why = spec.out < 0 || pipe2(err, O_CLOEXEC) ? errno : 0;
	ends[1] = err[0];
	spec.err = err[1];
	if (!why)
		why = child_start(&spec, pid);
	close_both((const int[]){spec.out, spec.err});
	if (!why)
		return true;
	close_both(ends);
	trial_fail(
		t,
		why == ENOEXEC
			? "begin a script with its interpreter: #!/bin/sh"
			: "name a program on PATH or a path such as ./athena-src-foo, that can be executed",
		"%s cannot be run: %s", t->program, strerror(why));
	return false;
}

static bool run(struct trial *t, enum sink sink, const struct words *words)
{
	struct buf command = {0};
	int ends[2] = {-1, -1}, status = 0;
	bool ended;
	pid_t pid = 0;

	words_show(&command, words);
	free(t->command);
	t->command = buf_detach(&command);
	buf_release(&t->out);
	buf_release(&t->err);
	buf_init(&t->out, OUT_MAX);
	buf_init(&t->err, ERR_MAX);
	if (!start(t, sink, words, &pid, ends))
		return false;
	ended = listen_to(t, &ends[0], &ends[1]);
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close_both(ends);
	t->code = child_code(status);
	t->endless = !ended || t->out.over;
	return !t->endless ||
	       trial_fail(
		       t,
		       "let it end by itself: a source reads what is there and exits; or give it a smaller "
		       "input, or more time with --timeout",
		       *t->stop      ? "interrupted"
		       : t->out.over ? "it had not ended when it had written 256 MiB"
				     : "it had not ended when the time was over");
}

bool trial_run_words(struct trial *t, enum sink sink, const struct opt_list *operands,
		     const char *const *options)
{
	struct words words = {0};
	bool ran;

	words_add(&words, xstrdup(t->program));
	for (; *options; options++)
		words_add(&words, xstrdup(*options));
	for (size_t i = 0; operands && i < operands->n; i++)
		words_add(&words, xstrdup(operands->items[i]));
	ran = run(t, sink, &words);
	words_release(&words);
	return ran;
}

/* The first line of what was said, or a word for nothing. */
static const char *said(struct trial *t)
{
	char *text = (char *)buf_cstr(&t->err);

	text[strcspn(text, "\n")] = '\0';
	return *text ? text : "and nothing was said";
}

bool trial_ended_well(struct trial *t, bool ran)
{
	if (!ran || !t->code)
		return ran;
	if (t->code == EX_USAGE && !t->args.n)
		return trial_fail(
			t, "name an input behind the program: athena conformance athena-src-foo ARG...",
			"%s: %s", child_ended(t->code), said(t));
	return trial_fail(
		t,
		"run the command by itself; a run that found nothing wrong exits 0, also when nothing is new",
		"%s: %s", child_ended(t->code), said(t));
}

bool trial_grows(struct trial *t)
{
	struct words words = {0};
	bool ran;

	words_add(&words, xstrdup("sh"));
	words_add(&words, xstrdup("-c"));
	words_add(&words, xstrdup(t->grow));
	ran = run(t, SINK_PIPE, &words);
	words_release(&words);
	return ran && (!t->code || trial_fail(t, "mend the command given with --grow", "--grow: %s: %s",
					      child_ended(t->code), said(t)));
}

/* A line of what was said begins with the name of the program. */
static bool is_signed(const struct trial *t, const char *text)
{
	size_t n = strlen(t->name);

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, t->name, n) && !strncmp(line + n, ": ", 2))
			return true;
	return false;
}

bool trial_refused(struct trial *t, int code, const char *for_what)
{
	if (t->code != code)
		return trial_fail(t,
				  "exit with the number of sysexits(3) that athena-source(7) lists: "
				  "athena-sync goes by it",
				  "%s for %s, where %d is asked for: %s", child_ended(t->code), for_what,
				  code, said(t));
	if (t->out.len)
		return trial_fail(t,
				  "write messages to standard error: nothing but events and checkpoints goes "
				  "to standard output",
				  "for %s it wrote to standard output: %.60s", for_what, buf_cstr(&t->out));
	if (!t->err.len)
		return trial_fail(t,
				  "say in one line on standard error what is wrong, and what to do about it",
				  "for %s it said nothing", for_what);
	if (!is_signed(t, buf_cstr(&t->err)))
		return trial_fail(t,
				  "begin messages with the name of the program and a colon, so that among "
				  "many sources it is seen whose they are",
				  "for %s it said: %s", for_what, said(t));
	return true;
}
