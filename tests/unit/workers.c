/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/workers.c cmd/athena-src-apilog/worker.c cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c cmd/athena-src-apilog/filter.c cmd/athena-src-apilog/request.c cmd/athena-src-apilog/draft.c cmd/athena-src-apilog/hash.c cmd/athena-src-apilog/pen.c cmd/athena-src-apilog/jsontext.c cmd/athena-src-apilog/redact.c cmd/athena-src-apilog/prose.c cmd/athena-src-apilog/secret.c cmd/athena-src-apilog/route.c pkg: libxxhash */
/*
 * However many workers there are, and however the lines come, what becomes of them is what one worker makes of
 * them line by line: the same events, the same rejects, the same format at the end.
 */
#include "workers.h"

#include <inttypes.h>

#include "tap.h"

enum { LOG = 6 << 20, LINE_MAX_ = 3000 };

static uint64_t seed = 20261127;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((seed >> 33) % n);
}

/* ---- a log ---- */

enum kind { COMBINED, JSON, LOGFMT, TIMED, W3C, TRACE, KINDS };

static void add_line(struct buf *log, enum kind kind, unsigned i)
{
	unsigned s = i % 60, m = i / 60 % 60, h = i / 3600 % 24;

	switch (kind) {
	case COMBINED:
	case TIMED:
		buf_addf(log,
			 "10.0.0.%u - - [24/Nov/2026:%02u:%02u:%02u +0000] \"GET /n/%u?a=%u HTTP/1.1\" %u %u "
			 "\"-\" \"x\"%s\n",
			 i % 250, h, m, s, i, i, below(20) ? 200 : 503, i, kind == TIMED ? " 0.012" : "");
		return;
	case JSON:
		buf_addf(log,
			 "{\"time\":\"2026-11-24T%02u:%02u:%02uZ\",\"method\":\"GET\",\"path\":\"/j/"
			 "%u\",\"status\":200,\"k%u\":%u}\n",
			 h, m, s, i, below(50), i);
		return;
	case LOGFMT:
		buf_addf(log, "ts=2026-11-24T%02u:%02u:%02uZ level=error msg=\"it \\\"is\\\" %u\"\n", h, m, s,
			 i);
		return;
	case W3C:
		if (!below(100)) /* the columns of what comes, which would fit others, too */
			buf_addf(log, "#Fields: date time %s %s sc-status\n",
				 below(2) ? "cs-method" : "x-what", below(2) ? "cs-uri-stem" : "c-ip");
		buf_addf(log, "2026-11-24 %02u:%02u:%02u GET /w/%u 200\n", h, m, s, i);
		return;
	default:
		/* what it is refused for depends on the format before it */
		buf_addf(log, "%s at frame %u",
			 i % 2 ? "Traceback"
			       : "10.0.0.1 - - [24/Nov/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 2x0 1",
			 i);
		for (unsigned n = below(40); n; n--)
			buf_adds(log, " of many");
		buf_addc(log, '\n');
		return;
	}
}

/* Stretches of one kind, of a few lines or of many, some longer than a chunk; between them what is in no format. */
static void make_log(struct buf *log)
{
	unsigned i = 0;

	while (log->len < LOG) {
		enum kind kind = (enum kind)below(KINDS);
		unsigned n = 1 + (below(4) ? below(40) : below(1500));

		for (; n && log->len < LOG; n--, i++) {
			add_line(log, below(200) ? kind : TRACE, i);
			if (!below(300))
				buf_adds(log, below(2) ? "\n" : "  \r\n");
			if (!below(500))
				buf_add(log, "\0\0\0\0\0", 1 + below(5));
			if (!below(900)) {
				for (unsigned k = 0; k < LINE_MAX_; k += 8)
					buf_adds(log, "too long");
				buf_addc(log, '\n');
			}
		}
	}
	while (log->data[log->len - 1] != '\n')
		log->len--;
}

/* ---- what becomes of it ---- */

struct outcome {
	struct buf events, rejects;
	int64_t n, lines, first, last;
	struct parse_state state;
	int chunks;
};

static void take(struct outcome *o, const struct chunk *x)
{
	buf_add(&o->events, x->out.data, x->out.len);
	for (size_t i = 0; i < x->n_rejects; i++) {
		const struct chunk_reject *r = &x->rejects[i];

		buf_addf(&o->rejects, "%" PRId64 " %s: ", o->lines + r->number, r->why);
		buf_add(&o->rejects, r->p, r->p ? r->n : 0);
		buf_addc(&o->rejects, '\n');
	}
	o->n += x->events;
	o->lines += x->lines;
	if (o->first == RECORD_NONE)
		o->first = x->first_time;
	if (x->time != RECORD_NONE)
		o->last = x->time;
	o->state = x->state;
	o->chunks++;
}

static void release(struct outcome *o)
{
	buf_release(&o->events);
	buf_release(&o->rejects);
}

/* How the lines come: all at once; begun with some, and more while they are worked on; or one by one. */
enum way { AT_ONCE, MORE_AND_MORE, LINE_BY_LINE };

static struct source src = SOURCE_INIT("apilog");
static struct filter filter;

