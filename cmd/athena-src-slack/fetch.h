/* SPDX-License-Identifier: ISC
 *
 * fetch - a run over the conversations of a workspace by way of the API.
 *
 *	struct fetch f = {.src = &src, .options = &options, .api = &api};
 *	rc = fetch_workspace(&f);              whose token is it?
 *	rc = source_begin(&src, f.source_id);
 *	rc = fetch_open(&f);                   positions are read, channels are listed
 *	rc = fetch_run(&f);                    every channel until it has nothing new
 *	position = position_json(&f);
 *	fetch_close(&f);
 *
 * A channel is read in windows of time from old to new; a window is answered newest first, page by page,
 * and its position says how far down it is done. Each run begins a look-back behind what is done, and so
 * sees what was edited, deleted or reacted to since; what it saw of every message there is in the
 * position (known.h). A thread is read when its parent shows another number of replies or another last
 * one. Between two pages is a boundary.
 *
 * Times of Slack are texts ("1714564800.000100"); "" stands for none. Every function returns 0,
 * SOURCE_STOP or a sysexits code that has been said.
 */
#ifndef FETCH_H
#define FETCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "known.h"
#include "names.h"
#include "oldest.h"
#include "schedule.h"
#include "slack-event.h"
#include "source.h"

enum {
	TS_SIZE = 20,          /* room for a ts and its NUL */
	PAGE = 200,            /* messages or replies asked for at a time, as Slack recommends */
	PAGE_SMALL = 15,       /* what the smallest tier gets instead */
	LIST_PAGE = 500,       /* conversations, or people */
	THREAD_TRIES = 3,      /* runs that may end with 75 for a thread that the server does not give */
	THREADS_LEFT = 3000,   /* threads that wait to be read: where more would, nothing else is asked for */
	STATE_MAX = 800 << 10, /* bytes of the position, with room for those: it is one line of the stream */
};

#define SWEEP_GOES_ON (-2)
#define TS_END        "9999999999.999999" /* after everything */

struct slack_options {
	struct opt_list *channels; /* names or ids; empty: every channel that the token can read */
	const char *workspace;     /* NULL: whichever the token is of */
	bool no_threads, no_reactions, bots;
	int64_t lookback; /* microseconds */
	int64_t jobs;     /* requests under way at most */
	bool counted;     /* --max-requests was given */
};

struct channel {
	char *id, *name;
	int64_t renames; /* that were told */
	char renamed[TS_SIZE]; /* when the name became that, where Slack has written it into the channel */
	char *was;     /* what the position calls it; NULL: it is not in it */
	json_t *about; /* as conversations.list has it; NULL: it is only in the position */
	/* the position */
	char *scope;                   /* what was asked for, as options have it */
	char from[TS_SIZE];            /* nothing before was asked for */
	char done[TS_SIZE];            /* every message up to here was given out */
	char near[TS_SIZE];            /* everything after this, up to `done`, is in `known` */
	char to[TS_SIZE], at[TS_SIZE]; /* the window in progress: done down to `at`; "" where there is none */
	char top[TS_SIZE];             /* the newest message seen in it */
	char goal[TS_SIZE];            /* until here windows are of a few pages; after it one is enough */
	char cold[TS_SIZE]; /* of what is older than `near`: every reply and edit up to here was given out */
	char lost[TS_SIZE]; /* known messages up to here were forgotten before the window was done */
	char review[TS_SIZE];  /* the look back was cut short here */
	char past[TS_SIZE];    /* of one that is read from its start again: what `done` was before, or may have been */
	json_t *known;         /* object: ts -> entry */
	json_t *maybe;         /* the same as a run had it of which nobody knows how much was taken over */
	json_t *maybe_threads; /* object: ts -> object like `maybe`, of its replies */
	json_t *told, *told_threads; /* what of these was told again: it counts until that is acknowledged */
	json_t *threads;             /* object: ts -> thread, see threads.c */
	/* of this run */
	bool selected, looked_at;
	const char *reading; /* the thread that is being read; it is not forgotten meanwhile */
	char reach[TS_SIZE]; /* where the last window ended */
	int64_t span;        /* microseconds of the next window */
	struct api_answer probe; /* of a channel that was never read: its newest page, where that is there already */
	int64_t probed;          /* when that was asked for; 0: it was not */
	int64_t asked;           /* when the newest page of the window in progress was; 0: not in this run */
	int64_t seen;            /* when all there was had been asked for, by the schedule; 0: nobody knows */
	int rc;              /* why it failed */
};

