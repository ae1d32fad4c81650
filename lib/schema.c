/* SPDX-License-Identifier: ISC */
#include "schema.h"

#include <stdio.h>
#include <sysexits.h>

#include "log.h"

/*
 * event_rows holds what is short before what may be long, so that `revision` is read without
 * walking overflow pages. Its key has the number of the source, not its name: git's ids come in no order, and
 * a smaller index is what that costs least in. `events` shows names, in the order of athena-events(5).
 */
static const char version_1[] =
	"CREATE TABLE sources("
	" source INTEGER PRIMARY KEY,"
	" source_id TEXT NOT NULL UNIQUE) STRICT;"

	"CREATE TABLE event_rows("
	" seq INTEGER PRIMARY KEY,"
	" source INTEGER NOT NULL REFERENCES sources,"
	" id TEXT NOT NULL,"
	" revision INTEGER,"
	" run INTEGER NOT NULL,"
	" timestamp TEXT NOT NULL,"
	" source_type TEXT NOT NULL,"
	" kind TEXT NOT NULL,"
	" event_type TEXT NOT NULL,"
	" outcome TEXT,"
	" project_id INTEGER,"
	" session_id TEXT,"
	" actor TEXT,"
	" duration_ms INTEGER,"
	" files_changed INTEGER,"
	" lines_added INTEGER,"
	" lines_deleted INTEGER,"
	" language TEXT,"
	" git_commit TEXT,"
	" git_author TEXT,"
	" error_type TEXT,"
	" code_event_type TEXT,"
	" url TEXT,"
	" file_path TEXT,"
	" content TEXT NOT NULL,"
	" diff TEXT,"
	" context TEXT,"
	" metadata TEXT,"
	" extra TEXT) STRICT;"
	"CREATE UNIQUE INDEX event_rows_identity ON event_rows(source, id);"
	"CREATE INDEX event_rows_time ON event_rows(timestamp);"

	"CREATE VIEW events AS SELECT seq, id, source_id, source_type, kind, timestamp, event_type, content,"
	" outcome, project_id, session_id, actor, url, revision, duration_ms, files_changed, lines_added,"
	" lines_deleted, file_path, language, diff, git_commit, git_author, error_type, code_event_type,"
	" context, metadata, extra, run"
	" FROM event_rows LEFT JOIN sources USING (source);"

	"CREATE TABLE event_history("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL,"
	" source_id TEXT NOT NULL,"
	" source_type TEXT NOT NULL,"
	" kind TEXT NOT NULL,"
	" timestamp TEXT NOT NULL,"
	" event_type TEXT NOT NULL,"
	" content TEXT NOT NULL,"
	" outcome TEXT,"
	" project_id INTEGER,"
	" session_id TEXT,"
	" actor TEXT,"
	" url TEXT,"
	" revision INTEGER,"
	" duration_ms INTEGER,"
	" files_changed INTEGER,"
	" lines_added INTEGER,"
	" lines_deleted INTEGER,"
	" file_path TEXT,"
	" language TEXT,"
	" diff TEXT,"
	" git_commit TEXT,"
	" git_author TEXT,"
	" error_type TEXT,"
	" code_event_type TEXT,"
	" context TEXT,"
	" metadata TEXT,"
	" extra TEXT,"
	" run INTEGER NOT NULL,"
	" replaced_by INTEGER NOT NULL) STRICT;"
	"CREATE INDEX event_history_identity ON event_history(source_id, id);"

	"CREATE TABLE rejects("
	" reject INTEGER PRIMARY KEY,"
	" run INTEGER NOT NULL,"
	" line INTEGER NOT NULL,"
	" reason TEXT NOT NULL,"
	" raw BLOB NOT NULL) STRICT;"

	"CREATE TABLE positions("
	" source_id TEXT NOT NULL,"
	" position TEXT NOT NULL,"
	" run INTEGER NOT NULL,"
	" PRIMARY KEY(source_id, position)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE cursors("
	" source_id TEXT PRIMARY KEY NOT NULL,"
	" position TEXT NOT NULL,"
	" cursor TEXT NOT NULL,"
	" final INTEGER NOT NULL,"
	" committed_at TEXT NOT NULL,"
	" run INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

	"CREATE TABLE runs("
	" run INTEGER PRIMARY KEY,"
	" started_at TEXT NOT NULL,"
	" ended_at TEXT,"
	" exit_code INTEGER,"
	" version TEXT NOT NULL,"
	" lines INTEGER NOT NULL DEFAULT 0,"
	" bytes INTEGER NOT NULL DEFAULT 0,"
	" events INTEGER NOT NULL DEFAULT 0,"
	" inserted INTEGER NOT NULL DEFAULT 0,"
	" updated INTEGER NOT NULL DEFAULT 0,"
	" known INTEGER NOT NULL DEFAULT 0,"
	" rejected INTEGER NOT NULL DEFAULT 0) STRICT;";

