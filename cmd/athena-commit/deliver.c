/* SPDX-License-Identifier: ISC */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "log.h"
#include "stamp.h"

enum { BLOCK = 65536, PIPE_SIZE = 1 << 20 };

#define DELAY_MOST (60 * STAMP_SECOND)

/* One run of CMD. */
struct run {
	const struct deliver *how;
	struct spool *batch;
	pid_t pid;
	int status; /* of waitpid() */
	bool ended;
	bool told;       /* CMD has had our signal */
	int ours, other; /* ends of the pipe: to write into; and its reading end, to see what is left */
	int64_t sent;    /* bytes written into it */
	char block[BLOCK];
	size_t have, at; /* bytes in it, and how many of them are sent */
};

static sigset_t usual; /* the signals blocked outside of ppoll() are let in there */

static void on_child(int number)
{
	(void)number; /* it only ends ppoll() */
}

void deliver_setup(void)
{
	struct sigaction child = {.sa_handler = on_child}, pipe_gone = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	sigaction(SIGCHLD, &child, NULL);
	sigaction(SIGPIPE, &pipe_gone, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &usual);
	sigdelset(&usual, SIGCHLD);
}

/* Between a look at the flag and ppoll() no signal may slip through. */
static void hold_signals(int how)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(how, &ours, NULL);
}

static void stop_writing(struct run *r)
{
	if (r->ours >= 0)
		close(r->ours);
	r->ours = -1;
}

/* More of the batch into the block; at its end the pipe is closed. */
static int refill(struct run *r)
{
	ssize_t n;

	if (r->at < r->have)
		return 0;
	n = read(r->batch->fd, r->block, sizeof(r->block));
	if (n < 0)
		return log_error(EX_IOERR, "%s: cannot read what is spooled there: %s; cursor not moved",
				 r->batch->folder, strerror(errno));
	r->have = (size_t)n;
	r->at = 0;
	if (!n)
		stop_writing(r);
	return 0;
}

static void push(struct run *r)
{
	ssize_t n = write(r->ours, r->block + r->at, r->have - r->at);

	if (n > 0) {
		r->at += (size_t)n;
		r->sent += n;
	} else if (errno != EAGAIN && errno != EINTR) {
		stop_writing(r);
	}
}

/* Waits until the pipe takes more, CMD ends, or a signal comes, which CMD is told. */
static int step(struct run *r)
{
	struct pollfd p = {.fd = r->ours, .events = POLLOUT};
	int rc = r->ours < 0 ? 0 : refill(r);

	if (rc)
		return rc;
	if (*r->how->stop && !r->told) {
		kill(r->pid, *r->how->stop);
		r->told = true;
	}
	p.fd = r->ours;
	if (ppoll(&p, 1, NULL, &usual) > 0)
		push(r);
	r->ended = waitpid(r->pid, &r->status, WNOHANG) == r->pid;
	return 0;
}

/* What CMD has left: not sent, or lying in the pipe. */
static int64_t unread(const struct run *r)
{
	int lying = 0;

	if (ioctl(r->other, FIONREAD, &lying) < 0)
		lying = 0;
	return r->batch->size - r->sent + lying;
}

/* The pipe, and CMD on its other end. */
static int start(struct run *r)
{
	struct child_spec spec = {.argv = r->how->argv, .out = STDOUT_FILENO, .err = STDERR_FILENO};
	int ends[2], why;

	if (pipe2(ends, O_CLOEXEC))
		return log_error(EX_OSERR, "no pipe: %s", strerror(errno));
	spec.in = r->other = ends[0];
	r->ours = ends[1];
	fcntl(r->ours, F_SETFL, O_NONBLOCK);
	(void)fcntl(r->ours, F_SETPIPE_SZ, PIPE_SIZE); /* fewer, larger writes, where that is allowed */
	why = child_start(&spec, &r->pid);
	if (why)
		return log_error(why == ENOENT ? CHILD_MISSING : CHILD_REFUSED, "%s: %s; cursor not moved",
				 spec.argv[0], strerror(why));
	return 0;
}

/* 0, or the code of this run, with what is to be said of it in *left: bytes that were not read. */
static int run_once(const struct deliver *d, struct spool *batch, int64_t *left, bool *started)
{
	struct run r = {.how = d, .batch = batch, .ours = -1, .other = -1};
	int rc = spool_rewind(batch);

	*left = 0;
	if (!rc)
		rc = start(&r);
	*started = !rc;
	while (!rc && !r.ended)
		rc = step(&r);
	if (!rc)
		rc = child_code(r.status);
	if (!rc && (*left = unread(&r)))
		rc = EX_IOERR;
	stop_writing(&r);
	if (r.other >= 0)
		close(r.other);
	if (*started && !r.ended) {
		kill(r.pid, SIGTERM);
		waitpid(r.pid, &r.status, 0);
		*started = false;
	}
	return rc;
}

/* Waits, unless a signal asks to stop. */
static void pause_for(const struct deliver *d, int64_t us)
{
	struct timespec ts = {.tv_sec = us / STAMP_SECOND, .tv_nsec = us % STAMP_SECOND * 1000};

	if (!*d->stop && us)
		ppoll(NULL, 0, &ts, &usual);
}

static void say_failure(const struct deliver *d, int rc, int64_t left, bool last)
{
	char what[96];

	if (left)
		snprintf(what, sizeof(what), "exit status 0 with %" PRId64 " bytes unread", left);
	else
		snprintf(what, sizeof(what), "%s", child_ended(rc));
	if (last)
		log_error(rc, "%s: %s; the batch is not taken, cursor not moved", d->argv[0], what);
	else
		log_warn("%s: %s; once more", d->argv[0], what);
}

int deliver_batch(const struct deliver *d, struct spool *batch)
{
	int64_t delay = d->delay_us, left = 0;
	int rc = 0;

	hold_signals(SIG_BLOCK);
	for (int64_t tries = 0;; tries++) {
		bool started, last;

		if (*d->stop) {
			rc = 128 + *d->stop;
			break;
		}
		rc = run_once(d, batch, &left, &started);
		if (!rc || !started)
			break;
		last = tries == d->retries || rc == CHILD_MISSING || rc == CHILD_REFUSED;
		if (!*d->stop)
			say_failure(d, rc, left, last);
		if (last)
			break;
		pause_for(d, delay);
		delay = delay > DELAY_MOST / 2 ? DELAY_MOST : delay * 2;
	}
	hold_signals(SIG_UNBLOCK);
	return rc && *d->stop ? 128 + *d->stop : rc;
}
