/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/route.c */
#include "route.h"

#include "tap.h"
#include "xalloc.h"

static const struct {
	const char *path, *route;
} cases[] = {
	{"/", "/"},
	{"", ""},
	{"//", "//"},
	{"*", "*"},
	{"/api/v1/users", "/api/v1/users"},
	{"/api/v1/users/42", "/api/v1/users/:id"},
	{"/users/42/posts/7/", "/users/:id/posts/:id/"},
	{"/0", "/:id"},
	{"/users/42.json", "/users/:id.json"},
	{"/v2.1/x", "/v2.1/x"},
	{"/2026/11/24", "/:id/:id/:id"},
	{"/day/2026-11-24", "/day/:id"},
	{"/a/-1", "/a/-1"},
	{"/o/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "/o/:id"},
	{"/o/6BA7B810-9DAD-11D1-80B4-00C04FD430C8/x", "/o/:id/x"},
	{"/o/add-feed-2024", "/o/add-feed-2024"},
	{"/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/:id"},
	{"/o/507f1f77bcf86cd799439011", "/o/:id"},
	{"/c/3f2a1b9c", "/c/:id"},
	{"/c/3f2a1b9", "/c/3f2a1b9"},
	{"/c/deadbeef", "/c/deadbeef"},
	{"/c/facade/decade", "/c/facade/decade"},
	{"/customers/cus_9s6XKzkNRiz8i3Qw", "/customers/:id"},
	{"/n/V1StGXR8_Z5jdHi6B-myT", "/n/:id"},
	{"/n/cjld2cjxh0000qzrmn831i7rn", "/n/:id"},
	{"/k/ch_3MmlLrLkdIwHu7ix0snN0B15/refunds", "/k/:id/refunds"},
	{"/blog/top-10-ways-to-win-in-2024", "/blog/top-10-ways-to-win-in-2024"},
	{"/rpc/GetObjectV2Request", "/rpc/GetObjectV2Request"},
	{"/internationalization2024", "/internationalization2024"},
	{"/oauth2/token", "/oauth2/token"},
	{"/users/ann@example.org/mail", "/users/:id/mail"},
	{"/users/ann@", "/users/ann@"},
	{"/@angular/core", "/@angular/core"},
	{"/packages/react@18.2.0", "/packages/react@18.2.0"},
	{"/static/main.3f2a1b9c.js", "/static/main.3f2a1b9c.js"},
	{"/users/4%32", "/users/4%32"},
	{"/1/2/3/4/5", "/:id/:id/:id/:id/:id"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = strlen(cases[i].path), len;
		char *exact = xmemdup(cases[i].path, n), *to = xmalloc(ROUTE_ROOM(n));

		len = route_fold(to, exact, n);
		is_bytes(to, len, cases[i].route, strlen(cases[i].route), "%s", cases[i].path);
		free(exact);
		free(to);
	}
	return tap_done();
}
