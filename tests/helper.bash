# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# `load helper` in every bats file: one environment for all tests, a folder of its own for
# each, and the few verbs that most of them need.
bats_require_minimum_version 1.5.0

REPO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# A build that is not there is not another one.
ATHENA_BIN=$(cd "${ATHENA_BIN:-$REPO_ROOT/build/bin}" && pwd) || exit 1
FIXTURES=$REPO_ROOT/tests/fixtures EXAMPLES=$REPO_ROOT/man/examples
export REPO_ROOT ATHENA_BIN FIXTURES EXAMPLES
PATH=$ATHENA_BIN:$PATH

# Nothing of the user's, nothing of the machine's, nothing of the make that started this.
unset MAKEFLAGS MFLAGS MAKELEVEL BUILD SAN FUZZER WERROR CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR
unset CDPATH NO_COLOR "${!GIT_@}" "${!XDG_@}" "${!ATHENA_SRC_@}"
export LC_ALL=C TZ=UTC TERM=dumb
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_NAME='Ann Author' GIT_AUTHOR_EMAIL=ann@example.org GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME='Carl Committer' GIT_COMMITTER_EMAIL=carl@example.org GIT_COMMITTER_DATE='1700000000 +0000'

# A test runs in an empty folder, with an empty home beside it.
if [ -n "${BATS_TEST_TMPDIR:-}" ]; then
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir -p "$HOME" "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || exit 1
fi

# shellcheck source=tests/pipe.bash
. "$REPO_ROOT/tests/pipe.bash"

# need TOOL...: a test that cannot run has failed; `make deps` installs what the suite needs.
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || { echo "$tool is missing: run 'make deps'" >&2; return 1; }
	done
}

# fail MESSAGE: ends the test, with what the last `run` saw.
fail() {
	printf '%s\n' "$*" >&2
	[ -z "${output+x}" ] || printf -- '--- status %s, output:\n%s\n' "${status:-}" "$output" >&2
	return 1
}

# same WANT GOT [WHAT]
same() {
	[ "$1" = "$2" ] || { printf '%s\nwant: %s\ngot:  %s\n' "${3:-not the same}" "$1" "$2" >&2; return 1; }
}

# contains TEXT PART
contains() {
	case $1 in *"$2"*) ;; *) printf 'no "%s" in: %s\n' "$2" "$1" >&2; return 1 ;; esac
}

# cursor_hash FILE: the position that a cursor file names; nothing where there is no file.
cursor_hash() {
	[ -s "$1" ] || return 0
	jq -cSj . "$1" | sha256sum | cut -c1-64
}

# The parts of a stream.
events() { jq -c 'select(.athena | not)' "$@"; }
checkpoints() { jq -c 'select(.athena == "checkpoint")' "$@"; }
last_checkpoint() { tail -n 1 "$1" | jq -ce 'select(.athena == "checkpoint")'; }

# sql DB QUERY: the answer, columns separated by |.
sql() { sqlite3 -batch -bail -init /dev/null -cmd '.timeout 10000' "$1" "$2"; }

# small MEGABYTES COMMAND...: with no more memory than that, for `run`. A sanitizer takes terabytes for its own ends.
small() {
	local kilobytes=$(($1 * 1024))
	shift
	grep -q __asan_init "$ATHENA_BIN/athena-store" || ulimit -v $kilobytes
	"$@"
}

# cut_short SIGNAL SECONDS COMMAND...: ended in the midst, unless it has come to an end of its own before. Not by timeout(1)
# in the background: after its signal that one sends SIGCONT too, which takes the SIGSTOP away that LeakSanitizer waits for,
# for ever, where it is just about to look for leaks.
cut_short() {
	local got=0
	timeout --foreground -s "$1" "$2" "${@:3}" || got=$?
	case $got in 0 | 69 | 75 | 124 | 137) ;; *) echo "exit status $got of: ${*:3}" >&2; return 1 ;; esac
}

# store_cut DB: into the database what a source that may have been cut short gives out; half a line is none.
store_cut() { athena-store -q "$1" 2>"$1.said" || [ $? = 65 ] || fail "the store: $(cat "$1.said")"; }

# A repository with fixed dates: repo_new DIR, then repo_commit DIR MESSAGE [FILE [CONTENT]].
# Each commit is a minute younger than the one before it; REPO_CLOCK says where to go on.
REPO_CLOCK=1700000000
repo_new() {
	git init -q -b main "$1"
}
repo_commit() {
	local dir=$1 message=$2 file=${3:-} content=${4:-$2}
	REPO_CLOCK=$((REPO_CLOCK + 60))
	if [ -n "$file" ]; then
		mkdir -p "$(dirname "$dir/$file")"
		printf '%s\n' "$content" >"$dir/$file"
		git -C "$dir" add -- "$file"
	fi
	GIT_AUTHOR_DATE="$REPO_CLOCK +0000" GIT_COMMITTER_DATE="$REPO_CLOCK +0000" \
		git -C "$dir" commit -q --allow-empty -m "$message"
}

# Runs the suite under valgrind, where all takes long and most memory is valgrind's?
under_valgrind() { [ "${ATHENA_BIN##*/}" = valgrind ]; }

# eventually SECONDS COMMAND...: until it succeeds. For what another process does.
eventually() {
	local end=$((SECONDS + $1 * $(under_valgrind && echo 10 || echo 1)))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "not within time: $*" >&2; return 1; }
		sleep 0.02
	done
}

# golden NAME FILE: FILE is the same as tests/golden/NAME; UPDATE=1 rewrites it.
golden() {
	if [ -n "${UPDATE:-}" ]; then
		mkdir -p "$(dirname "$REPO_ROOT/tests/golden/$1")"
		cp "$2" "$REPO_ROOT/tests/golden/$1"
	fi
	diff -u "$REPO_ROOT/tests/golden/$1" "$2"
}
