/* SPDX-License-Identifier: ISC
 *
 * target - request lines and URLs, taken apart.
 */
#ifndef TARGET_H
#define TARGET_H

#include "record.h"

/*
 * "GET /p?q HTTP/1.1" into method, path, query and protocol, and scheme and host of an absolute-form, host of CONNECT. False, and
 * r as it was, where it is no request line (TLS bytes on a plain port, nothing at all).
 */
bool target_request(struct record *r, const char *s, size_t n);

/* A path with its query, or a URL, into scheme, host, path and query; what r says already stays. */
void target_url(struct record *r, const char *s, size_t n);

/* http or https into scheme, where r says none. False for anything else. */
bool target_scheme(struct record *r, const char *s, size_t n);

#endif
