/* SPDX-License-Identifier: ISC */
/*
 * Questions that are sure to be asked are sent before their turn, a few at a time (--jobs), so that their
 * answers are there when they are needed. A question is known by its words: whoever asks it later gets
 * that answer, and what comes out stays in its order.
 */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

struct ahead {
	const struct channel *channel;
	char *method, *form;
	struct api_call *call;
	int64_t date; /* the server's clock when it was sent, or before */
};

/* Where requests are counted or the server is slow, none is sent that may come to nothing. */
static bool may_ask(const struct fetch *f, const char *method)
{
	return f->options->jobs > 1 && !f->options->counted && !f->api->over &&
	       f->n_ahead < 2 * (size_t)f->options->jobs && !http_pace(f->api->http, method);
}

static struct ahead *find(const struct fetch *f, const char *method, const char *form)
{
	for (size_t i = 0; i < f->n_ahead; i++)
		if (!strcmp(f->ahead[i].method, method) && !strcmp(f->ahead[i].form, form))
			return &f->ahead[i];
	return NULL;
}

static void forget(struct fetch *f, struct ahead *a)
{
	free(a->method);
	free(a->form);
	*a = f->ahead[--f->n_ahead];
}

void ahead_ask(struct fetch *f, const struct channel *c, const char *method)
{
	struct ahead a = {.channel = c, .date = f->api->date};

	if (!may_ask(f, method) || find(f, method, buf_cstr(&f->form))) {
		buf_reset(&f->form);
		return;
	}
	a.method = xstrdup(method);
	a.form = xstrdup(buf_cstr(&f->form));
	a.call = api_send(f->api, method, &f->form);
	f->ahead = xreallocarray(f->ahead, f->n_ahead + 1, sizeof(*f->ahead));
	f->ahead[f->n_ahead++] = a;
}

bool ahead_is_there(struct fetch *f, const char *method)
{
	const struct ahead *a = find(f, method, buf_cstr(&f->form));

	return a && api_has_come(a->call);
}

struct api_call *ahead_take(struct fetch *f, const char *method, int64_t *date)
{
	struct ahead *a = find(f, method, buf_cstr(&f->form));
	struct api_call *call = NULL;

	if (!a)
		return NULL;
	call = a->call;
	*date = a->date;
	forget(f, a);
	buf_reset(&f->form);
	return call;
}

void ahead_drop(struct fetch *f, const struct channel *c)
{
	for (size_t i = f->n_ahead; i-- > 0;)
		if (!c || f->ahead[i].channel == c) {
			api_drop(f->api, f->ahead[i].call);
			forget(f, &f->ahead[i]);
		}
	if (!c) {
		free(f->ahead);
		f->ahead = NULL;
	}
}
