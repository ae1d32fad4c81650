/* SPDX-License-Identifier: ISC */
#include "w3c.h"

#include "bytes.h"

static const char *const directives[] = {
	"#Fields:", "#Software:", "#Version:", "#Date:", "#Start-Date:", "#End-Date:", "#Remark:"};

static bool begins(const char *line, size_t n, const char *with)
{
	return n >= strlen(with) && !memcmp(line, with, strlen(with));
}

bool w3c_is_directive(const char *line, size_t n)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
		if (begins(line, n, directives[i]))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

bool w3c_fields(const char *line, size_t n, struct slice *names)
{
	size_t skip = strlen(directives[0]);

	if (!begins(line, n, directives[0]))
		return false;
	while (skip < n && is_space(line[skip]))
		skip++;
	while (n > skip && is_space(line[n - 1]))
		n--;
	*names = (struct slice){line + skip, n - skip};
	return true;
}

/* ---- values ---- */

/* A line that is being cut. */
struct cut {
	struct work *w;
	const char *p, *end;
	char between;
	bool quoted; /* the last value stood in quotes */
};

/* What stands in quotes at c->p, a quote within doubled, into work's text. False where it is not so. */
static bool in_quotes(struct cut *c, struct slice *v)
{
	char *to = c->w->text.data + c->w->text.len;
	size_t n = 0;
	const char *p = c->p + 1;

	for (; p < c->end && (*p != '"' || (c->end - p > 1 && p[1] == '"')); p++) {
		p += *p == '"';
		to[n++] = *p;
	}
	if (p == c->end || (p + 1 < c->end && p[1] != c->between))
		return false;
	*v = (struct slice){to, n};
	c->w->text.len += n;
	c->p = p + 1;
	return true;
}

/* The next value. False: there is none. */
static bool next_value(struct cut *c, struct slice *v)
{
	const char *first = c->p;

	if (c->p >= c->end)
		return false;
	c->quoted = *c->p == '"' && in_quotes(c, v);
	if (!c->quoted) {
		c->p = bytes_find(c->p, c->end, c->between);
		*v = (struct slice){first, (size_t)(c->p - first)};
	}
	c->p += c->p < c->end;
	while (c->between == ' ' && c->p < c->end && *c->p == ' ')
		c->p++;
	return true;
}

/* Of a user agent a space became a `+` (IIS), or, as all that is no plain character, percent and two digits (CloudFront). */
static struct slice agent(struct cut *c, struct slice v)
{
	char *to = c->w->text.data + c->w->text.len;
	size_t n = 0;

	if (c->quoted)
		return v;
	for (const char *p = v.p, *end = v.p + v.n; p < end; p++) {
		int code = c->between == '\t' && *p == '%' ? bytes_hex(p + 1, end, 2) : -1;

		if (code > 0)
			p += 2;
		to[n++] = code > 0 ? (char)code : c->between == ' ' && *p == '+' ? ' ' : *p;
	}
	c->w->text.len += n;
	return (struct slice){to, n};
}

/* ---- columns ---- */

static void take(struct cut *c, uint32_t i, struct slice v)
{
	struct work *w = c->w;
	const struct meaning m = w->members.items[i].meaning;
	struct token t = {.type = TOKEN_TEXT};

	w->dialects |= 1u << m.dialect;
	if (!v.n || (v.n == 1 && *v.p == '-') || !members_first(&w->members, i, w->object))
		return;
	if (m.field == FIELD_AGENT)
		v = agent(c, v);
	if (m.field == FIELD_DURATION && bytes_find(v.p, v.p + v.n, '.') < v.p + v.n)
		w->dialects |= 1u << DIALECT_W3C;
	t.p = v.p;
	t.n = v.n;
	if (m.field)
		fields_put(w, i, &t);
	else
		work_extra(w, i, &t);
}

bool w3c_line(struct work *w, struct slice names, const char *line, size_t n, const char **why)
{
	const char *p = names.p, *end;
	struct cut c = {w, line, line + n, ' ', false};
	struct slice v;

	*why = "no `#Fields:` line before it: give it as --format '#Fields: date time ...'";
	if (!names.n)
		return false;
	end = p + names.n;
	if (bytes_find(line, c.end, '\t') < c.end)
		c.between = '\t';
	*why = "not as many values as `#Fields:` names";
	while (p < end) {
		const char *name = p;
		uint32_t i;

		while (p < end && !is_space(*p))
			p++;
		i = work_member(w, name, (size_t)(p - name));
		if (!i || !next_value(&c, &v))
			return false;
		take(&c, i, v);
		while (p < end && is_space(*p))
			p++;
	}
	return c.p == c.end && fields_finish(w, why);
}
