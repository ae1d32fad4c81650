/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "xalloc.h"

enum { BLOCK = 256 << 10 };

static int say(const struct spool *s)
{
	return log_error(errno == EACCES || errno == ENOENT || errno == EROFS ? EX_CANTCREAT : EX_IOERR,
			 "%s: cannot spool there: %s; cursor not moved; TMPDIR names another place",
			 s->folder, strerror(errno));
}

/* A file that is gone when we are. */
static int create(struct spool *s)
{
	char *name = xasprintf("%s/athena-commit.XXXXXX", s->folder);

	s->fd = mkostemp(name, O_CLOEXEC);
	if (s->fd >= 0)
		unlink(name);
	free(name);
	return s->fd < 0 ? say(s) : 0;
}

static int flush(struct spool *s)
{
	int rc = s->fd < 0 ? create(s) : 0;

	if (!rc && file_write_all(s->fd, s->out.data, s->out.len))
		rc = say(s);
	buf_reset(&s->out);
	return rc;
}

int spool_add(struct spool *s, const char *line, size_t n)
{
	buf_add(&s->out, line, n);
	buf_addc(&s->out, '\n');
	s->size += (int64_t)n + 1;
	return s->out.len < BLOCK ? 0 : flush(s);
}

int spool_rewind(struct spool *s)
{
	int rc = flush(s);

	if (!rc && lseek(s->fd, 0, SEEK_SET))
		rc = say(s);
	return rc;
}

int spool_clear(struct spool *s)
{
	s->size = 0;
	buf_reset(&s->out);
	if (s->fd >= 0 && (ftruncate(s->fd, 0) || lseek(s->fd, 0, SEEK_SET)))
		return say(s);
	return 0;
}

void spool_release(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->out);
	*s = (struct spool){.fd = -1};
}
