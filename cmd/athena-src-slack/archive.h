/* SPDX-License-Identifier: ISC
 *
 * archive - the JSON files of a ZIP, or of a folder, as one list of names and a reader. Nothing is ever
 * unpacked: a name chooses no path, a file is only read from front to back.
 *
 *	struct archive a = {0};
 *	rc = archive_open(&a, path);
 *	... a.files[i].name ...
 *	rc = archive_read_start(&a, &a.files[i]);
 *	while ((n = archive_read(&a, chunk, sizeof(chunk))) > 0) ...     one file at a time
 *	archive_read_end(&a);
 *	archive_close(&a);
 *
 * Memory is that of the list, whatever the files hold.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	ARCHIVE_FILES_MAX = 4000000, /* files of an archive; more are refused */
	ARCHIVE_DEPTH_MAX = 100,     /* folders in folders; more are refused */
};

struct archive_file {
	char *name;     /* "general/2024-01-31.json": relative, no "." or ".." in it */
	uint64_t index; /* in a ZIP */
	uint64_t size;  /* bytes, unpacked */
	uint32_t crc;   /* CRC-32 of them, where known */
	bool has_crc;   /* a folder's are known once a file has been read to its end */
};

struct archive {
	char *path;
	struct archive_file *files; /* those named *.json, by name */
	size_t n, cap;
	size_t outside; /* entries whose names lead out of the archive: left out */
	bool quiet;     /* nothing is said of what cannot be read: it is looked into before its turn */

	/* private */
	struct zip *zip;          /* NULL: a folder */
	struct zip_file *entry;   /* being read */
	struct archive_file *now; /* the file being read */
	int folder, fd;           /* descriptors, -1: none */
	uint64_t got;             /* bytes of it so far */
	uint32_t crc;
};

/* 0; or 66 where there is none, 65 for what is neither ZIP nor folder, 74, 77: said. */
int archive_open(struct archive *a, const char *path);
void archive_close(struct archive *a);

/* 0, or a code that has been said. */
int archive_read_start(struct archive *a, struct archive_file *file);

/*
 * Bytes got; 0 at the end; -1 where it is damaged, which has been said. At the end of a file of a folder its
 * size and CRC are known.
 */
ssize_t archive_read(struct archive *a, void *p, size_t n);
void archive_read_end(struct archive *a);

/* Reads a file for its CRC alone, where it is not known. 0 or a code that has been said. */
int archive_sum(struct archive *a, struct archive_file *file);

#endif
