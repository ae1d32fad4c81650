#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# start: milliseconds that each program takes to begin and end, the median of STARTS (51), beside true(1); and sources into
# the store through a pipe: beside each of the two alone, of which the slower one decides, and beside one after the other. Usage: start.sh
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

# through NAME SOURCE: SOURCE | athena-store, beside its two sides
through() {
	export source=$2
	eval "$source" >e
	pair "$1: source, the whole pipe" 'eval "$source" >/dev/null' 'eval "$source" | athena-store -q a.db' 'rm -f a.db*'
	pair "$1: store, the whole pipe" 'athena-store -q a.db <e' 'eval "$source" | athena-store -q a.db' 'rm -f a.db*'
	pair "$1: the pipe, one after the other" 'eval "$source" | athena-store -q a.db' 'eval "$source" >e; athena-store -q a.db <e' 'rm -f a.db*'
	rm -f a.db* e
}
echo
echo 'source into store: each side alone, the whole, and how many times as long the second takes'
awk -v n=300000 -f "$here/tests/bench/requests.awk" >access.log
through apilog 'athena-src-apilog -q access.log'
through git 'athena-src-git -q "$here"'
