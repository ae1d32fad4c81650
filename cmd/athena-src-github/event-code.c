/* SPDX-License-Identifier: ISC */
#include "github-event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jsonout.h"
#include "stamp.h"
#include "text.h"

enum {
	OID_MAX = 64,            /* hexadecimal digits of the longest object name */
	ASSETS_MAX_BYTES = 65536 /* JSON of a release's files */
};

static bool is_oid(const char *s)
{
	size_t n = s ? strspn(s, "0123456789abcdef") : 0;

	return n >= 40 && n <= OID_MAX && !s[n];
}

static bool is_zero(const char *oid)
{
	return strspn(oid, "0") == strlen(oid);
}

/* "Name <mail>" */
static const char *person(struct buf *out, const json_t *who)
{
	const char *name = event_str(who, "name"), *mail = event_str(who, "email");

	buf_reset(out);
	if (name && *name)
		buf_adds(out, name);
	if (mail && *mail)
		buf_addf(out, "%s<%s>", out->len ? " " : "", mail);
	return out->len ? buf_cstr(out) : NULL;
}

static void put_person(struct event_maker *m, const char *name, const json_t *who)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};

	jsonout_member(&j, name, person(&m->path, who));
}

static void set_author(struct event_maker *m, struct event *e, json_t *item, json_t *commit)
{
	const json_t *author = json_object_get(commit, "author");
	const char *login = event_str(json_object_get(item, "author"), "login");
	const char *name = event_str(author, "name"), *mail = event_str(author, "email");
	char day[STAMP_SIZE];

	stamp_format(e->timestamp >= STAMP_MIN && e->timestamp <= STAMP_MAX ? e->timestamp : 0, day);
	buf_addf(&m->session, "git:%s/%.10s", mail ? mail : "", day);
	e->session_id = buf_cstr(&m->session);
	e->git_author = person(&m->git_author, author);
	e->actor = login && *login ? login : name && *name ? name : mail && *mail ? mail : "ghost";
}

bool event_commit(struct event_maker *m, struct event *e, json_t *item, const char *branch)
{
	json_t *commit = json_object_get(item, "commit");
	const char *oid = event_str(item, "sha");
	char words[64];

	if (!is_oid(oid))
		return false;
	event_start(m, e, "commit");
	event_set_id(m, e, "commit/", oid);
	e->event_type = "file_change";
	e->code_event_type = "code_edit";
	e->outcome = "success";
	e->git_commit = oid;
	e->url = event_str(item, "html_url");
	event_set_time(e,
		       json_object_get(commit, json_object_get(commit, "committer") ? "committer" : "author"),
		       "date");
	set_author(m, e, item, commit);
	snprintf(words, sizeof(words), "(empty commit message) %.7s", oid);
	event_set_body(m, e, json_object_get(commit, "message"), words);
	event_set_branch(m, e, branch);
	event_copy_list(m, "parents", json_object_get(item, "parents"), "sha");
	event_copy_inner(m, "tree", commit, "tree", "sha");
	event_copy_inner(m, "author_date", commit, "author", "date");
	put_person(m, "committer", json_object_get(commit, "committer"));
	event_copy_inner(m, "verified", commit, "verification", "verified");
	return event_done(m, e);
}

static const char *branch_of(const char *ref)
{
	return ref && !strncmp(ref, "refs/heads/", 11) ? ref + 11 : ref;
}

static void describe_push(struct event_maker *m, const char *type, const char *branch, const char *before,
			  const char *after)
{
	if (!strcmp(type, "branch_creation"))
		buf_addf(&m->content, "created %s at %.7s", branch, after);
	else if (!strcmp(type, "branch_deletion"))
		buf_addf(&m->content, "deleted %s, was at %.7s", branch, before);
	else
		buf_addf(&m->content, "%s %s %.7s..%.7s",
			 !strcmp(type, "force_push")          ? "force-pushed"
			 : !strcmp(type, "pr_merge")          ? "merged a pull request into"
			 : !strcmp(type, "merge_queue_merge") ? "merged from the queue into"
							      : "pushed",
			 branch, before, after);
}

bool event_push(struct event_maker *m, struct event *e, json_t *activity)
{
	const char *type = event_str(activity, "activity_type"), *ref = event_str(activity, "ref");
	const char *before = event_str(activity, "before"), *after = event_str(activity, "after");
	const char *branch = branch_of(ref);
	int64_t id = event_int(activity, "id");

	if (id < 0 || !type || !branch || strlen(branch) > 1024)
		return false;
	event_start(m, e, "push");
	buf_addf(&m->id, "push/%" PRId64, id);
	e->id = buf_cstr(&m->id);
	e->event_type = "action";
	e->outcome = "success";
	event_set_time(e, activity, "timestamp");
	e->actor = event_login(json_object_get(activity, "actor"));
	if (is_oid(after) && !is_zero(after))
		e->git_commit = after;
	describe_push(m, type, branch, before ? before : "", after ? after : "");
	e->content = (struct event_text){m->content.data, m->content.len};
	buf_addf(&m->session, "github:%s@%s", m->repo, branch);
	e->session_id = buf_cstr(&m->session);
	event_set_branch(m, e, branch);
	event_copy(m, activity, "activity_type");
	event_copy(m, activity, "before");
	event_copy(m, activity, "after");
	return event_done(m, e);
}

