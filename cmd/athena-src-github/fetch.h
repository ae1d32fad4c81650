/* SPDX-License-Identifier: ISC
 *
 * fetch - a run over a repository: its streams, each from its own position, page by page in turn.
 *
 *	struct fetch f = {.src = &src, .options = &options, .api = &api};
 *	rc = fetch_repository(&f, "octo/hello");     who is it?
 *	rc = source_begin(&src, natural_id);
 *	rc = fetch_open(&f);                         positions are read
 *	rc = fetch_run(&f);                          every stream until it has nothing new
 *	position = position_json(&f);
 *	fetch_close(&f);
 *
 * A stream is a list of the API. It takes one page a step, and between two steps its state is a
 * boundary: what was given out is behind it. Streams take turns in a fixed order, while the next page of each
 * is under way, so that output does not depend on which answer is first. One that fails is left where it is,
 * and the others go on. Every function returns 0, SOURCE_STOP or a sysexits code that has been said.
 *
 * Files: fetch.c has the repository and what all lists are read with, round.c the run; a list is in the file of its kind.
 */
#ifndef FETCH_H
#define FETCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "frontier.h"
#include "github-event.h"
#include "mark.h"
#include "oldest.h"
#include "page.h"
#include "source.h"

/* What --events names. */
enum {
	WANT_PUSH = 1,
	WANT_PULLS = 2,
	WANT_ISSUES = 4,
	WANT_RELEASES = 8,
	WANT_DISCUSSIONS = 16,
	WANT_ALL = 31,
	WANT_WORDS = 5,
};

extern const char *const want_words[WANT_WORDS]; /* the words, by bit */

enum { NAMES_MAX = 32 };

struct github_options {
	unsigned wanted;           /* WANT_... */
	bool asked;                /* --events was given */
	struct opt_list *branches; /* empty: the default branch */
	int64_t jobs;              /* requests under way at most */
	bool budget;               /* the run may send only so many requests */
	int64_t at_once;           /* lists under way at most: one that is begun is to come to an end */
};

struct fetch;
struct stream;

/* How a list is read. All functions are told the stream they belong to. */
struct stream_type {
	const char *name;  /* the member in the position */
	unsigned wanted;   /* it is on when any of these is wanted */
	const char *path;  /* below /repos/o/r, with what never changes of its query; NULL: it has several */
	const char *stamp; /* the member of an item that the list is sorted by */
	int (*begin)(struct fetch *f, struct stream *s); /* asks for the first page */
	int (*step)(struct fetch *f,
		    struct stream *s); /* takes one page, asks for the next, or sets `done` */
	/* Gives out one item of the list; `us` is its time in the list. */
	int (*item)(struct fetch *f, struct stream *s, json_t *item, int64_t us);
	/* Before item i of a page: asks for what the items from there on will need; or NULL. */
	int (*ahead)(struct fetch *f, struct stream *s, json_t *items, size_t i);
	bool optional; /* a server may not have it */
	bool nested;   /* an item has things of its own, with times of their own: reviews, comments */
};

/* A round, in which each list is read to its end, may take several runs. */
enum stream_turn {
	TURN_FIRST,
	TURN_FAILED, /* an earlier run came to it, and failed at it for now */
	TURN_READ,   /* and came to its end */
	TURN_NOW,    /* of this run */
};

