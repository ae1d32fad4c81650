/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-slack/%.c pkg: libcurl libzip zlib */
/*
 * The whole of the Slack source on a server that says anything (answers.h): it ends, each line is one that the store takes, and the
 * position it comes to is one that it reads again. The first line may be a position to begin with, anybody's.
 */
#include <stdint.h>

#include "answers.h"
#include "fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A run that begins at `from`, or at the start. The position it comes to, NULL where it comes to none. */
static int run(const struct cursor *from, struct cursor *to)
{
	static struct opt_list channels;
	static const struct slack_options options = {
		.channels = &channels, .lookback = INT64_C(604800000000), .jobs = 3};
	struct source src = SOURCE_INIT("slack");
	struct api api = {.base = "https://slack.com/api"};
	struct fetch f = {.src = &src, .options = &options, .api = &api};
	json_t *position = NULL;
	struct buf out = {0};
	int rc;

	sink_open();
	world_begin();
	src.from = from;
	rc = fetch_workspace(&f);
	if (!rc)
		rc = channels_list(&f);
	src.source_id = f.source_id;
	if (!rc)
		rc = fetch_open(&f);
	if (!rc) {
		rc = fetch_run(&f);
		position = position_json(&f);
		*to = sealed(&src, f.selection, position);
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
	two_runs(data, size, json_pack("{s:s}", "events", "messages reactions replies"), run);
	return 0;
}
