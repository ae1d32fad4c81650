/* SPDX-License-Identifier: ISC
 *
 * plugin - what a source says of itself with --describe: the registry is PATH.
 *
 *	struct plugin all[2] = {{.program = "athena-src-git"}, {.program = "athena-src-slack"}};
 *	plugins_describe(all, 2, 5 * STAMP_SECOND, &stop);
 *	... all[i].about, all[i].why ...     what it said, or why it said nothing
 *	if (plugin_option(&all[i], "metrics")) ...
 *	plugins_release(all, 2);
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLUGIN_PROTOCOL = 1 }; /* the version of --describe, of events and of checkpoints that is ours */

struct plugin {
	const char *program; /* name or path; borrowed */
	json_t *about;       /* the answer: an object with at least name and options; NULL where there is none */
	char *why;           /* what is wrong with it, in words; NULL: nothing */
	bool missing;        /* there is no such program */
};

/* Asks all of them side by side; one that is there several times, once. */
void plugins_describe(struct plugin *all, size_t n, int64_t timeout_us, volatile const sig_atomic_t *stop);
void plugins_release(struct plugin *all, size_t n);

/* About or why, from the text that --describe wrote. */
void plugin_take(struct plugin *p, const char *text, size_t n);

/* Its option of that name: an object, borrowed; NULL where it has none. */
const json_t *plugin_option(const struct plugin *p, const char *name);

/* That option takes no argument. */
bool plugin_is_flag(const json_t *option);

#endif
