/* SPDX-License-Identifier: ISC
 *
 * inject - a library for LD_PRELOAD that makes the n-th call of a kind fail, and writes down the calls
 * that touch files. It is told what to do by its environment:
 *
 *	FAULT_PROGRAM=athena-store   only in programs whose name matches (fnmatch(3)); default: all
 *	FAULT_CALL=write             the kind: read write fsync rename open alloc mmap truncate close unlink
 *	                             spawn pipe thread lock send recv stat folder watch; none: nothing fails
 *	FAULT_PATH=*-wal             only calls on such a path (a pipe is pipe:[123]); default: all
 *	FAULT_AT=3                   the third of them in each process
 *	FAULT_TIMES=1                so many in a row; 0: all from there on
 *	FAULT_HOW=ENOSPC             errno, or `short`: half of what was asked for is read or written; or `stop`: the
 *	                             process stops before the call, as by SIGSTOP, until somebody lets it go on
 *	FAULT_HIT=FILE               a line is added for each call that was made to fail
 *	FAULT_SITES=FILE             nothing fails: a line is added for each call that would be counted, the site that it
 *	                             comes from: who called, and who called that, up to main()
 *	FAULT_SITE=01234...          only calls from that site are counted
 *	FAULT_TRACE=FILE             a line is added for each call on files, as trace.c says
 *	FAULT_CLOCK=100              the monotonic clock runs so many times faster
 *
 * The real call is the system call itself, so that nothing has to be looked up before it. For Linux with
 * 64-bit offsets; without glibc memory never runs out.
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum call {
	CALL_READ,
	CALL_WRITE,
	CALL_FSYNC,
	CALL_RENAME,
	CALL_OPEN,
	CALL_ALLOC,
	CALL_MMAP,
	CALL_TRUNCATE,
	CALL_CLOSE,
	CALL_UNLINK,
	CALL_SPAWN,
	CALL_PIPE,
	CALL_THREAD,
	CALL_LOCK,
	CALL_SEND,
	CALL_RECV,
	CALL_STAT,
	CALL_FOLDER,
	CALL_WATCH,
	CALLS,
};

extern const char *const inject_names[CALLS];

/* Is this call to fail? Then errno is set, unless *n is made shorter (NULL: the call has no length). */
bool inject_fd(enum call call, int fd, size_t *n);
bool inject_path(enum call call, const char *path);
bool inject_other(enum call call);

/* The site of the call that is looked at: of this build, never 0; 0 where there is none to be had. */
void site_begin(void);
uint64_t site_of_call(void);
void site_note(int fd, uint64_t site);

/* Writes down a call that has succeeded; errno is kept. */
void trace_begin(const char *file);
void trace_open(int fd, bool created);
void trace_write(int fd, const void *p, ssize_t n, off_t at); /* at -1: where the descriptor stands */
void trace_file(const char *what, int fd, off_t size);        /* size -1: none is said */
void trace_names(const char *what, const char *path, const char *to);
extern bool trace_on;

/* The path behind a descriptor into out; "" where there is none. */
void inject_path_of(int fd, char *out, size_t n);

#endif
