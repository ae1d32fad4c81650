/* SPDX-License-Identifier: ISC */
#include "git-event.h"

#include <stdio.h>
#include <string.h>

#include "jsonout.h"
#include "stamp.h"
#include "text.h"

enum {
	BRANCH_MAX_BYTES = 512,
	PATH_MAX_BYTES = 8192,      /* of a path in its own member */
	FILES_MAX_BYTES = 131072,   /* JSON of context.files */
	DETAILS_MAX_BYTES = 262144, /* JSON of metadata.files */
	PARENTS_MAX = 1000,
};

static void stamp_member(struct jsonout *j, const char *name, const struct person *p)
{
	char text[STAMP_SIZE];
	bool in_range;
	int64_t t = event_time(p, &in_range);

	if (in_range)
		jsonout_member_n(j, name, text, stamp_format(t, text));
	else
		jsonout_member_n(j, name, p->date, p->date_len < 100 ? p->date_len : 100);
}

static void zone_member(struct jsonout *j, const char *name, const struct person *p)
{
	char text[16];
	int east = p->zone < 0 ? -p->zone : p->zone;

	snprintf(text, sizeof(text), "%c%02d:%02d", p->zone < 0 ? '-' : '+', east / 60 % 100, east % 60);
	jsonout_member(j, name, text);
}

/* Who, when and in which session: what a commit gives all its events. */
static void set_commit(struct event_maker *m, struct event *e, const struct commit *c)
{
	event_resolve(m, &m->author, &m->mail, &c->author, c);
	event_person(&m->git_author, &m->author, &m->mail);
	event_set_time(m, e, &c->committer);
	event_set_session(m, e, buf_cstr(&m->mail));
	git_oid_tostr(m->oid, sizeof(m->oid), &c->oid);
	e->git_commit = m->oid;
	if (m->git_author.len)
		e->git_author = buf_cstr(&m->git_author);
	if (m->author.len || m->mail.len)
		e->actor = m->author.len ? buf_cstr(&m->author) : buf_cstr(&m->mail);
	e->event_type = "file_change";
	e->code_event_type = "code_edit";
	e->outcome = "success";
}

static void mode_member(struct jsonout *j, const char *name, uint32_t mode)
{
	char text[16];

	snprintf(text, sizeof(text), "%06o", mode);
	jsonout_member(j, name, text);
}

static void change_members(struct jsonout *j, const struct change *c, enum event_counts counts)
{
	jsonout_member_n(j, "status", &c->status, 1);
	if (c->old_path)
		jsonout_member_n(j, "old_path", c->old_path, strnlen(c->old_path, PATH_MAX_BYTES));
	if (counts == EVENT_COUNT_LINES && c->added >= 0) {
		jsonout_member_int(j, "added", c->added);
		jsonout_member_int(j, "deleted", c->deleted);
	}
	if (c->binary) {
		jsonout_name(j, "binary");
		jsonout_bool(j, true);
	}
	if (c->missing) {
		jsonout_name(j, "missing");
		jsonout_bool(j, true);
	}
	if (c->old_mode && c->old_mode != c->new_mode && (c->new_mode || c->old_mode != 0100644))
		mode_member(j, "old_mode", c->old_mode);
	if (c->new_mode && (c->old_mode ? c->old_mode != c->new_mode : c->new_mode != 0100644))
		mode_member(j, "mode", c->new_mode);
	else if (c->new_mode == 0160000 || c->new_mode == 0120000)
		mode_member(j, "mode", c->new_mode);
}

/* The files of a commit in metadata, as many as fit. */
static bool add_details(struct jsonout *j, const struct diff_job *diff, enum event_counts counts)
{
	size_t most = j->out->len + DETAILS_MAX_BYTES, i;

	jsonout_name(j, "files");
	jsonout_open(j, '[');
	for (i = 0; i < diff->n_changes && j->out->len < most; i++) {
		const struct change *c = &diff->changes[i];

		jsonout_open(j, '{');
		jsonout_member_n(j, "path", c->path, strnlen(c->path, PATH_MAX_BYTES));
		change_members(j, c, counts);
		jsonout_close(j, '}');
	}
	jsonout_close(j, ']');
	return i == diff->n_changes;
}

static bool set_context(struct event_maker *m, struct event *e, const char *branch,
			const struct diff_job *diff)
{
	struct jsonout j = {.out = &m->context};
	bool whole = true;

	if (branch)
		jsonout_member_n(&j, "branch", branch, strnlen(branch, BRANCH_MAX_BYTES));
	if (diff && diff->n_changes) {
		size_t most = m->context.len + FILES_MAX_BYTES, i;

		jsonout_name(&j, "files");
		jsonout_open(&j, '[');
		for (i = 0; i < diff->n_changes && m->context.len < most; i++)
			jsonout_text(&j, diff->changes[i].path,
				     strnlen(diff->changes[i].path, PATH_MAX_BYTES));
		jsonout_close(&j, ']');
		whole = i == diff->n_changes;
	}
	e->context = (struct event_text){m->context.data, m->context.len};
	return whole;
}

