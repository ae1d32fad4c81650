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

for repo in "${@:-$here}"; do
	export repo
	echo "$(basename "$repo"): $(git -C "$repo" rev-list --count HEAD) commits; athena-src-git, the other, how many times faster"
	equal "$repo: commits, lines" "$(by_git "$repo")" "$(athena-src-git -q "$repo" | counted)"
	pair 'lines: git log --numstat --no-renames' 'athena-src-git -q "$repo"' 'git -C "$repo" log --numstat --no-renames --format=%H%n%an%n%cI%n%B'
	with python3 'lines: a Python extractor' 'athena-src-git -q "$repo"' 'python3 "$work/extract.py" "$repo"'
	pair 'files: git log --raw' 'athena-src-git -q --stat=files "$repo"' 'git -C "$repo" log --raw --no-renames --no-abbrev --format=%H%n%an%n%cI%n%B'
	pair 'no files: git log' 'athena-src-git -q --stat=none "$repo"' 'git -C "$repo" log --format=%H%n%an%n%cI%n%B'
	for n in 0 1 100; do
		back "$repo" "$n"
		base=$(git -C "$repo" rev-parse "HEAD~$n")
		export n base
		equal "$repo: new commits" "$(git -C "$repo" rev-list --count "$base..HEAD")" \
			"$(athena-src-git -q --source-id git:bench --cursor "$work/F.$n" "$repo" | jq -c 'select(.kind == "commit")' | wc -l)"
		pair "new since HEAD~$n: git log --numstat" 'athena-src-git -q --source-id git:bench --cursor "$work/F.$n" "$repo"' \
			'git -C "$repo" log --numstat --no-renames --format=%H%n%an%n%cI%n%B "$base..HEAD"'
		rm -f "$work/F.$n"*
	done
	printf 'peak memory: %s kB, git log --numstat %s kB\n' "$(peak athena-src-git -q "$repo")" \
		"$(peak git -C "$repo" log --numstat --no-renames --format=%H)"
done
