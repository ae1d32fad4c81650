/* SPDX-License-Identifier: ISC */
#include "repo.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "buf.h"
#include "folders.h"
#include "gitlib.h"
#include "log.h"
#include "text.h"
#include "xalloc.h"

const char *repo_why(void)
{
	const git_error *e = git_error_last();

	return e && e->message && *e->message ? e->message : "libgit2 gives no reason";
}

/* Reading needs no more of these than to be allowed to. */
static const char *const extensions[] = {"partialclone", "worktreeconfig", "preciousobjects",
					 "relativeworktrees"};

static bool end_strip(const char *s, size_t *n, const char *tail)
{
	size_t t = strlen(tail);

	if (*n < t || memcmp(s + *n - t, tail, t) != 0)
		return false;
	*n -= t;
	return true;
}

/*
 * libgit2 1.5 says the one where safe.directory is set to something
 * else, the other where it is not set at all.
 */
static bool is_owner_failure(int code)
{
	return code == GIT_EOWNER || (code == GIT_ENOTFOUND && strstr(repo_why(), "'safe.directory'"));
}

/* safe.directory = *, which git takes for every repository, and libgit2 1.5 does not. */
static bool all_are_safe(void)
{
	git_config *config = NULL;
	git_config_iterator *it = NULL;
	git_config_entry *entry;
	bool safe = false;

	if (!git_config_open_default(&config) &&
	    !git_config_multivar_iterator_new(&it, config, "safe.directory", NULL))
		while (!git_config_next(&entry, it))
			safe = *entry->value ? safe || !strcmp(entry->value, "*") : false;
	git_config_iterator_free(it);
	git_config_free(config);
	return safe;
}

/* The folder whose owner libgit2 did not accept, in the form that safe.directory wants. */
static char *unsafe_folder(const char *path)
{
	git_buf found = {0};
	char *real, *slash;

	real = realpath(git_repository_discover(&found, path, 0, NULL) ? path : found.ptr, NULL);
	git_buf_dispose(&found);
	if (!real)
		return xstrdup(path);
	slash = strrchr(real, '/');
	if (slash > real && !strcmp(slash, "/.git"))
		*slash = '\0';
	return real;
}

static int owner_failure(const char *path)
{
	char *folder = unsafe_folder(path ? path : ".");

	log_error(EX_NOPERM,
		  "%s: the repository belongs to another user; if you trust it: git config --global --add "
		  "safe.directory %s",
		  path ? path : ".", folder);
	free(folder);
	return EX_NOPERM;
}

static int open_failure(int code, const char *path)
{
	const char *why = repo_why(), *named = path ? NULL : getenv("GIT_DIR");

	if (!path)
		path = named && *named ? named : ".";
	if (strstr(why, "objectformat"))
		return log_error(EX_UNAVAILABLE,
				 "%s: a SHA-256 repository, which libgit2 %s cannot read; a SHA-1 clone of "
				 "it can be used",
				 path, LIBGIT2_VERSION);
	if (strstr(why, "extension") || strstr(why, "repository version"))
		return log_error(EX_UNAVAILABLE,
				 "%s: %s; libgit2 %s cannot read it, a plain clone of it can be used", path,
				 why, LIBGIT2_VERSION);
	if (code == GIT_ENOTFOUND && named && *named)
		return log_error(EX_NOINPUT, "%s: no git repository; GIT_DIR names it", path);
	if (code == GIT_ENOTFOUND)
		return log_error(EX_NOINPUT, "%s: no git repository here or above; name one, or run git init",
				 path);
	if (access(path, R_OK | X_OK) && errno == EACCES)
		return log_error(EX_NOPERM, "%s: %s", path, strerror(errno));
	return log_error(EX_DATAERR, "%s: the repository cannot be opened: %s", path, why);
}

/*
 * What libgit2 opens as it comes, and would wait on for ever were it a pipe. Other files of a repository are too many to
 * be looked at before. In a work tree, what is called config is nothing of git's.
 */
