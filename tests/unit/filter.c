/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/filter.c */
#include "filter.h"

#include <sysexits.h>

#include "log.h"
#include "tap.h"

static struct opt_list statuses, endpoints, methods;
static struct filter f;
static int64_t min_duration;
static int code;

static void init(void *unused)
{
	(void)unused;
	filter_release(&f);
	code = filter_init(&f, &statuses, &endpoints, &methods, min_duration);
}

/* A filter of these options; each may be NULL. */
static void begin(const char *status, const char *endpoint, const char *method, int64_t duration)
{
	opt_list_release(&statuses);
	opt_list_release(&endpoints);
	opt_list_release(&methods);
	if (status)
		opt_list_add(&statuses, status);
	if (endpoint)
		opt_list_add(&endpoints, endpoint);
	if (method)
		opt_list_add(&methods, method);
	min_duration = duration;
}

static void refuses(const char *status, const char *endpoint, const char *method, const char *message)
{
	begin(status, endpoint, method, 0);
	is_str(tap_capture(2, init, NULL), message, "what is said of it");
	is_int(code, EX_USAGE, "and refused");
}

static void make(const char *status, const char *endpoint, const char *method, int64_t duration)
{
	begin(status, endpoint, method, duration);
	init(NULL);
	is_int(code, 0, "%s %s %s %" PRId64, status ? status : "-", endpoint ? endpoint : "-",
	       method ? method : "-", duration);
}

static bool wants(int status, const char *method, const char *path, int64_t duration)
{
	struct record r = {.status = status,
			   .duration_us = duration,
			   .method = {method, method ? strlen(method) : 0},
			   .path = {path, path ? strlen(path) : 0}};

	return filter_wants(&f, &r);
}

static void test_status(void)
{
	int wanted = 0;

	make("500,503", NULL, NULL, 0);
	for (int s = 0; s < 1000; s++)
		wanted += wants(s, NULL, NULL, RECORD_NONE);
	is_int(wanted, 2, "two of all");
	ok(wants(500, NULL, NULL, RECORD_NONE) && wants(503, NULL, NULL, RECORD_NONE),
	   "the two that were named");
	make("5xx,400-402,20X", NULL, NULL, 0);
	wanted = 0;
	for (int s = 0; s < 1000; s++)
		wanted += wants(s, NULL, NULL, RECORD_NONE);
	is_int(wanted, 113, "a class, a range, ten of a class");
	ok(wants(599, NULL, NULL, 0) && wants(402, NULL, NULL, 0) && wants(209, NULL, NULL, 0) &&
		   !wants(403, NULL, NULL, 0) && !wants(210, NULL, NULL, 0) && !wants(0, NULL, NULL, 0),
	   "and where they end");
	opt_list_add(&statuses, "404");
	init(NULL);
	ok(wants(404, NULL, NULL, 0) && wants(500, NULL, NULL, 0), "given twice: either");
	refuses("5x", NULL, NULL,
		"filter: --status=5x: `5x` is no status: 503, a class 5xx, or a range 400-499, separated by "
		"commas\n");
	refuses("500,", NULL, NULL,
		"filter: --status=500,: `` is no status: 503, a class 5xx, or a range 400-499, separated by "
		"commas\n");
	for (size_t i = 0; i < 9; i++) {
		static const char *const bad[] = {"099", "1000", "499-400", "5x5", "xxx",
						  "abc", "400-", "",        "-500"};

		begin(bad[i], NULL, NULL, 0);
		tap_capture(2, init, NULL);
		is_int(code, EX_USAGE, "no status: '%s'", bad[i]);
	}
}

static void test_method(void)
{
	make(NULL, NULL, "GET,post", 0);
	ok(wants(0, "GET", NULL, 0) && wants(0, "get", NULL, 0) && wants(0, "POST", NULL, 0), "either case");
	ok(!wants(0, "GE", NULL, 0) && !wants(0, "GETS", NULL, 0) && !wants(0, NULL, NULL, 0),
	   "and no other");
	refuses(NULL, NULL, "GET POST",
		"filter: --method=GET POST: `GET POST` is no method: GET, POST and the like, separated by "
		"commas\n");
	refuses(NULL, NULL, ",GET",
		"filter: --method=,GET: `` is no method: GET, POST and the like, separated by commas\n");
}

static void test_endpoint(void)
{
	make(NULL, "/api/*/users", NULL, 0);
	ok(wants(0, NULL, "/api/v1/users", 0), "a star is one segment");
	ok(!wants(0, NULL, "/api/v1/x/users", 0), "and not two");
	ok(!wants(0, NULL, NULL, 0), "no path is none of them");
	make(NULL, "/api", NULL, 0);
	ok(wants(0, NULL, "/api", 0) && wants(0, NULL, "/api/v1/users", 0), "a folder is all below it");
	ok(!wants(0, NULL, "/apis", 0), "and nothing beside it");
	make(NULL, "**/users", NULL, 0);
	ok(wants(0, NULL, "/api/v1/users", 0), "two stars are any folders");
	make(NULL, "!/health", NULL, 0);
	ok(!wants(0, NULL, "/health", 0) && !wants(0, NULL, "/health/live", 0), "what is excluded");
	ok(wants(0, NULL, "/api", 0) && wants(0, NULL, NULL, 0), "all else is wanted");
	make(NULL, "/api", NULL, 0);
	opt_list_add(&endpoints, "!/api/internal");
	opt_list_add(&endpoints, "/api/internal/login");
	init(NULL);
	ok(wants(0, NULL, "/api/x", 0) && !wants(0, NULL, "/api/internal/x", 0) &&
		   wants(0, NULL, "/api/internal/login", 0) && !wants(0, NULL, "/x", 0),
	   "the last one that matches decides");
	refuses(NULL, "!health", NULL,
		"filter: --endpoint=!health: a path begins with a slash: try '!/health', or '!**/health' for "
		"any "
		"folder\n");
	begin(NULL, "", NULL, 0);
	tap_capture(2, init, NULL);
	is_int(code, EX_USAGE, "an empty glob");
}

static void test_together(void)
{
	make(NULL, NULL, NULL, 0);
	ok(wants(0, NULL, NULL, RECORD_NONE), "no filter wants everything");
	make(NULL, NULL, NULL, 500000);
	ok(wants(0, NULL, NULL, 500000) && !wants(0, NULL, NULL, 499999) &&
		   !wants(0, NULL, NULL, RECORD_NONE),
	   "as long, or longer");
	make("5xx", "/a", "GET", 1000);
	ok(wants(500, "GET", "/a", 1000), "all of them hold");
	ok(!wants(200, "GET", "/a", 1000), "not the status");
	ok(!wants(500, "PUT", "/a", 1000), "not the method");
	ok(!wants(500, "GET", "/b", 1000), "not the path");
	ok(!wants(500, "GET", "/a", 999), "not the time");
}

int main(void)
{
	log_init("filter");
	test_status();
	test_method();
	test_endpoint();
	test_together();
	filter_release(&f);
	opt_list_release(&statuses);
	opt_list_release(&endpoints);
	opt_list_release(&methods);
	return tap_done();
}
