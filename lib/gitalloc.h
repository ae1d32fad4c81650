/* SPDX-License-Identifier: ISC
 *
 * gitalloc - memory or death for libgit2 too (see xalloc.h): where its own allocator fails it may
 * take what it could not read for absent, or call itself until the stack ends.
 *
 *	gitalloc_use();          before git_libgit2_init()
 */
#ifndef GITALLOC_H
#define GITALLOC_H

void gitalloc_use(void);

#endif
