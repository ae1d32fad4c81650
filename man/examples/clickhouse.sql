-- SPDX-License-Identifier: ISC
-- For athena-commit(1), with curl: the table. It keeps the highest revision of each event; SELECT ... FINAL shows no other.
--	curl -sS --fail-with-body --data-binary @clickhouse.sql http://localhost:8123/
CREATE TABLE IF NOT EXISTS events (
	source_id String,
	id String,
	revision UInt64,
	source_type String,
	kind String,
	timestamp DateTime,
	event_type String,
	outcome String,
	actor String,
	content String,
	url String,
	duration_ms UInt64,
	lines_added UInt32,
	lines_deleted UInt32
) ENGINE = ReplacingMergeTree(revision) ORDER BY (source_id, id)
