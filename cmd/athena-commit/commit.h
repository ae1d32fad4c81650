/* SPDX-License-Identifier: ISC
 *
 * commit - a stream cut into batches at its checkpoints; what a batch holds is given to CMD, and
 * only when it was taken the cursor files are moved (athena-cursor(5), "Other readers").
 *
 *	rc = commit_stream(&c, STDIN_FILENO);      the options are set
 *	rc = commit_end(&c, rc);                   the exit code
 */
#ifndef COMMIT_H
#define COMMIT_H

#include "checkpoint.h"
#include "deliver.h"
#include "event.h"
#include "jsonscan.h"

struct commit {
	/* options */
	struct deliver deliver;
	const char *folder; /* where to spool */
	int64_t batch;      /* events of a batch, at least; 0: the whole stream is one */
	int64_t max_line;   /* bytes */
	bool keep_control;  /* CMD gets the control records too */
	bool strict;        /* stop at the first line that is rejected; no cursor moves past missing events */
	int rejects;        /* descriptor of the file that takes what is rejected, -1: none */
	const char *rejects_path;

	struct spool lines;       /* of the open batch, for CMD */
	struct spool checkpoints; /* of the open batch, which may move a cursor once it is taken */
	struct jsonscan scan;     /* reused from line to line */
	struct event_fields fields;
	struct streams streams;
	int64_t in_batch;  /* events */
	int64_t delivered; /* events in batches that were taken */
	int64_t batches;   /* taken */
	int64_t bytes;     /* read */
	int64_t rejected;  /* lines */
	int64_t missing;   /* events */
	int code;          /* of what went wrong without ending the run */
	bool damaged;      /* a line was no JSON: no cursor moves past it */
	bool moved;        /* a cursor was */
};

int commit_stream(struct commit *c, int fd);
int commit_end(struct commit *c, int rc);

#endif
