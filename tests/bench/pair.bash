# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Sourced by the benchmarks: two commands in turn, A B A B ..., so that a machine that slows down slows
# both; the ratio is taken pair by pair. RUNS=N sets how often (5). `here` is the repository, `work` an empty folder.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=${ATHENA_BIN:-$here/build/bin}:$PATH
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT || exit 1
export LC_ALL=C here work
TIMEFORMAT='%R %U %S'

# run_once COMMAND: wall, user and system seconds of it
run_once() { { time bash -c "$1" >/dev/null 2>&1; } 2>&1 | tail -n 1; }

# median: of the numbers on stdin
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%.3f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# pair NAME A B [PREPARE]: medians of both, and how many times faster A is than B. PREPARE runs before each, untimed.
pair() {
	local a b i rows
	eval "${4:-:}"
	run_once "$2" >/dev/null
	for ((i = 0; i < ${RUNS:-5}; i++)); do
		eval "${4:-:}"
		a=$(run_once "$2")
		eval "${4:-:}"
		b=$(run_once "$3")
		rows+="$a $b"$'\n'
	done
	printf '%-46s %8s s %8s s   wall %5sx   cpu %5sx\n' "$1" \
		"$(awk 'NF { print $1 }' <<<"$rows" | median)" "$(awk 'NF { print $4 }' <<<"$rows" | median)" \
		"$(awk 'NF { print $4 / ($1 > 0 ? $1 : 0.001) }' <<<"$rows" | median)" \
		"$(awk 'NF { print ($5 + $6) / ($2 + $3 > 0 ? $2 + $3 : 0.001) }' <<<"$rows" | median)"
}

# with TOOL NAME ...: pair NAME ..., where the TOOL of the peer is
with() {
	if command -v "$1" >/dev/null; then
		pair "${@:2}"
	else
		echo "$2: $1 is not installed"
	fi
}

# equal NAME WANT GOT: a wrong answer ends the benchmark
equal() { [ "$2" = "$3" ] || { echo "$1: $2 expected, $3 found" >&2; exit 1; }; }

# peak COMMAND...: kilobytes of memory at most; ? where there is no time(1)
peak() { if [ "$(type -P time)" ]; then command time -f %M "$@" 2>&1 >/dev/null | tail -n 1; else echo '?'; fi; }
