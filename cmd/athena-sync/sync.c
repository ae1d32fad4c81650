/* SPDX-License-Identifier: ISC */
#include "sync.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>

#include "child.h"
#include "log.h"
#include "report.h"
#include "retry.h"
#include "stamp.h"
#include "view.h"
#include "xalloc.h"

#define DRAW_US  (STAMP_SECOND / 5)
#define GRACE_US (10 * STAMP_SECOND) /* between two signals of our own to those that do not end */

static volatile sig_atomic_t stop_signal, stop_count;
static sigset_t usual; /* the signals blocked outside of ppoll() are let in there */

static void on_signal(int number)
{
	if (number == SIGCHLD)
		return; /* it only ends ppoll() */
	if (!stop_signal)
		stop_signal = number;
	stop_count++;
}

void sync_setup(void)
{
	static const int ours[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		struct sigaction old;

		/* nohup means it */
		if (ours[i] != SIGCHLD && !sigaction(ours[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(ours[i], &act, NULL);
		sigaddset(&blocked, ours[i]);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &blocked, &usual);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigdelset(&usual, ours[i]);
}

static uint32_t dice(void)
{
	uint32_t r;

	return getrandom(&r, sizeof(r), GRND_NONBLOCK) == (ssize_t)sizeof(r) ? r : (uint32_t)stamp_steady();
}

static void say(const struct pipeline *p, const char *line)
{
	view_clear();
	log_error(0, "%s: %s", p->source->name, line);
}

/* ---- the states of a pipeline ---- */

static void finish(struct pipeline *p, int64_t now)
{
	p->state = PIPELINE_DONE;
	p->ended = now;
	if (!p->began)
		p->began = now;
	/* Without the lock it is another sync that has something to tell. */
	if (p->lock_fd >= 0)
		p->code = child_worse(p->code, report_one(p->result, p));
	/* Not at the end of all: another sync may hold, done, what this one waits for, and wait for this one. */
	pipeline_unlock(p);
}

/* An attempt is over: done, or once more. */
static void settle(struct sync *s, struct pipeline *p, int64_t now)
{
	int64_t hint = p->retry_at ? p->retry_at - stamp_now() : 0, delay;

	if (p->code != EX_TEMPFAIL || stop_signal) {
		finish(p, now);
		return;
	}
	delay = retry_delay(p->attempts, s->delay, hint, s->began + s->deadline - now, dice());
	if (delay < 0) {
		finish(p, now);
		return;
	}
	view_clear();
	log_verbose("%s: again in %lld.%lld s", p->source->name, (long long)(delay / STAMP_SECOND),
		    (long long)(delay % STAMP_SECOND / (STAMP_SECOND / 10)));
	p->state = PIPELINE_WAITING;
	p->next = now + delay;
}

static void start(struct pipeline *p, int64_t now)
{
	if (!p->began)
		p->began = now;
	view_clear();
	pipeline_start(p);
}

/* Moves every pipeline on as far as it goes. True while any is not done. */
static bool advance(struct sync *s)
{
	int64_t now = stamp_steady(), running = 0;
	bool busy = false;

	for (size_t i = 0; i < s->n; i++) {
		struct pipeline *p = &s->all[i];

		if (p->state == PIPELINE_RUNNING)
			pipeline_reap(p, say);
		if (p->state == PIPELINE_ENDED)
			settle(s, p, now);
		running += p->state == PIPELINE_RUNNING;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct pipeline *p = &s->all[i];
		bool ready = p->state == PIPELINE_READY || p->state == PIPELINE_WAITING;

		if (ready && stop_signal) {
			p->code = 128 + stop_signal;
			finish(p, now);
		} else if (running < s->jobs && (p->state == PIPELINE_READY || (ready && now >= p->next))) {
			start(p, now);
			if (p->state == PIPELINE_ENDED)
				settle(s, p, now);
			running += p->state == PIPELINE_RUNNING;
		}
		busy |= p->state != PIPELINE_DONE;
	}
	return busy;
}

/* First the sources are asked to stop at their next boundary, and the stores take what they sent; then all
 * are asked; then all are killed. */
static void tell(struct sync *s, int64_t now)
{
	int wanted = stop_count > 3 ? 3 : stop_count;

	if (!stop_signal)
		return;
	if (s->told && s->told == wanted && wanted < 3 && now - s->told_at >= GRACE_US)
		wanted = stop_count = s->told + 1;
	if (s->told >= wanted)
		return;
	s->told = wanted;
	s->told_at = now;
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].state == PIPELINE_RUNNING)
			pipeline_signal(&s->all[i], wanted == 3 ? SIGKILL : SIGTERM, wanted > 1);
}

/* ---- waiting ---- */

/* How long at most: to the next attempt, the next drawing, or the next signal. */
static int64_t patience(const struct sync *s, int64_t now)
{
	int64_t until = now + 60 * STAMP_SECOND;

	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].state == PIPELINE_WAITING && s->all[i].next < until)
			until = s->all[i].next;
	if (s->live && now + DRAW_US < until)
		until = now + DRAW_US;
	if (s->told && s->told_at + GRACE_US < until)
		until = s->told_at + GRACE_US;
	return until > now ? until - now : 0;
}

static void wait_for_any(struct sync *s)
{
	struct pollfd *p = xcalloc(s->n * PARTS, sizeof(*p));
	int64_t us = patience(s, stamp_steady());
	const struct timespec ts = {.tv_sec = us / STAMP_SECOND, .tv_nsec = us % STAMP_SECOND * 1000};

	for (size_t i = 0; i < s->n * PARTS; i++)
		p[i] = (struct pollfd){.fd = s->all[i / PARTS].parts[i % PARTS].err, .events = POLLIN};
	ppoll(p, s->n * PARTS, &ts, &usual);
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].state == PIPELINE_RUNNING)
			pipeline_listen(&s->all[i], say);
	free(p);
}

int sync_run(struct sync *s)
{
	int code = 0;

	s->began = stamp_steady();
	while (advance(s)) {
		tell(s, stamp_steady());
		if (s->live)
			view_draw(s->all, s->n, stamp_steady());
		wait_for_any(s);
	}
	view_clear();
	for (size_t i = 0; i < s->n; i++)
		code = child_worse(code, s->all[i].code);
	return stop_signal ? 128 + stop_signal : code;
}
