/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/page.c */
/* Pages by their targets: smaller ones that begin at the same item, and circles. */
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void is_smaller(const char *target, const char *want)
{
	char *got = page_smaller(target);

	is_str(got, want, "%s", target);
	free(got);
}

static void sizes(void)
{
	char *sized = page_sized("/x?a=1&per_page=100&page=3", 25);

	is_int(page_size("/x?per_page=50&page=3"), 50, "what it says");
	is_int(page_size("/x?page=3"), PAGE, "what it does not say");
	is_str(sized, "/x?a=1&per_page=25&page=3", "another size");
	free(sized);
	is_smaller("/x?per_page=100", "/x?per_page=50");
	is_smaller("/x?state=all&per_page=100&page=1", "/x?state=all&per_page=50&page=1");
	is_smaller("/x?per_page=100&page=2", "/x?per_page=50&page=3");
	is_smaller("/x?page=7&per_page=50", "/x?page=13&per_page=25");
	is_smaller("/x?per_page=100&after=abc%3D", "/x?per_page=50&after=abc%3D");
	is_smaller("/x?per_page=26", "/x?per_page=13");
	is_smaller("/x?per_page=25", NULL);
	is_smaller("/x?per_page=27&page=2", NULL);
	is_smaller("/x", NULL);
	is_smaller("/x?homepage=3&per_page=40", "/x?homepage=3&per_page=20");
}

/* The same items, whatever the page: by their offset. */
static void offsets(void)
{
	bool all = true;

	for (long size = 26; size <= 100; size++) {
		for (long page = 1; page < 50; page++) {
			char target[60], *smaller;
			long s, p;

			snprintf(target, sizeof(target), "/x?per_page=%ld&page=%ld", size, page);
			smaller = page_smaller(target);
			if (smaller && (sscanf(smaller, "/x?per_page=%ld&page=%ld", &s, &p) != 2 ||
					(p - 1) * s != (page - 1) * size))
				all = false;
			free(smaller);
		}
	}
	ok(all, "a smaller page begins where the large one did");
}

/* In how many steps is a circle seen that is entered after `tail` pages? */
static int seen_after(int tail, int circle)
{
	struct page_circle c = {0};
	int n;

	for (n = 0; n < 10000; n++) {
		char target[20];

		snprintf(target, sizeof(target), "/%d", n < tail ? n : tail + (n - tail) % circle);
		if (page_circle_closed(&c, target))
			break;
	}
	page_circle_release(&c);
	return n;
}

static void circles(void)
{
	for (int tail = 0; tail < 20; tail += 5)
		for (int circle = 1; circle < 20; circle += 3)
			ok(seen_after(tail, circle) < 5 * (tail + circle) + 5, "a circle of %d after %d",
			   circle, tail);
	is_int(seen_after(20000, 1), 10000, "a long way is none");
}

int main(void)
{
	sizes();
	offsets();
	circles();
	return tap_done();
}
