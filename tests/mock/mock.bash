# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The mock servers from bats: mock_start NAME [CONFIG]; then MOCK_URL answers, until mock_stop.
MOCK=
mock_start() {
	MOCK=$(mktemp -d "$BATS_TEST_TMPDIR/mock.XXXXXX")
	mock_again "$@"
}

# mock_again NAME [CONFIG]: in the same folder, where certificates may lie.
mock_again() {
	python3 -B "$REPO_ROOT/tests/mock/$1.py" "$MOCK" "${@:2}" >"$MOCK/said" 2>&1 3>&- &
	MOCK_PID=$!
	eventually 20 test -s "$MOCK/url" || { cat "$MOCK/said" >&2; return 1; }
	MOCK_URL=$(cat "$MOCK/url")
}

# into_with SOURCE DB [OPTION...]: a run of it into the store, with the cursor DB.cursor.
into_with() {
	local source=$1 db=$2
	shift 2
	(set -o pipefail; "$source" --cursor "$db.cursor" "$@" | athena-store "$db.db")
}

# A token of the tests has this in it, and is nowhere but in the requests that the mock has seen.
MARK=a7hena
mock_stop() {
	[ -z "$MOCK_PID" ] || { kill "$MOCK_PID" && wait "$MOCK_PID"; } 2>/dev/null || MOCK_PID=
	MOCK_PID=
	! grep -rF --exclude-dir='mock.*' --exclude-dir="${MOCK##*/}" "$MARK" "$BATS_TEST_TMPDIR" >&2 || fail 'a token is written down'
}

# act OP...: things happen. fault FAULT...: things will go wrong. calm: no more.
act() { mock_tell act "$@"; }
fault() { mock_tell fault "$@"; }
calm() { mock_tell fault '"calm"'; }
mock_tell() {
	local verb=$1 IFS=,
	shift
	curl -sSk --fail-with-body -o "$MOCK/told" --data-binary "[$*]" "$MOCK_URL/_mock/$verb" || { cat "$MOCK/told" >&2; return 1; }
}

# asked [FILTER]: the requests as jq sees them; all by default, as METHOD TARGET STATUS.
asked() { jq -r "${1:-\"\\(.method) \\(.target) \\(.status)\"}" "$MOCK/log"; }
forget_asked() { : >"$MOCK/log"; }
