/* SPDX-License-Identifier: ISC */
#include "httpturn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "file.h"
#include "httprule.h"
#include "log.h"
#include "sha256.h"
#include "xalloc.h"

enum {
	TURN = 1000000,   /* microseconds */
	REST = 30000,     /* microseconds: long enough for another one to see that it may */
	NAME_DIGITS = 16, /* of the hash */
	SKEW = 60000000,  /* microseconds that the clock may have been set back since a wait was told */
	/* The file has a line for each: when it was told, and for how long from then. */
	TIME = 18, /* digits */
	LINE = 2 * TIME + 2,
};

void httpturn_open(struct httpturn *t, const char *state_dir, const char *credential)
{
	char hash[SHA256_HEX], *path;

	*t = (struct httpturn){.fd = -1};
	if (!state_dir)
		return;
	sha256_hex(credential, strlen(credential), hash);
	path = xasprintf("%s/http-%.*s.lock", state_dir, NAME_DIGITS, hash);
	if (file_make_folder(state_dir))
		log_verbose("%s: %s", state_dir, strerror(errno));
	t->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	t->on = t->fd >= 0;
	if (!t->on)
		log_verbose("%s: %s; other processes are not seen", path, strerror(errno));
	free(path);
}

void httpturn_close(struct httpturn *t)
{
	if (t->on)
		close(t->fd);
	*t = (struct httpturn){.fd = -1};
}

/* The TIME digits at s; -1 where they are none. */
static int64_t number(const char *s)
{
	int64_t v = 0;

	for (size_t i = 0; i < TIME; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

static int64_t read_wait(const struct httpturn *t, size_t i, int64_t wall)
{
	char line[LINE];
	int64_t told, wait, left;

	if (pread(t->fd, line, LINE, (off_t)i * LINE) != LINE || line[TIME] != ' ' || line[LINE - 1] != '\n')
		return 0;
	told = number(line);
	wait = number(line + TIME + 1);
	if (told < 0 || told > wall + SKEW || wait < 0)
		return 0;
	if (wait > HTTP_WAIT_MAX)
		wait = HTTP_WAIT_MAX;
	left = told + wait - wall;
	return left < 0 ? 0 : left < wait ? left : wait;
}

bool httpturn_mine(struct httpturn *t, int64_t now, int64_t wall, int64_t *waits, size_t n)
{
	if (!t->on || t->held)
		return true;
	if (now < t->rest || flock(t->fd, LOCK_EX | LOCK_NB))
		return false;
	t->held = true;
	t->since = now;
	for (size_t i = 0; i < n; i++)
		waits[i] = read_wait(t, i, wall);
	return true;
}

bool httpturn_goes_on(const struct httpturn *t, int64_t now)
{
	return !t->on || (t->held && now - t->since < TURN);
}

void httpturn_pass(struct httpturn *t, int64_t now)
{
	if (!t->on || !t->held)
		return;
	flock(t->fd, LOCK_UN);
	t->held = false;
	t->rest = now - t->since < TURN ? 0 : now + REST;
}

void httpturn_tell(struct httpturn *t, size_t i, int64_t wall, int64_t wait)
{
	char line[LINE + 1];

	if (!t->on || !t->held || wall < 0 || wait < 0)
		return;
	snprintf(line, sizeof(line), "%0*" PRId64 " %0*" PRId64 "\n", TIME, wall, TIME, wait);
	if (pwrite(t->fd, line, LINE, (off_t)i * LINE) != LINE)
		log_verbose("the wait cannot be told to other processes: %s", strerror(errno));
}
