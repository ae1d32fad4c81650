/* SPDX-License-Identifier: ISC */
#include "fetch.h"

#include <string.h>

#include "log.h"
#include "stamp.h"

enum { LISTED_MAX = 50 }; /* commits named in an event */

static int64_t next_number(struct fetch *f, const char *key)
{
	int64_t n = json_integer_value(json_object_get(f->to.moves, key)) + 1;

	json_object_set_new(f->to.moves, key, json_integer(n));
	return n;
}

/* Counters of refs that are long gone make room once there are too many. */
static void trim_moves(struct fetch *f)
{
	const char *key;
	json_t *v;
	void *next;

	if (json_object_size(f->to.moves) <= MOVES_MAX)
		return;
	json_object_foreach_safe (f->to.moves, next, key, v)
		if (!json_object_get(f->to.refs, key))
			json_object_del(f->to.moves, key);
}

static void remember(struct fetch *f, const git_oid *oid)
{
	struct oid_list *seen = &f->to.seen;
	size_t n = 0;

	for (size_t i = 0; i < seen->n; i++)
		if (!git_oid_equal(&seen->items[i], oid))
			seen->items[n++] = seen->items[i];
	seen->n = n;
	oid_list_add(seen, oid);
	if (seen->n > SEEN_MAX)
		memmove(seen->items, seen->items + 1, --seen->n * sizeof(*seen->items));
}

/* Emits the event of a move; `at` is the commit whose time it takes. */
static int emit_move(struct fetch *f, struct ref_move *move, const git_oid *at)
{
	struct commit c = {0};
	struct event e;
	int rc;

	if (at && commit_read(f->reader, at, &c) == COMMIT_OK)
		move->when = &c.committer;
	move->number = next_number(f, move->key);
	event_ref(&f->maker, &e, move);
	rc = source_emit(f->src, &e);
	move->when = NULL;
	commit_release(&c);
	return rc;
}

/* The old commit was pruned: what went with it unseen is lost, and that is said once. */
static int emit_pruned(struct fetch *f, struct ref *ref, const git_oid *old)
{
	struct ref_move move = {.ref = ref->name,
				.key = ref->key,
				.old = old,
				.new = &ref->oid,
				.forced = true,
				.old_gone = true,
				.since = (int64_t)f->from.newest};
	char text[STAMP_SIZE];

	stamp_format(move.since * STAMP_SECOND, text);
	log_warn("%s: %s, where it stood at the last run, is no longer in the repository: what was committed "
		 "after %s and pruned since is lost; going on from what is there",
		 ref->name, git_oid_tostr_s(old), text);
	return emit_move(f, &move, ref_commit(ref, f->reader));
}

/* The ref has another value than in the cursor. Forward is no event. */
static int ref_changed(struct fetch *f, struct ref *ref, const git_oid *old)
{
	struct ref_move move = {
		.ref = ref->name, .key = ref->key, .old = old, .new = &ref->oid, .forced = true};
	const git_oid *now = ref_commit(ref, f->reader);
	struct walk_difference d = {0};
	git_oid was;
	int rc = 0;

	if (!commit_peel(f->reader, old, &was)) {
		if (!commit_exists(f->reader, old))
			return emit_pruned(f, ref, old);
		return emit_move(f, &move, now);
	}
	rc = walk_difference(&d, &f->walk, &was, now, LISTED_MAX);
	if (!rc && d.n_left && f->cut_off) {
		log_note("%s: the clone became shallower, so whether the ref was forced cannot be told",
			 ref->name);
	} else if (!rc && d.n_left) {
		move.n_lost = d.n_left;
		move.n_gained = d.n_right;
		move.lost = &d.left;
		move.gained = &d.right;
		rc = emit_move(f, &move, now);
		remember(f, &was);
	}
	walk_difference_release(&d);
	return rc;
}

static int emit_tag(struct fetch *f, struct ref *ref)
{
	const git_oid *oid = ref_commit(ref, f->reader);
	struct commit c = {0};
	struct tag t;
	struct event e;
	bool annotated = tag_read(f->reader, &ref->oid, &t) == COMMIT_OK;
	bool of_commit = oid && commit_read(f->reader, oid, &c) == COMMIT_OK;
	int rc;

	event_tag(&f->maker, &e, ref->name, &ref->oid, annotated ? &t : NULL, of_commit ? &c : NULL);
	rc = source_emit(f->src, &e);
	if (annotated)
		tag_release(&t);
	commit_release(&c);
	return rc;
}

