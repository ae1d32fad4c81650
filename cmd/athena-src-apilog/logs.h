/* SPDX-License-Identifier: ISC
 *
 * logs - which logs a run is about: operands, globs that it expands itself, folders, pipes.
 *
 *	struct logs all = {.operands = &operands, .globs = &globs};
 *	rc = logs_find(&all);            again and again: what is new is added, nothing is taken away
 *	log = logs_of_known(&all, path); a log that is gone: NULL where it was not asked for
 *	logs_release(&all);
 *
 * A log is named by its absolute path, without what rotation and compression add. Where the log itself was
 * named, its rotations belong to it; where only rotated files were named, these are read and no others.
 */
#ifndef LOGS_H
#define LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "opt.h"
#include "words.h"

struct hint {
	uint64_t dev, ino;
	int64_t size, mtime_us;
};

struct logs;

/*
 * Rotated files of a log were found in another folder, or under names like access.1.log: those last written before
 * `since_us` are not its own.
 */
struct aside {
	char *folder;
	bool inner;
	int64_t since_us;
};

struct log {
	const struct logs *all; /* of which it is one */
	char *path;
	bool whole;         /* with its rotations */
	struct words named; /* else: these files, by absolute path */
	struct aside *aside; /* logrotate's olddir and extension */
	size_t n_aside;
	char *id;           /* apilog:PATH */
	bool pipe;          /* no file: what comes through it */
	/* of the run, fetch.h */
	bool unsure;      /* a file could not be read, or they were moved all the time: nothing is called lost */
	bool stale;       /* --follow: to be looked at again; */
	bool looked_at;   /* it was, this time; */
	bool touched;     /* something happened to it; */
	bool wide;        /* files under other names than its own are held open */
	char *folder, *name; /* where it lies, links followed; NULL before it was looked for */
	size_t watch;     /* of that folder, among those of watch.h, from 1; 0: none */
	bool fresh;       /* the file that is being read was begun in this pass */
	int64_t fresh_us; /* time of the first line of a file that was begun in this pass, RECORD_NONE */
	struct hint live;   /* --follow: the file of that name */
	int64_t dir_us, again_us;  /* --follow: when its folder changed last; when to look once more */
};

struct logs {
	const struct opt_list *operands, *globs; /* borrowed */
	struct log **items;
	size_t n, cap;
	struct folder *folder; /* the one that was read last; NULL before logs_find() */
	struct words pipes;   /* "-", and operands that are no regular files */
	struct words missing; /* operands that are not there, as they were given */
	char *unread;         /* what could not be looked at, the first of it: logs may be missing; */
	int error;            /* why, errno */
	size_t found;         /* files that were named or found */
	bool open_ended;      /* a folder or a glob: logs may come */
	bool ambiguous;       /* so, or more than one log: not one source by itself */
};

/* 0, or a sysexits code that is logged. */
int logs_find(struct logs *all);
struct log *logs_get(const struct logs *all, const char *path);

/* The log of that path where an operand means it, though nothing may be there; added. */
struct log *logs_of_known(struct logs *all, const char *path);
/* What comes through a pipe is a log of its own. */
struct log *logs_add_pipe(struct logs *all, const char *operand);
/* A rotated file of it, last written then, lies there: later ones may, too. False where that is nothing new. */
bool log_look_aside(struct log *log, const char *folder, bool inner, int64_t written_us);

/* Is the file of that folder another log of the run, or a rotated file of one? */
bool log_is_of_another(const struct log *log, const char *folder, const char *name);

/* Where its files lie, and under which name: where it is a link, where that leads. */
void log_place(struct log *log);

/* Would the operand mean the log of that path? */
bool logs_means(const struct logs *all, const char *operand, const char *path);
void logs_release(struct logs *all);

#endif
