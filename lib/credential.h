/* SPDX-License-Identifier: ISC
 *
 * credential - a token from a file, and to which host one may go. What each API calls its tokens, and in
 * which variables of the environment they are, its source knows.
 *
 *	rc = credential_read(path, &token);
 *	if (!rc && (credential_host_is(url, "github.com") || credential_is_here(url))) ...   it may go there
 */
#ifndef CREDENTIAL_H
#define CREDENTIAL_H

#include <stdbool.h>

/* The first word of `file`, as a heap string in *token. 0, or a code that is logged. */
int credential_read(const char *file, char **token);

/* Cuts the text to its first word, which must be of printable characters. 0, or 78 that names `from`. */
int credential_check(char *token, const char *from);

/* What a token came from, for a person: the file, or in words where a command printed it into a pipe. */
const char *credential_from(const char *file);

/* Is the host of the URL `name`, or below it where that begins with a dot (".ghe.com")? */
bool credential_host_is(const char *url, const char *name);

/* Is it this very machine? It may have any token. */
bool credential_is_here(const char *url);

#endif