/* What became of each source in a run, and the view for a memory of episodic events. */
static const char version_2[] =
	"ALTER TABLE runs ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE runs ADD COLUMN cut_short INTEGER NOT NULL DEFAULT 0;"

	"CREATE TABLE run_sources("
	" run INTEGER NOT NULL,"
	" source_id TEXT NOT NULL,"
	" events INTEGER NOT NULL,"
	" checkpoints INTEGER NOT NULL,"
	" missing INTEGER NOT NULL,"
	" final INTEGER NOT NULL,"
	" gap INTEGER NOT NULL,"
	" cut_short INTEGER NOT NULL,"
	" PRIMARY KEY(source_id, run)) STRICT, WITHOUT ROWID;"

	"CREATE VIEW episodic_events AS SELECT seq AS id, coalesce(project_id, 1) AS project_id, session_id,"
	" timestamp, event_type, content, outcome,"
	" json_extract(context, '$.cwd') AS context_cwd,"
	" json_extract(context, '$.files') AS context_files,"
	" json_extract(context, '$.task') AS context_task,"
	" json_extract(context, '$.phase') AS context_phase,"
	" json_extract(context, '$.branch') AS context_branch,"
	" duration_ms, files_changed, lines_added, lines_deleted,"
	" json_extract(extra, '$.learned') AS learned,"
	" coalesce(json_extract(extra, '$.confidence'), 1.0) AS confidence,"
	" coalesce(json_extract(extra, '$.evidence_type'), 'external') AS evidence_type,"
	" source_id,"
	" coalesce(json_extract(extra, '$.evidence_quality'), 1.0) AS evidence_quality,"
	" coalesce(json_extract(extra, '$.lifecycle_status'), 'active') AS lifecycle_status,"
	" code_event_type, file_path, language, diff, git_commit, git_author, error_type,"
	" json_extract(extra, '$.performance_metrics') AS performance_metrics,"
	" coalesce(json_extract(extra, '$.importance_score'), 0.5) AS importance_score"
	" FROM events;";

/* The newest of one source, also of a quiet one among millions of others. */
static const char version_3[] = "CREATE INDEX event_rows_source ON event_rows(source, timestamp);";

/* Step i makes version i + 1 of version i. */
static const char *const steps[SCHEMA_VERSION] = {version_1, version_2, version_3};

/* What a database says it is. */
struct identity {
	int64_t application;
	int64_t version;
	int64_t objects; /* tables, views and the like */
};

static int read_identity(struct db *db, struct identity *id)
{
	int rc = db_integer(db, "PRAGMA application_id", &id->application);

	if (!rc)
		rc = db_integer(db, "PRAGMA user_version", &id->version);
	if (!rc)
		rc = db_integer(db, "SELECT count(*) FROM sqlite_schema", &id->objects);
	return rc;
}

/* All of it at one moment, also while another program makes the database: within a transaction that there may be. */
static int identify(struct db *db, struct identity *id)
{
	int rc = db_exec(db, "SAVEPOINT identity"), end;

	if (rc)
		return rc;
	rc = read_identity(db, id);
	end = db_exec(db, "RELEASE identity");
	return rc ? rc : end;
}

static bool is_empty(const struct identity *id)
{
	return !id->application && !id->version && !id->objects;
}

static int refuse(const struct db *db, const struct identity *id)
{
	if (id->application != SCHEMA_APPLICATION)
		return log_error(EX_CONFIG, "%s: an SQLite database, but not one of athena's; left as it is",
				 db->path);
	if (id->version > SCHEMA_VERSION)
		return log_error(EX_CONFIG,
				 "%s: its schema is version %d, this program knows %d; use a newer athena",
				 db->path, (int)id->version, SCHEMA_VERSION);
	if (id->version < 1)
		return log_error(EX_CONFIG, "%s: its schema is version %d, which never was; left as it is",
				 db->path, (int)id->version);
	return 0;
}

/* Under the write lock, so that of several that begin at once only one does the work. */
static int migrate(struct db *db)
{
	struct identity id = {0};
	char text[96];
	int rc = db_begin(db);

	if (rc)
		return rc;
	rc = identify(db, &id);
	if (!rc && !is_empty(&id))
		rc = refuse(db, &id);
	if (!rc && id.version == SCHEMA_VERSION)
		goto out;
	for (int64_t v = id.version; !rc && v < SCHEMA_VERSION; v++)
		rc = db_exec(db, steps[v]);
	snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 SCHEMA_APPLICATION, SCHEMA_VERSION);
	if (!rc)
		rc = db_exec(db, text);
	if (!rc)
		rc = db_commit(db);
	if (!rc && !is_empty(&id))
		log_note("%s: schema migrated from version %d to %d", db->path, (int)id.version,
			 SCHEMA_VERSION);
out:
	db_rollback(db);
	return rc;
}

int schema_write(struct db *db)
{
	struct identity id = {0};
	char text[64];
	int rc = identify(db, &id);

	if (!rc && !is_empty(&id))
		rc = refuse(db, &id);
	if (rc)
		return rc;
	if (is_empty(&id)) {
		snprintf(text, sizeof(text), "PRAGMA page_size = %d", SCHEMA_PAGE);
		rc = db_exec(db, text);
	}
	if (!rc)
		rc = db_use_wal(db);
	if (!rc && id.version != SCHEMA_VERSION)
		rc = migrate(db);
	return rc;
}

int schema_read(struct db *db)
{
	int64_t version;

	return schema_version(db, &version);
}

int schema_version(struct db *db, int64_t *version)
{
	struct identity id = {0};
	int rc = identify(db, &id);

	*version = id.version;
	return rc ? rc : refuse(db, &id);
}
