/* SPDX-License-Identifier: ISC
 *
 * names - which name of a member, key or variable means what, whoever wrote the log.
 *
 *	struct meaning m = names_find("http.request.method", 19);      FIELD_METHOD
 *
 * A path is dotted, whether the line nests or not. Case, `_` and `-` do not count, except
 * where two programs mean different things by them. What is not known has FIELD_NONE.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
	FIELD_NONE, /* no place of its own: goes to extra */
	FIELD_TIME,
	FIELD_DATE,    /* a day; with a time of day in FIELD_TIME they make one */
	FIELD_REQUEST, /* a request line */
	FIELD_METHOD,
	FIELD_SCHEME,
	FIELD_URL, /* a path with its query, or a whole URL */
	FIELD_PATH,
	FIELD_QUERY,
	FIELD_PROTOCOL,
	FIELD_STATUS,
	FIELD_DURATION,
	FIELD_PART1, /* three spans that make the duration together */
	FIELD_PART2,
	FIELD_PART3,
	FIELD_BYTES,
	FIELD_REMOTE,
	FIELD_USER,
	FIELD_AGENT,
	FIELD_REFERRER,
	FIELD_HOST,
	FIELD_REQUEST_ID,
	FIELD_LEVEL,
	FIELD_MESSAGE,
	FIELD_ERROR,
	FIELDS,
};

/* Of a number. UNIT_UNSAID: a time is told by its magnitude; a duration needs its unit behind it, or a
 * dialect. */
enum unit { UNIT_UNSAID, UNIT_S, UNIT_MS, UNIT_US, UNIT_NS };

/*
 * Programs that are known by a name that only they write, and so is the unit of their durations. DIALECT_W3C: none of them, but
 * a column of w3c.h with a fraction, which is of seconds.
 */
enum dialect {
	DIALECT_NONE,
	DIALECT_CADDY,
	DIALECT_ENVOY,
	DIALECT_TRAEFIK,
	DIALECT_CLOUDFRONT,
	DIALECT_IIS,
	DIALECT_JOURNAL, /* of systemd; durations are not its own */
	DIALECT_W3C, /* the last: any other beside it decides */
	DIALECTS,
};

struct meaning {
	uint8_t field;   /* enum field */
	uint8_t unit;    /* enum unit */
	uint8_t dialect; /* enum dialect: that the name is there tells who writes */
	uint16_t rank;   /* of several members for one field the lowest wins */
};

enum { RANK_USER = 0 }; /* of --field, above all known names */

/* The meaning of a dotted path. */
struct meaning names_find(const char *path, size_t n);

/* The field that --field calls by this name, with its unit; FIELD_NONE where there is none. */
struct meaning names_option(const char *name, size_t n);

/* The names that names_option() knows, with spaces between. */
extern const char names_options[];

/* True for a name that request.h writes into metadata itself. */
bool names_reserved(const char *name, size_t n);

/* The unit of a duration that does not say it, by who wrote the line. */
enum unit names_unit(unsigned dialects);

#endif
