/* SPDX-License-Identifier: ISC
 *
 * Linked into all that is built with SAN=address: what the sanitizer is to let pass, whatever the environment.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the names that it looks for */
const char *__asan_default_options(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void);

/* Where memory is short, malloc says so, as it does without the sanitizer. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* libgit2 1.5 keeps a match of its own whenever a pattern over the configuration does not match, which it does
 * while opening any repository of format 1. Its frames do not show.
 */
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8\n";
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
