/* SPDX-License-Identifier: ISC
 *
 * main - runs a fuzz target once over every file named, and every file in the folders
 * named, where libFuzzer is not there to do it:
 *
 *	build/tests/fuzz/stamp tests/corpus/stamp
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "buf.h"
#include "file.h"
#include "log.h"
#include "xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	struct buf b = {0};
	uint8_t *exact;

	if (file_read(path, &b))
		return log_error(EX_NOINPUT, "%s: %s", path, strerror(errno));
	/* exactly as long as the input, so that a checker sees the byte behind it */
	exact = xmemdup(b.data ? b.data : "", b.len);
	LLVMFuzzerTestOneInput(exact, b.len);
	free(exact);
	buf_release(&b);
	return 0;
}

static int run_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), rc = 0;

	if (n < 0)
		return log_error(EX_NOINPUT, "%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, entries[i]->d_name);

		if (!rc && entries[i]->d_name[0] != '.')
			rc = run_file(file);
		free(file);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int main(int argc, char **argv)
{
	int rc = 0;

	log_init("fuzz");
	for (int i = 1; i < argc && !rc; i++) {
		struct stat st;

		if (stat(argv[i], &st))
			rc = log_error(EX_NOINPUT, "%s: %s", argv[i], strerror(errno));
		else
			rc = S_ISDIR(st.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
	}
	return rc;
}
