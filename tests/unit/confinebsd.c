/* SPDX-License-Identifier: ISC
 *
 * What is asked of OpenBSD, whose two calls are written down here. That it does it was not seen.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tap.h"

#undef __linux__
#undef CONFINE_NOTHING
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define __OpenBSD__ 1

static char asked[1000];
static int refused; /* the so-many-th call fails */

static int ask(const char *call, const char *a, const char *b)
{
	size_t n = strlen(asked);

	snprintf(asked + n, sizeof(asked) - n, "%s(%s,%s)\n", call, a ? a : "-", b ? b : "-");
	return refused && !--refused ? -1 : 0;
}

static int pledge(const char *promises, const char *exec_promises)
{
	return ask("pledge", promises, exec_promises);
}

static int unveil(const char *path, const char *permissions)
{
	return ask("unveil", path, permissions);
}

#include "../../lib/confine.c" /* NOLINT(bugprone-suspicious-include) */

#define FILES "unveil(/,rx)\nunveil(/dev/null,rw)\nunveil(/dev/tty,rw)\n"
#define STDIO "error stdio rpath wpath cpath fattr flock tty getpw"

static void is_asked(const char *want, const char *what)
{
	is_str(asked, want, "%s", what);
	*asked = '\0';
}

int main(void)
{
	const char *const folders[] = {"/home/ann/cursors", NULL};

	ok(confine(0, folders, 2) == (CONFINE_FILES | CONFINE_NETWORK | CONFINE_PROGRAMS), "all is given up");
	is_asked(FILES "unveil(/home/ann/cursors,rwxc)\nunveil(-,-)\npledge(" STDIO ",-)\n",
		 "a folder for writing, the rest for reading, and no promise of sockets or programs");
	ok(confine(CONFINE_FILES, NULL, 0) == (CONFINE_NETWORK | CONFINE_PROGRAMS), "files are kept");
	is_asked("pledge(" STDIO ",-)\n", "nothing is veiled");
	ok(confine(CONFINE_NETWORK, NULL, 0) == (CONFINE_FILES | CONFINE_PROGRAMS), "the network is kept");
	is_asked(FILES "unveil(-,-)\npledge(" STDIO " inet unix dns,-)\n", "sockets and names");
	ok(confine(CONFINE_NETWORK | CONFINE_PROGRAMS, NULL, 0) == CONFINE_FILES, "programs are kept too");
	is_asked(FILES "unveil(-,-)\npledge(" STDIO " inet unix dns proc exec,-)\n", "and programs");
	refused = 1;
	ok(confine(0, folders, 1) == (CONFINE_NETWORK | CONFINE_PROGRAMS),
	   "a refused unveil gives up no files");
	*asked = '\0';
	refused = 1;
	ok(confine(CONFINE_FILES, NULL, 0) == 0, "a refused pledge gives up nothing");
	return tap_done();
}
