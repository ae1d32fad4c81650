/* SPDX-License-Identifier: ISC */
#include "git-event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stamp.h"
#include "text.h"

enum {
	PATH_MAX_BYTES = 8192,
	NAME_MAX_BYTES = 512,      /* of a person's name, and of a mail address */
	CONTENT_JSON_MAX = 393216, /* content as JSON: escapes make text longer */
};

void event_maker_init(struct event_maker *m, const char *source_id, struct mailmap *mailmap)
{
	*m = (struct event_maker){.source_id = source_id, .mailmap = mailmap, .converter = (iconv_t)-1};
}

void event_maker_release(struct event_maker *m)
{
	struct buf *all[] = {&m->id,        &m->content, &m->author,   &m->mail,    &m->git_author,
			     &m->committer, &m->context, &m->metadata, &m->session, &m->path,
			     &m->raw,       &m->name,    &m->name_mail};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_release(all[i]);
	if (*m->converter_of && m->converter != (iconv_t)-1)
		iconv_close(m->converter);
	event_maker_init(m, NULL, NULL);
}

/*
 * The converter from an encoding named in a commit to UTF-8;
 * (iconv_t)-1: none is needed, or there is none.
 */
static iconv_t converter(struct event_maker *m, const char *name, size_t n)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:+";
	char word[sizeof(m->converter_of)];

	if (!n || n >= sizeof(word))
		return (iconv_t)-1;
	memcpy(word, name, n);
	word[n] = '\0';
	if (word[strspn(word, plain)] || !strcasecmp(word, "UTF-8") || !strcasecmp(word, "UTF8"))
		return (iconv_t)-1;
	if (!strcmp(word, m->converter_of))
		return m->converter;
	if (*m->converter_of && m->converter != (iconv_t)-1)
		iconv_close(m->converter);
	memcpy(m->converter_of, word, n + 1);
	m->converter = iconv_open("UTF-8", strcasecmp(word, "latin-1") ? word : "ISO-8859-1");
	return m->converter;
}

/* Its texts have another encoding, from which they can be converted. */
static bool is_converted(struct event_maker *m, const struct commit *c)
{
	return c && c->encoding && converter(m, c->encoding, c->encoding_len) != (iconv_t)-1;
}

/* Text of a commit as UTF-8: by its encoding header, else as it is; what remains broken becomes U+FFFD. */
static void decode(struct event_maker *m, struct buf *out, const char *s, size_t n, const struct commit *c)
{
	iconv_t cd = is_converted(m, c) ? m->converter : (iconv_t)-1;
	struct buf text = {0};
	char *in = (char *)s;
	size_t left = n;

	if (cd == (iconv_t)-1) {
		text_repair(out, s, n);
		return;
	}
	iconv(cd, NULL, NULL, NULL, NULL);
	while (left) {
		char block[1024], *to = block;
		size_t room = sizeof(block);
		size_t rc = iconv(cd, &in, &left, &to, &room);

		buf_add(&text, block, (size_t)(to - block));
		if (rc == (size_t)-1 && errno != E2BIG) {
			buf_adds(&text, "\xEF\xBF\xBD");
			in++;
			left--;
		}
	}
	text_repair(out, text.data, text.len);
	buf_release(&text);
}

static void clip(struct buf *b, size_t max)
{
	if (b->len > max)
		b->len = text_clip(b->data, b->len, max);
}

/* Name and mail, decoded, after the mailmap if that is wanted. */
void event_resolve(struct event_maker *m, struct buf *name, struct buf *mail, const struct person *p,
		   const struct commit *c)
{
	struct mailmap_person real = {0};

	buf_reset(name);
	buf_reset(mail);
	decode(m, name, p->name, p->name_len, c);
	decode(m, mail, p->mail, p->mail_len, c);
	if (m->mailmap && is_converted(m, c))
		real = mailmap_find(m->mailmap, name->data, name->len, mail->data, mail->len);
	else if (m->mailmap)
		real = mailmap_find(m->mailmap, p->name, p->name_len, p->mail, p->mail_len);
	if (real.name) {
		buf_reset(name);
		text_repair(name, real.name, strlen(real.name));
	}
	if (real.mail) {
		buf_reset(mail);
		text_repair(mail, real.mail, strlen(real.mail));
	}
	clip(name, NAME_MAX_BYTES);
	clip(mail, NAME_MAX_BYTES);
}

