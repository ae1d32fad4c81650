/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
/*
 * The first line is a log_format string, the others are lines of that log, and of one whose format is not
 * told: a format is compiled or refused, the record of each line is sound.
 */
#include <fcntl.h>
#include <unistd.h>

#include "record-check.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void lines(struct parser *p, const char *s, const char *end)
{
	struct parse_state state = {0};
	struct record r = {0};
	const char *why;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *stop = nl ? nl : end;
		char *exact = xmemdup(s, (size_t)(stop - s));

		why = "";
		if (parser_line(p, &state, exact, (size_t)(stop - s), &r, &why))
			check_record(&r);
		else
			require(!why || *why);
		require(parser_format_name(p, &state));
		free(exact);
		s = nl ? nl + 1 : end;
	}
	record_release(&r);
}

/* What a format that is refused says on stderr is of no interest here. */
static struct parser *compile(const char *format)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct parser *p;

	require(kept >= 0 && null >= 0 && dup2(null, STDERR_FILENO) >= 0);
	if (parser_new(&p, format, NULL, 0))
		p = NULL;
	require(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	close(null);
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *s = (const char *)data, *nl = n ? memchr(s, '\n', n) : NULL;
	static struct parser *known; /* compiling all that is known takes longer than the lines */
	struct parser *p;
	char *format;

	if (!nl)
		return 0;
	format = xstrndup(s, (size_t)(nl - s));
	p = compile(format);
	if (p)
		lines(p, nl + 1, s + n);
	parser_free(p);
	require(known || parser_new(&known, "auto", NULL, 0) == 0);
	lines(known, nl + 1, s + n);
	free(format);
	return 0;
}
