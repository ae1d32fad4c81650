/* SPDX-License-Identifier: ISC
 *
 * git-event - from what git holds to an event (athena-events(5)). No I/O, no libgit2 lookups.
 *
 *	struct event_maker m;
 *	event_maker_init(&m, source_id, mailmap);
 *	event_commit(&m, &e, &commit, &diff, counts, branch);            one event a commit, and then perhaps ...
 *	event_file(&m, &e, &commit, &change, counts, branch, &patch);    ... one a file; both borrow from m until the next call
 *	event_maker_release(&m);
 *
 * Everything is bounded so that no line can pass EVENT_LINE_MAX.
 *
 * Files: event.c has commits and files, event-ref.c tags, refs and the work tree, event-text.c what text becomes, language.c
 * the language that a file's name tells.
 */
#ifndef GIT_EVENT_H
#define GIT_EVENT_H

#include <git2.h>
#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "commit.h"
#include "diff.h"
#include "mailmap.h"
#include "event.h"

struct event_maker {
	const char *source_id;   /* borrowed */
	struct mailmap *mailmap; /* borrowed; NULL: none */
	/* private: what the events point into */
	struct buf id, content, author, mail, git_author, name, name_mail, committer, context, metadata, session, path,
		raw;
	char oid[GIT_OID_HEXSZ + 1];
	const char *truncated[4];
	iconv_t converter;
	char converter_of[40]; /* name of the encoding it is for, "" for none */
};

void event_maker_init(struct event_maker *m, const char *source_id, struct mailmap *mailmap);
void event_maker_release(struct event_maker *m);

/* The timestamp of a commit, in microseconds; 0 with *in_range false for what is none. */
int64_t event_time(const struct person *p, bool *in_range);

enum event_counts { EVENT_COUNT_NOTHING, EVENT_COUNT_FILES, EVENT_COUNT_LINES };

/* `diff` NULL: it was not looked at. */
void event_commit(struct event_maker *m, struct event *e, const struct commit *c, const struct diff_job *diff,
		  enum event_counts counts, const char *branch);

/* `patch` NULL: none is wanted; patch_cut: it did not fit. */
void event_file(struct event_maker *m, struct event *e, const struct commit *c, const struct change *change,
		enum event_counts counts, const char *branch, struct buf *patch);

/* An annotated tag, or with tag NULL a lightweight one of `commit` (NULL: of no commit). */
void event_tag(struct event_maker *m, struct event *e, const char *ref, const git_oid *oid, const struct tag *tag,
	       const struct commit *commit);

struct ref_move {
	const char *ref, *key;      /* its name; the same percent-encoded */
	const git_oid *old, *new;   /* NULL: there was, or is, none */
	int64_t number;             /* the n-th event of this ref */
	bool forced;                /* else created or deleted, by what is NULL */
	bool old_gone;              /* the old commit is no longer in the repository */
	int64_t since;              /* then: seconds, no later than which it was last looked at */
	size_t n_lost, n_gained;    /* commits */
	const struct oid_list *lost, *gained; /* the newest of them, or NULL */
	const struct person *when;  /* committer of the commit concerned, or NULL: not known */
};

void event_ref(struct event_maker *m, struct event *e, const struct ref_move *move);

struct worktree_change {
	const char *path, *old_path;    /* raw bytes; old_path of a rename, or NULL */
	const char *status;             /* A M D T R ? (untracked) U (conflict), as git status has it */
	git_oid oid;                    /* of the content now; zero: deleted */
	bool staged, unstaged;
	int64_t mtime;                  /* seconds */
	int64_t added, deleted;         /* -1: not known */
	const char *branch;             /* NULL: none */
	const char *name, *mail;        /* who works here by git's configuration, or NULL */
};

void event_worktree(struct event_maker *m, struct event *e, const struct worktree_change *c);

/* What the makers above are made of (event-text.c). */
void event_start(struct event_maker *m, struct event *e);
/* Name and mail of a person as UTF-8 after the mailmap; c, perhaps NULL, tells the encoding. */
void event_resolve(struct event_maker *m, struct buf *name, struct buf *mail, const struct person *p,
		   const struct commit *c);
/* "Name <mail>" */
void event_person(struct buf *out, const struct buf *name, const struct buf *mail);
void event_set_time(struct event_maker *m, struct event *e, const struct person *p);
void event_set_path(struct event_maker *m, struct event *e, const char *path);
void event_set_session(struct event_maker *m, struct event *e, const char *mail);
/* The message as content; `empty` stands for one that holds nothing. */
void event_set_message(struct event_maker *m, struct event *e, const char *s, size_t n, const struct commit *c,
		       const char *empty);
/* Names a member that was cut. */
void event_cut(struct event_maker *m, struct event *e, const char *name);

/* The programming language that a path's name tells, as Markdown fences call it; NULL: none. */
const char *event_language(const char *path);

#endif
