#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# git: athena-src-git against git log on the same repository, in turn, and against a Python program that reads git log as
# the known extractors do. Counts and sums are those of git, or the run ends. Usage: git.sh [REPO...]
# shellcheck disable=SC2016,SC2154 # the commands are expanded where they run; here and work are of pair.bash
set -u
. "$(dirname "$0")/pair.bash"
cat >"$work/extract.py" <<'P'
import json, subprocess, sys
log = subprocess.Popen(["git", "-C", sys.argv[1], "log", "--numstat", "--no-renames", "--format=%x00%H%x01%P%x01%an <%ae>%x01%cI%x01%B%x01"],
	stdout=subprocess.PIPE, text=True, errors="replace")
def entries(stream):
	rest = ""
	while block := stream.read(1 << 20):
		*whole, rest = (rest + block).split("\0")
		yield from whole
	yield rest
for entry in entries(log.stdout):
	if not entry:
		continue
	oid, parents, author, when, message, files = entry.split("\x01")
	print(json.dumps({"id": oid, "parents": parents.split(), "author": author, "date": when, "message": message,
		"files": [line.split("\t") for line in files.splitlines() if line]}))
P

# counted: commits, lines added, lines deleted of the events on stdin; by_git: of git log --numstat
counted() { jq -rn 'reduce inputs as $e ([0, 0, 0]; [.[0] + 1, .[1] + $e.lines_added, .[2] + $e.lines_deleted]) | @tsv'; }
by_git() { git -C "$1" log --numstat --no-renames --format=%x01 | awk -F'\t' '/\001/ { n++ } NF == 3 { a += $1; d += $2 } END { print n "\t" a + 0 "\t" d + 0 }'; }

back() { # back REPO N: a cursor that has seen all but the last N commits of the first parents
	git clone -q --bare "$1" "$work/earlier.git"
	git -C "$work/earlier.git" update-ref "$(git -C "$1" symbolic-ref HEAD)" "$(git -C "$1" rev-parse "HEAD~$2")"
	athena-src-git -q --source-id git:bench --cursor "$work/F.$2" --commit=exit "$work/earlier.git" >/dev/null
	rm -rf "$work/earlier.git"
}

# part NAME N: the history that ends N commits of the first parents before its end, with the objects of $repo
part() {
	git clone -q --bare --shared "$repo" "$work/$1.git"
	git -C "$work/$1.git" for-each-ref --format='delete %(refname)' | git -C "$work/$1.git" update-ref --no-deref --stdin
	git -C "$work/$1.git" update-ref "$(git -C "$repo" symbolic-ref HEAD)" "$(git -C "$repo" rev-parse "HEAD~$2")"
}
# cost REPO: commits, and microseconds of processor that each takes
cost() {
	run_once "athena-src-git -q '$1'" | awk -v n="$(git -C "$1" rev-list --count HEAD)" '{ printf "%d commits %.0f us each", n, ($2 + $3) * 1e6 / n }'
}

for repo in "${@:-$here}"; do
	export repo
	commits=$(git -C "$repo" rev-list --count HEAD)
	runs=${RUNS:-$((commits < 50000 ? 5 : 1))} # with lines a long one takes minutes
	echo "$(basename "$repo"): $commits commits, with lines $runs runs of each; athena-src-git, the other, how many times faster"
	equal "$repo: commits, lines" "$(by_git "$repo")" "$(athena-src-git -q "$repo" | counted)"
	RUNS=$runs pair 'lines: git log --numstat --no-renames' 'athena-src-git -q "$repo"' 'git -C "$repo" log --numstat --no-renames --format=%H%n%an%n%cI%n%B'
	RUNS=$runs with python3 'lines: a Python extractor' 'athena-src-git -q "$repo"' 'python3 "$work/extract.py" "$repo"'
	pair 'files: git log --raw' 'athena-src-git -q --stat=files "$repo"' 'git -C "$repo" log --raw --no-renames --no-abbrev --format=%H%n%an%n%cI%n%B'
	pair 'no files: git log' 'athena-src-git -q --stat=none "$repo"' 'git -C "$repo" log --format=%H%n%an%n%cI%n%B'
	for n in 0 1 100; do
		base=$(git -C "$repo" rev-parse -q --verify "HEAD~$n") || continue # it has not so many
		back "$repo" "$n"
		export n base
		equal "$repo: new commits" "$(git -C "$repo" rev-list --count "$base..HEAD")" \
			"$(athena-src-git -q --source-id git:bench --cursor "$work/F.$n" "$repo" | jq -c 'select(.kind == "commit")' | wc -l)"
		pair "new since HEAD~$n: git log --numstat" 'athena-src-git -q --source-id git:bench --cursor "$work/F.$n" "$repo"' \
			'git -C "$repo" log --numstat --no-renames --format=%H%n%an%n%cI%n%B "$base..HEAD"'
		rm -f "$work/F.$n"*
	done
	part graph 0
	git -C "$work/graph.git" commit-graph write --reachable 2>/dev/null
	equal "$repo: commits, lines, with a commit-graph" "$(athena-src-git -q "$repo" | counted)" "$(athena-src-git -q "$work/graph.git" | counted)"
	pair 'no files: with a commit-graph, without' 'athena-src-git -q --stat=none "$work/graph.git"' 'athena-src-git -q --stat=none "$repo"'
	pair 'no files, with a commit-graph: git log' 'athena-src-git -q --stat=none "$work/graph.git"' 'git -C "$work/graph.git" log --format=%H%n%an%n%cI%n%B'
	first_parents=$(git -C "$repo" rev-list --count --first-parent HEAD)
	part quarter $((first_parents * 3 / 4))
	part half $((first_parents / 2))
	printf 'as it grows: %s, %s, %s\n' "$(cost "$work/quarter.git")" "$(cost "$work/half.git")" "$(cost "$repo")"
	rm -rf "$work"/*.git
	printf 'peak memory: %s kB, git log --numstat %s kB\n' "$(peak athena-src-git -q "$repo")" \
		"$(peak git -C "$repo" log --numstat --no-renames --format=%H)"
done
