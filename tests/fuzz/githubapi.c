/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/%.c pkg: libcurl */
/*
 * The whole of the GitHub source on a server that says anything (answers.h): it ends, each line is one that the store takes, and the
 * position it comes to is one that it reads again. The first line may be a position to begin with, anybody's.
 */
#include <stdint.h>

#include "answers.h"
#include "fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A run that begins at `from`, or at the start. The position it comes to, NULL where it comes to none. */
static int run(const struct cursor *from, struct cursor *to)
{
	static struct opt_list branches;
	static const struct github_options options = {.wanted = WANT_ALL, .branches = &branches, .jobs = 3};
	struct source src = SOURCE_INIT("github");
	struct api api;
	struct fetch f = {.src = &src, .options = &options, .api = &api};
	struct buf out = {0};
	int rc;

	sink_open();
	world_begin();
	api_init(&api, NULL, "https://h", true);
	src.from = from;
	src.source_id = "github:o/r";
	rc = fetch_repository(&f, "o/r");
	if (!rc)
		rc = fetch_open(&f);
	if (!rc) {
		rc = fetch_run(&f);
		*to = sealed(&src, f.selection, position_json(&f));
	}
	check(!source_flush(&src));
	sink_take(&out);
	buf_release(&out);
	buf_release(&src.out);
	fetch_close(&f);
	api_release(&api);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	two_runs(data, size,
		 json_pack("{s:[s,s,s,s,s]}", "events", "push", "pull_request", "issues", "releases",
			   "discussions"),
		 run);
	return 0;
}
