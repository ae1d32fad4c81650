/* SPDX-License-Identifier: ISC
 *
 * functions - what SQL asks of an event that it cannot see by itself: its files, and what it refers to.
 *
 *     touches(file_path, context)               does any of the files match --path?
 *     event_paths(file_path, context)           its files, a line each
 *     event_links(id, session_id, file_path, context, git_commit, metadata)
 *                                               words for the index by which events find each other, see functions_link()
 *     has_line(text, line)                      is that one of the lines?
 *     mentions(content, source_id, repo, n)     see refs_mentions()
 */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "buf.h"
#include "db.h"
#include "query.h"

/* Once for a connection; the query must outlive it. */
int functions_register(struct db *db, const struct query *q);

/* A member as it stands in the row; text NULL where it is absent. */
struct member {
	const char *text;
	size_t len;
};

/* The files of an event are its file_path and the list `files` of its context. */
bool functions_touches(const struct opt_list *globs, struct member path, struct member context);
void functions_paths(struct buf *out, struct member path, struct member context);

enum functions_link { LINK_SESSION = 's', LINK_FILE = 'f' };

/* Adds the one word that stands for a session or a file in the index: a hash, so whoever finds it compares the text. */
void functions_link(struct buf *out, enum functions_link kind, const char *s, size_t n);

#endif