static int check_files(const char *path)
{
	static const char *const names[] = {"HEAD", "config", "packed-refs", "index"};
	char *folder = xasprintf("%s/.git", path);
	struct stat st;
	int rc = 0;

	if (stat(folder, &st) || !S_ISDIR(st.st_mode)) {
		free(folder);
		folder = xstrdup(path);
	}
	for (size_t i = 0; !rc && i < sizeof(names) / sizeof(*names); i++) {
		char *file = xasprintf("%s/%s", folder, names[i]);

		if (!stat(file, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			rc = log_error(EX_DATAERR, "%s: no regular file; this is no repository of git's",
				       file);
		free(file);
	}
	free(folder);
	return rc;
}

/* And of what the environment names. */
static int check_environment(void)
{
	const char *index = getenv("GIT_INDEX_FILE");
	struct folders f = {0};
	struct stat st;
	int rc;

	if (index && !stat(index, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return log_error(EX_DATAERR, "%s: no regular file; GIT_INDEX_FILE names it", index);
	rc = folders_of_environment(&f);
	folders_release(&f);
	return rc;
}

/* The same of what is opened when the first object is read. */
static int check_folders(git_repository *repo)
{
	git_buf path = {0};
	struct folders f = {0};
	int rc = git_repository_item_path(&path, repo, GIT_REPOSITORY_ITEM_OBJECTS)
			 ? 0
			 : folders_find(&f, path.ptr);

	git_buf_dispose(&path);
	folders_release(&f);
	return rc;
}

int repo_open(git_repository **out, const char *path)
{
	unsigned flags = path ? 0 : GIT_REPOSITORY_OPEN_FROM_ENV;
	int rc;

	*out = NULL;
	if (gitlib_init() < 0)
		return log_error(EX_SOFTWARE, "libgit2: %s", repo_why());
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof(extensions) / sizeof(extensions[0]));
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION,
			 0);                         /* a third of the time; git log does not verify either */
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0); /* nothing here is asked for twice */
	if (path && access(path, F_OK))
		return log_error(EX_NOINPUT, "%s: %s", path, strerror(errno));
	if (path)
		folders_forget_environment();
	rc = check_files(path ? path : ".");
	if (!rc && !path)
		rc = check_environment();
	if (rc)
		return rc;
	rc = git_repository_open_ext(out, path, flags, NULL);
	if (rc && is_owner_failure(rc)) {
		if (!all_are_safe())
			return owner_failure(path);
		git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
		rc = git_repository_open_ext(out, path, flags, NULL);
	}
	if (rc)
		return open_failure(rc, path);
	git_repository_set_namespace(*out, NULL); /* git's servers go by GIT_NAMESPACE, git log does not */
	return check_folders(*out);
}

void repo_close(git_repository *repo)
{
	git_repository_free(repo);
	git_libgit2_shutdown(); /* no error where it was never begun */
}

bool repo_is_bare(git_repository *repo)
{
	const char *folder = git_repository_path(repo), *work = git_repository_workdir(repo);
	size_t n = strlen(folder), w = work ? strlen(work) : 0;

	if (!work)
		return true;
	/* without core.bare libgit2 takes any folder for a .git, and git only one of that name */
	return !git_repository_is_worktree(repo) && w < n && !memcmp(work, folder, w) &&
	       !memchr(folder + w, '/', n - w - 1) && strcmp(folder + w, ".git/") != 0;
}

char *repo_folder(git_repository *repo)
{
	const char *path = repo_is_bare(repo) ? NULL : git_repository_workdir(repo);
	size_t n;

	if (git_repository_is_worktree(repo))
		path = git_repository_commondir(repo); /* every worktree is the same source */
	if (!path)
		path = git_repository_path(repo);
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n > 5)
		end_strip(path, &n, "/.git");
	return xstrndup(path, n);
}

/* Text that a cursor can hold: control bytes, '%' and what is no UTF-8 become %XX. */
static void add_name(struct buf *out, const char *s, size_t n)
{
	while (n) {
		size_t step = text_utf8_len(s, n);
		bool control = (unsigned char)*s < 0x20 || *s == 0x7f ||
			       (step == 2 && *s == '\xc2' && (unsigned char)s[1] < 0xa0);

		if (!step || control || *s == '%') {
			buf_addf(out, "%%%02X", (unsigned char)*s);
			step = 1;
		} else {
			buf_add(out, s, step);
		}
		s += step;
		n -= step;
	}
}

static char *path_id(const char *path, const char *base)
{
	struct buf joined = {0}, id = {0};
	char *real;
	size_t n;

	if (*path != '/' && base) {
		buf_adds(&joined, base);
		buf_addc(&joined, '/');
	}
	buf_adds(&joined, path);
	real = realpath(buf_cstr(&joined), NULL);
	path = real ? real : buf_cstr(&joined);
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	end_strip(path, &n, "/.git");
	buf_adds(&id, "git:");
	add_name(&id, path, n);
	free(real);
	buf_release(&joined);
	return buf_detach(&id);
}

