/* SPDX-License-Identifier: ISC */
#include "mask.h"

#include "tap.h"

static void masked(const char *text, const char *want)
{
	struct buf out = {0};

	mask_add(&out, text);
	is_str(buf_cstr(&out), want, "%s", want);
	buf_release(&out);
}

int main(void)
{
	masked("", "");
	masked("https://me:secret@host/x", "https://me:***@host/x");
	masked("https://:secret@host/x", "https://:***@host/x");
	masked("https://host:8080/a@b", "https://host:8080/a@b");
	masked("https://me@host/", "https://me@host/");
	masked("https://abcdefghij0123456789@host/", "https://***@host/");
	masked("echo ghp_0123456789abcdef!", "echo ghp_***!");
	masked("github_pat_0123456789 xoxb-12345678-a", "github_pat_*** xoxb-***");
	masked("ghp_short", "ghp_short");
	masked("highs_and_lows_of_2024/laughs_2024-01-01.log",
	       "highs_and_lows_of_2024/laughs_2024-01-01.log");
	masked("=ghs_0123456789 ", "=ghs_*** ");
	masked("ssh://a-user-of-many-letters@host/", "ssh://a-user-of-many-letters@host/");
	masked("a ://", "a ://");
	return tap_done();
}