void event_person(struct buf *out, const struct buf *name, const struct buf *mail)
{
	buf_reset(out);
	buf_add(out, name->data, name->len);
	if (mail->len) {
		buf_adds(out, name->len ? " <" : "<");
		buf_add(out, mail->data, mail->len);
		buf_addc(out, '>');
	}
}

int64_t event_time(const struct person *p, bool *in_range)
{
	*in_range =
		p->dated && p->seconds >= STAMP_MIN / STAMP_SECOND && p->seconds <= STAMP_MAX / STAMP_SECOND;
	return *in_range ? p->seconds * STAMP_SECOND : 0;
}

void event_set_time(struct event_maker *m, struct event *e, const struct person *p)
{
	bool in_range;

	e->timestamp = event_time(p, &in_range);
	if (in_range)
		return;
	e->timestamp = EVENT_NONE;
	buf_reset(&m->raw);
	text_repair(&m->raw, p->date, p->date_len < 100 ? p->date_len : 100);
	e->timestamp_raw = m->raw.len ? buf_cstr(&m->raw) : "none";
}

void event_cut(struct event_maker *m, struct event *e, const char *name)
{
	size_t n = 0;

	while (n + 1 < sizeof(m->truncated) / sizeof(m->truncated[0]) && m->truncated[n])
		n++;
	m->truncated[n] = name;
	e->truncated = m->truncated;
}

void event_start(struct event_maker *m, struct event *e)
{
	*e = (struct event)EVENT_INIT;
	memset(m->truncated, 0, sizeof(m->truncated));
	buf_reset(&m->id);
	buf_reset(&m->context);
	buf_reset(&m->metadata);
	buf_reset(&m->session);
}

static size_t json_width(const char *s, size_t n)
{
	size_t width = n;

	for (size_t i = 0; i < n; i++)
		width += (unsigned char)s[i] < 0x20 ? 5 : s[i] == '"' || s[i] == '\\';
	return width;
}

/* The message as content; `empty` stands for one that holds nothing. */
void event_set_message(struct event_maker *m, struct event *e, const char *s, size_t n,
		       const struct commit *c, const char *empty)
{
	buf_reset(&m->content);
	while (n && strchr(" \t\r\n", s[n - 1]) && s[n - 1])
		n--;
	while (n && (*s == '\n' || *s == '\r')) {
		s++;
		n--;
	}
	if (n > EVENT_TEXT_MAX) {
		n = EVENT_TEXT_MAX;
		event_cut(m, e, "content");
	}
	if (n)
		decode(m, &m->content, s, n, c);
	else
		buf_adds(&m->content, empty);
	if (m->content.len > CONTENT_JSON_MAX / 6 &&
	    json_width(m->content.data, m->content.len) > CONTENT_JSON_MAX) {
		if (!e->truncated)
			event_cut(m, e, "content");
		clip(&m->content, CONTENT_JSON_MAX / 6);
	}
	e->content = (struct event_text){m->content.data, m->content.len};
}

void event_set_session(struct event_maker *m, struct event *e, const char *mail)
{
	char day[STAMP_SIZE];

	stamp_format(e->timestamp == EVENT_NONE ? 0 : e->timestamp, day);
	buf_addf(&m->session, "git:%s/%.10s", mail, day);
	e->session_id = buf_cstr(&m->session);
}

void event_set_path(struct event_maker *m, struct event *e, const char *path)
{
	buf_reset(&m->path);
	text_repair(&m->path, path, strlen(path));
	clip(&m->path, PATH_MAX_BYTES);
	e->file_path = buf_cstr(&m->path);
	e->language = event_language(path);
}
