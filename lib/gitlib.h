/* SPDX-License-Identifier: ISC
 *
 * gitlib - libgit2, begun with our memory (xalloc.h) and without its TLS, which nothing of ours uses. Where it is built
 * with mbedtls, as in Debian, git_libgit2_init() reads the certificates of all the world's authorities: 51 of the 65
 * million instructions of a run that finds nothing new.
 */
#ifndef GITLIB_H
#define GITLIB_H

/* 0, or libgit2's error; git_libgit2_shutdown() ends it. */
int gitlib_init(void);

#endif