static void put_assets(struct event_maker *m, json_t *assets)
{
	struct jsonout j = {.out = &m->metadata, .more = m->metadata.len};
	size_t most = m->metadata.len + ASSETS_MAX_BYTES;

	if (!json_array_size(assets))
		return;
	jsonout_name(&j, "assets");
	jsonout_open(&j, '[');
	for (size_t i = 0; i < json_array_size(assets) && m->metadata.len < most; i++) {
		const json_t *a = json_array_get(assets, i);
		const char *name = event_str(a, "name");
		int64_t size = event_int(a, "size");

		jsonout_open(&j, '{');
		jsonout_member_n(&j, "name", name, name ? text_clip(name, strlen(name), 512) : 0);
		if (size >= 0)
			jsonout_member_int(&j, "size", size);
		jsonout_close(&j, '}');
	}
	jsonout_close(&j, ']');
	jsonout_member_int(&j, "n_assets", (int64_t)json_array_size(assets));
}

bool event_release(struct event_maker *m, struct event *e, json_t *release)
{
	const json_t *title = json_object_get(release, "name");
	const char *tag = event_str(release, "tag_name");
	int64_t id = event_int(release, "id");

	if (id < 0 || json_is_true(json_object_get(release, "draft")))
		return false;
	event_start(m, e, "release.published");
	buf_addf(&m->id, "release/%" PRId64, id);
	e->id = buf_cstr(&m->id);
	e->event_type = "deployment";
	e->outcome = "success";
	event_set_time(e, release, event_str(release, "published_at") ? "published_at" : "created_at");
	e->revision = event_revision(release, "updated_at");
	if (e->revision == EVENT_NONE)
		e->revision = event_revision(release, "published_at");
	e->actor = event_login(json_object_get(release, "author"));
	e->url = event_str(release, "html_url");
	event_set_title(m, e, json_string_length(title) ? title : json_object_get(release, "tag_name"),
			json_object_get(release, "body"));
	buf_addf(&m->session, "github:%s@%s", m->repo, tag ? tag : "");
	e->session_id = buf_cstr(&m->session);
	event_copy(m, release, "tag_name");
	event_copy(m, release, "target_commitish");
	event_copy(m, release, "prerelease");
	put_assets(m, json_object_get(release, "assets"));
	return event_done(m, e);
}

bool event_renamed(struct event_maker *m, struct event *e, json_t *repository, const char *old,
		   const char *new)
{
	struct jsonout j = {.out = &m->metadata};

	event_start(m, e, "source.renamed");
	buf_addf(&m->id, "renamed/%s..%s", old, new);
	e->id = buf_cstr(&m->id);
	e->event_type = "observation";
	e->outcome = "recorded";
	event_set_time(e, repository, "updated_at");
	e->url = event_str(repository, "html_url");
	buf_addf(&m->content, "%s is called %s now; its events go on under the first name", old, new);
	e->content = (struct event_text){m->content.data, m->content.len};
	buf_addf(&m->session, "github:%s", m->repo);
	e->session_id = buf_cstr(&m->session);
	jsonout_member(&j, "from", old);
	jsonout_member(&j, "to", new);
	event_copy(m, repository, "id");
	return event_done(m, e);
}

bool event_cut_off(struct event_maker *m, struct event *e, const char *list, int64_t us)
{
	struct jsonout j = {.out = &m->metadata};
	char when[STAMP_SIZE];

	if (us < STAMP_MIN || us > STAMP_MAX)
		return false;
	stamp_format(us, when);
	event_start(m, e, "source.cut_off");
	buf_addf(&m->id, "cut-off/%s/%s", list, when);
	e->id = buf_cstr(&m->id);
	e->event_type = "observation";
	e->outcome = "unknown";
	e->timestamp = us;
	buf_addf(&m->content, "%s: the server does not list what is older than %s; that part is missing",
		 list, when);
	e->content = (struct event_text){m->content.data, m->content.len};
	buf_addf(&m->session, "github:%s", m->repo);
	e->session_id = buf_cstr(&m->session);
	jsonout_member(&j, "list", list);
	return event_done(m, e);
}

bool event_rewritten(struct event_maker *m, struct event *e, json_t *item, const char *branch,
		     const char *old)
{
	const json_t *commit = json_object_get(item, "commit");
	const char *new = event_str(item, "sha");
	struct jsonout j = {.out = &m->metadata};

	if (!is_oid(new))
		return false;
	event_start(m, e, "source.rewritten");
	buf_addf(&m->id, "rewritten/%s..%s", old, new);
	e->id = buf_cstr(&m->id);
	e->event_type = "observation";
	e->outcome = "unknown";
	event_set_time(e, json_object_get(commit, "committer"), "date");
	e->git_commit = new;
	e->url = event_str(item, "html_url");
	buf_addf(&m->content,
		 "%s: %.7s is no longer on the server, the branch is at %.7s: commits that were pushed and "
		 "dropped in between may be lost",
		 branch, old, new);
	e->content = (struct event_text){m->content.data, m->content.len};
	buf_addf(&m->session, "github:%s@%s", m->repo, branch);
	e->session_id = buf_cstr(&m->session);
	event_set_branch(m, e, branch);
	jsonout_member(&j, "before", old);
	jsonout_member(&j, "after", new);
	return event_done(m, e);
}
