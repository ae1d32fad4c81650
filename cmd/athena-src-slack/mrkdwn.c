/* SPDX-License-Identifier: ISC */
#include "mrkdwn.h"

#include <string.h>

#include "text.h"

enum {
	ANGLE_MAX = 8192, /* bytes between < and >; what is longer is no link */
};

struct slice {
	const char *p;
	size_t n;
};

/* Adds what there is room for, whole characters only. */
static void put(struct buf *out, const char *s, size_t n)
{
	size_t room = out->max && out->max - out->len < n ? out->max - out->len : n;

	if (room < n)
		room = text_clip(s, n, room);
	buf_add(out, s, room);
	if (room < n)
		out->over = true;
}

static void puts_(struct buf *out, const char *s)
{
	put(out, s, strlen(s));
}

void mrkdwn_entities(struct buf *out, const char *s, size_t n)
{
	static const struct {
		const char *name, *means;
	} entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};

	while (n) {
		const char *amp = memchr(s, '&', n);
		size_t plain = amp ? (size_t)(amp - s) : n, i;

		put(out, s, plain);
		s += plain;
		n -= plain;
		if (!n)
			break;
		for (i = 0; i < 3; i++) {
			size_t len = strlen(entities[i].name);

			if (n >= len && !memcmp(s, entities[i].name, len)) {
				puts_(out, entities[i].means);
				s += len;
				n -= len;
				break;
			}
		}
		if (i == 3) {
			put(out, s, 1);
			s++;
			n--;
		}
	}
}

static bool begins(struct slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && !memcmp(s.p, with, n);
}

static bool equals(struct slice a, const char *prefix, struct slice b)
{
	size_t n = strlen(prefix);

	return a.n == n + b.n && begins(a, prefix) && !memcmp(a.p + n, b.p, b.n);
}

static const char *look_up(const struct slack_names *names, struct slice id, bool user)
{
	char text[NAMES_ID_MAX + 1];

	if (!id.n || id.n > NAMES_ID_MAX)
		return NULL;
	memcpy(text, id.p, id.n);
	text[id.n] = '\0';
	return user ? names_user(names, text) : names_channel(names, text);
}

/* @name: as it is called now, else as the text calls it, else the id */
static void mention(struct buf *out, const char *name, char sign, struct slice label, struct slice id)
{
	if (!name && !label.n)
		label = id;
	if (!name && label.n && *label.p == sign) {
		label.p++;
		label.n--;
	}
	if (!name || *name != '@') /* a direct conversation is called so itself */
		put(out, &sign, 1);
	if (name)
		puts_(out, name);
	else
		mrkdwn_entities(out, label.p, label.n);
}

/* <!here>, <!subteam^S1|@team>, <!date^1392734382^{date}|in words> */
static void command(struct buf *out, struct slice what, struct slice label)
{
	static const char *const everybody[] = {"here", "channel", "everyone", "group"};
	const char *caret = memchr(what.p, '^', what.n);

	for (size_t i = 0; i < sizeof(everybody) / sizeof(everybody[0]); i++)
		if (equals(what, everybody[i], (struct slice){"", 0}))
			label.n = 0;
	if (label.n) {
		mrkdwn_entities(out, label.p, label.n);
		return;
	}
	if (caret && begins(what, "subteam^")) {
		what.n -= (size_t)(caret + 1 - what.p);
		what.p = caret + 1;
	}
	put(out, "@", 1);
	mrkdwn_entities(out, what.p, what.n);
}

static void link_to(struct buf *out, struct slice url, struct slice label)
{
	if (equals(url, "mailto:", label) || equals(url, "tel:", label)) {
		mrkdwn_entities(out, label.p, label.n);
		return;
	}
	if (label.n && !equals(url, "", label) && !equals(url, "https://", label) &&
	    !equals(url, "http://", label)) {
		mrkdwn_entities(out, label.p, label.n);
		put(out, " (", 2);
		mrkdwn_entities(out, url.p, url.n);
		put(out, ")", 1);
		return;
	}
	mrkdwn_entities(out, url.p, url.n);
}

/* What stands between < and >; false where that is nothing of Slack's. */
static bool angle(struct buf *out, const struct slack_names *names, struct slice in)
{
	const char *bar = memchr(in.p, '|', in.n);
	struct slice what = {in.p + 1, (bar ? (size_t)(bar - in.p) : in.n) - 1}, label = {"", 0}, url = in;

	if (bar == in.p)
		return false;
	if (bar) {
		label = (struct slice){bar + 1, in.n - (size_t)(bar + 1 - in.p)};
		url.n = (size_t)(bar - in.p);
	}
	switch (*in.p) {
	case '@':
		mention(out, look_up(names, what, true), '@', label, what);
		return true;
	case '#':
		mention(out, look_up(names, what, false), '#', label, what);
		return true;
	case '!':
		command(out, what, label);
		return true;
	default:
		if (!memchr(url.p, ':', url.n))
			return false;
		link_to(out, url, label);
		return true;
	}
}

void mrkdwn_decode(struct buf *out, const struct slack_names *names, const char *s, size_t n)
{
	while (n && !out->over) {
		const char *open = memchr(s, '<', n), *close;
		size_t plain = open ? (size_t)(open - s) : n, reach;

		mrkdwn_entities(out, s, plain);
		s += plain;
		n -= plain;
		if (!n)
			break;
		reach = n - 1 < ANGLE_MAX ? n - 1 : ANGLE_MAX;
		close = memchr(s + 1, '>', reach);
		if (close && close > s + 1 &&
		    angle(out, names, (struct slice){s + 1, (size_t)(close - s - 1)})) {
			n -= (size_t)(close + 1 - s);
			s = close + 1;
		} else {
			put(out, "<", 1);
			s++;
			n--;
		}
	}
}