struct people; /* people.c */
struct ahead;  /* ahead.c */

struct fetch {
	struct source *src; /* borrowed, as the next two */
	const struct slack_options *options;
	struct api *api;
	const char *token, *token_from, *cache_dir, *state_dir; /* borrowed */
	json_t *team;                                           /* the answer of auth.test */
	char *team_id, *source_id, *web;
	struct slack_names names;
	struct people *people;
	struct schedule schedule;
	json_t *read; /* object: the threads that were read in this run, by channel/ts; NULL: it does not matter */
	struct slack_maker maker;
	json_t *selection;
	struct channel *channels;
	size_t n, n_selected;
	struct buf form;
	struct ahead *ahead; /* what was asked before its turn */
	size_t n_ahead;
	int64_t asked; /* the server's clock when the last answer was asked for, or before */
	int64_t listed; /* the same of the list of conversations, or before */
	struct oldest oldest;
	bool small_pages; /* the server gives fewer messages than were asked for */
	char *next;       /* the channel to begin with, where the run before was cut short; NULL: the first */
	bool started;     /* positions are known: a checkpoint may be written */
	bool shortened;   /* the look-back, for want of room */
	bool resumed;     /* it was: first what is left of it, without another look back */
	bool cut;         /* this run is */
	bool limited;     /* that the plan hides what is old was said */
	bool unsure;      /* something is left for a later run to see: it ends with 75 */
	json_t *shown;    /* array: replies that the last page shows, and whose threads are still to be read */
	json_t *tries;    /* object: threads_tries() by channel/ts, as the run left it that nobody acknowledged */
	json_t *stuck;    /* threads whose pages lead nowhere: they are not asked for again in this run */
	unsigned unread;  /* channels that cannot be read */
};

int fetch_workspace(struct fetch *f);
int fetch_open(struct fetch *f);
int fetch_run(struct fetch *f);
void fetch_close(struct fetch *f);

/* ---- for its parts ---- */

/* Sends a method with f->form and waits; the reader is given what there is before. */
int fetch_ask(struct fetch *f, const char *method, struct api_answer *a);
/*
 * Sends f->form before its turn, where that may be: fetch_ask() with the same words gets the answer
 * (ahead.c).
 */
void ahead_ask(struct fetch *f, const struct channel *c, const char *method);
/* Has its answer come? */
bool ahead_is_there(struct fetch *f, const char *method);
/* The call that was sent so, NULL where none was. *date becomes the server's clock then. */
struct api_call *ahead_take(struct fetch *f, const char *method, int64_t *date);
/* Gives up what was asked about the channel and not needed; NULL: about all. */
void ahead_drop(struct fetch *f, const struct channel *c);
/* Between two pages: is there time for a checkpoint, is it enough? */
int fetch_between(struct fetch *f);
void fetch_reject(struct fetch *f, const struct channel *c);
/* Says that a channel cannot be read, with what to do; c->rc is set. */
int fetch_refused(struct channel *c, const struct api_answer *a);
/* Is the refusal one of the whole channel? Any other is that of what was asked for. */
bool fetch_is_of_channel(const char *error);

/* What failed for one channel stops no other; what this returns ends the run. */
int fetch_judge(const struct fetch *f, struct channel *c, int rc);

/*
 * What is asked for (scope.c): in words, as a selection (a new reference), and as a channel's position is
 * to take it.
 */
