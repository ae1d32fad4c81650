/* SPDX-License-Identifier: ISC
 *
 * token - which token goes to which API, and what kind it is. A token of slack.com never goes to another
 * host.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>

/*
 * The token for the API at `base`: from `file`, else from the environment. *token becomes a heap string.
 * *from says where it was found (a static string, or `file`). 0 or a code that has been said; 78 where
 * there is none.
 */
int token_find(const char *base, const char *file, char **token, const char **from);

/* "bot token", by its prefix; *reads becomes false where no token of that kind reads conversations. */
const char *token_kind(const char *token, bool *reads);

#endif
