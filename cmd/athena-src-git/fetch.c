/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "repo.h"
#include "stamp.h"
#include "text.h"

static json_t *names_json(const char *const *names, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		struct buf b = {0};

		text_percent(&b, names[i], strlen(names[i]), "");
		json_array_append_new(array, json_string(buf_cstr(&b)));
		buf_release(&b);
	}
	return array;
}

static json_t *scope_json(const struct git_options *o)
{
	static const char *const head[] = {"HEAD"};

	if (o->refs.all)
		return json_true();
	return o->refs.branches->n ? names_json(o->refs.branches->items, o->refs.branches->n)
				   : names_json(head, 1);
}

static void put_flag(json_t *selection, const char *name, bool on)
{
	if (on)
		json_object_set_new(selection, name, json_true());
}

/* What decides which events exist; a new reference. */
static json_t *selection_of(const struct git_options *o, const struct source *src)
{
	bool decides = o->per_file || o->paths.n_include || o->paths.n_exclude;
	json_t *s = json_object();

	json_object_set_new(s, o->refs.all ? "all" : "branches", scope_json(o));
	if (o->paths.n_include)
		json_object_set_new(s, "path", names_json(o->paths.include, o->paths.n_include));
	if (o->paths.n_exclude)
		json_object_set_new(s, "exclude", names_json(o->paths.exclude, o->paths.n_exclude));
	put_flag(s, "first_parent", o->first_parent);
	put_flag(s, "no_merges", o->no_merges);
	put_flag(s, "per_file", o->per_file);
	put_flag(s, "diff_merges", o->diff_merges && decides);
	put_flag(s, "find_renames", o->find_renames && o->per_file);
	put_flag(s, "worktree", o->worktree);
	source_floor(src, s);
	return s;
}

bool fetch_selects(const struct fetch *f, const char *key)
{
	const struct opt_list *names = f->options->refs.branches;

	if (f->options->refs.all)
		return true;
	if (!names->n)
		return !strcmp(key, f->refs.head);
	for (size_t i = 0; i < names->n; i++)
		if (ref_is_meant(names->items[i], key, f->refs.head))
			return true;
	return false;
}

/* The cursor has met a ref that this name can mean. */
static bool was_known(const struct fetch *f, const char *name)
{
	const char *key;
	json_t *v;

	json_object_foreach (f->from.refs, key, v)
		if (ref_is_meant(name, key, NULL))
			return true;
	json_object_foreach (f->from.moves, key, v)
		if (ref_is_meant(name, key, NULL))
			return true;
	return false;
}

static int check_missing_names(const struct fetch *f)
{
	for (size_t i = 0; i < f->refs.missing.n; i++) {
		const char *name = f->refs.missing.items[i];

		if (ref_is_meant("HEAD", f->refs.head, f->refs.head) &&
		    ref_is_meant(name, f->refs.head, NULL))
			continue; /* the branch of a repository without a commit */
		if (!strcmp(name, "HEAD"))
			continue;
		if (!was_known(f, name))
			return log_error(
				EX_NOINPUT,
				"--branch %s: no such branch, tag or ref in %s; git branch -a lists them",
				name, git_repository_path(f->repo));
		log_note("--branch %s: is no longer there", name);
	}
	return 0;
}

/* What this run sets out from, in memory and towards the end. */
static int load_positions(struct fetch *f)
{
	json_t *position = f->src->from ? f->src->from->position : NULL;
	const char *grafts = commit_grafts(f->reader);
	int rc = position_load(&f->from, position);

	if (!rc)
		rc = position_load(&f->to, position);
	if (rc)
		return rc;
	if ((f->from.refs || f->from.frontier.n) && strcmp(f->from.grafts, grafts) != 0) {
		log_note("grafts or replacements have changed; the whole history is given out again, "
			 "a reader that knows it drops it");
		f->to.whole = true;
		f->from.whole = true;
		f->from.frontier.n = 0;
	}
	snprintf(f->to.grafts, sizeof(f->to.grafts), "%s", grafts);
	return 0;
}

/* --since reaches further back than in the runs before. */
static int look_at_floor(struct fetch *f)
{
	const char *text =
		f->src->from ? json_string_value(json_object_get(f->src->from->selection, "since")) : NULL;

	if (!text)
		return 0;
	if (!stamp_parse(text, strlen(text), &f->floor))
		return log_error(EX_CONFIG, "%s: since is no time", f->src->file.path);
	f->backfill = f->src->since == SOURCE_NO_TIME || f->src->since < f->floor;
	return 0;
}