struct stream {
	const struct stream_type *type;
	/* the position */
	json_t *scope;    /* array: what was asked of it, as --events and --branch have it */
	struct mark mark; /* what is done */
	struct mark walk; /* newest-first lists: the top of the walk in progress */
	char *next;       /* the page where that goes on; NULL: none is in progress */
	char *through;    /* of that page, the id of the last item done; NULL: none is */
	/*
	 * Nested: an item may have moved past a walk of several pages that never met it, so that its older things
	 * are not known though they are older than the mark. Until the top was read as one page, `base` is the time
	 * before which they are.
	 */
	bool based;
	int64_t base;     /* microseconds, or MARK_NONE */
	bool moved;       /* based: the item at hand is not known as it is now */
	json_t *branches; /* object, of commits: see commits.c */
	/* of this run */
	struct api_call *call;     /* the page that was asked for */
	char *target;              /* of that page; NULL: it is a query */
	size_t size;               /* items of a page that the server manages; 0: all it can have */
	struct page_circle circle; /* pages led to since the list was begun */
	struct api_call **detail;  /* pulls: reviews asked for, one a pull request of the page */
	json_t *reviews;           /* pulls: those that came together, by the number of the pull request */
	size_t n_detail, asked;    /* its size; up to which one they were asked for */
	json_t *last_page; /* newest-first: ids of the page before, so that what moved there is not given out
			      twice */
	json_t *head;      /* commits: what the branch points to */
	struct frontier frontier; /* commits: of a list, what is still to come */
	size_t shown;             /* commits: of a comparison, how many there were so far */
	int64_t since;   /* keyset: where the query under way begins, in microseconds; MARK_NONE: at the start
			  */
	int64_t newest;  /* keyset: seen since the query was begun; newest-first lists, and commits: the oldest seen */
	int64_t news;    /* given out since the list was last begun */
	int64_t rejects; /* objects that are no event */
	uint64_t sum, last_sum; /* keyset: of what came since the query was begun, and in the reading before */
	unsigned again;         /* keyset: how often one stretch was read again */
	int64_t held;           /* keyset: where the mark will be when that is done */
	unsigned rounds; /* how often the list was begun */
	unsigned pages;  /* read since then */
	size_t at;       /* commits: which branch; pulls: which item of the page */
	size_t tried;    /* commits: which of the recent ones were tried as a base */
	bool rewritten;  /* commits: none of them is one */
	enum stream_turn turn;
	bool failed; /* of itself, and only for now */
	bool done, paged, resumed, head_asked;
	int rc; /* why it failed */
};

enum { STREAMS = 9 };

/* Requests an hour, as the server counts them. */
struct quota {
	bool known;
	int64_t limit, remaining, reset; /* reset: seconds since 1970 */
};

struct fetch {
	struct source *src; /* borrowed, as the next two */
	const struct github_options *options;
	struct api *api;
	const char *token, *token_from; /* borrowed; NULL: there is none */
	json_t *repository;             /* as the API shows it */
	char *scopes, *expires;         /* of the token, or NULL */
	int64_t id;                     /* of it */
	json_t *names;                  /* array: what it was called, the first name first */
	char *full_name;                /* owner/name now */
	struct event_maker maker;
	json_t *selection;
	struct stream streams[STREAMS];
	struct buf scratch;
	struct quota quota;   /* of --check and --plan */
	bool one_by_one;      /* the server does not answer for many pull requests at once */
	struct oldest oldest; /* for --limit without --cursor */
};

extern const struct stream_type *const stream_types[STREAMS]; /* in the order in which they take turns */
extern const struct stream_type discussions_type;

int fetch_repository(struct fetch *f, const char *name);
int fetch_open(struct fetch *f);
int fetch_run(struct fetch *f);
void fetch_close(struct fetch *f);

/* ---- for the streams ---- */

/* Asks for what is at a path below /repos/o/r/: one object. */
struct api_call *fetch_ask(struct fetch *f, const char *path);
/* Asks for the first page of a list there, or for one item of it. */
void fetch_first(struct fetch *f, struct stream *s, const char *path);
struct api_call *fetch_list(struct fetch *f, const char *path);
/* Asks for the page that another one led to; 65, and said, where that leads in a circle. */
int fetch_next(struct fetch *f, struct stream *s, const char *target);

enum { FETCH_HEAVY = -1 }; /* in place of a status: the server fails at the smallest page as well */

/*
 * Waits for s->call. Where there is nothing to read it says so, sets `done`, and a->json is NULL; a
 * status in `mine` (ended by 0) is left to the caller, likewise without json. What the server has not the
 * strength for is asked for in smaller pages; a heavy query is the caller's.
 */