static bool set_metadata(struct event_maker *m, struct event *e, const struct commit *c,
			 const struct diff_job *diff, enum event_counts counts)
{
	struct jsonout j = {.out = &m->metadata};
	bool whole = true;

	jsonout_name(&j, "parents");
	jsonout_open(&j, '[');
	for (size_t i = 0; i < c->parents.n && i < PARENTS_MAX; i++)
		jsonout_text(&j, git_oid_tostr_s(&c->parents.items[i]), GIT_OID_HEXSZ);
	jsonout_close(&j, ']');
	if (c->parents.n > PARENTS_MAX)
		event_cut(m, e, "parents");
	jsonout_member(&j, "tree", git_oid_tostr_s(&c->tree));
	stamp_member(&j, "author_date", &c->author);
	zone_member(&j, "author_zone", &c->author);
	event_resolve(m, &m->name, &m->name_mail, &c->committer, c);
	event_person(&m->committer, &m->name, &m->name_mail);
	jsonout_member_n(&j, "committer", m->committer.data ? m->committer.data : "", m->committer.len);
	zone_member(&j, "committer_zone", &c->committer);
	if (c->parents.n > 1) {
		jsonout_name(&j, "merge");
		jsonout_bool(&j, true);
	}
	if (c->encoding)
		jsonout_member_n(&j, "encoding", c->encoding, c->encoding_len < 100 ? c->encoding_len : 100);
	jsonout_member(&j, "signature", c->signature);
	if (diff && diff->missing_tree) {
		jsonout_name(&j, "missing_tree");
		jsonout_bool(&j, true);
	}
	if (diff && diff->too_many) {
		jsonout_name(&j, "too_many_files");
		jsonout_bool(&j, true);
	}
	if (diff && diff->n_changes)
		whole = add_details(&j, diff, counts);
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
	return whole;
}

/* The language of most of the changed files that have one. */
static const char *main_language(const struct diff_job *diff)
{
	enum { KINDS = 16, LOOKED_AT = 1000 };
	const char *names[KINDS], *best = NULL;
	size_t counts[KINDS] = {0}, n = 0, most = 0;

	for (size_t i = 0; i < diff->n_changes && i < LOOKED_AT; i++) {
		const char *name = event_language(diff->changes[i].path);
		size_t k = 0;

		while (name && k < n && strcmp(names[k], name) != 0)
			k++;
		if (!name || k == KINDS)
			continue;
		if (k == n)
			names[n++] = name;
		counts[k]++;
	}
	for (size_t k = 0; k < n; k++) {
		if (counts[k] > most) {
			most = counts[k];
			best = names[k];
		}
	}
	return best;
}

static void set_counts(struct event *e, const struct diff_job *diff, enum event_counts counts)
{
	if (counts == EVENT_COUNT_NOTHING || diff->missing_tree || diff->too_many)
		return;
	e->files_changed = (int64_t)diff->n_changes;
	if (counts != EVENT_COUNT_LINES)
		return;
	e->lines_added = e->lines_deleted = 0;
	for (size_t i = 0; i < diff->n_changes; i++) {
		if (diff->changes[i].added < 0)
			continue;
		e->lines_added += diff->changes[i].added;
		e->lines_deleted += diff->changes[i].deleted;
	}
}

void event_commit(struct event_maker *m, struct event *e, const struct commit *c, const struct diff_job *diff,
		  enum event_counts counts, const char *branch)
{
	char empty[64];
	bool whole;

	event_start(m, e);
	set_commit(m, e, c);
	e->kind = "commit";
	buf_addf(&m->id, "commit/%s", m->oid);
	e->id = buf_cstr(&m->id);
	snprintf(empty, sizeof(empty), "(empty commit message) %.7s", m->oid);
	event_set_message(m, e, c->message, c->message_len, c, empty);
	whole = set_context(m, e, branch, diff);
	if (!set_metadata(m, e, c, diff, counts) || !whole)
		event_cut(m, e, "files");
	if (diff && !diff->skip) {
		set_counts(e, diff, counts);
		e->language = main_language(diff);
	}
}

void event_file(struct event_maker *m, struct event *e, const struct commit *c, const struct change *change,
		enum event_counts counts, const char *branch, struct buf *patch)
{
	static const struct {
		char status;
		const char *verb;
	} verbs[] = {{'A', "added"},
		     {'D', "deleted"},
		     {'R', "renamed"},
		     {'T', "changed the type of"},
		     {'M', "modified"}};
	struct jsonout context = {.out = &m->context}, metadata = {.out = &m->metadata};
	const char *verb = "modified";

	event_start(m, e);
	set_commit(m, e, c);
	e->kind = "file_change";
	buf_addf(&m->id, "file/%s/", m->oid);
	text_percent(&m->id, change->path, strlen(change->path), "");
	e->id = buf_cstr(&m->id);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].status == change->status)
			verb = verbs[i].verb;
	event_set_path(m, e, change->path);
	buf_reset(&m->content);
	buf_addf(&m->content, "%s %s", verb, e->file_path);
	if (change->status == 'R' && change->old_path) {
		buf_adds(&m->content, " from ");
		text_repair(&m->content, change->old_path, strnlen(change->old_path, PATH_MAX_BYTES));
	}
	e->content = (struct event_text){m->content.data, m->content.len};
	if (counts == EVENT_COUNT_LINES && change->added >= 0) {
		e->lines_added = change->added;
		e->lines_deleted = change->deleted;
	}
	e->files_changed = 1;
	if (branch)
		jsonout_member_n(&context, "branch", branch, strnlen(branch, BRANCH_MAX_BYTES));
	e->context = (struct event_text){m->context.data, m->context.len};
	change_members(&metadata, change, EVENT_COUNT_NOTHING);
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
	if (patch && patch->len)
		e->diff = (struct event_text){patch->data, patch->len};
	if (patch && patch->over)
		event_cut(m, e, "diff");
}