/* The last run looked at this ref, had it been there. HEAD alone means whatever it names. */
static bool in_scope(const struct fetch *f, const char *key)
{
	size_t i;
	json_t *v;

	if (json_is_true(f->from.scope))
		return true;
	json_array_foreach (f->from.scope, i, v)
		if (strcmp(json_string_value(v) ? json_string_value(v) : "", "HEAD") != 0 &&
		    ref_is_meant(json_string_value(v), key, NULL))
			return true;
	return false;
}

static int one_ref(struct fetch *f, struct ref *ref)
{
	bool first = !f->from.refs, is_tag = !strncmp(ref->name, "refs/tags/", 10);
	git_oid old;
	int rc = 0;

	if (json_object_get(f->refs.broken, ref->key))
		return 0;
	if (!position_ref(&f->from, ref->key, &old)) {
		struct ref_move move = {.ref = ref->name, .key = ref->key, .new = &ref->oid};

		if (!first && in_scope(f, ref->key))
			rc = emit_move(f, &move, ref_commit(ref, f->reader));
	} else if (git_oid_equal(&old, &ref->oid)) {
		return 0;
	} else {
		rc = ref_changed(f, ref, &old);
	}
	return !rc && is_tag ? emit_tag(f, ref) : rc;
}

static int deleted_ref(struct fetch *f, const char *key, const char *hex)
{
	struct ref_move move = {.ref = key, .key = key};
	git_oid old, was;
	bool known;

	git_oid_fromstr(&old, hex);
	move.old = &old;
	known = commit_peel(f->reader, &old, &was);
	if (known)
		remember(f, &was);
	return emit_move(f, &move, known ? &was : NULL);
}

/* In the last run the ref was there, in this one it should be. */
static bool is_deleted(const struct fetch *f, const char *key)
{
	return !refs_find(&f->refs, key) && !json_object_get(f->refs.broken, key) && fetch_selects(f, key);
}

static int deleted_refs(struct fetch *f)
{
	const char *key;
	json_t *v;
	int rc = 0;

	json_object_foreach (f->from.refs, key, v) {
		if (!rc && is_deleted(f, key))
			rc = deleted_ref(f, key, json_string_value(v));
	}
	return rc;
}

/*
 * The whole run is behind us: the refs are where it came to. After a back-fill nothing else is known: of what this run
 * did not look at nobody would know later that the back-fill was not of it.
 */
static void finish_position(struct fetch *f)
{
	const struct oid_list *shallow = commit_shallow(f->reader);
	json_t *refs = json_object(), *v;
	const char *key;

	if (!f->to.whole && !f->backfill) {
		json_object_foreach (f->from.refs, key, v)
			if (!is_deleted(f, key))
				json_object_set(refs, key, v);
	}
	for (size_t i = 0; i < f->refs.n; i++)
		if (!json_object_get(f->refs.broken, f->refs.items[i].key))
			json_object_set_new(refs, f->refs.items[i].key,
					    json_string(git_oid_tostr_s(&f->refs.items[i].oid)));
	/* where a run was cut short, and the refs then went elsewhere */
	for (size_t i = 0; i < f->from.frontier.n; i++) {
		const struct node *node = walk_find(&f->walk, &f->from.frontier.items[i]);

		if (node && node->degree == WALK_FRONTIER && !(node->flags & WALK_REACH))
			remember(f, &node->oid);
	}
	json_decref(f->to.refs);
	json_decref(f->to.scope);
	f->to.refs = refs;
	f->to.scope = json_incref(json_object_get(f->selection, f->options->refs.all ? "all" : "branches"));
	f->to.frontier.n = 0;
	f->to.whole = false;
	if (f->backfill)
		f->to.seen.n = 0;
	f->to.shallow.n = 0;
	for (size_t i = 0; i < shallow->n; i++)
		oid_list_add(&f->to.shallow, &shallow->items[i]);
	f->done = true;
}

int fetch_moves(struct fetch *f)
{
	int rc = 0;

	for (size_t i = 0; i < f->refs.n && !rc; i++)
		rc = one_ref(f, &f->refs.items[i]);
	if (!rc)
		rc = deleted_refs(f);
	if (rc)
		return rc;
	finish_position(f);
	trim_moves(f);
	return 0;
}
