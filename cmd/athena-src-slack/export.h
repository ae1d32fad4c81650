/* SPDX-License-Identifier: ISC
 *
 * export - a workspace's export, as Slack or slackdump wrote it, as a source: a ZIP or a folder, read in
 * constant memory. What main() does with --export PATH:
 *
 *	if (export.path)
 *		return export_main(&src, &export);      --check and --plan too
 *
 * The rest of this header is what export*.c share. In sequence: archive (the list of files), layout (which of
 * them is a day of which channel, who is called what, which workspace it is), mark (which days were read
 * before), run.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "archive.h"
#include "oldest.h"
#include "opt.h"
#include "slack-event.h"
#include "source.h"

/* Borrowed for the call. */
struct export_options {
	const char *path;
	const char *workspace; /* T..., or the domain for permalinks (acme, acme.slack.com, a URL); NULL: as
				  the export says */
	const struct opt_list *channels; /* names or ids; empty: all */
	bool reactions, bots, threads;   /* threads: replies that are not shown in the channel too */
};

/* The whole run, source_begin() and source_end() included; its exit code. */
int export_main(struct source *src, const struct export_options *o);

/* ---- shared by export*.c ---- */

enum {
	EXPORT_ELEMENT_MAX = 16 << 20, /* bytes of a message, as JSON; a longer one is left out */
	EXPORT_USERS_MAX = 2000000,    /* users and channels that are remembered */
	EXPORT_DAYS_MAX = 10000,  /* day files that the cursor lists one by one: the newest; older ones by one
				    hash a channel */
	EXPORT_KNOWN_MAX = 20000, /* messages of those */
	EXPORT_KNOWN_BYTES =
		16 << 20, /* of day files, the newest, whose messages the cursor remembers one by one */
};

enum { EXPORT_TEAMS_MAX = 16 };

/* The workspaces that people and channels are said to be of, with how often. */
struct export_teams {
	struct {
		char id[NAMES_ID_MAX + 1];
		size_t times;
	} items[EXPORT_TEAMS_MAX];
	size_t n, total;
};

/* A file of messages. */
struct export_day {
	struct archive_file *file;
	const char *key; /* "2024-01-31", within its name; of slackdump's dumps the name itself */
	size_t key_len;
	size_t channel; /* index into channels */
	bool done;      /* read to its end, in this run or as the cursor says */
	bool recent;    /* one of the newest: its messages are remembered */
	json_t *known;  /* those, as the cursor or this run has them: {ts: entry}; or NULL */
};

struct export_channel {
	char *id;
	const char *name; /* borrowed from the names; NULL: not known */
	size_t first, n;  /* its days: a range of days */
};

struct slack_export {
	const struct export_options *options;
	struct source *src;
	struct archive archive;
	struct slack_names names;
	struct slack_maker maker;
	char *team, *base, *source_id;
	struct export_teams teams;
	struct names_table folders; /* folder of an archive -> id of a channel */
	struct export_channel *channels;
	size_t n_channels;
	struct export_day *days; /* by channel, then by key */
	size_t n_days;
	size_t *order;  /* indices into days: by key, then by channel */
	char *boundary; /* the newest key that the cursor covers by a hash; NULL: none */
	int64_t made; /* microseconds: what reactions that are seen to be new or gone have as revision; 0: not known
			 yet, see export_recent_age() */
	int64_t told; /* the same of the last export that told of one, as the cursor says; 0: none */
	json_t *known;  /* channels as the cursor has them, borrowed; NULL: from the start */
	json_t *before,
		*now;   /* messages of the day being read: as the cursor has them, as they are; or NULL */
	size_t n_known; /* messages kept in this run */
	int64_t first, last; /* the earliest and the latest of them */
	json_t *selection;
	struct oldest oldest;
	bool in_days;   /* what is read are messages */
	size_t element; /* number of the element being read, from 1 */
	int damage;     /* of the file that was read last: 0, or the code of what is wrong with it */
	int worst;      /* a code that does not end the run */
	uint64_t bytes; /* of all days that are to be read */
	uint64_t bytes_done;
	size_t nameless;         /* folders that no list of channels names */
	const char *nameless_at; /* the last of them, of nameless_len bytes */
	size_t nameless_len;
	size_t foreign; /* JSON files that are no days */
};

/* layout: fills in names, team, channels and days. 0 or a code that has been said. */
int export_layout(struct slack_export *x);
/* Is it a day by its key, and no dump? */
bool export_is_day(const struct export_day *day);
/* Which workspace: team, base and source_id. */
int export_team(struct slack_export *x);
/* One more that says so; NULL, and what is no id, counts nothing. */
void export_count_team(struct slack_export *x, const char *id);

/* Reads a file element by element: `each` gets every element that is an object, and ends the reading with a
 * code that is not 0. */
typedef int export_each(struct slack_export *x, json_t *element, void *user);
/* 0, what `each` said, or a code that has been said: the file is damaged. What is no object is counted and
 * said. */
int export_read(struct slack_export *x, struct archive_file *file, export_each *each, void *user);
/* Counts a message that makes no event, and says so. */
void export_reject(struct slack_export *x, const struct archive_file *file, size_t number);

/* Writes an event that is asked for. */
int export_emit(struct slack_export *x, const struct event *e);

/* recent: what the newest days had before, see export-recent.c. */
void export_recent_plan(struct slack_export *x);
/* How old the export is. */
void export_recent_age(struct slack_export *x);
void export_recent_begin(struct slack_export *x, struct export_day *day);
/* The message stood in this file before: once as a reply, once as it was shown in the channel. */
bool export_recent_is_twice(const struct slack_export *x, const json_t *message);
/* What is known of a message; NULL: nothing, it is new. */
json_t *export_recent_entry(const struct slack_export *x, const json_t *message);
void export_recent_keep(struct slack_export *x, const json_t *message, const char *hash, int64_t revision);
/* Says what is gone; day->done tells whether the file was read to its end. */
int export_recent_end(struct slack_export *x, struct export_day *day);

/* mark: what the cursor knows. */
int export_mark_load(struct slack_export *x);
json_t *export_mark(const struct slack_export *x);
json_t *export_selection(const struct slack_export *x);

int export_check(const struct slack_export *x);
int export_plan(const struct slack_export *x);

#endif
