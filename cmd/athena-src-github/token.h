/* SPDX-License-Identifier: ISC
 *
 * token - which token goes to which API, and what kind it is. A token of github.com never goes to another
 * host.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>

/*
 * The token for the API at `base`: from `file`, else from the environment variables that belong to that host.
 * *token becomes a heap string, or NULL where there is none. *from says where it was found (a static string,
 * or `file`). 0 or a code that has been said.
 */
int token_find(const char *base, const char *file, char **token, const char **from);

/* "classic personal access token", by its prefix. */
const char *token_kind(const char *token);

/* Does the API at base belong to github.com or ghe.com? */
bool token_is_github(const char *base);

#endif
