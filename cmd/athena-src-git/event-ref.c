/* SPDX-License-Identifier: ISC
 * The events that are no commit: tags, refs that moved, and what is not committed yet. */
#include "git-event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jsonout.h"
#include "refs.h"
#include "stamp.h"
#include "text.h"

enum { REF_MAX_BYTES = 1024, PATH_MAX_BYTES = 8192 };

static const char zeros[] = "0000000000000000000000000000000000000000";

static void ref_session(struct event_maker *m, struct event *e, const char *ref)
{
	buf_addf(&m->session, "%s/", m->source_id);
	text_repair(&m->session, ref, strnlen(ref, REF_MAX_BYTES));
	e->session_id = buf_cstr(&m->session);
}

static void set_actor(struct event_maker *m, struct event *e, const struct person *p)
{
	event_resolve(m, &m->author, &m->mail, p, NULL);
	event_person(&m->git_author, &m->author, &m->mail);
	if (m->git_author.len)
		e->git_author = buf_cstr(&m->git_author);
	if (m->author.len || m->mail.len)
		e->actor = m->author.len ? buf_cstr(&m->author) : buf_cstr(&m->mail);
}

void event_tag(struct event_maker *m, struct event *e, const char *ref, const git_oid *oid,
	       const struct tag *tag, const struct commit *commit)
{
	const char *name = strncmp(ref, "refs/tags/", 10) ? ref : ref + 10;
	struct jsonout j = {.out = &m->metadata};
	char hex[GIT_OID_HEXSZ + 1], empty[128];

	event_start(m, e);
	git_oid_tostr(hex, sizeof(hex), oid);
	buf_adds(&m->id, "tag/");
	text_percent(&m->id, name, strlen(name), "");
	buf_addf(&m->id, "/%s", hex);
	e->id = buf_cstr(&m->id);
	e->kind = "tag";
	e->event_type = "observation";
	jsonout_member_n(&j, "ref", ref, strnlen(ref, REF_MAX_BYTES));
	jsonout_name(&j, "annotated");
	jsonout_bool(&j, tag);
	if (tag) {
		jsonout_member(&j, "target", git_oid_tostr_s(&tag->target));
		jsonout_member(&j, "target_type", git_object_type2string(tag->target_type));
	}
	if (tag && tag->tagger.name) {
		event_set_time(m, e, &tag->tagger);
		set_actor(m, e, &tag->tagger);
	} else if (commit) {
		event_set_time(m, e, &commit->committer);
	} else {
		e->timestamp_raw = "none";
	}
	snprintf(empty, sizeof(empty), "%.80s: tag of %.7s", name,
		 commit ? git_oid_tostr_s(&commit->oid) : hex);
	event_set_message(m, e, tag ? tag->message : "", tag ? tag->message_len : 0, NULL, empty);
	if (commit) {
		git_oid_tostr(m->oid, sizeof(m->oid), &commit->oid);
		e->git_commit = m->oid;
	}
	ref_session(m, e, ref);
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
}

static void oid_members(struct jsonout *j, const char *name, const struct oid_list *oids)
{
	if (!oids || !oids->n)
		return;
	jsonout_name(j, name);
	jsonout_open(j, '[');
	for (size_t i = 0; i < oids->n; i++)
		jsonout_text(j, git_oid_tostr_s(&oids->items[i]), GIT_OID_HEXSZ);
	jsonout_close(j, ']');
}

static void move_content(struct event_maker *m, const struct ref_move *move, const char *old, const char *new)
{
	char day[STAMP_SIZE];

	buf_reset(&m->content);
	text_repair(&m->content, ref_short(move->ref), strnlen(ref_short(move->ref), REF_MAX_BYTES));
	if (!move->forced) {
		buf_addf(&m->content, move->old ? ": deleted, was at %.7s" : ": created at %.7s",
			 move->old ? old : new);
	} else if (!move->old_gone) {
		buf_addf(&m->content, ": forced from %.7s to %.7s: %zu commit%s lost, %zu gained", old, new,
			 move->n_lost, move->n_lost == 1 ? "" : "s", move->n_gained);
	} else {
		stamp_format(move->since * STAMP_SECOND, day);
		buf_addf(&m->content,
			 ": forced from %.7s, which is no longer in the repository, to %.7s: what was "
			 "committed after %s and pruned since may be lost",
			 old, new, day);
	}
}

