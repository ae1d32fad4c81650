#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# start: milliseconds that each program takes to begin and end, the median of STARTS (51), beside true(1); and sources into
# the store through a pipe, beside each of the two alone: the slower one decides. Usage: start.sh
# shellcheck disable=SC2016,SC2154 # the commands are expanded where they run; here and work are of pair.bash
set -u
. "$(dirname "$0")/pair.bash"
cd "$work" || exit 1

# took COMMAND...: median milliseconds
took() {
	local TIMEFORMAT=%R i
	for ((i = 0; i < ${STARTS:-51}; i++)); do { time "$@" >/dev/null 2>&1; } 2>&1; done | median | awk '{ printf "%.0f", $1 * 1000 }'
}
echo 'milliseconds for --version, --help, --describe'
printf '%-24s %4s\n' true "$(took "$(type -P true)")"
for program in "${ATHENA_BIN:-$here/build/bin}"/athena*; do
	name=${program##*/} describe=-
	case $name in athena-src-*) describe=$(took "$program" --describe) ;; esac
	printf '%-24s %4s %4s %4s\n' "$name" "$(took "$program" --version)" "$(took "$program" --help)" "$describe"
done

echo
echo 'source into store, the same into a file of NDJSON that is stored afterwards, how many times faster'
awk -v n=300000 -f "$here/tests/bench/requests.awk" >access.log
pair 'apilog' 'athena-src-apilog -q access.log | athena-store -q a.db' 'athena-src-apilog -q access.log >e; athena-store -q a.db <e' 'rm -f a.db* e'
pair 'git' 'athena-src-git -q "$here" | athena-store -q a.db' 'athena-src-git -q "$here" >e; athena-store -q a.db <e' 'rm -f a.db* e'
