/* SPDX-License-Identifier: ISC */
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stamp.h"
#include "xalloc.h"

enum { BLOCK = 65536, LOOK_MS = 200 /* between two looks at the clock and at `stop` */ };

static bool is_running(const struct job *j)
{
	return j->pid > 0;
}

static void start(struct job *j, int64_t timeout_us)
{
	struct child_spec spec = {.argv = j->argv, .in = CHILD_NULL, .err = CHILD_NULL, .group = true};
	const char **env;
	int ends[2], why;

	buf_init(&j->out, JOBS_OUT_MAX);
	j->code = CHILD_REFUSED;
	if (pipe2(ends, O_CLOEXEC))
		return;
	spec.out = ends[1];
	if (j->errors_too)
		spec.err = ends[1];
	spec.env = env = j->plain ? child_env_plain() : NULL;
	why = child_start(&spec, &j->pid);
	free(env);
	close(ends[1]);
	if (why) {
		close(ends[0]);
		j->pid = 0;
		j->code = why == ENOENT ? CHILD_MISSING : CHILD_REFUSED;
		return;
	}
	j->fd = ends[0];
	j->until = stamp_steady() + timeout_us;
}

/* Its end: whoever it left behind is ended with it. */
static void finish(struct job *j, bool by_force)
{
	int status = 0;

	if (by_force)
		kill(-j->pid, SIGKILL);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	j->code = child_code(status);
	close(j->fd);
	j->pid = 0;
}

/* What does not fit is read all the same, so that the job ends. */
static void take(struct job *j)
{
	char block[BLOCK];
	ssize_t n = read(j->fd, block, sizeof(block));

	if (n > 0) {
		size_t room = JOBS_OUT_MAX - j->out.len;

		buf_add(&j->out, block, (size_t)n < room ? (size_t)n : room);
		j->out.over |= (size_t)n > room;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		finish(j, false);
	}
}

/* Waits until one of them says something, for a short time. */
static void listen_to(struct job *all, size_t n)
{
	struct pollfd *p = xcalloc(n, sizeof(*p));

	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = is_running(&all[i]) ? all[i].fd : -1, .events = POLLIN};
	if (poll(p, n, LOOK_MS) > 0)
		for (size_t i = 0; i < n; i++)
			if (p[i].revents)
				take(&all[i]);
	free(p);
}

void jobs_run(struct job *all, size_t n, const struct jobs_how *how)
{
	size_t next = 0;
	int running = 0;

	do {
		bool stop = how->stop && *how->stop;

		for (; running < how->at_once && next < n && !stop; next++) {
			start(&all[next], how->timeout_us);
			running += is_running(&all[next]);
		}
		if (running)
			listen_to(all, next);
		running = 0;
		for (size_t i = 0; i < next; i++) {
			if (is_running(&all[i]) && (stop || stamp_steady() >= all[i].until)) {
				all[i].late = !stop;
				finish(&all[i], true);
			}
			running += is_running(&all[i]);
		}
		if (stop)
			return;
	} while (running || next < n);
}

void jobs_release(struct job *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_release(&all[i].out);
}