const char *scope_words(const struct fetch *f);
json_t *scope_selection(const struct fetch *f);
void scope_settle(struct fetch *f, struct channel *c);

/* Lists the channels of the token and finds those asked for (channels.c). */
int channels_list(struct fetch *f);
struct channel *channels_find(struct fetch *f, const char *id);
struct channel *channels_add(struct fetch *f, const char *id);
/* It has no position any more. */
void channel_rewind(struct channel *c);
/* Microseconds since 1970; 0 where it is not said. */
int64_t channel_created(const struct channel *c);

/* Reads a channel to its end (history.c). */
int history_read(struct fetch *f, struct channel *c);
/*
 * Does its first list look back too? Not where a run before was cut short within, or after, that; then only what it
 * left is looked at. Where it had not come to it, that costs no request of its own.
 */
bool history_looks_back(const struct fetch *f, const struct channel *c);
/* Asks ahead what that will ask first. */
int history_ahead(struct fetch *f, struct channel *c);

/* Objects of entries by ts, of a channel or of a thread; the last two may be NULL. */
struct memory {
	json_t *known, *maybe, *told;
};

/*
 * Gives out what is new about a message, by what `known` has, and remembers it there (look.c). Whatever
 * has not what an event is made of is counted.
 */
int look_at(struct fetch *f, const struct channel *c, const struct memory *m, const json_t *message);
/*
 * Known messages, the keys of `gone`, that a page left out: each is looked for once more, and told to be
 * gone where it is (gone.c). `thread` is that of replies, or NULL.
 */
int gone_tell(struct fetch *f, struct channel *c, const struct memory *m, const json_t *gone,
	      const char *thread);
/* What the channel shows at the place of a message. */
enum place {
	PLACE_UNKNOWN, /* the pages lead nowhere */
	PLACE_SHOWN,   /* the message */
	PLACE_PASSED,  /* not it, but an older one: it is gone */
	PLACE_EMPTY,   /* nothing at or before it, and no plan that hides anything: likewise */
	PLACE_HIDDEN   /* nothing, where the workspace's plan hides what is old */
};

int gone_place(struct fetch *f, struct channel *c, const char *ts, enum place *place);
/* The same of a conversation that is none of the matter: where it refuses, nobody knows. */
int gone_peek(struct fetch *f, const struct channel *c, const char *ts, enum place *place);
bool place_is_gone(enum place p);
/* Does the error mean that there is no such thread, or that it is hidden? */
bool gone_is_thread(const char *error);
/* A known message is there no more. */
int look_gone(struct fetch *f, const struct channel *c, const struct memory *m, const char *ts,
	      const char *thread);

/* Takes note of what a parent shows of its replies (threads.c). */
void threads_see(struct fetch *f, struct channel *c, const json_t *message);
/* The same, of a message that is older than the look-back: only what came after c->cold. */
void threads_see_old(struct fetch *f, struct channel *c, const json_t *message);
/* What is remembered of one, by its names: a time, "" where there is none, and a flag. */
const char *threads_ts(const json_t *thread, const char *name);
bool threads_flag(const json_t *thread, const char *name);
/* How many runs in a row did not get it, THREAD_TRIES + 1 at most; then it is lost: asked for now and then. */
int threads_tries(const json_t *thread);
bool threads_are_lost(const json_t *thread);
void threads_set(json_t *thread, const char *name, const char *ts);
/* The last reply of which it is known that there is one; a page may have left it out so far. */
const char *threads_last(const json_t *thread);
/* Those with replies that were seen to be there and not read. */
size_t threads_left(const struct fetch *f);
/* Forgets what is out of the look-back; and of one thread the replies up to `until`. */
void threads_prune(struct channel *c);
void threads_prune_one(json_t *thread, const char *until);
bool threads_are_sound(const json_t *threads);