/* "host/path" of what followed the scheme, without user, password and port. */
static char *remote_id(const char *rest, bool scp)
{
	size_t n = strcspn(rest, "?#"), host, path;
	const char *at = memrchr(rest, '@', strcspn(rest, scp ? ":" : "/?#")), *port;
	struct buf id = {0};

	if (!at && !scp) {
		/* user:pass/word@host: a slash in a password that was not encoded must not show it */
		const char *colon = memchr(rest, ':', strcspn(rest, "/?#"));

		if (colon && strspn(colon + 1, "0123456789") != strcspn(colon + 1, "/?#"))
			at = memrchr(rest, '@', n);
	}
	if (at) {
		n -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	/* an IPv6 address has colons of its own */
	port = *rest == '[' ? memchr(rest, ']', n) : rest;
	host = strcspn(scp && port ? port : rest, scp ? ":" : "/?#") +
	       (scp && port ? (size_t)(port - rest) : 0);
	path = host;
	if (!scp && port && port < rest + host && (port = memchr(port, ':', host - (size_t)(port - rest))))
		host = (size_t)(port - rest);
	buf_adds(&id, "git:");
	for (size_t i = 0; i < host; i++)
		buf_addc(&id, (char)tolower((unsigned char)rest[i]));
	while (path < n && (rest[path] == '/' || (scp && rest[path] == ':')))
		path++;
	while (n > path && rest[n - 1] == '/')
		n--;
	end_strip(rest, &n, ".git");
	while (n > path && rest[n - 1] == '/')
		n--;
	if (n > path) {
		buf_addc(&id, '/');
		add_name(&id, rest + path, n - path);
	}
	if (id.len <= 4) {
		buf_release(&id);
		return NULL;
	}
	return buf_detach(&id);
}

char *repo_url_id(const char *url, const char *base)
{
	const char *helper, *colon, *scheme;

	while ((helper = strstr(url, "::")) &&
	       (size_t)(helper - url) == strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789-+."))
		url = helper + 2; /* transport::address */
	scheme = strstr(url, "://");
	if (scheme && (size_t)(scheme - url) == strcspn(url, "/:")) {
		const char *rest = scheme + 3;

		if (!strncasecmp(url, "file:", 5)) {
			rest += strcspn(rest, "/");
			return *rest ? path_id(rest, NULL) : NULL;
		}
		return remote_id(rest, false);
	}
	colon = strchr(url, ':');
	if (colon && colon > url && (size_t)(colon - url) < strcspn(url, "/"))
		return remote_id(url, true);
	return *url ? path_id(url, base) : NULL;
}

char *repo_source_id(git_repository *repo)
{
	git_config *config = NULL, *snapshot = NULL;
	const char *url = NULL;
	char *folder = repo_folder(repo), *id = NULL;

	if (!git_repository_config(&config, repo) && !git_config_snapshot(&snapshot, config) &&
	    !git_config_get_string(&url, snapshot, "remote.origin.url") && url)
		id = repo_url_id(url, folder);
	if (!id)
		id = path_id(folder, NULL);
	free(folder);
	git_config_free(snapshot);
	git_config_free(config);
	return id;
}

bool repo_replaces(git_repository *repo)
{
	git_config *config = NULL;
	int use = 1;

	if (!git_repository_config(&config, repo) && git_config_get_bool(&use, config, "core.usereplacerefs"))
		use = 1;
	git_config_free(config);
	return use;
}

/* Asked by name, not by a regular expression, of which libgit2 1.5 never frees all. */
static bool says_partial(const git_config_entry *entry)
{
	static const char tail[] = ".promisor";
	size_t n = strlen(entry->name);
	int on;

	if (!strcmp(entry->name, "extensions.partialclone"))
		return true;
	return !strncmp(entry->name, "remote.", 7) && n > 7 + sizeof(tail) - 1 &&
	       !strcmp(entry->name + n - (sizeof(tail) - 1), tail) &&
	       !git_config_parse_bool(&on, entry->value) && on;
}

bool repo_is_partial(git_repository *repo)
{
	git_config *config = NULL;
	git_config_iterator *it = NULL;
	git_config_entry *entry;
	bool partial = false;

	if (!git_repository_config(&config, repo) && !git_config_iterator_new(&it, config))
		while (!git_config_next(&entry, it))
			partial |= says_partial(entry);
	git_config_iterator_free(it);
	git_config_free(config);
	return partial;
}
