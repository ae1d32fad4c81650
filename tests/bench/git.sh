#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# git: athena-src-git against git log on the same repository, in turn. Usage: git.sh [REPO...]
# shellcheck disable=SC2016 # the commands are expanded where they run
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/bench/pair.bash"
PATH=${ATHENA_BIN:-$here/build/bin}:$PATH
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export LC_ALL=C work

peak() { # peak COMMAND...: kilobytes of memory at most
	command time -f %M "$@" 2>&1 >/dev/null | tail -n 1
}

for repo in "${@:-$here}"; do
	export repo
	echo "$repo: $(git -C "$repo" rev-list --count HEAD) commits; athena-src-git, git log, how many times faster"
	pair 'lines: git log --numstat --no-renames' 'athena-src-git -q "$repo"' 'git -C "$repo" log --numstat --no-renames --format=%H%n%an%n%cI%n%B'
	pair 'files: git log --raw' 'athena-src-git -q --stat=files "$repo"' 'git -C "$repo" log --raw --no-renames --no-abbrev --format=%H%n%an%n%cI%n%B'
	pair 'no files: git log' 'athena-src-git -q --stat=none "$repo"' 'git -C "$repo" log --format=%H%n%an%n%cI%n%B'
	athena-src-git -q --cursor "$work/F" --commit=exit "$repo" >/dev/null
	pair 'nothing new: git rev-parse HEAD' 'athena-src-git -q --cursor "$work/F" "$repo"' 'git -C "$repo" rev-parse HEAD'
	rm -f "$work"/F*
	if command -v time >/dev/null && [ "$(type -P time)" ]; then
		printf 'peak memory: %s kB, git log --numstat %s kB\n' "$(peak athena-src-git -q "$repo")" \
			"$(peak git -C "$repo" log --numstat --no-renames --format=%H)"
	fi
done
