/* SPDX-License-Identifier: ISC
 *
 * trial - the source on trial and the question that is put to it just now: a folder of its own, a cursor
 * file that is not there yet, runs of the source, and a verdict.
 *
 *	static void put_x(struct trial *t)
 *	{
 *		struct output o = {0};
 *
 *		if (trial_runs(t, SINK_PIPE, "--cursor", t->cursor, NULL) && trial_reads(t, &o))
 *			if (!o.n_events)
 *				trial_fail(t, "what to do", "what was seen");
 *		output_release(&o);
 *	}
 *
 * The first failure counts. Who says nothing has passed.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "opt.h"
#include "output.h"

enum verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_SKIPPED };

/* What stands behind the source's standard output. */
enum sink {
	SINK_PIPE,   /* this program, which reads to the end */
	SINK_FILE,   /* the file `out` in the folder of the question, which is added to */
	SINK_NOBODY, /* /dev/null */
	SINK_GONE,   /* a pipe whose reader has left */
};

struct trial {
	/* who is asked, and how; borrowed */
	const char *program;               /* name or path */
	const char *name;                  /* its last component */
	struct opt_list args;              /* what it is given: its input */
	struct opt_list missing;           /* an input that is not there */
	const char *grow;                  /* a shell command that adds to the input; NULL: none */
	int64_t timeout_us;                /* of one run */
	volatile const sig_atomic_t *stop; /* when it is set no more runs */
	/* what is known of it by now */
	json_t *about;      /* what it says of itself; NULL: nothing that could be read */
	struct output base; /* a whole run without a cursor */
	bool sound;         /* that run was as it must be, and had events */
	bool endless;       /* a run did not end by itself: none is begun after it */
	char *unread;       /* what was wrong with a line, where a check has failed at it; NULL: nothing */
	bool unread_again;  /* the question at hand met the same */
	/* the question at hand */
	char *folder; /* where the question may leave files */
	char *cursor; /* F, in it */
	enum verdict verdict;
	char *why;           /* what was seen instead; or why it is skipped */
	const char *cure;    /* what to do; a static string */
	struct buf out, err; /* of the last run: what it wrote (SINK_PIPE), and said */
	int code;            /* and its end, as child_code() has it */
	char *command;       /* as a person could type it */
};

/* Begins a question in a folder that is made for it; forgets the one before. 0, or a code that is logged. */
int trial_begin(struct trial *t, const char *folder);
void trial_release(struct trial *t);

/* The verdict, where there is none yet. Both return false, so that a check can end with them. */
bool trial_fail(struct trial *t, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool trial_skip(struct trial *t, const char *why);

/*
 * Runs the source with these options, ended by NULL, and its input: trial_run(t, SINK_PIPE, "--check", NULL).
 * False, with the verdict, where it could not be run or did not end in time; trial_runs() also where it
 * exited with another code than 0; trial_run_bare() gives it `operands` (or none, NULL) in place of its
 * input.
 */
#define trial_run(t, sink, ...)  trial_run_words((t), (sink), &(t)->args, (const char *const[]){__VA_ARGS__})
#define trial_runs(t, sink, ...) trial_ended_well((t), trial_run((t), (sink), __VA_ARGS__))
#define trial_run_bare(t, operands, ...)                                                                     \
	trial_run_words((t), SINK_PIPE, (operands), (const char *const[]){__VA_ARGS__})
bool trial_run_words(struct trial *t, enum sink sink, const struct opt_list *operands,
		     const char *const *options);
bool trial_ended_well(struct trial *t, bool ran);

/* Runs the command that makes the input grow. */
bool trial_grows(struct trial *t);

/* Was that last run refused as it must be: with this code, a message in the right form, and nothing written?
 * `for_what` names it. */
bool trial_refused(struct trial *t, int code, const char *for_what);

/* Takes in what the last run wrote; false, with the verdict, where a line is not what it must be. */
bool trial_reads(struct trial *t, struct output *o);

/* The same of any bytes. */
bool trial_takes(struct trial *t, const char *p, size_t n, struct output *o);

/* The content of a file in the question's folder, the caller's to release. */
bool trial_file(struct trial *t, const char *name, struct buf *text);

/* The final checkpoint that ends the output; NULL, with the verdict, where that is not how it ends. */
const struct checkpoint *trial_final(struct trial *t, const struct output *o);

/* F becomes the position of the checkpoint, as a consumer would have moved it; the staged file goes. */
bool trial_promote(struct trial *t, const struct checkpoint *cp);

/* The hash of the cursor file at path; false where that is none. */
bool trial_position(const char *path, char hash[SHA256_HEX]);

/* Does F hold that position? `when` says after what. */
bool trial_holds(struct trial *t, const struct checkpoint *cp, const char *when);

/* Is there no F? `when` says where it should not be. */
bool trial_unmoved(struct trial *t, const char *when);

/* A file of the question's folder, as it is. */
bool trial_writes(struct trial *t, const char *path, const char *text, size_t n);

/* The source says that it has this option. */
bool trial_has_option(const struct trial *t, const char *name);

/* How many files stand staged beside F. */
size_t trial_staged(const struct trial *t);

#endif