void event_ref(struct event_maker *m, struct event *e, const struct ref_move *move)
{
	struct jsonout j = {.out = &m->metadata};
	char old[GIT_OID_HEXSZ + 1], new[GIT_OID_HEXSZ + 1];

	event_start(m, e);
	memcpy(old, zeros, sizeof(old));
	memcpy(new, zeros, sizeof(new));
	if (move->old)
		git_oid_tostr(old, sizeof(old), move->old);
	if (move->new)
		git_oid_tostr(new, sizeof(new), move->new);
	buf_addf(&m->id, "ref/%s/%s..%s/%" PRId64, move->key, old, new, move->number);
	e->id = buf_cstr(&m->id);
	e->kind = move->forced ? "ref.forced" : move->old ? "ref.deleted" : "ref.created";
	e->event_type = "observation";
	if (move->when)
		event_set_time(m, e, move->when);
	else
		e->timestamp_raw = "none";
	move_content(m, move, old, new);
	e->content = (struct event_text){m->content.data, m->content.len};
	ref_session(m, e, move->ref);
	jsonout_member_n(&j, "ref", move->ref, strnlen(move->ref, REF_MAX_BYTES));
	jsonout_member(&j, "old", old);
	jsonout_member(&j, "new", new);
	if (move->old_gone) {
		char day[STAMP_SIZE];

		stamp_format(move->since * STAMP_SECOND, day);
		jsonout_name(&j, "old_missing");
		jsonout_bool(&j, true);
		jsonout_member(&j, "lost_since", day);
	} else if (move->forced) {
		jsonout_member_int(&j, "lost", (int64_t)move->n_lost);
		jsonout_member_int(&j, "gained", (int64_t)move->n_gained);
		oid_members(&j, "lost_commits", move->lost);
		oid_members(&j, "gained_commits", move->gained);
	}
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
}

static const char *worktree_verb(const char *status)
{
	static const char *const verbs[][2] = {{"A", "added"},      {"M", "modified"}, {"D", "deleted"},
					       {"R", "renamed"},    {"T", "retyped"},  {"?", "untracked"},
					       {"U", "in conflict"}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i][0], status))
			return verbs[i][1];
	return "modified";
}

void event_worktree(struct event_maker *m, struct event *e, const struct worktree_change *c)
{
	struct jsonout context = {.out = &m->context}, j = {.out = &m->metadata};

	event_start(m, e);
	buf_adds(&m->id, "worktree/");
	text_percent(&m->id, c->path, strlen(c->path), "");
	buf_addf(&m->id, "/%s", git_oid_tostr_s(&c->oid));
	e->id = buf_cstr(&m->id);
	e->kind = "worktree.change";
	e->event_type = "file_change";
	e->code_event_type = "code_edit";
	e->outcome = "ongoing";
	e->timestamp = c->mtime * STAMP_SECOND;
	event_set_path(m, e, c->path);
	buf_reset(&m->content);
	buf_addf(&m->content, "uncommitted: %s %s", worktree_verb(c->status), e->file_path);
	e->content = (struct event_text){m->content.data, m->content.len};
	if (c->added >= 0) {
		e->lines_added = c->added;
		e->lines_deleted = c->deleted;
	}
	e->files_changed = 1;
	if (c->name && *c->name) {
		struct person p = {.name = c->name,
				   .name_len = strlen(c->name),
				   .mail = c->mail ? c->mail : "",
				   .mail_len = c->mail ? strlen(c->mail) : 0};

		set_actor(m, e, &p);
	}
	if (c->mail && *c->mail)
		event_set_session(m, e, buf_cstr(&m->mail));
	if (c->branch)
		jsonout_member_n(&context, "branch", c->branch, strnlen(c->branch, REF_MAX_BYTES));
	e->context = (struct event_text){m->context.data, m->context.len};
	jsonout_member(&j, "status", c->status);
	if (c->old_path)
		jsonout_member_n(&j, "old_path", c->old_path, strnlen(c->old_path, PATH_MAX_BYTES));
	jsonout_name(&j, "staged");
	jsonout_bool(&j, c->staged);
	jsonout_name(&j, "unstaged");
	jsonout_bool(&j, c->unstaged);
	e->metadata = (struct event_text){m->metadata.data, m->metadata.len};
}
