# SPDX-License-Identifier: ISC
# events.awk: N synthetic events on stdout, the same ones every time: what a git or log source would
# write, some 590 bytes each. -v n=1000000, -v order=sorted (ids that sort) or random (as git's); -v each=100000:
# a source for so many, as repositories are; one for all else.
# Offsets are %.0f: mawk's %d ends at 2^31, and ids beyond it would not sort.
function hex(k, s) {
	for (s = ""; k > 0; k--) {
		seed = (seed * 16807) % 2147483647
		s = s sprintf("%08x", seed % 4294967296)
	}
	return s
}
function two(v) { return v < 10 ? "0" v : v }
BEGIN {
	seed = 20240501
	if (!n) n = 1000000
	for (i = 0; i < n; i++) {
		oid = hex(5)
		id = order == "random" ? "commit/" oid : sprintf("5f3a9c0e/%016.0f/%s", i * 317, substr(oid, 1, 16))
		s = i * 3
		at = sprintf("20%s-%s-%sT%s:%s:%sZ", two(10 + int(s / 29030400)), two(1 + int(s / 2419200) % 12),
			two(1 + int(s / 86400) % 28), two(int(s / 3600) % 24), two(int(s / 60) % 60), two(s % 60))
		author = i % 37
		source = "git:example.org/big/project" (each ? int(i / each) : "")
		printf "{\"id\":\"%s\",\"source_id\":\"%s\",\"source_type\":\"git\",\"kind\":\"commit\"," \
			"\"timestamp\":\"%s\",\"event_type\":\"file_change\",\"content\":\"Fix parser %d: do what most people want\\n\\n" \
			"The old one stopped where a line ended; \\\"%s\\\" shows it.\",\"outcome\":\"success\",\"project_id\":1," \
			"\"session_id\":\"git:a%d@example.org/%s\",\"actor\":\"Author %d\",\"files_changed\":%d,\"lines_added\":%d," \
			"\"lines_deleted\":%d,\"git_commit\":\"%s\",\"git_author\":\"Author %d <a%d@example.org>\"," \
			"\"code_event_type\":\"code_edit\",\"context\":{\"files\":[\"src/parse.c\",\"tests/parse.c\"],\"branch\":\"main\"}," \
			"\"metadata\":{\"parents\":[\"%s\"]}}\n", id, source, at, i, substr(oid, 1, 8), author, substr(at, 1, 10), author, \
			1 + i % 9, i % 301, i % 77, oid, author, author, hex(5)
	}
}
