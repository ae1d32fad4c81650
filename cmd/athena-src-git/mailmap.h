/* SPDX-License-Identifier: ISC
 *
 * mailmap - whose a name and a mail address really are, as gitmailmap(5) has it and git log shows it.
 *
 *	struct mailmap *m = mailmap_load(repo);     .mailmap, mailmap.blob, mailmap.file; later lines win
 *	struct mailmap_person real = mailmap_find(m, name, name_len, mail, mail_len);
 *	... real.name, real.mail: NULL where what was given stays ...
 *	mailmap_free(m);
 *
 * libgit2 1.5 has one too, and it finds fewer people than git: a line with a second name but no second
 * address is dropped there, and of several lines for one address some are never looked at.
 */
#ifndef MAILMAP_H
#define MAILMAP_H

#include <git2.h>
#include <stddef.h>

struct mailmap;

/* Texts as they stand in the file, perhaps not UTF-8; borrowed until mailmap_free(). */
struct mailmap_person {
	const char *name, *mail;
};

/* What git log would read for this repository; what cannot be read is passed over, as git does. */
struct mailmap *mailmap_load(git_repository *repo);

/* The parser under it: the n bytes of one file, after those added before. */
struct mailmap *mailmap_new(void);
void mailmap_add(struct mailmap *m, const char *text, size_t n);

/* ASCII case makes no difference, neither of the name nor of the address. */
struct mailmap_person mailmap_find(struct mailmap *m, const char *name, size_t name_len, const char *mail,
				   size_t mail_len);
void mailmap_free(struct mailmap *m);

#endif
