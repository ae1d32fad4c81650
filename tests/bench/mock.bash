# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the benchmarks of sources that ask a server share: a scratch folder as $work and HOME, the mock of tests/mock, and
# measures. To be sourced; the token is the caller's.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=${ATHENA_BIN:-$here/build/bin}:$PATH
work=$(mktemp -d) || exit 1
export LC_ALL=C TZ=UTC HOME=$work
export BATS_TEST_TMPDIR=$work REPO_ROOT=$here MOCK_PID=
eventually() { shift; until "$@"; do sleep 0.05; done; }
. "$here/tests/mock/mock.bash"
trap 'mock_stop; rm -rf "$work"' EXIT

seconds() { # seconds COMMAND...
	local TIMEFORMAT=%R
	{ time "$@" >/dev/null; } 2>&1 | tail -n 1
}
processor() { # processor COMMAND...: its user and system seconds
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null; } 2>&1 | tail -n 1 | awk '{ print $1 + $2 }'
}
peak() { command time -f %M "$@" 2>&1 >/dev/null | tail -n 1; }
sent() { asked .bytes | awk '{ n += $1 } END { print n + 0 }'; }
