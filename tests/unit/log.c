/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>

#include "tap.h"

static int code;

static void say_error(void *text)
{
	code = log_error(65, "%s: %s", "data.db", (const char *)text);
}

static void say_to_nobody(void *left)
{
	close(STDERR_FILENO);
	errno = ERANGE;
	log_error(65, "x");
	*(int *)left = errno;
}

static void say_all(void *unused)
{
	(void)unused;
	log_warn("w");
	log_note("n");
	log_verbose("v");
}

static const char *error(const char *text)
{
	return tap_capture(STDERR_FILENO, say_error, (void *)(uintptr_t)text);
}

static void test_messages(void)
{
	static const char turned[] = {'a', '\xe2', '\x80', '\xae', 'z', '\0'};
	int left = 0;

	is_str(error("disk full"), "athena-x: data.db: disk full\n", "program, object, what");
	is_int(code, 65, "log_error returns its code");
	is_str(tap_capture(STDERR_FILENO, say_to_nobody, &left), "", "a closed stderr is no failure");
	is_int(left, ERANGE, "... and errno is left alone");
	is_str(error("https://me:secret@host/x ghp_0123456789abcdef"),
	       "athena-x: data.db: https://me:***@host/x ghp_***\n", "a secret is not said");
	is_str(error("a\033[31mb\tc\nd\rzz\x7f"), "athena-x: data.db: a\\x1B[31mb\\x09c\\x0Ad\\x0Dzz\\x7F\n",
	       "control bytes never come out raw");
	is_str(error("\xc2\x9b"
		     "31m\xff\xc3\xa9\xed\xa0\x80"),
	       "athena-x: data.db: \\xC2\\x9B31m\\xFF\xc3\xa9\\xED\\xA0\\x80\n",
	       "nor do C1 controls and broken UTF-8; what is text does");
	is_str(error(turned), "athena-x: data.db: a\\xE2\\x80\\xAEz\n",
	       "nor does what turns the direction of a line");
}

static void test_length(void)
{
	static char text[20000];
	const char *said;
	size_t n;

	memset(text, '\033', sizeof(text) - 1);
	said = error(text);
	n = strlen(said);
	ok(n > 4000 && n < 20000, "a message of 20,000 escapes is cut (%zu)", n);
	ok(said[n - 1] == '\n' && strchr(said, '\n') == said + n - 1, "... and is one line");
	memset(text, 'x', sizeof(text) - 1);
	said = error(text);
	n = strlen(said);
	ok(n > 4000 && said[n - 1] == '\n', "so is one of letters");
}

static void test_levels(void)
{
	is_str(tap_capture(STDERR_FILENO, say_all, NULL), "athena-x: warning: w\nathena-x: n\n", "normal");
	log_set_level(LOG_QUIET);
	is_str(tap_capture(STDERR_FILENO, say_all, NULL), "athena-x: warning: w\n", "-q: no notes");
	log_set_level(LOG_VERBOSE);
	is_str(tap_capture(STDERR_FILENO, say_all, NULL), "athena-x: warning: w\nathena-x: n\nathena-x: v\n",
	       "-v: details");
	log_set_level(LOG_NORMAL);
}

static void progress(void *unused)
{
	(void)unused;
	log_progress_mode(LOG_PROGRESS_AUTO);
	for (int i = 0; i < 1000; i++)
		log_progress("commits", 5, 10);
	log_progress_mode(LOG_PROGRESS_ON);
	log_progress("commits", 5, 10);
	log_progress_end();
}

int main(void)
{
	log_init("athena-x");
	is_str(log_program(), "athena-x", "the name");
	test_messages();
	test_length();
	test_levels();
	is_str(tap_capture(STDERR_FILENO, progress, NULL), "",
	       "no progress off a terminal, and none in the first second");
	is_str(log_count(0), "0", "0");
	is_str(log_count(999), "999", "999");
	is_str(log_count(1000), "1,000", "1,000");
	is_str(log_count(123456), "123,456", "123,456");
	is_str(log_count(UINT64_MAX), "18,446,744,073,709,551,615", "the largest number");
	return tap_done();
}
