/* SPDX-License-Identifier: ISC */
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "log.h"
#include "metrics.h"
#include "stamp.h"

enum { LINE_MAX_BYTES = 8192 };

/* ---- the start ---- */

static int fail(struct pipeline *p, int code)
{
	p->state = PIPELINE_ENDED;
	p->code = code;
	return code;
}

/*
 * The file says since when: a run that is killed says no more than that. It stands in it, as the file's own date is
 * another in a copy; where the disk has no room for it, that date has to do.
 */
static void date_lock(int fd)
{
	char line[STAMP_SIZE + 1];
	size_t n = stamp_format(stamp_now(), line);

	line[n++] = '\n';
	if (pwrite(fd, line, n, 0) == (ssize_t)n && !ftruncate(fd, (off_t)n))
		return;
	(void)!ftruncate(fd, 0);
	(void)futimens(fd, NULL);
}

/* Two runs of one source do not meet. */
static int lock(struct pipeline *p)
{
	if (p->lock_fd >= 0)
		return 0;
	p->lock_fd = open(p->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p->lock_fd < 0)
		return log_error(EX_CANTCREAT, "%s: %s: %s", p->source->name, p->lock_path, strerror(errno));
	if (!flock(p->lock_fd, LOCK_EX | LOCK_NB)) {
		date_lock(p->lock_fd);
		return 0;
	}
	close(p->lock_fd);
	p->lock_fd = -1;
	if (errno != EWOULDBLOCK)
		return log_error(EX_OSERR, "%s: %s: %s", p->source->name, p->lock_path, strerror(errno));
	if (p->attempts == 1)
		log_note("%s: another sync of it is running", p->source->name);
	return EX_TEMPFAIL;
}

/* A pipe for what a part says; its writing end is given back. */
static int listen_to(struct part *part)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	part->err = ends[0];
	return ends[1];
}

static int start_part(struct pipeline *p, enum pipeline_part which, struct child_spec *spec)
{
	struct part *part = &p->parts[which];
	int err = listen_to(part), why;

	if (err < 0)
		return log_error(EX_OSERR, "%s: no pipe: %s", p->source->name, strerror(errno));
	spec->err = err;
	spec->group = true;
	why = child_start(spec, &part->pid);
	close(err);
	if (!why)
		return 0;
	part->pid = 0;
	return log_error(why == ENOENT ? CHILD_MISSING : CHILD_REFUSED, "%s: %s: %s", p->source->name,
			 spec->argv[0], strerror(why));
}

/* The command that prints the token writes it straight into the source. */
static int start_token(struct pipeline *p, int *token)
{
	const char *const argv[] = {"sh", "-c", p->source->token_command, NULL};
	struct child_spec spec = {.argv = argv, .in = CHILD_NULL};
	int ends[2], rc;

	if (!p->source->token_command)
		return 0;
	if (pipe2(ends, O_CLOEXEC))
		return log_error(EX_OSERR, "%s: no pipe: %s", p->source->name, strerror(errno));
	*token = ends[0];
	spec.out = ends[1];
	rc = start_part(p, PART_TOKEN, &spec);
	close(ends[1]);
	return rc;
}

static int start_all(struct pipeline *p)
{
	struct child_spec source = {.argv = words_argv(&p->source_argv), .in = CHILD_NULL},
			  store = {.argv = words_argv(&p->store_argv), .out = CHILD_NULL};
	const char **env;
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC))
		return log_error(EX_OSERR, "%s: no pipe: %s", p->source->name, strerror(errno));
	source.out = ends[1];
	store.in = ends[0];
	store.env = env = child_env_plain(); /* it reads what the source writes, and needs no token */
	rc = start_part(p, PART_STORE, &store);
	free(env);
	if (!rc)
		rc = start_token(p, &source.third);
	if (!rc)
		rc = start_part(p, PART_SOURCE, &source);
	close(ends[0]);
	close(ends[1]);
	if (source.third)
		close(source.third);
	return rc;
}

void pipeline_start(struct pipeline *p)
{
	int rc;

	p->attempts++;
	p->attempt_at = stamp_now();
	if (p->attempts == 1)
		p->started_at = p->attempt_at;
	p->state = PIPELINE_RUNNING;
	p->code = 0;
	for (int i = 0; i < PARTS; i++) {
		p->parts[i].code = 0;
		p->parts[i].progress[0] = '\0';
	}
	rc = lock(p);
	if (rc) {
		fail(p, rc);
		return;
	}
	rc = start_all(p);
	if (!rc)
		return;
	p->code = rc;
	/* A store that runs sees the end of its input. */
	if (!p->parts[PART_SOURCE].pid && !p->parts[PART_STORE].pid && !p->parts[PART_TOKEN].pid)
		fail(p, rc);
}

/* ---- while it runs ---- */

