/* SPDX-License-Identifier: ISC */
/* pkg: libcurl jansson */
/* The clock on the wall is set while a run waits for a server: it waits as long as the server said, no longer. */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "http.h"
#include "log.h"
#include "stamp.h"
#include "tap.h"

#define HOUR (3600 * STAMP_SECOND)

/* How far the clock on the wall is off, in seconds. */
static _Atomic int64_t step;

/* In place of that of the C library. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	int rc = (int)syscall(SYS_clock_gettime, clock_id, tp);

	if (clock_id == CLOCK_REALTIME)
		tp->tv_sec += step;
	return rc;
}

struct server {
	int fd;
	in_port_t port;
	const char *refusal; /* what it says at first */
	int64_t step;        /* what the clock is off from then on */
};

static void answer(const struct server *s, const char *text)
{
	char request[4096];
	int fd = accept(s->fd, NULL, NULL);

	if (fd < 0)
		return;
	if (read(fd, request, sizeof(request)) > 0 && write(fd, text, strlen(text)) < 0)
		perror("server");
	close(fd);
}

static void *serve(void *arg)
{
	const struct server *s = arg;

	answer(s, s->refusal);
	usleep(300000); /* it has been read, and is waited for */
	step = s->step;
	answer(s, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]");
	return NULL;
}

static void listen_here(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (struct sockaddr *)&at, len) || listen(s->fd, 8) ||
	    getsockname(s->fd, (struct sockaddr *)&at, &len))
		exit(1);
	s->port = at.sin_port;
}

/* Asks, is refused, asks again; the clock is set meanwhile. True where the answer came. */
static bool ask(const char *refusal, const char *kind, int64_t seconds)
{
	struct http_options net = HTTP_OPTIONS_INIT;
	struct server s = {.refusal = refusal, .step = seconds};
	struct metrics metrics = {0};
	struct http_answer a = {0};
	char origin[64];
	struct http *h;
	pthread_t thread;
	int rc;

	net.deadline = HOUR;
	listen_here(&s);
	snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", ntohs(s.port));
	pthread_create(&thread, NULL, serve, &s);
	rc = http_open(&h, &(struct http_setup){.options = &net,
						.user_agent = "test",
						.origin = origin,
						.token = "t",
						.state_dir = "./state",
						.metrics = &metrics});
	if (!rc)
		rc = http_receive(
			h, http_send(h, &(struct http_request){.url = origin, .kind = kind, .json = true}),
			&a);
	ok(!rc && a.status == 200, "the answer came: %d", rc);
	ok(metrics.throttled_us < 60 * STAMP_SECOND, "and waiting was little");
	rc = a.status;
	http_answer_release(&a);
	http_close(h);
	shutdown(s.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(s.fd);
	step = 0;
	return rc == 200;
}

static const char limited[] =
	"HTTP/1.1 429 No\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
static const char failed[] =
	"HTTP/1.1 503 No\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
static const char spent[] =
	"HTTP/1.1 403 No\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1000000000\r\n"
	"Date: Sun, 09 Sep 2001 01:46:40 GMT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

int main(void)
{
	char folder[TAP_FOLDER];

	log_init("httpclock");
	tap_enter(folder);
	alarm(120); /* it waits for hours: that is the failure */
	for (int sign = -1; sign <= 1; sign += 2) {
		printf("# the clock is set %s by five hours\n", sign < 0 ? "back" : "forward");
		ok(ask(limited, NULL, sign * 5 * 3600), "too many at once");
		ok(ask(limited, "search", sign * 5 * 3600), "of a kind");
		ok(ask(failed, NULL, sign * 5 * 3600), "it failed for now");
		ok(ask(spent, NULL, sign * 5 * 3600), "the quota is used up");
	}
	tap_leave(folder);
	return tap_done();
}
