/* SPDX-License-Identifier: ISC */
#include "rotation.h"

#include <stdio.h>
#include <string.h>

enum {
	NUMBER_DIGITS = 5,
	INNER_DIGITS = 2, /* of a number before the extension: more are a port or a year */
	EXTENSION_MAX = 8,
	EPOCH_DIGITS = 10,
	TAI64N = 24, /* hexadecimal digits of a time of multilog */
};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') <= 9;
}

static bool is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static size_t digits_at(const char *s)
{
	size_t n = 0;

	while (is_digit(s[n]))
		n++;
	return n;
}

static int64_t number_of(const char *s, size_t digits)
{
	int64_t v = 0;

	for (size_t i = 0; i < digits; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

static int two(const char *s)
{
	return (s[0] - '0') * 10 + (s[1] - '0');
}

/* A date at s, with or without hyphens (or underscores): its length, 0 where there is none. */
static size_t date_at(const char *s)
{
	size_t year = digits_at(s), n = 8;
	const char *month = s + 4, *day = s + 6;

	if (year == 4 && (s[4] == '-' || s[4] == '_') && digits_at(s + 5) == 2 && s[7] == s[4] &&
	    is_digit(s[8]) && is_digit(s[9])) {
		month = s + 5;
		day = s + 8;
		n = 10;
	} else if (year < 8) {
		return 0;
	}
	if ((two(s) != 19 && two(s) != 20) || two(month) < 1 || two(month) > 12 || two(day) < 1 ||
	    two(day) > 31)
		return 0;
	return n;
}

/* A time of day behind a date: hours, minutes, seconds as far as they are said, and a fraction. */
static size_t time_at(const char *s)
{
	size_t n = strchr("-_T.:", *s) && *s ? 1 : 0, all = n;

	for (int pairs = 0; pairs < 3; pairs++) {
		size_t gap = pairs && (s[all] == '-' || s[all] == ':' || s[all] == '_') ? 1 : 0;

		if (!is_digit(s[all + gap]) || !is_digit(s[all + gap + 1]))
			break;
		all += gap + 2;
	}
	if (all == n)
		return 0;
	if (s[all] == '.' && digits_at(s + all + 1) == 3)
		all += 4;
	return s[all] == 'Z' ? all + 1 : all;
}

/* The length of a date, of a date and a time, or of seconds since 1970; 0: none of them. */
static size_t stamp_at(const char *s)
{
	size_t n = date_at(s), more;

	if (!n)
		return digits_at(s) == EPOCH_DIGITS && *s == '1' ? EPOCH_DIGITS : 0;
	if (s[n] && strchr("-_.", s[n]) && digits_at(s + n + 1) == EPOCH_DIGITS)
		return n + 1 + EPOCH_DIGITS; /* logrotate: dateformat -%Y%m%d-%s */
	more = time_at(s + n);
	return is_digit(s[n + more]) ? 0 : n + more;
}

/* ".log" and nothing behind it. */
static bool is_extension(const char *s)
{
	size_t n = 0;

	if (*s != '.')
		return false;
	while (is_letter(s[1 + n]))
		n++;
	return n && n <= EXTENSION_MAX && !s[1 + n];
}

static void keep_stamp(struct rotation *r, const char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n && to + 1 < sizeof(r->stamp); i++)
		if (is_digit(s[i]))
			r->stamp[to++] = s[i];
	r->stamp[to] = '\0';
}

/* Why a file was rotated, "-size", as timberjack says it behind the time: its length, else 0. */
static size_t reason_at(const char *s)
{
	static const char *const reasons[] = {"-size", "-time", "-manual"};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strncmp(s, reasons[i], strlen(reasons[i])))
			return strlen(reasons[i]);
	return 0;
}

/* What follows a stamp before the extension: a number, or with a time of day why it was rotated, "-size". */
static char *skip_behind(struct rotation *r, char *rest, bool clock)
{
	size_t n = 0;

	if (*rest != '.' && *rest != '-')
		return rest;
	n = digits_at(rest + 1);
	if (n && n <= NUMBER_DIGITS && is_extension(rest + 1 + n)) {
		r->number = number_of(rest + 1, n);
		return rest + 1 + n;
	}
	n = clock ? reason_at(rest) : 0;
	return n && is_extension(rest + n) ? rest + n : rest;
}

/* A stamp behind the name, or before its extension: taken out of r->base. */
static bool take_stamp(struct rotation *r)
{
	for (char *c = r->base + 1; *c; c++) {
		size_t n = strchr("-._", *c) ? stamp_at(c + 1) : 0;
		char *rest;

		if (!n || (c == r->base + 1 && !is_letter(*r->base) && !is_digit(*r->base)))
			continue;
		rest = skip_behind(r, c + 1 + n, n > strlen("2026-11-23"));
		if (*rest && !is_extension(rest))
			continue;
		keep_stamp(r, c + 1, n);
		c -= *c == '_' && c[-1] == '_' && c > r->base + 1; /* pm2: app__2026-11-23_03-04-05.log */
		memmove(c, rest, strlen(rest) + 1);
		return true;
	}
	return false;
}

