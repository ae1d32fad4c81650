/* SPDX-License-Identifier: ISC
 *
 * access - what is to be done where a log or its folder may not be read.
 *
 *	char *todo = access_advice("/var/log/nginx/access.log");
 *	... "its group adm may: usermod -aG adm ann" ...
 *	free(todo);
 */
#ifndef ACCESS_H
#define ACCESS_H

/* On the heap. */
char *access_advice(const char *path);

#endif
