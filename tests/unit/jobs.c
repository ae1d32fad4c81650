/* SPDX-License-Identifier: ISC */
#include "jobs.h"

#include "child.h"
#include "stamp.h"
#include "tap.h"

int main(void)
{
	const char *const says[] = {"sh", "-c", "echo out; echo err >&2; exit 3", NULL};
	const char *const much[] = {"sh", "-c", "head -c 2000000 /dev/zero", NULL};
	const char *const late[] = {"sh", "-c", "echo begun; sleep 60 & wait", NULL};
	const char *const none[] = {"no-such-program-anywhere", NULL};
	struct job all[] = {{.argv = says},
			    {.argv = says, .errors_too = true},
			    {.argv = much},
			    {.argv = late},
			    {.argv = none}};
	const size_t n = sizeof(all) / sizeof(*all);
	volatile sig_atomic_t stop = 0;

	jobs_run(all, n, &(struct jobs_how){.at_once = 2, .timeout_us = 2 * STAMP_SECOND, .stop = &stop});
	is_str(buf_cstr(&all[0].out), "out\n", "stdout is caught");
	is_int(all[0].code, 3, "with the code");
	is_str(buf_cstr(&all[1].out), "out\nerr\n", "stderr too where it is asked for");
	ok(all[2].out.over && all[2].out.len == JOBS_OUT_MAX && !all[2].code, "up to a maximum, and it ends");
	ok(all[3].late && all[3].code == 128 + SIGKILL, "one that is late is killed, with what it started");
	is_str(buf_cstr(&all[3].out), "begun\n", "what it said before is there");
	is_int(all[4].code, CHILD_MISSING, "one that is not there");
	jobs_release(all, n);

	stop = 1;
	all[0] = (struct job){.argv = late};
	jobs_run(all, 1, &(struct jobs_how){.at_once = 1, .timeout_us = 60 * STAMP_SECOND, .stop = &stop});
	ok(!all[0].out.len, "nothing is begun once it is to stop");
	jobs_release(all, 1);
	return tap_done();
}
