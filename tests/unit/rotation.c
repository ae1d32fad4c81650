/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-apilog/rotation.c */
#include "rotation.h"

#include "tap.h"

static void test_split(void)
{
	static const struct {
		const char *name, *base, *stamp;
		int64_t number;
		bool rotated, packed;
	} table[] = {
		{"access.log", "access.log", "", -1, false, false},
		{"access.log.1", "access.log", "", 1, true, false},
		{"access.log.12.gz", "access.log", "", 12, true, true},
		{"access.log.old", "access.log", "", 0, true, false},
		{"access_log.old.gz", "access_log", "", 0, true, true},
		{"access.log.gz", "access.log", "", -1, true, true},
		{"access.log-20261123", "access.log", "20261123", -1, true, false},
		{"access.log-20261123.zst", "access.log", "20261123", -1, true, true},
		{"access.log-2026112304", "access.log", "2026112304", -1, true, false},
		{"access.log-20261123-030405.gz", "access.log", "20261123030405", -1, true, true},
		{"access.log-1790000000", "access.log", "1790000000", -1, true, false},
		{"access.log-20261123-1790000000.gz", "access.log", "202611231790000000", -1, true, true},
		{"access.log-20261123-17900000001", "access.log-20261123-17900000001", "", -1, false, false},
		{"access.log.2026-11-23", "access.log", "20261123", -1, true, false},
		{"access.log.2026-11-23_03-04-05", "access.log", "20261123030405", -1, true, false},
		{"0.log.20261123-030405", "0.log", "20261123030405", -1, true, false},
		{"app-2026-11-23.log", "app.log", "20261123", -1, true, false},
		{"app-2026-11-23T03-04-05.678.log", "app.log", "20261123030405678", -1, true, false},
		{"app-2026-11-23T03-04-05.678.log.gz", "app.log", "20261123030405678", -1, true, true},
		{"app-2026-11-23.2.log", "app.log", "20261123", 2, true, false},
		{"app-2026-11-23T03-04-05.678-size.log", "app.log", "20261123030405678", -1, true, false},
		{"app-2026-11-23T03-04-05.678-time.log.zst", "app.log", "20261123030405678", -1, true, true},
		{"app-2026-11-23T03-04-05-manual.log", "app.log", "20261123030405", -1, true, false},
		{"app-2026-11-23T03-04-05-error.log", "app-2026-11-23T03-04-05-error.log", "", -1, false,
		 false},
		{"app-2026-11-23T03-04-05-sizes.log", "app-2026-11-23T03-04-05-sizes.log", "", -1, false,
		 false},
		{"app-2026-11-23-size.log", "app-2026-11-23-size.log", "", -1, false, false},
		{"app__2026-11-23_03-04-05.log", "app.log", "20261123030405", -1, true, false},
		{"__2026-11-23.log", "__2026-11-23.log", "", -1, false, false},
		{"@4000000065a0b1c20a0b0c0d.s", "current", "4000000065a0b1c20a0b0c0d", -1, true, false},
		{"@4000000065a0b1c20a0b0c0d.u.gz", "current", "4000000065a0b1c20a0b0c0d", -1, true, true},
		{"@4000000065a0b1c20a0b0c0d.t", "@4000000065a0b1c20a0b0c0d.t", "", -1, false, false},
		{"@4000000065a0b1c20a0b0c0.s", "@4000000065a0b1c20a0b0c0.s", "", -1, false, false},
		{"current", "current", "", -1, false, false},
		{"u_ex261123.log", "u_ex261123.log", "", -1, false, false},
		{"web.1.log", "web.1.log", "", -1, false, false},
		{"10.0.0.1", "10.0.0.1", "", -1, false, false},
		{"app-20261345.log", "app-20261345.log", "", -1, false, false},
		{"app-12345678901.log", "app-12345678901.log", "", -1, false, false},
		{"access.log.01", "access.log.01", "", -1, false, false},
		{"access.log.1234567", "access.log.1234567", "", -1, false, false},
		{".gz", ".gz", "", -1, false, false},
		{"", "", "", -1, false, false},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct rotation r;

		ok(rotation_split(table[i].name, &r) == table[i].rotated, "%s: rotated", table[i].name);
		is_str(r.base, table[i].base, "%s: base", table[i].name);
		is_str(r.stamp, table[i].stamp, "%s: stamp", table[i].name);
		ok(r.number == table[i].number && r.packed == table[i].packed, "%s: number, packed",
		   table[i].name);
	}
}

