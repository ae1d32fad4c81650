#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The event is described three times: in C, by the man page, by the JSON Schema. They agree.
load helper

SCHEMA=$REPO_ROOT/lib/athena-event.schema.json

@test "the schema is named by the version of the protocol, which the pkg-config file says too" {
	version=$(sed -n 's/.*ATHENA_PROTOCOL *= *\([0-9]*\).*/\1/p; s/.*define ATHENA_PROTOCOL *\([0-9]*\).*/\1/p' "$REPO_ROOT/lib/version.h")
	same "urn:athena:event:$version" "$(jq -r '."$id"' "$SCHEMA")"
	grep -qx "protocol=$version" "$REPO_ROOT/lib/athena.pc.in"
}
PAGE=$REPO_ROOT/man/athena-events.5
SOURCE=$REPO_ROOT/lib/event.c

# words_of NAME: the strings of a C array, one a line.
words_of() { sed -n "/ $1\[\] = {/,/};/p" "$SOURCE" | grep -oE '"[a-z_]+"' | tr -d '"'; }

# columns: the members, from the table in C.
columns() { sed -n 's/^\tX([A-Z_]*, "\([a-z_]*\)", .*/\1/p' "$SOURCE"; }

# quoted_after MEMBER: the words quoted in the man page's entry of a member.
quoted_after() { sed -n "/^\.It Cm $1\$/,/^\.It/p" "$PAGE" | grep -oE '^\.Ql [a-z_]+' | cut -c5-; }

@test "the members of an event are the same in C, man page and schema" {
	columns >c
	[ "$(wc -l <c)" -eq 26 ] || fail "the table in event.c was not found"
	sed -n '/^\.Ss Members/,/^\.Ss Kinds/s/^\.It Cm //p' "$PAGE" >page
	jq -r '.properties | keys_unsorted[]' "$SCHEMA" >schema
	diff -u c page
	diff -u c schema
}

@test "the first seven are required" {
	columns | head -n 7 | sort >c
	jq -r '.required[]' "$SCHEMA" | sort >schema
	diff -u c schema
	for member in $(cat c); do
		jq -nc --arg m "$member" '{id:"1",source_id:"s",source_type:"t",kind:"k",timestamp:"2026-01-01T00:00:00Z",
			event_type:"action",content:"c"} | del(.[$m])' >line
		run -65 athena-store "$member.db" <line
	done
}

@test "the words of event_type and outcome are the same" {
	words_of event_types >c
	[ "$(wc -l <c)" -eq 15 ] || fail "the table in event.c was not found"
	quoted_after event_type | diff -u c -
	jq -r '.properties.event_type.enum[]' "$SCHEMA" | diff -u c -
	words_of event_outcomes >c
	quoted_after outcome | diff -u c -
	jq -r '.properties.outcome.enum[]' "$SCHEMA" | diff -u c -
}

@test "the schema names the columns' kinds as the code takes them" {
	jq -r '.properties | to_entries[] | select(.value.type == "integer") | .key' "$SCHEMA" | sort >schema
	printf '%s\n' project_id revision duration_ms files_changed lines_added lines_deleted | sort | diff -u - schema
	for member in $(cat schema); do
		jq -nc --arg m "$member" '{id:"1",source_id:"s",source_type:"t",kind:"k",timestamp:"2026-01-01T00:00:00Z",
			event_type:"action",content:"c"} | .[$m] = "1"' >line
		run -65 athena-store "$member.db" <line
	done
}

@test "what athena-src-git writes is what the schema allows" {
	git init -q -b main r
	git -C r commit -q --allow-empty -m one
	git -C r tag -a -m tagged v1
	athena-src-git --all --per-file r >stream
	[ -s stream ]
	# no validator needed: required members, no unknown ones, the enums, the pattern
	jq -e --slurpfile s "$SCHEMA" '$s[0] as $s | (keys_unsorted - ($s.properties | keys_unsorted) == []) and
		($s.required - keys_unsorted == []) and
		(.event_type as $t | $s.properties.event_type.enum | index($t) != null) and
		(.timestamp | test($s.properties.timestamp.pattern))' stream >verdicts
	[ "$(sort -u verdicts)" = true ]
}