int fetch_open(struct fetch *f)
{
	static const char *const continuable[] = {"branches", "all", "since", "worktree", NULL};
	int rc;

	event_maker_init(&f->maker, f->src->source_id, NULL);
	f->selection = selection_of(f->options, f->src);
	rc = source_same_selection(f->src, f->selection, continuable);
	if (!rc)
		rc = object_folder_open(&f->folder, f->repo);
	if (!rc)
		rc = commit_reader_new(&f->reader, f->repo, &f->folder,
				       repo_replaces(f->repo) && !getenv("GIT_NO_REPLACE_OBJECTS"));
	if (!rc)
		rc = refs_load(&f->refs, f->repo, f->reader, &f->options->refs);
	if (!rc)
		rc = load_positions(f);
	if (!rc)
		rc = look_at_floor(f);
	if (!rc)
		rc = check_missing_names(f);
	if (rc)
		return rc;
	walk_init(&f->walk, f->reader);
	f->mailmap = mailmap_load(f->repo);
	f->maker.mailmap = f->mailmap;
	return 0;
}

static bool same_oids(const struct oid_list *a, const struct oid_list *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->items, b->items, a->n * sizeof(*a->items)));
}

/* Every selected ref stands where the cursor has it, and nothing else calls for a walk. */
static bool is_unchanged(const struct fetch *f)
{
	if (!f->from.refs || f->from.frontier.n || f->from.whole || f->backfill ||
	    !same_oids(&f->from.shallow, commit_shallow(f->reader)))
		return false;
	for (size_t i = 0; i < f->refs.n; i++) {
		git_oid oid;

		if (!position_ref(&f->from, f->refs.items[i].key, &oid) ||
		    !git_oid_equal(&oid, &f->refs.items[i].oid))
			return false;
	}
	return true;
}

static void add_known(struct fetch *f, const git_oid *oid)
{
	walk_known(&f->walk, oid, position_lead(&f->from, oid));
}

/* What the cursor names and is not here may have been pruned, unless the repository cannot be read. */
static int check_gone(const struct fetch *f, enum commit_result what, const git_oid *oid)
{
	if (what == COMMIT_NOT)
		return 0;
	return what == COMMIT_BROKEN ? commit_error(oid, what) : commit_readable(f->reader);
}

static int add_known_refs(struct fetch *f)
{
	const char *key;
	json_t *v;
	int rc = 0;

	json_object_foreach (f->from.refs, key, v) {
		struct ref *ref = refs_find(&f->refs, key);
		enum commit_result what;
		git_oid oid, commit;

		git_oid_fromstr(&oid, json_string_value(v));
		if (ref && git_oid_equal(&ref->oid, &oid)) {
			if (ref_commit(ref, f->reader))
				add_known(f, ref_commit(ref, f->reader));
			continue;
		}
		what = commit_follow(f->reader, &oid, &commit);
		if (what == COMMIT_OK)
			add_known(f, &commit);
		else if (!rc) /* pruned: fetch_moves() says so */
			rc = check_gone(f, what, &commit);
	}
	return rc;
}

static int add_known_oids(struct fetch *f, const struct oid_list *oids, bool say)
{
	int rc = 0;

	for (size_t i = 0; i < oids->n && !rc; i++) {
		if (commit_exists(f->reader, &oids->items[i]))
			add_known(f, &oids->items[i]);
		else if (!(rc = check_gone(f, COMMIT_MISSING, &oids->items[i])) && say)
			log_warn(
				"commit %s, up to which an earlier run came, is no longer in the repository; "
				"going on from what is there",
				git_oid_tostr_s(&oids->items[i]));
	}
	return rc;
}

/* Commits that had no parents when they were given out and have some now. */
static bool was_deepened(const struct fetch *f)
{
	for (size_t i = 0; i < f->from.shallow.n; i++)
		if (!oid_list_has(commit_shallow(f->reader), &f->from.shallow.items[i]))
			return true;
	return false;
}

static bool was_cut_off(const struct fetch *f)
{
	const struct oid_list *now = commit_shallow(f->reader);

	for (size_t i = 0; i < now->n; i++)
		if (!oid_list_has(&f->from.shallow, &now->items[i]))
			return true;
	return false;
}

static bool in_backfill(const struct node *node, void *user)
{
	const struct fetch *f = user;

	return !(node->flags & WALK_KNOWN) || node->date * STAMP_SECOND < f->floor;
}