/* @4000000065a0b1c20a0b0c0d.s, as multilog, s6-log and svlogd call what was `current`; .u where it was cut short. */
static bool take_tai(struct rotation *r)
{
	static const char hex[] = "0123456789abcdef";

	if (*r->base != '@' || strspn(r->base + 1, hex) != TAI64N || r->base[TAI64N + 1] != '.' ||
	    (r->base[TAI64N + 2] != 's' && r->base[TAI64N + 2] != 'u') || r->base[TAI64N + 3])
		return false;
	memcpy(r->stamp, r->base + 1, TAI64N);
	r->stamp[TAI64N] = '\0';
	memcpy(r->base, "current", sizeof("current"));
	return true;
}

/* What people call it by hand. */
static bool take_old(struct rotation *r)
{
	size_t n = strlen(r->base);

	if (n <= 4 || strcmp(r->base + n - 4, ".old") != 0)
		return false;
	r->base[n - 4] = '\0';
	r->number = 0;
	return true;
}

/* `.N` at the end of a name with a letter in it: an address or a version is no rotation. */
static bool take_number(struct rotation *r)
{
	char *dot = strrchr(r->base, '.');
	size_t n = dot ? digits_at(dot + 1) : 0;
	bool letter = false;

	if (!n || n > NUMBER_DIGITS || dot[1 + n] || (dot[1] == '0' && n > 1))
		return false;
	for (char *c = r->base; c < dot; c++)
		letter |= is_letter(*c);
	if (!letter)
		return false;
	r->number = number_of(dot + 1, n);
	*dot = '\0';
	return true;
}

bool rotation_split(const char *name, struct rotation *r)
{
	static const char *const suffixes[] = {".gz", ".zst", ".xz", ".bz2"};
	size_t len = strlen(name);
	bool rotated;

	*r = (struct rotation){.number = -1};
	snprintf(r->base, sizeof(r->base), "%s", name);
	if (len >= sizeof(r->base))
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !strcmp(name + len - n, suffixes[i])) {
			r->packed = true;
			r->base[len - n] = '\0';
			break;
		}
	}
	if (take_tai(r))
		return true;
	rotated = take_old(r) || take_number(r);
	rotated |= take_stamp(r);
	return rotated || r->packed;
}

bool rotation_of(const char *name, const char *base, struct rotation *r)
{
	rotation_split(name, r);
	return !strcmp(r->base, base);
}

bool rotation_inner(const char *name, const char *base, struct rotation *r)
{
	const char *extension = strrchr(base, '.');
	size_t stem = extension ? (size_t)(extension - base) : 0, n;

	rotation_split(name, r);
	if (!stem || !is_extension(extension) || *r->stamp || r->number >= 0 ||
	    strncmp(r->base, base, stem + 1))
		return false;
	n = digits_at(r->base + stem + 1);
	if (!n || n > INNER_DIGITS || (n > 1 && r->base[stem + 1] == '0') ||
	    strcmp(r->base + stem + 1 + n, extension) != 0)
		return false;
	r->number = number_of(r->base + stem + 1, n);
	memcpy(r->base, base, strlen(base) + 1);
	return true;
}

int64_t rotation_shifted(const char *from, const char *to, char base[ROTATION_NAME])
{
	const char *extension = strrchr(to, '.'), *dot = extension;
	struct rotation was = {0}, is = {0};

	while (dot && dot > to && is_digit(dot[-1]))
		dot--;
	if (!dot || dot - to < 2 || dot == extension || dot[-1] != '.' || strlen(to) >= ROTATION_NAME)
		return 0;
	snprintf(base, ROTATION_NAME, "%.*s%s", (int)(dot - 1 - to), to, extension);
	if (!rotation_inner(to, base, &is) || (strcmp(from, base) != 0 && !rotation_inner(from, base, &was)))
		return 0;
	return strcmp(from, base) && was.number >= is.number ? 0 : is.number;
}

int rotation_compare(const struct rotation *a, const struct rotation *b)
{
	int order;

	if (!*a->stamp != !*b->stamp)
		return *a->stamp ? -1 : 1;
	order = strcmp(a->stamp, b->stamp);
	if (order || a->number == b->number)
		return order;
	/* Within a day numbers grow (and the first one has none); in a chain they grow with age. */
	if (*a->stamp)
		return a->number < b->number ? -1 : 1;
	if (a->number < 0 || b->number < 0)
		return a->number < 0 ? 1 : -1;
	return a->number > b->number ? -1 : 1;
}
