/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/mark.c */
/* What was seen near the end of a list that is sorted by whole seconds. */
#include "mark.h"

#include <stdlib.h>

#include "stamp.h"
#include "tap.h"

#define S(n) ((INT64_C(1700000000) + (n)) * STAMP_SECOND)

static void one_second(void)
{
	struct mark m = {.at = MARK_NONE};
	int64_t bump;

	is_int(mark_look(&m, "a", S(0), "h1", &bump), MARK_NEW, "nothing was seen");
	ok(!mark_is_past(&m, S(-1000000)), "and nothing is past");
	mark_raise(&m, S(0));
	mark_note(&m, "a", S(0), "h1", 0);
	is_int(mark_look(&m, "a", S(0), "h1", &bump), MARK_KNOWN, "the same again");
	is_int(mark_look(&m, "b", S(0), "h1", &bump), MARK_NEW, "another one in that second");
	is_int(mark_look(&m, "a", S(1), "h1", &bump), MARK_NEW, "the same a second later");
	is_int(mark_look(&m, "a", S(0), "h2", &bump), MARK_CHANGED, "changed within the second");
	is_int(bump, 1, "is one microsecond newer");
	mark_note(&m, "a", S(0), "h2", bump);
	is_int(mark_look(&m, "a", S(0), "h3", &bump), MARK_CHANGED, "and again");
	is_int(bump, 2, "two microseconds");
	is_int(mark_look(&m, "a", S(0), "h2", &bump), MARK_KNOWN, "what it is now is known");
	mark_release(&m);
}

static void bounds(void)
{
	struct mark m = {.at = MARK_NONE};
	char key[32];

	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		mark_raise(&m, S(i));
		mark_note(&m, key, S(i), "", 0);
	}
	mark_prune(&m);
	is_int((int64_t)json_object_size(m.near), 61, "a minute is remembered");
	ok(mark_is_past(&m, S(38)) && !mark_is_past(&m, S(39)), "what is before it is past");
	for (int i = 0; i < MARK_NEAR_MAX + 500; i++) {
		snprintf(key, sizeof(key), "l%d", i);
		mark_note(&m, key, S(99), "", 0);
	}
	mark_prune(&m);
	is_int((int64_t)json_object_size(m.near), MARK_NEAR_MAX, "no more than so many");
	mark_release(&m);
}

static void position(void)
{
	struct mark m = {.at = MARK_NONE}, n = {.at = MARK_NONE}, empty = {.at = MARK_NONE};
	json_t *o, *bad;
	int64_t bump;

	ok(!mark_json(&m), "nothing seen, nothing said");
	mark_raise(&m, S(0));
	mark_note(&m, "a", S(0), "h", 3);
	o = mark_json(&m);
	ok(mark_load(&n, o) && n.at == S(0), "comes back");
	is_int(mark_look(&n, "a", S(0), "x", &bump), MARK_CHANGED, "with what it knew");
	is_int(bump, 4, "and how often that changed");
	json_decref(o);
	mark_raise(&empty, S(10));
	mark_join(&empty, &n);
	is_int(mark_look(&empty, "a", S(0), "h", &bump), MARK_KNOWN, "taken over");
	mark_release(&m);
	bad = json_pack("{s:s}", "at", "yesterday");
	ok(!mark_load(&m, bad), "a time that is none");
	json_decref(bad);
	bad = json_pack("{s:s,s:{s:[i]}}", "at", "2024-01-01T00:00:00Z", "near", "k", 1);
	ok(!mark_load(&m, bad), "an entry that is none");
	json_decref(bad);
	mark_release(&m);
	mark_release(&n);
	mark_release(&empty);
}

int main(void)
{
	one_second();
	bounds();
	position();
	return tap_done();
}