/* From now on the end says what mid-run checkpoints need; the rest is added when all is done. */
static void start_position(struct fetch *f)
{
	const struct oid_list *now = commit_shallow(f->reader);

	for (size_t i = 0; i < now->n; i++)
		if (!oid_list_has(&f->from.shallow, &now->items[i]))
			oid_list_add(&f->to.shallow, &now->items[i]);
	oid_list_sort(&f->to.shallow);
	f->to.skew = f->walk.skew;
	f->to.newest = f->walk.newest;
	for (size_t i = 0; i < f->walk.n; i++)
		f->walk.nodes[i].degree = 0;
	for (size_t i = 0; i < f->from.frontier.n; i++) {
		struct node *node = walk_find(&f->walk, &f->from.frontier.items[i]);

		if (node)
			node->degree = WALK_FRONTIER;
	}
}

static void add_tip(struct fetch *f, size_t i)
{
	struct ref *ref = &f->refs.items[i];

	if (ref_commit(ref, f->reader))
		walk_tip(&f->walk, ref_commit(ref, f->reader), (uint32_t)i);
	else if (ref->what != COMMIT_NOT)
		refs_leave_out(&f->refs, ref->name, "is a tag of an object that is not here");
}

int fetch_walk(struct fetch *f)
{
	int rc = 0;

	f->cut_off = f->from.refs && was_cut_off(f);
	f->unchanged = is_unchanged(f);
	f->walked = f->unchanged;
	if (f->unchanged)
		return 0;
	f->walk.first_parent = f->options->first_parent;
	f->walk.skew = f->from.whole ? 0 : f->from.skew;
	f->walk.newest = f->from.whole ? 0 : f->from.newest;
	f->walk.exhaustive = f->backfill || was_deepened(f);
	if (!f->from.whole) {
		rc = add_known_refs(f);
		if (!rc)
			rc = add_known_oids(f, &f->from.seen, false);
		walk_stops(&f->walk, &f->from.shallow);
	}
	if (!rc)
		rc = add_known_oids(f, &f->from.frontier, true);
	if (rc)
		return rc;
	for (size_t i = 0; i < f->refs.n; i++)
		add_tip(f, i);
	rc = walk_run(&f->walk);
	if (!rc && f->backfill)
		rc = walk_reorder(&f->walk, in_backfill, f);
	if (rc)
		return rc;
	walk_label(&f->walk);
	start_position(f);
	f->walked = true;
	return 0;
}

/* The lead of a commit that the cursor will name: -1 where its label is not known. */
static void put_lead(struct fetch *f, json_t *leads, const git_oid *oid)
{
	const struct node *node = walk_find(&f->walk, oid);
	int64_t lead = node && (node->flags & WALK_LABELLED) ? (int64_t)node->lead : WALK_NO_LEAD;

	if (lead)
		json_object_set_new(leads, git_oid_tostr_s(oid), json_integer(lead));
}

static void put_leads(struct fetch *f)
{
	json_t *leads = json_object();

	for (size_t i = 0; i < f->walk.n_roots; i++)
		put_lead(f, leads, &f->walk.nodes[f->walk.roots[i]].oid);
	for (size_t i = 0; i < f->walk.n_tips; i++)
		put_lead(f, leads, &f->walk.nodes[f->walk.tips[i]].oid);
	for (size_t i = 0; i < f->to.frontier.n; i++)
		put_lead(f, leads, &f->to.frontier.items[i]);
	json_decref(f->to.leads);
	f->to.leads = leads;
}

static void put_frontier(struct fetch *f)
{
	f->to.frontier.n = 0;
	for (size_t i = 0; i < f->walk.n_roots; i++)
		if (f->walk.nodes[f->walk.roots[i]].degree == WALK_FRONTIER)
			oid_list_add(&f->to.frontier, &f->walk.nodes[f->walk.roots[i]].oid);
	for (size_t i = 0; i < f->given; i++)
		if (f->walk.nodes[f->walk.order[i]].degree == WALK_FRONTIER)
			oid_list_add(&f->to.frontier, &f->walk.nodes[f->walk.order[i]].oid);
	oid_list_sort(&f->to.frontier);
}

json_t *fetch_position(struct fetch *f)
{
	if (!f->walked || (!f->done && f->backfill))
		return NULL;
	if (!f->unchanged) {
		if (!f->done)
			put_frontier(f);
		put_leads(f);
	}
	return position_json(&f->to);
}

void fetch_close(struct fetch *f)
{
	event_maker_release(&f->maker);
	mailmap_free(f->mailmap);
	walk_release(&f->walk);
	position_release(&f->from);
	position_release(&f->to);
	refs_release(&f->refs);
	commit_reader_free(f->reader);
	object_folder_close(&f->folder);
	json_decref(f->selection);
}
