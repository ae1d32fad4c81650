-- SPDX-License-Identifier: ISC
-- A batch of events on standard input into PostgreSQL, all or nothing, each event once:
--	athena-src-git --cursor F repo |
--	athena-commit --batch 10000 -- psql -X -q -1 -v ON_ERROR_STOP=1 -d DATABASE -f postgresql.sql
-- A line of JSON holds no raw control characters, so read as CSV with such quotes it is one column.

SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS events (
	source_id text NOT NULL,
	id text NOT NULL,
	revision bigint NOT NULL,
	"timestamp" timestamptz NOT NULL,
	event jsonb NOT NULL,
	PRIMARY KEY (source_id, id)
);
CREATE TEMPORARY TABLE incoming (event jsonb NOT NULL) ON COMMIT DROP;
\copy incoming FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
INSERT INTO events
SELECT DISTINCT ON (1, 2) event->>'source_id', event->>'id', coalesce((event->>'revision')::bigint, 0),
	(event->>'timestamp')::timestamptz, event
FROM incoming ORDER BY 1, 2, 3 DESC
ON CONFLICT (source_id, id) DO UPDATE
SET revision = excluded.revision, "timestamp" = excluded."timestamp", event = excluded.event
WHERE excluded.revision > events.revision;
