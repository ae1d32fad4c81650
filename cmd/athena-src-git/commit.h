/* SPDX-License-Identifier: ISC
 *
 * commit - the one place that reads a commit or tag object.
 *
 * libgit2 parses commits too strictly for a history as it is (a negative or overflowing date
 * stops its walk, a shallow clone ends in a missing object) and knows neither grafts nor
 * replacements. So objects are read raw here, and .git/shallow, info/grafts and refs/replace are
 * applied here and nowhere else (grafts.h).
 *
 *	struct commit_reader *r;
 *	rc = commit_reader_new(&r, repo, &folder, true);
 *	commit_links(r, &oid, &links);           parents, tree and date: for the walk
 *	commit_read(r, &oid, &c); ... commit_release(&c);   everything: for the event
 *	commit_reader_free(r);
 */
#ifndef COMMIT_H
#define COMMIT_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"
#include "oids.h"

/* "Name <mail> 1234567890 +0200" as it stands there; the texts are slices of the object. */
struct person {
	const char *name, *mail, *date; /* date: the digits as written, for what cannot be a time */
	size_t name_len, mail_len, date_len;
	int64_t seconds; /* since 1970; clamped to int64 */
	int zone;        /* minutes east of UTC */
	bool dated;      /* seconds is what was written */
};

/* What the walk needs. parents is reused from call to call. */
struct commit_links {
	git_oid tree;
	int64_t date; /* of the committer, seconds; 0 where there is none */
	struct oid_list parents;
};

struct commit {
	git_oid oid; /* the name it goes by, also when it is replaced */
	git_oid tree;
	struct oid_list parents; /* as git shows them: shallow, grafts and replacements applied */
	struct person author, committer;
	const char *encoding, *message; /* slices of the object; encoding NULL: none given */
	size_t encoding_len, message_len;
	const char *signature; /* "openpgp", "ssh", "x509", "unknown", or NULL: not signed */
	struct object *object; /* holds the bytes */
};

/* An annotated tag. */
struct tag {
	git_oid target;
	git_object_t target_type;
	struct person tagger; /* name NULL: there is none */
	const char *message;
	size_t message_len;
	struct object *object;
};

struct commit_reader;

/* `replace`: refs/replace is honoured (git's default). The folder is borrowed. 0 or a sysexits code. */
int commit_reader_new(struct commit_reader **out, git_repository *repo, const struct object_folder *folder,
		      bool replace);
void commit_reader_free(struct commit_reader *r);

/* The commits whose parents are not here, by .git/shallow; sorted. */
const struct oid_list *commit_shallow(const struct commit_reader *r);

/* Names what grafts and replacements change, 64 hexadecimal digits; "" when there are none. */
const char *commit_grafts(const struct commit_reader *r);

enum commit_result {
	COMMIT_OK,
	COMMIT_MISSING,  /* no such object here */
	COMMIT_NOT,      /* an object of another kind */
	COMMIT_BROKEN,   /* it cannot be read: libgit2's last error says why; or it is no commit by its text */
};

enum commit_result commit_links(struct commit_reader *r, const git_oid *oid, struct commit_links *out);
enum commit_result commit_read(struct commit_reader *r, const git_oid *oid, struct commit *out);
void commit_release(struct commit *c);

/* The pure parsers under these (commit-text.c): the texts are borrowed from data. False where no tree or target stands at its head. */
bool commit_parse_links(struct commit_links *out, const char *data, size_t n);
bool commit_parse(struct commit *out, const char *data, size_t n);
bool tag_parse(struct tag *out, const char *data, size_t n);

enum commit_result tag_read(struct commit_reader *r, const git_oid *oid, struct tag *out);
void tag_release(struct tag *t);

/* The commit that a tag of a tag of ... names. COMMIT_NOT: it names something else; *commit is what that was. */
enum commit_result commit_follow(struct commit_reader *r, const git_oid *oid, git_oid *commit);

/* The same; false where there is no such commit here. */
bool commit_peel(struct commit_reader *r, const git_oid *oid, git_oid *commit);
bool commit_exists(struct commit_reader *r, const git_oid *oid);

/*
 * An object that is not here may lie in a pack that cannot be opened, which libgit2 passes over: 0 where all
 * packs can, else a code that is logged.
 */
int commit_readable(const struct commit_reader *r);

/* An error for what could not be read: 65, said with the name of the commit. */
int commit_error(const git_oid *oid, enum commit_result what);

#endif
