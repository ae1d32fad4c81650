/* SPDX-License-Identifier: ISC
 *
 * confine - a program gives up what it will not need, once it has opened what it does need. What it reads
 * may then be as hostile as it likes: a fault in a parser cannot start a program, send
 * anything anywhere, or write outside the folders that are named.
 *
 *	const char *const folders[] = {"/home/ann/cursors"};
 *	confine(0, folders, 1);                 no programs, no network, files are made and changed there only
 *	confine(CONFINE_FILES, NULL, 0);        files anywhere, as the user may
 *
 * It cannot be taken back, and holds for all threads begun afterwards and all children. Descriptors that
 * are open stay as they are. Reading is not restricted.
 *
 * Linux: seccomp for programs and network, Landlock (5.13 and newer) for files; where the kernel has
 * not the one or the other, and on other systems, that part is quietly left out. Before 6.2 a file elsewhere that may be
 * written can still be emptied, by an open(2) with O_RDONLY | O_TRUNC.
 *
 * OpenBSD: pledge(2) and unveil(2). They hold for a child until it starts a program, and that begins with all the user's rights:
 * with CONFINE_PROGRAMS kept, what is started is not confined there. This was tried against stand-ins of the two only.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stddef.h>

enum {
	CONFINE_NETWORK = 1,  /* sockets */
	CONFINE_PROGRAMS = 2, /* execve(2) */
	CONFINE_FILES = 4,    /* writing, making, renaming and removing files anywhere */
};

/*
 * `keep`: CONFINE_..., what is still needed. `folders`: they must exist; one that does not, or is
 * NULL, opens nothing. Returns CONFINE_..., what has been given up.
 */
unsigned confine(unsigned keep, const char *const *folders, size_t n);

/* From now on a crash leaves no core, which would hold all that is in memory: for who knows a token. */
void confine_core(void);

#endif