int fetch_take(struct fetch *f, struct stream *s, struct api_answer *a, const int *mine);
/* Says that the page is too heavy: 75. */
int fetch_too_heavy(const struct fetch *f, const struct stream *s);

/* What s knows of the event; its content is hashed into `hash`. */
enum mark_verdict fetch_look(struct fetch *f, const struct stream *s, const struct event *e, int64_t us,
			     char hash[MARK_HASH + 1], int64_t *bump);

/*
 * Gives out the event unless s knows it, or unless it is not in [since, until). `us` is the
 * time by which the list is sorted. Remembers it: in the walk where one is in progress, else in the mark.
 */
int fetch_give(struct fetch *f, struct stream *s, struct event *e, int64_t us);
bool fetch_wants(const struct fetch *f, unsigned what);

/* An object that has not what its event is made of: counted, and said at the end. */
int fetch_reject(struct fetch *f, struct stream *s);

/* The earlier of a time in a list and the server's clock: what is dated in the future must not become a mark. */
int64_t fetch_by(const struct api_answer *a, int64_t us);

/* Lists that have `since`, oldest change first (keyset.c). */
int keyset_begin(struct fetch *f, struct stream *s);
int keyset_step(struct fetch *f, struct stream *s);
/* Lists that show the newest first and have no `since` (newest.c). */
int newest_begin(struct fetch *f, struct stream *s);
int newest_step(struct fetch *f, struct stream *s);
/* An item that has things of its own is at hand. */
void newest_at(struct fetch *f, struct stream *s, const struct event *e, int64_t us);
/* Is a thing of it known, by its time? */
bool newest_is_known(const struct stream *s, int64_t us);
/* Sets s->through, which takes over the name. */
void newest_through(struct stream *s, char *name);
/* A page that came otherwise. Sets s->next where there is more to do, else `done` or begins again. */
int newest_page(struct fetch *f, struct stream *s, const struct api_answer *a, json_t *items,
		const char *next);
/* Commits of branches (commits.c). */
int commits_begin(struct fetch *f, struct stream *s);
int commits_step(struct fetch *f, struct stream *s);
/* Items of /activity (streams.c). */
int push_item(struct fetch *f, struct stream *s, json_t *item, int64_t us);
/* A pull request and its reviews (pulls.c). */
int pulls_item(struct fetch *f, struct stream *s, json_t *item, int64_t us);
int pulls_ahead(struct fetch *f, struct stream *s, json_t *items, size_t i);
/* Gives up what was asked for ahead and not needed. */
void pulls_forget(struct fetch *f, struct stream *s);

/*
 * The reviews of the pull requests with these node ids, as REST has them, by number; those that cannot be had
 * so are left out (reviews.c).
 */
int reviews_fetch(struct fetch *f, json_t *ids, json_t *into);
/* An account of GraphQL as REST has it, where the name of a bot tells that it is one; a new reference. */
json_t *reviews_user(json_t *author);

/* Has every list that is wanted been read to its end in this round, or cannot be? A round may take several runs. */
bool fetch_through(const struct fetch *f);
/* Was it, in a round that is not through? */
bool fetch_is_read(const struct fetch *f, const struct stream *s);

/* The position (position.c). */
int position_load(struct fetch *f, json_t *position);
/* A new reference. */
json_t *position_json(const struct fetch *f);
/*
 * What the cursor file at `path` (or NULL) calls this repository: the name under which it was first seen. A
 * heap string; NULL where the file is not there or is not of this repository.
 */
char *position_source_id(const char *path, int64_t id);

/* --check and --plan: lines on stdout (check.c, plan.c). They return an exit code. */
int check_account(struct fetch *f); /* token and quota, before the repository is asked for */
int check_run(struct fetch *f);
int plan_run(struct fetch *f);

/* What both are made of. */
void check_quota(const char *begin, const struct quota *q);
/* Asks for one item of a list; NULL for what is no list of REST. */
struct api_call *check_ask(struct fetch *f, const struct stream *s);
/* How many discussions there are; -1 where that cannot be read, which is said with the code. */
int check_discussions(struct fetch *f, int64_t *n);

#endif