/* "commits: 120/1,000 12%" is no message. */
static bool is_progress(const char *line)
{
	const char *colon = strchr(line, ':');

	return colon && colon[1] == ' ' && colon[2] >= '0' && colon[2] <= '9' &&
	       (size_t)(colon - line) == strspn(line, "abcdefghijklmnopqrstuvwxyz ");
}

static void take_line(struct pipeline *p, struct part *part, const char *line, pipeline_say say)
{
	if (is_progress(line))
		strncpy(part->progress, line, sizeof(part->progress) - 1);
	else if (*line)
		say(p, line);
}

static void take_lines(struct pipeline *p, struct part *part, const char *s, size_t n, pipeline_say say)
{
	for (; n; s++, n--) {
		if (*s != '\n' && part->line.len < LINE_MAX_BYTES) {
			buf_addc(&part->line, *s);
			continue;
		}
		take_line(p, part, buf_cstr(&part->line), say);
		buf_reset(&part->line);
		if (*s != '\n')
			buf_addc(&part->line, *s);
	}
}

static void listen_part(struct pipeline *p, struct part *part, pipeline_say say)
{
	char block[4096];
	ssize_t n;

	if (part->err < 0)
		return;
	while ((n = read(part->err, block, sizeof(block))) > 0)
		take_lines(p, part, block, (size_t)n, say);
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(part->err);
		part->err = -1;
	}
}

void pipeline_listen(struct pipeline *p, pipeline_say say)
{
	for (int i = 0; i < PARTS; i++)
		listen_part(p, &p->parts[i], say);
}

/* What it said last, after its end: whoever it left behind is not listened to. */
static void hang_up(struct pipeline *p, struct part *part, pipeline_say say)
{
	listen_part(p, part, say);
	if (part->line.len)
		take_line(p, part, buf_cstr(&part->line), say);
	buf_release(&part->line);
	if (part->err >= 0)
		close(part->err);
	part->err = -1;
}

/* The options are those of the configuration. */
static int as_configured(int code)
{
	return code == EX_USAGE ? EX_CONFIG : code;
}

/* What the attempt came to. A source whose reader ended is not to blame. */
static int verdict(const struct pipeline *p)
{
	int source = as_configured(p->parts[PART_SOURCE].code),
	    store = as_configured(p->parts[PART_STORE].code);

	if (store && source == 128 + SIGPIPE)
		source = 0;
	return child_worse(p->code, child_worse(source, store));
}

/* Why there was no token. Only its first word is told of the command: what follows may be secret. */
static void say_token(const struct pipeline *p)
{
	int code = p->parts[PART_TOKEN].code;
	const char *command = p->source->token_command;

	if (code == CHILD_MISSING)
		log_error(0, "%s: token-command: %.*s: no such program; is it on PATH here?", p->source->name,
			  (int)strcspn(command, " \t|;&"), command);
	else if (code && code < 128)
		log_error(0, "%s: token-command: %s", p->source->name, child_ended(code));
}

/* Metrics of this attempt: an older file is of another one. */
static void count(struct pipeline *p)
{
	struct metrics source = {0}, store = {0};

	p->retry_at = 0;
	if (metrics_read(p->store_metrics, &store) && store.started_us >= p->attempt_at) {
		p->inserted += store.inserted;
		p->updated += store.updated;
		p->known += store.known;
		p->rejected += store.rejects;
	}
	if (p->has_metrics && metrics_read(p->source_metrics, &source) &&
	    source.started_us >= p->attempt_at) {
		p->requests += source.requests;
		p->retry_at = source.retry_at_us;
	}
}

void pipeline_reap(struct pipeline *p, pipeline_say say)
{
	bool running = false;

	if (p->state != PIPELINE_RUNNING)
		return;
	for (int i = 0; i < PARTS; i++) {
		struct part *part = &p->parts[i];
		int status;

		if (part->pid && waitpid(part->pid, &status, WNOHANG) == part->pid) {
			part->pid = 0;
			part->code = child_code(status);
			hang_up(p, part, say);
		}
		running |= part->pid != 0;
	}
	/* Nobody reads the token any more. */
	if (p->parts[PART_TOKEN].pid && !p->parts[PART_SOURCE].pid)
		kill(-p->parts[PART_TOKEN].pid, SIGTERM);
	if (running)
		return;
	say_token(p);
	fail(p, verdict(p));
	count(p);
}

void pipeline_signal(const struct pipeline *p, int number, bool all)
{
	for (int i = 0; i < PARTS; i++)
		if (p->parts[i].pid && (all || i != PART_STORE))
			kill(-p->parts[i].pid, number);
}

void pipeline_unlock(struct pipeline *p)
{
	if (p->lock_fd >= 0)
		close(p->lock_fd);
	p->lock_fd = -1;
}

void pipeline_release(struct pipeline *p)
{
	for (int i = 0; i < PARTS; i++)
		buf_release(&p->parts[i].line);
	words_release(&p->source_argv);
	words_release(&p->store_argv);
	free(p->lock_path);
	free(p->source_metrics);
	free(p->store_metrics);
	free(p->result);
	pipeline_unlock(p);
}
