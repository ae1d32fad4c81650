/* SPDX-License-Identifier: ISC
 *
 * route - the endpoint that a path belongs to: what looks like an identifier becomes `:id`.
 *
 *	n = route_fold(to, "/users/42/posts", 15);   "/users/:id/posts"
 *
 * A whole segment is an identifier when it is
 *	a number, also with dashes (42, 2026-11-24);
 *	a UUID, or 8 and more hexadecimal digits of which one at least is a digit (3f2a1b9c);
 *	a ULID, or a long token in which digits and letters alternate as no word has it (cus_9s6XKzkNRiz8i3Qw);
 *	an e-mail address.
 * An ending like .json or .html stays: /users/42.json is /users/:id.json. A segment without any digit is never
 * one, but for the address.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <stddef.h>

/* Writes the route of the path to `to`, where ROUTE_ROOM(n) bytes are; returns its length. */
size_t route_fold(char *to, const char *path, size_t n);

#define ROUTE_ROOM(n) (3 * (n) + 8) /* a segment of one digit becomes three bytes */

#endif
