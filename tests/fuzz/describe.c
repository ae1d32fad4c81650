/* SPDX-License-Identifier: ISC
 *
 * What a source, anybody's, says of itself: it is taken as one whose every option can be asked for, or there is a reason.
 */
#include "plugin.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plugin p = {.program = "athena-src-x"};
	const json_t *option;
	size_t i;

	plugin_take(&p, (const char *)data, size);
	check(!p.about != !p.why);
	json_array_foreach (json_object_get(p.about, "options"), i, option) {
		const char *name = json_string_value(json_object_get(option, "name"));
		const json_t *found = plugin_option(&p, name);

		check(found && !strcmp(json_string_value(json_object_get(found, "name")), name));
		(void)plugin_is_flag(found);
	}
	plugins_release(&p, 1);
	return 0;
}
