#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# numstat-equal: every file of every commit has the counts that git log --numstat prints, merges against their
# first parent included, and with --find-renames the pairs of git log -M. Usage: numstat-equal.sh [REPO...]
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${ATHENA_BIN:-$here/build/bin}/athena-src-git
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export LC_ALL=C
failed=0

# expected REPO OPTION...: a line for each file of each commit, from git
expected() {
	local repo=$1
	shift
	git -C "$repo" log -z --numstat --format=%x01%H "$@" HEAD |
		jq -Rrs 'split("\u0001")[1:][] | split("\u0000") | .[0][:40] as $commit | .[1:] | . as $all
			| to_entries[] | select(.value | test("\t")) | (.value | ltrimstr("\n")) as $line
			| [$commit, if ($line | endswith("\t")) then $line + $all[.key + 2] else $line end] | tojson' | sort
}

# counted REPO OPTION...: the same from the program
counted() {
	local repo=$1
	shift
	"$program" --quiet --per-file "$@" "$repo" |
		jq -r 'select(.kind == "file_change")
			| [.git_commit, "\(.lines_added // "-")\t\(.lines_deleted // "-")\t\(.file_path)"] | tojson' | sort
}

# compare NAME REPO
compare() {
	if [ -s "$work/expected" ] && cmp -s "$work/expected" "$work/counted"; then
		echo "ok   $2: $1: $(wc -l <"$work/expected") files"
	else
		echo "FAIL $2: $1:"
		diff "$work/expected" "$work/counted" | head -20
		failed=1
	fi
}

for repo in "${@:-$here}"; do
	expected "$repo" --no-renames >"$work/expected"
	counted "$repo" >"$work/counted"
	compare 'no renames' "$repo"
	expected "$repo" --no-renames --diff-merges=first-parent >"$work/expected"
	counted "$repo" --diff-merges=first-parent >"$work/counted"
	compare 'merges against their first parent' "$repo"
	expected "$repo" -M >"$work/expected"
	counted "$repo" --find-renames >"$work/counted"
	compare 'renames' "$repo"
done
exit "$failed"
