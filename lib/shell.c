/* SPDX-License-Identifier: ISC */
#include "shell.h"

#include <string.h>

void shell_word(struct buf *out, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";

	if (*text && !text[strspn(text, plain)]) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\'");
		buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}