/* What belongs to a log only when that is known. */
static void test_of(void)
{
	static const struct {
		const char *name, *base;
		int64_t number; /* -2: it is not of that log */
	} table[] =
		{
			{"access.log", "access.log", -1},     {"access.log.3.gz", "access.log", 3},
			{"access.1.log", "access.log", -2},   {"access.1.txt", "access.log", -2},
			{"access.1.log.2", "access.log", -2}, {"access.1", "access", 1},
			{"access1.log", "access.log", -2},    {"access.x.log", "access.log", -2},
			{"other.1.log", "access.log", -2},    {".1.log", ".log", -2},
		},
	  inner[] = {
		  {"access.1.log", "access.log", 1},     {"access.12.log.gz", "access.log", 12},
		  {"access.0.log", "access.log", 0},     {"access.01.log", "access.log", -2},
		  {"access.8080.log", "access.log", -2}, {"access.443.log", "access.log", -2},
		  {"access.1.txt", "access.log", -2},    {"access.1.log.2", "access.log", -2},
		  {"access.log", "access.log", -2},      {"access.x.log", "access.log", -2},
		  {"other.1.log", "access.log", -2},     {".1.log", ".log", -2},
	  };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct rotation r;
		bool of = rotation_of(table[i].name, table[i].base, &r);

		ok(of == (table[i].number > -2) && (!of || r.number == table[i].number), "%s of %s",
		   table[i].name, table[i].base);
		ok(!of || !strcmp(r.base, table[i].base), "... by its base");
	}
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		struct rotation r;
		bool of = rotation_inner(inner[i].name, inner[i].base, &r);

		ok(of == (inner[i].number > -2) && (!of || r.number == inner[i].number), "%s within %s",
		   inner[i].name, inner[i].base);
		ok(!of || !strcmp(r.base, inner[i].base), "... by its base");
	}
}

static void test_shifted(void)
{
	static const struct {
		const char *from, *to;
		int64_t number;
	} table[] = {
		{"a.log", "a.1.log", 1},     {"a.1.log", "a.2.log", 2},  {"a.log", "a.12.log", 12},
		{"a.2.log", "a.1.log", 0},   {"a.1.log", "a.1.log", 0},  {"b.log", "a.1.log", 0},
		{"b.1.log", "a.2.log", 0},   {"a.log", "a.443.log", 0},  {"a.log", "a.log", 0},
		{"a.log", "a.log.1", 0},     {"1.log", ".1.log", 0},     {"", "a.1.log", 0},
		{"x.a.log", "x.a.3.log", 3}, {"a.log", "a.1.log.gz", 0}, {"a.1.log", "a", 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char base[ROTATION_NAME];

		ok(rotation_shifted(table[i].from, table[i].to, base) == table[i].number, "%s to %s",
		   table[i].from, table[i].to);
	}
}

static void test_long(void)
{
	char name[400];
	struct rotation r;

	memset(name, 'a', sizeof(name));
	memcpy(name + sizeof(name) - 3, ".1", 3);
	ok(!rotation_split(name, &r), "a name that no filesystem has");
}

/* Each is older than the next. */
static void test_order(void)
{
	static const char *const names[] = {
		"a.log-20251231",
		"a.log-20261123.gz",
		"a.log-20261123-01",
		"a-2026-11-24.log",
		"a-2026-11-24.1.log",
		"a-2026-11-24.2.log",
		"a-2026-11-24T03-04-05.678-size.log",
		"a.log.10",
		"a.log.2.gz",
		"a.log.1",
		"a.log.old",
		"a.log",
	};

	for (size_t i = 0; i + 1 < sizeof(names) / sizeof(names[0]); i++) {
		struct rotation a, b;

		rotation_split(names[i], &a);
		rotation_split(names[i + 1], &b);
		ok(rotation_compare(&a, &b) < 0 && rotation_compare(&b, &a) > 0, "%s before %s", names[i],
		   names[i + 1]);
		ok(!rotation_compare(&a, &a), "%s and itself", names[i]);
	}
}

int main(void)
{
	test_split();
	test_of();
	test_shifted();
	test_long();
	test_order();
	return tap_done();
}