/* Reads the replies of the threads where that is to be done, and of one (replies.c). */
int replies_read(struct fetch *f, struct channel *c);
int replies_read_one(struct fetch *f, struct channel *c, const char *ts);
/* Asks ahead what these will ask first; false where no reply is to be read. */
bool replies_ahead(struct fetch *f, struct channel *c);
void replies_ahead_one(struct fetch *f, struct channel *c, const char *ts);

/* Forgets what there is no room for; 75 where too many threads are left for the next run (state.c). */
int state_bound(struct fetch *f);
/* What was forgotten ends the look-back, once it is done. */
void state_settle(struct channel *c);
/* Those that were given up are kept, but for want of room. */
void threads_forget(struct channel *c, const char *until, bool lost_too);

/* Looks again at threads whose time has come (looks.c), and at old messages (sweep.c). */
int looks_run(struct fetch *f);
int sweep_run(struct fetch *f);

/* The run ends before its time; `next` is the conversation after the one that it was at (cut.c). */
void cut_short(struct fetch *f, const struct channel *next);

/* The run ends in its time, but for replies. */
void cut_replies(struct fetch *f);

/* What they would do in this run: threads, and pages at most. */
size_t looks_due(struct fetch *f);
int sweep_due(const struct fetch *f);

/* Sees to it that whoever the messages name is known (people.c). */
int people_meet(struct fetch *f, const json_t *messages);
void people_close(struct fetch *f);
/* Is the list of users to be asked for again, should anybody be named? */
bool people_are_due(struct fetch *f);

/* Replies that were seen to be there are hidden with their thread before they were read (hidden.c). */
int hidden_thread(struct fetch *f, const struct channel *c, const char *ts, const char *after);

/*
 * The channel shows a reply, whose thread may turn out to be hidden when it is read next: then those of the page
 * that were seen are given out.
 */
int hidden_see(struct fetch *f, struct channel *c, json_t *message);
/*
 * Did an answer of this run, or of one not long ago, say that the workspace's plan hides what is old? One that holds
 * nothing need not say so itself.
 */
bool hidden_may_be(const struct fetch *f);
/* Was that said so lately that no plan hides it? */
bool hidden_never(const struct fetch *f, const char *ts);
/* When runs saw the end of each conversation, from and to the schedule. */
void hidden_load(struct fetch *f);
void hidden_keep(struct fetch *f);
/* Those that hidden_see() noted of a thread are given out. */
int hidden_shown(struct fetch *f, struct channel *c, const char *thread);

/* The position (position.c). A new reference. */
json_t *position_json(const struct fetch *f);
int position_load(struct fetch *f, json_t *position);
/* A name as it has it, decoded; yours. */
char *position_name(const char *encoded);

/*
 * Takes what an earlier run staged and nobody acknowledged: a reader may have committed it or not, so
 * that whatever it says otherwise than the position is told again (maybe.c).
 */
void maybe_load(struct fetch *f, json_t *position);
/* The channel is to be read from its start; what was known of it is in doubt. */
void maybe_begin_again(const struct fetch *f, struct channel *c);
/* How often runs up to that one did not get the thread. */
int maybe_tries(const struct fetch *f, const struct channel *c, const char *ts);
bool maybe_is_sound(const json_t *maybe);
/* The memory of a thread's replies. */
struct memory maybe_memory(struct channel *c, const char *ts);
/* The thread may have replies that are to be told again: it is to be read. */
void threads_doubt(struct channel *c, const char *ts);

/* --check and --plan: lines on stdout (check.c). */
int check_run(struct fetch *f);
void check_refused(const struct fetch *f);
int plan_run(struct fetch *f);

/* "1714564800.000100" of microseconds, in out. */
void ts_format(int64_t us, char out[TS_SIZE]);
int64_t ts_us(const char *ts); /* 0 of "" */
bool ts_is(const char *ts);    /* a ts or "" that fits */
/* A member that is one; NULL where there is none. */
const char *ts_in(const json_t *o, const char *name);
void ts_copy(char out[TS_SIZE], const char *ts);

#endif
