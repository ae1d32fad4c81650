/* SPDX-License-Identifier: ISC */
#include "rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

enum { FLUSH = 64 << 10 };

int rejects_open(struct rejects *r)
{
	r->fd = r->path ? open(r->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (r->path && r->fd < 0)
		return log_error(EX_CANTCREAT, "--rejects: %s: %s; nothing was read", r->path,
				 strerror(errno));
	return 0;
}

static int flush(struct rejects *r)
{
	int rc = 0;

	if (r->fd >= 0 && r->out.len && file_write_all(r->fd, r->out.data, r->out.len))
		rc = log_error(EX_IOERR, "--rejects: %s: %s; cursor not moved", r->path, strerror(errno));
	buf_reset(&r->out);
	return rc;
}

void rejects_add(struct rejects *r, const char *file, int64_t number, const char *line, size_t n,
		 const char *why)
{
	if (++r->n <= REJECTS_SAID)
		log_warn("%s:%" PRId64 ": %s; the line was left out", file, number, why);
	else if (r->n == REJECTS_SAID + 1)
		log_warn("more lines were left out, which are only counted%s",
			 r->path ? "" : "; --rejects FILE keeps them");
	if (r->fd < 0 || !line)
		return;
	buf_add(&r->out, line, n);
	buf_addc(&r->out, '\n');
	r->dirty = true;
	if (r->out.len >= FLUSH)
		r->failed = r->failed ? r->failed : flush(r);
}

int rejects_sync(struct rejects *r)
{
	int rc = flush(r);

	rc = r->failed ? r->failed : rc;
	if (!rc && r->dirty && fdatasync(r->fd) && errno != EINVAL && errno != EROFS)
		rc = log_error(EX_IOERR, "--rejects: %s: %s; cursor not moved", r->path, strerror(errno));
	r->dirty = false;
	return rc;
}

int rejects_close(struct rejects *r)
{
	int rc = rejects_sync(r);

	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (r->n > REJECTS_SAID)
		log_warn("%s lines were left out in all", log_count((uint64_t)r->n));
	buf_release(&r->out);
	return rc;
}
