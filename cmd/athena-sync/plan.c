/* SPDX-License-Identifier: ISC */
#include "pipeline.h"

#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "mask.h"
#include "xalloc.h"

static bool configured(const struct settings_source *source, const char *key)
{
	return settings_find(&source->keys, key) != NULL;
}

/* What every source has that can: a cursor, metrics, progress as we want it. */
static void add_ours(struct pipeline *p, const struct settings *s, const struct plugin *plugin,
		     const struct pipeline_style *style)
{
	const struct settings_source *source = p->source;
	const struct setting *metrics = settings_find(&source->keys, "metrics");

	/* A source that does not describe itself is one all the same: it has a cursor. */
	if (!configured(source, "cursor") && (!plugin->about || plugin_option(plugin, "cursor")))
		words_addf(&p->source_argv, "--cursor=%s/%s.cursor", s->state, source->name);
	p->has_metrics = metrics || plugin_option(plugin, "metrics");
	p->source_metrics = metrics && metrics->value
				    ? xstrdup(metrics->value)
				    : xasprintf("%s/%s.source.prom", s->state, source->name);
	if (p->has_metrics && !metrics)
		words_addf(&p->source_argv, "--metrics=%s", p->source_metrics);
	if (plugin_option(plugin, "progress") && plugin_option(plugin, "no-progress"))
		words_add(&p->source_argv, xstrdup(style->live ? "--progress" : "--no-progress"));
	if (style->quiet && plugin_option(plugin, "quiet"))
		words_add(&p->source_argv, xstrdup("--quiet"));
	if (source->token_command)
		words_add(&p->source_argv, xstrdup("--token-file=/dev/fd/3"));
}

/* The store's command line, with ours before the `--` and the database at its end. */
static int plan_store(struct pipeline *p, const struct settings *s, const struct pipeline_style *style)
{
	struct words plain = {0};
	int rc = settings_store_command(s, &plain);

	p->store_metrics = xasprintf("%s/%s.store.prom", s->state, p->source->name);
	for (size_t i = 0; !rc && i < plain.n; i++) {
		if (i + 2 == plain.n) {
			words_addf(&p->store_argv, "--metrics=%s", p->store_metrics);
			words_add(&p->store_argv, xstrdup(style->live ? "--progress" : "--no-progress"));
			if (style->quiet)
				words_add(&p->store_argv, xstrdup("--quiet"));
		}
		words_add(&p->store_argv, xstrdup(plain.items[i]));
	}
	words_release(&plain);
	return rc;
}

int pipeline_plan(struct pipeline *p, const struct settings *s, const struct settings_source *source,
		  const struct plugin *plugin, const struct pipeline_style *style)
{
	int rc;

	*p = (struct pipeline){.source = source, .lock_fd = -1};
	for (int i = 0; i < PARTS; i++)
		p->parts[i].err = -1;
	p->lock_path = xasprintf("%s/%s.lock", s->state, source->name);
	p->result = xasprintf("%s/%s.sync.prom", s->state, source->name);
	if (plugin->missing)
		return log_error(EX_UNAVAILABLE,
				 "%s: there is no %s on PATH; 'athena sources' shows those there are",
				 source->name, source->program);
	rc = settings_command(source, plugin, &p->source_argv);
	if (rc)
		return rc;
	add_ours(p, s, plugin, style);
	return plan_store(p, s, style);
}

/* What only serves this program is left out: it changes nothing of what is stored. */
static bool is_ours(const struct pipeline *p, const char *word)
{
	const char *file = strncmp(word, "--metrics=", 10) ? "" : word + 10;

	return !strcmp(word, "--progress") || !strcmp(word, "--no-progress") ||
	       !strcmp(word, "--token-file=/dev/fd/3") || !strcmp(file, p->store_metrics) ||
	       (!strcmp(file, p->source_metrics) && !configured(p->source, "metrics"));
}

static void show_words(const struct pipeline *p, const struct words *w, struct buf *out)
{
	struct words shown = {0};

	for (size_t i = 0; i < w->n; i++)
		if (!is_ours(p, w->items[i]))
			words_add(&shown, xstrdup(w->items[i]));
	words_show(out, &shown);
	words_release(&shown);
}

void pipeline_show(const struct pipeline *p, struct buf *out)
{
	struct buf line = {0};

	show_words(p, &p->source_argv, &line);
	if (p->source->token_command)
		buf_addf(&line, " --token-file <(%s)", p->source->token_command);
	buf_adds(&line, " | ");
	show_words(p, &p->store_argv, &line);
	mask_add(out, buf_cstr(&line));
	buf_addc(out, '\n');
	buf_release(&line);
}
