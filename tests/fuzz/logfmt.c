/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/parse.c cmd/athena-src-apilog/builtin.c cmd/athena-src-apilog/logformat.c cmd/athena-src-apilog/clfhead.c cmd/athena-src-apilog/formatvalue.c cmd/athena-src-apilog/formatlook.c cmd/athena-src-apilog/formattake.c cmd/athena-src-apilog/jsonlog.c cmd/athena-src-apilog/logfmt.c cmd/athena-src-apilog/fields.c cmd/athena-src-apilog/members.c cmd/athena-src-apilog/names.c cmd/athena-src-apilog/logtime.c cmd/athena-src-apilog/lognumber.c cmd/athena-src-apilog/logzone.c cmd/athena-src-apilog/syslog.c cmd/athena-src-apilog/target.c cmd/athena-src-apilog/unquote.c cmd/athena-src-apilog/w3c.c cmd/athena-src-apilog/wrapped.c cmd/athena-src-apilog/apphead.c */
/*
 * logfmt lines: the record of each is sound, and one that is rejected has a reason.
 */
#include "record-check.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct parser *p;
	struct parse_state state = {0};
	struct record r = {0};
	const char *s = (const char *)data, *end = s + n, *why;

	require(parser_new(&p, "logfmt", NULL, 0) == 0);
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *stop = nl ? nl : end;
		char *exact = xmemdup(s, (size_t)(stop - s));

		why = "";
		if (parser_line(p, &state, exact, (size_t)(stop - s), &r, &why))
			check_record(&r);
		else
			require(*why);
		free(exact);
		s = nl ? nl + 1 : end;
	}
	record_release(&r);
	parser_free(p);
	return 0;
}
