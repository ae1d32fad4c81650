# SPDX-License-Identifier: ISC
# history.awk: a history of -v n=N commits for `git fast-import`, the same one every time: files that grow and shrink by
# a few lines, folders, a branch and a merge every tenth commit.
function random(k) { state = state * 16807 % 2147483647; return int(state / 7) % k }
function line(f, i) { return "line " i " of " f " " word[1 + random(words)] " " word[1 + random(words)] "\n" }
function data(text) { printf "data %d\n%s\n", length(text), text }
# A new version of file f: some lines changed, one added.
function edit(f,  i, text) {
	for (i = 0; i < 3; i++)
		body[f, random(size[f])] = line(f, random(1000))
	body[f, size[f]++] = line(f, size[f])
	for (i = 0; i < size[f]; i++)
		text = text body[f, i]
	printf "M 100644 inline src/%s/file%d.c\n", f % 2 ? "a" : "b", f
	data(text)
}
function commit(ref, mark, parent, other,  i) {
	printf "commit refs/heads/%s\nmark :%d\nauthor Author %d <a%d@example.org> %d +0200\ncommitter Carl <c@example.org> %d +0000\n",
		ref, mark, mark % 7, mark % 7, 1700000000 + mark * 60, 1700000000 + mark * 60
	data("Change " mark ": " word[1 + random(words)] "\n\nBecause of " word[1 + random(words)] ".\n")
	if (parent) printf "from :%d\n", parent
	if (other) { printf "merge :%d\n", other; return }
	for (i = 0; i < 3; i++)
		edit(random(40))
}
BEGIN {
	state = 20240501
	words = split("parser cache token ring buffer page cursor lock stream merge branch index query reader writer", word, " ")
	for (f = 0; f < 40; f++)
		for (size[f] = 0; size[f] < 120;)
			body[f, size[f]++] = line(f, size[f])
	for (mark = 1; mark <= n; mark++)
		if (mark % 10 == 8)
			commit("side", mark, last)
		else if (mark % 10 == 0) {
			commit("main", mark, last, mark - 2)
			last = mark
		} else {
			commit("main", mark, last)
			last = mark
		}
}
