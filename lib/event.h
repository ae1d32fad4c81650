/* SPDX-License-Identifier: ISC
 *
 * event - the rules of athena-events(5) in one place: the event as a source fills it,
 * the line made of it, and the check of a line that came in.
 *
 * A source:
 *
 *	struct event e = EVENT_INIT;
 *	e.id = "git:abc"; e.kind = "vcs_commit"; ...
 *	event_line(&buf, &e);                 one that has all members; what a run adds, source_emit() does
 *
 * A store:
 *
 *	struct jsonscan scan = EVENT_SCAN;
 *	struct event_fields fields = {0};
 *	if (jsonscan_line(&scan, line, n) == JSONSCAN_OK && event_check(&scan, &fields, &why))
 *		... fields.column[EVENT_CONTENT]->value ...     a slice of the line
 *	event_fields_release(&fields);
 *	jsonscan_release(&scan);
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "jsonscan.h"

enum {
	EVENT_LINE_MAX = 1048576, /* bytes of a line that a source writes, newline included */
	EVENT_TEXT_MAX = 262144,  /* bytes of content, and of diff; what is longer is cut and named in metadata.truncated */
	EVENT_ID_MAX = 512,       /* bytes of an id */
};

#define EVENT_INTEGER_MAX (INT64_C(1) << 53) /* what is larger is not carried unharmed by every reader */
#define EVENT_NONE INT64_MIN /* of an integer member: absent */

/* The 15 words that event_type may be, in the order of athena-events(5); ended by NULL. */
extern const char *const event_types[];
/* The 6 words of outcome; ended by NULL. */
extern const char *const event_outcomes[];

/* A piece of text that may hold anything; data NULL is an absent member. */
struct event_text {
	const char *data;
	size_t len;
};

/*
 * All pointers are borrowed until event_line() returns. Strings are repaired to I-JSON.
 * NULL (or EVENT_NONE) members are left out; source_id, source_type, project_id
 * and session_id are filled in by source_emit() where they are so.
 */
struct event {
	const char *id, *source_id, *source_type, *kind, *event_type, *outcome, *session_id, *actor, *url;
	int64_t timestamp;             /* microseconds since 1970; out of range becomes 1970 with metadata.timestamp_raw */
	const char *timestamp_raw;     /* what the source said, kept in metadata when timestamp is out of range; or NULL */
	struct event_text content;     /* never empty */
	struct event_text diff;
	int64_t project_id, revision, duration_ms, files_changed, lines_added, lines_deleted; /* EVENT_NONE: absent */
	const char *file_path, *language, *git_commit, *git_author, *error_type, *code_event_type;
	struct event_text context;     /* ready JSON members without the braces, `"branch":"main"`; may be NULL */
	struct event_text metadata;    /* the same; must not contain "truncated" or "timestamp_raw" */
	const char *const *truncated;  /* names of what the source itself cut, ended by NULL; or NULL */
};

/* An event with every integer absent. */
#define EVENT_INIT                                                                                                     \
	{                                                                                                              \
		.timestamp = EVENT_NONE, .project_id = EVENT_NONE, .revision = EVENT_NONE, .duration_ms = EVENT_NONE,  \
		.files_changed = EVENT_NONE, .lines_added = EVENT_NONE, .lines_deleted = EVENT_NONE                    \
	}

/*
 * Adds the event and a newline to out. content and diff over EVENT_TEXT_MAX are cut. False
 * when the line would pass EVENT_LINE_MAX; out then ends where it began, and the caller
 * must bring fewer list entries. Broken invariants (no id, empty content) die.
 */
bool event_line(struct buf *out, const struct event *e);

/* The scalar members of a line that are columns in the store, in the order of athena-events(5). */
enum event_column {
	EVENT_ID, EVENT_SOURCE_ID, EVENT_SOURCE_TYPE, EVENT_KIND, EVENT_TIMESTAMP, EVENT_EVENT_TYPE, EVENT_CONTENT,
	EVENT_OUTCOME, EVENT_PROJECT_ID, EVENT_SESSION_ID, EVENT_ACTOR, EVENT_URL, EVENT_REVISION, EVENT_DURATION_MS,
	EVENT_FILES_CHANGED, EVENT_LINES_ADDED, EVENT_LINES_DELETED, EVENT_FILE_PATH, EVENT_LANGUAGE, EVENT_DIFF,
	EVENT_GIT_COMMIT, EVENT_GIT_AUTHOR, EVENT_ERROR_TYPE, EVENT_CODE_EVENT_TYPE, EVENT_CONTEXT, EVENT_METADATA,
	EVENT_COLUMNS,
};

extern const char *const event_column_names[EVENT_COLUMNS];

/* A scanner that knows these names. */
#define EVENT_SCAN                                                                                                     \
	{                                                                                                              \
		.usual = event_column_names, .n_usual = EVENT_COLUMNS                                                  \
	}

/* Column c holds an integer (project_id, revision, ...); EVENT_CONTEXT and EVENT_METADATA hold objects, the others text. */
bool event_column_is_integer(enum event_column c);

struct event_fields {
	const struct jsonscan_member *column[EVENT_COLUMNS]; /* NULL: absent, or JSON null */
	int64_t integer[EVENT_COLUMNS];                      /* of the integer columns that are there */
	const struct jsonscan_member *control;               /* the member `athena`, or NULL: it is then no event */
	size_t unknown;                                      /* members that are no column: indices below */
	size_t *unknown_at;                                  /* into scan->members; belongs to the struct, reused */
	size_t unknown_cap;
};

/*
 * Sorts the members of a line that an EVENT_SCAN scanned into columns and checks them against athena-events(5).
 * False with a static string in *why ("timestamp is not RFC 3339 in UTC"). A line with `athena` is
 * true at once with only `control` set. A null value counts as absent, and stays among the unknown so that nothing is lost.
 */
bool event_check(const struct jsonscan *scan, struct event_fields *f, const char **why);
void event_fields_release(struct event_fields *f);

#endif