static void begin(struct workers *l, bool alone)
{
	struct worker_rules rules = {.src = &src,
				     .filter = &filter,
				     .source_id = "apilog:/a.log",
				     .max_line = LINE_MAX_ - 1,
				     .redact = true};

	memcpy(rules.file, "0123456789abcdef", FILE_HASH);
	workers_file(l, &rules, (struct parse_state){0}, alone);
}

static const char *line_end(const char *p, const char *end)
{
	return (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
}

static struct outcome go(const struct buf *log, int n, enum way way)
{
	struct outcome o = {.first = RECORD_NONE, .last = RECORD_NONE};
	const char *end = log->data + log->len;
	struct reader_run run = {.p = log->data, .end = end};
	const struct chunk *x;
	struct workers l;

	if (workers_init(&l, n, "auto", NULL, 0))
		exit(1);
	begin(&l, n == 1);
	if (way == MORE_AND_MORE)
		run.end = line_end(log->data + WORKERS_ENOUGH, end);
	while (run.p < end) {
		if (way == LINE_BY_LINE)
			run.end = line_end(run.p, end);
		workers_run(&l, &run);
		while ((x = workers_next(&l, INT64_MAX))) {
			take(&o, x);
			if (run.end < end && way == MORE_AND_MORE) {
				run.end =
					end - run.end < 150000 ? end : line_end(run.end + below(150000), end);
				workers_more(&l, &run);
			}
		}
		run.offset += run.end - run.p;
		run.p = run.end;
	}
	workers_release(&l);
	return o;
}

static void compare(const struct outcome *got, const struct outcome *want, const char *name)
{
	is_bytes(got->events.data, got->events.len, want->events.data, want->events.len, "%s: the events",
		 name);
	is_bytes(got->rejects.data, got->rejects.len, want->rejects.data, want->rejects.len,
		 "%s: the rejects", name);
	is_int(got->n, want->n, "%s: how many events", name);
	is_int(got->lines, want->lines, "%s: lines", name);
	ok(got->first == want->first && got->last == want->last, "%s: the times", name);
	ok(parse_state_same(&got->state, &want->state), "%s: the format", name);
}

static void test_same(const struct buf *log)
{
	static const struct {
		const char *name;
		int workers;
		enum way way;
	} ways[] = {
		{"one worker, all at once", 1, AT_ONCE},
		{"two workers", 2, AT_ONCE},
		{"four workers", 4, AT_ONCE},
		{"two workers, more and more", 2, MORE_AND_MORE},
		{"two workers, line by line", 2, LINE_BY_LINE},
	};
	struct outcome want = go(log, 1, LINE_BY_LINE);

	ok(want.n > 10000 && want.rejects.len > 100000, "%" PRId64 " events, %zu bytes of rejects", want.n,
	   want.rejects.len);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct outcome got = go(log, ways[i].workers, ways[i].way);

		compare(&got, &want, ways[i].name);
		release(&got);
	}
	release(&want);
}

/* Chunks that are full go on where they ended, and a limit ends one at its event. */
static void test_limit(const struct buf *log)
{
	struct outcome want = go(log, 1, LINE_BY_LINE), got = {.first = RECORD_NONE, .last = RECORD_NONE};
	struct reader_run run = {.p = log->data, .end = log->data + log->len};
	const struct chunk *x;
	bool most = true;
	struct workers l;

	if (workers_init(&l, 2, "auto", NULL, 0))
		exit(1);
	begin(&l, true);
	workers_run(&l, &run);
	while ((x = workers_next(&l, 7))) {
		most = most && x->events <= 7;
		take(&got, x);
	}
	ok(most && got.chunks >= want.n / 7, "seven events at most in a chunk");
	compare(&got, &want, "seven by seven");
	is_int(l.started, 0, "no thread was begun");
	workers_release(&l);
	release(&got);
	release(&want);
}

/* What is left behind in the middle leaves no trace. */
static void test_drop(const struct buf *log)
{
	struct outcome want = go(log, 1, LINE_BY_LINE), got = {.first = RECORD_NONE, .last = RECORD_NONE};
	struct reader_run run = {.p = log->data, .end = log->data + log->len};
	const struct chunk *x;
	struct workers l;
	int drops = 0;

	if (workers_init(&l, 2, "auto", NULL, 0))
		exit(1);
	begin(&l, false);
	while (run.p < run.end) {
		workers_run(&l, &run);
		for (unsigned n = 1 + below(12); n && (x = workers_next(&l, INT64_MAX)); n--) {
			take(&got, x);
			run.offset += x->left.p - run.p;
			run.p = x->left.p;
		}
		workers_drop(&l);
		drops++;
		is_int((int64_t)workers_left(&l), 0, "nothing is left");
	}
	ok(drops > 5, "dropped %d times", drops);
	compare(&got, &want, "dropped and begun again");
	workers_release(&l);
	release(&got);
	release(&want);
}

int main(void)
{
	const struct opt_list none = {0};
	struct buf log = {0};

	if (filter_init(&filter, &none, &none, &none, 0))
		return 1;
	make_log(&log);
	test_same(&log);
	test_limit(&log);
	test_drop(&log);
	filter_release(&filter);
	buf_release(&log);
	return tap_done();
}
