/* SPDX-License-Identifier: ISC */
#include "httpturn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "sha256.h"
#include "xalloc.h"

enum {
	TURN = 1000000,   /* microseconds */
	REST = 30000,     /* microseconds: long enough for another one to see that it may */
	NAME_DIGITS = 16, /* of the hash */
	TEXT = 20,        /* digits of a time in the file, each on a line */
};

void httpturn_open(struct httpturn *t, const char *state_dir, const char *credential)
{
	char hash[SHA256_HEX], *path;

	*t = (struct httpturn){.fd = -1};
	if (!state_dir)
		return;
	sha256_hex(credential, strlen(credential), hash);
	path = xasprintf("%s/http-%.*s.lock", state_dir, NAME_DIGITS, hash);
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			log_verbose("%s: %s", path, strerror(errno));
		*p = '/';
	}
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

static int64_t read_told(const struct httpturn *t, size_t i)
{
	char text[TEXT + 1] = "";

	return pread(t->fd, text, TEXT, (off_t)i * (TEXT + 1)) == TEXT ? strtoll(text, NULL, 10) : 0;
}

bool httpturn_mine(struct httpturn *t, int64_t now, int64_t *told, size_t n)
{
	if (!t->on || t->held)
		return true;
	if (now < t->rest || flock(t->fd, LOCK_EX | LOCK_NB))
		return false;
	t->held = true;
	t->since = now;
	for (size_t i = 0; i < n; i++) {
		int64_t when = read_told(t, i);

		if (when > told[i])
			told[i] = when;
	}
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

void httpturn_tell(struct httpturn *t, size_t i, int64_t not_before)
{
	char text[TEXT + 2];

	if (!t->on || !t->held)
		return;
	snprintf(text, sizeof(text), "%0*" PRId64 "\n", TEXT, not_before);
	if (pwrite(t->fd, text, TEXT + 1, (off_t)i * (TEXT + 1)) != TEXT + 1)
		log_verbose("the wait cannot be told to other processes: %s", strerror(errno));
}
