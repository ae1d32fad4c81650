#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016
# athena-src-git against git itself, on repositories made here with fixed dates.
load helper

setup() {
	need git jq
}

# give OUT [OPTION...] REPO: the events of a run, appended to OUT (which, with --cursor, takes the cursor along).
give() {
	local out=$1
	shift
	athena-src-git "$@" >>"$out"
}
# fresh OPTION... REPO: the events of a run alone, in the file `new`.
fresh() {
	rm -f new
	give new "$@"
}
oids() { jq -r 'select(.kind == "commit").git_commit' "$@"; }
# every FILE WHICH TEST: there are events that WHICH (a jq condition) chooses, and TEST is true of all of them.
every() {
	jq -es "map(select(.kind and ($2))) | length > 0 and all(.[]; $3)" "${@:4}" "$1" >/dev/null && return
	jq -c "select(.kind and ($2))" "${@:4}" "$1" >&2
	fail "not so: $3"
}
kinds() { jq -r 'select(.athena | not).kind' "$@" | sort | uniq -c | sed 's/^ *//'; }

# commit_at SECONDS DIR MESSAGE [FILE [CONTENT]]: with that date.
commit_at() {
	REPO_CLOCK=$(($1 - 60)) repo_commit "${@:2}"
}
# object DIR: a commit object of stdin's bytes, as git would never write it.
object() { git -C "$1" hash-object -t commit -w --literally --stdin; }

# numstat REPO [OPTION...]: "oid added deleted files" of every commit, as git counts.
numstat() {
	local repo=$1
	shift
	git -C "$repo" log --numstat --no-renames --format='commit %H' "$@" | awk '
		$1 == "commit" { if (oid) print oid, a + 0, d + 0, n + 0; oid = $2; a = d = n = 0; next }
		NF > 2 { a += $1; d += $2; n++ }
		END { if (oid) print oid, a + 0, d + 0, n + 0 }' | sort
}
counted() {
	jq -r 'select(.kind == "commit") | "\(.git_commit) \(.lines_added // 0) \(.lines_deleted // 0) \(.files_changed // 0)"' "$1" | sort
}
# parents_first FILE REPO
parents_first() {
	oids "$1" >order
	git -C "$2" log --all --format='%H %P' | awk '
		NR == FNR { at[$1] = NR; next }
		{ for (i = 2; i <= NF; i++) if (($1 in at) && ($i in at) && at[$i] > at[$1]) { print $i, "after", $1; bad = 1 } }
		END { exit bad }' order -
}
# exactly NEW REPO REV...: the commits in NEW are those that git lists, each once.
exactly() {
	same "$(git -C "$2" rev-list "${@:3}" | sort)" "$(oids "$1" | sort)" "the commits of $1"
}

odd_files() {
	repo_new r
	printf 'a\nb\nc\n' >r/text
	printf 'no newline' >r/tail
	printf 'one\r\ntwo\r\n' >r/crlf
	printf 'x\0y\0z\n' >r/bin
	ln -s text r/link
	printf '#!/bin/sh\n' >r/run
	mkdir -p r/sub/dir
	seq 40 >r/sub/dir/forty
	: >r/empty
	printf 'latin\n' >"r/caf"$'\xe9'
	printf 'tab\n' >"r/a	b\"c\\d"
	repo_add r 'root commit'
	printf 'a\nB\nc\nd\n' >r/text
	printf 'no newline\n' >r/tail
	printf 'one\r\ntwo\n' >r/crlf
	printf 'x\0y\0w\n' >r/bin
	ln -sfn tail r/link
	chmod +x r/run
	printf 'now text\n' >r/empty
	repo_add r 'changes'
	git -C r mv sub/dir/forty moved
	seq 41 >r/moved
	rm r/link
	printf 'a file now\n' >r/link
	git -C r update-index --add --cacheinfo 160000,1234567890123456789012345678901234567890,module
	REPO_CLOCK=$((REPO_CLOCK + 60)) repo_add r 'rename, type change, submodule' moved sub link
	git -C r update-index --cacheinfo 160000,2234567890123456789012345678901234567890,module
	repo_add r 'submodule moves' text
	rm -r "r/caf"$'\xe9' r/bin r/empty
	repo_add r 'deletions' "caf"$'\xe9' bin empty
	repo_commit r 'nothing changes'
}
# repo_add DIR MESSAGE [PATH...]: commits what is there (all by default).
repo_add() {
	local dir=$1 message=$2
	shift 2
	git -C "$dir" add -A -- "${@:-.}"
	repo_commit "$dir" "$message"
}
odd_merges() {
	git -C r checkout -q -b side main~2
	repo_commit r 'on the side' side.txt
	git -C r checkout -q -b third main~3
	repo_commit r 'third' third.txt
	git -C r checkout -q main
	GIT_COMMITTER_DATE='1700009000 +0000' git -C r merge -q --no-ff -m 'octopus' side third
	git -C r checkout -q --orphan other
	git -C r rm -rqf .
	repo_commit r 'another root' other.txt
	git -C r checkout -q main
	GIT_COMMITTER_DATE='1700009100 +0000' git -C r merge -q --allow-unrelated-histories -m 'join' other
}

@test "every commit once, parents first, counted as git counts" {
	odd_files
	odd_merges
	fresh r
	exactly new r HEAD
	parents_first new r
	same "$(numstat r)" "$(counted new)" 'lines and files'
	fresh --all r
	exactly new r --all
}

@test "the whole of the events" {
	odd_files
	odd_merges
	git -C r remote add origin https://user:secret@example.org:8443/team/r.git
	fresh --all r
	golden athena-src-git.ndjson new
	run ! grep -q secret new
}

@test "first parent, no merges, merges with files" {
	odd_files
	odd_merges
	fresh --no-merges r
	exactly new r --no-merges HEAD
	fresh --first-parent r
	exactly new r --first-parent HEAD
	fresh --diff-merges=first-parent r
	same "$(numstat r --diff-merges=first-parent)" "$(counted new)" 'with merges'
	fresh --stat=files r
	same "$(numstat r | awk '{print $1, $4}')" "$(counted new | awk '{print $1, $4}')" 'files'
	jq -e 'select(.lines_added)' new && fail 'lines with --stat=files'
	fresh --stat=none r
	exactly new r HEAD
	same '' "$(jq -c 'select(.files_changed or .metadata.files)' new)"
}

@test "messages, names and encodings come out as UTF-8" {
	repo_new r
	git -C r config i18n.commitEncoding ISO-8859-1
	GIT_AUTHOR_NAME=$'J\xfcrgen' repo_commit r $'caf\xe9 \xa9'
	git -C r config --unset i18n.commitEncoding
	GIT_AUTHOR_DATE='1700000500 +0530' git -C r commit -q --allow-empty --allow-empty-message -m ''
	printf 'tree %s\nauthor A <a@b> 1700000600 +0000\ncommitter A <a@b> 1700000600 +0000\n\nnul \0 inside\n\n\n' \
		"$(git -C r rev-parse "HEAD^{tree}")" | object r >oid
	git -C r update-ref refs/heads/nul "$(cat oid)"
	git -C r cat-file commit HEAD | sed $'$a broken \xff\xfe and \xe2\x82 cut' | object r >oid
	git -C r update-ref refs/heads/broken "$(cat oid)"
	fresh --all r
	iconv -f UTF-8 -t UTF-8 new >/dev/null
	same 'café ©' "$(jq -r 'select(.content | startswith("caf")).content' new)"
	same 'Jürgen' "$(jq -r 'select(.content | startswith("caf")).actor' new)"
	same 'ISO-8859-1' "$(jq -r 'select(.content | startswith("caf")).metadata.encoding' new)"
	same $'broken \xef\xbf\xbd\xef\xbf\xbd and \xef\xbf\xbd cut' "$(jq -r 'select(.content | startswith("broken")).content' new)"
	same "(empty commit message) $(git -C r rev-parse HEAD | cut -c1-7)" \
		"$(jq -r 'select(.content | startswith("(empty")).content' new)"
	same $'nul \xef\xbf\xbd inside' "$(jq -r 'select(.content | startswith("nul")).content' new)"
	every new '.content | startswith("(empty")' '.metadata.author_zone == "+05:30" and .metadata.author_date == "2023-11-14T22:21:40Z"'
}

@test "dates that are none, negative, or beyond all years" {
	repo_new r
	repo_commit r 'sound'
	local tree parent date
	tree=$(git -C r rev-parse "HEAD^{tree}")
	parent=$(git -C r rev-parse HEAD)
	for date in '-86400 +0000' '99999999999999999999 +0000' '253402300800 +0000' 'rubbish' ''; do
		parent=$(printf 'tree %s\nparent %s\nauthor A <a@b> %s\ncommitter A <a@b> %s\n\n%s\n' \
			"$tree" "$parent" "$date" "$date" "date: $date" | object r)
	done
	git -C r update-ref refs/heads/main "$parent"
	repo_commit r 'sound again'
	fresh r
	same 7 "$(oids new | wc -l)"
	parents_first new r
	same 1969-12-31T00:00:00Z "$(jq -r 'select(.content == "date: -86400 +0000").timestamp' new)"
	same '1970-01-01T00:00:00Z 99999999999999999999 +0000' \
		"$(jq -r 'select(.content | startswith("date: 999")) | "\(.timestamp) \(.metadata.timestamp_raw)"' new)"
	same 3 "$(jq -r 'select(.metadata.timestamp_raw and .timestamp == "1970-01-01T00:00:00Z").id' new | sed 1d | wc -l)"
	give out --cursor F r
	repo_commit r 'one more'
	fresh --cursor F r
	same 'one more' "$(events new | jq -r .content)"
}

@test "mailmap, replacements and grafts" {
	repo_new r
	repo_commit r one a
	repo_commit r two a
	repo_commit r three a
	printf 'Anna Author <anna@example.com> <ann@example.org>\n' >r/.mailmap
	fresh r
	same 'Anna Author <anna@example.com>' "$(jq -r .git_author new | sort -u)"
	same 'git:anna@example.com/2023-11-14' "$(jq -r .session_id new | sort -u)"
	git -C r replace --graft HEAD
	fresh r
	exactly new r HEAD
	same 1 "$(wc -l <new)"
	same 3 "$(GIT_NO_REPLACE_OBJECTS=1 athena-src-git r | wc -l)"
	git -C r config core.useReplaceRefs false
	same 3 "$(athena-src-git r | wc -l)"
	git -C r config --unset core.useReplaceRefs
	git -C r replace -d "$(git -C r rev-parse HEAD)"
	mkdir -p r/.git/info
	git -C r rev-parse HEAD~1 >r/.git/info/grafts
	fresh r
	exactly new r HEAD
	same 2 "$(wc -l <new)"
	give out --cursor F r
	rm r/.git/info/grafts
	fresh --cursor F r 2>err
	contains "$(cat err)" 'grafts or replacements have changed'
	exactly new r HEAD
	fresh --cursor F r
	same 0 "$(events new | wc -l)"
}

# people FILE REPO: author and committer of every commit are those of git log --use-mailmap.
people() {
	same "$(git -C "$2" log --use-mailmap --format='%H %aN <%aE> %cN <%cE>' | sort)" \
		"$(jq -r '"\(.git_commit) \(.git_author) \(.metadata.committer)"' "$1" | sort)"
}

@test "a mailmap as git reads it: every form of a line, from the work tree, a blob and a file" {
	local name
	repo_new r
	for name in 'Ann Author' 'ANN author' 'A. Author' Nobody; do
		GIT_AUTHOR_NAME=$name repo_commit r "by $name"
		GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=Ann@Example.org repo_commit r "by $name of another case"
	done
	git -C r config i18n.commitEncoding ISO-8859-1
	GIT_AUTHOR_NAME=$'Ren\xe9' GIT_AUTHOR_EMAIL=r@x repo_commit r latin
	git -C r config --unset i18n.commitEncoding
	printf '%s\n' '# Not <ann@example.org>' 'Ann <ann@example.org> Ann A.' 'Anna <anna@example.org> ANN AUTHOR <ann@example.ORG>' \
		'<new@example.org> <ann@example.org>' 'René Descartes <r@x> rené <R@X>' >r/.mailmap
	fresh r
	people new r
	same 4 "$(jq -r .git_author new | grep -cx 'Anna <anna@example.org>')"
	same 4 "$(jq -r .git_author new | grep -cx 'Ann <new@example.org>')"
	repo_commit r 'a mailmap' .mailmap 'Of the tree <ann@example.org>'
	printf 'Of the file <ann@example.org> Nobody <ann@example.org>\n' >names
	git clone -q --bare r bare.git
	fresh bare.git
	people new bare.git
	git -C bare.git config mailmap.file "$PWD/names"
	fresh bare.git
	people new bare.git
	same 2 "$(jq -r .actor new | grep -cx 'Of the file')"
	git -C r config mailmap.blob HEAD:.mailmap
	git -C r config mailmap.file ../names
	printf 'Carl C. <carl@example.org>\n' >r/.mailmap
	fresh r
	people new r
	rm r/.mailmap
	ln -s ../names r/.mailmap
	fresh r
	people new r
}

@test "a replaced commit is told by its replacement" {
	repo_new r
	repo_commit r one a
	repo_commit r 'wrong word' a
	local old new
	old=$(git -C r rev-parse HEAD)
	new=$(git -C r cat-file commit HEAD | sed 's/wrong/right/' | git -C r hash-object -t commit -w --stdin)
	git -C r replace "$old" "$new"
	fresh r
	same "$old right word" "$(jq -r 'select(.metadata.parents != []) | "\(.git_commit) \(.content)"' new)"
}

@test "a shallow clone, deepened step by step" {
	repo_new big
	for i in 1 2 3 4 5 6 7 8 9; do repo_commit big "c$i" f; done
	git -C big checkout -q -b side HEAD~5
	repo_commit big side s
	git -C big checkout -q main
	git -C big merge -q --no-ff -m merge side
	git clone -q --depth 3 "file://$PWD/big" r
	fresh --cursor F r
	exactly new r HEAD
	same "$(numstat r)" "$(counted new)" 'a shallow root adds its files'
	cat new >all
	git -C r fetch -q --deepen 3
	fresh --cursor F r
	cat new >>all
	exactly all r HEAD
	[ -n "$(oids new)" ]
	repo_commit big newer f
	git -C r fetch -q --unshallow
	git -C r merge -q --ff-only origin/main
	fresh --cursor F --max-commits 2 r
	cat new >>all
	fresh --cursor F r
	cat new >>all
	exactly all r HEAD
	same "$(oids all | sort | uniq -d)" ''
	fresh --cursor F r
	same 0 "$(events new | wc -l)"
}

@test "ten thousand files in a commit: a line under 1 MiB with exact totals" {
	repo_new r
	{
		printf 'commit refs/heads/main\ncommitter C <c@example.org> 1700000000 +0000\ndata 4\nmany\n'
		seq 10000 | sed 's,.*,M 100644 inline d/a-rather-long-file-name-to-fill-the-line-&\ndata <<X\n&\nX\n,'
	} | git -C r fast-import --quiet
	fresh r
	[ "$(wc -c <new)" -lt 1048576 ]
	jq -e '.files_changed == 10000 and .lines_added == 10000 and .metadata.truncated == ["files"]
		and (.metadata.files | length) > 500 and (.context.files | length) > 500' new
	fresh --per-file r
	same 10000 "$(jq -r 'select(.kind == "file_change").file_path' new | sort -u | wc -l)"
}

@test "a message of megabytes is cut, and said so" {
	repo_new r
	{ echo subject; echo; head -c 3000000 /dev/zero | tr '\0' '\1'; } >message
	git -C r commit -q --allow-empty --cleanup=verbatim -F ../message
	head -c 3000000 /dev/zero | tr '\0' 'x' >message
	git -C r commit -q --allow-empty -F ../message
	fresh r
	same 2 "$(wc -l <new)"
	[ "$(wc -L <new)" -lt 1048576 ]
	same '["content"]' "$(jq -c .metadata.truncated new | sort -u)"
}

@test "the second run adds nothing, and the cursor stays" {
	odd_files
	odd_merges
	give out --all --cursor F r
	cp F before
	fresh --all --cursor F r
	same 0 "$(events new | wc -l)"
	same true "$(last_checkpoint new | jq .final)"
	cmp F before
}

@test "an old-dated merge, a future-dated commit: exactly what is new" {
	repo_new r
	repo_commit r one a
	git -C r checkout -q -b old
	git -C r checkout -q main
	repo_commit r two a
	repo_commit r three a
	give out --cursor F r
	git -C r checkout -q old
	commit_at 1000000000 r 'ancient work' b
	commit_at 1000000100 r 'more ancient work' b
	git -C r checkout -q main
	git -C r merge -q --no-ff -m 'merge of old work' old
	fresh --cursor F r
	same 'ancient work,more ancient work,merge of old work' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	commit_at 4000000000 r 'from the future' a
	fresh --cursor F r
	same 'from the future' "$(jq -r 'select(.kind).content' new)"
	commit_at 1700005000 r 'and back' a
	fresh --cursor F r
	same 'and back' "$(jq -r 'select(.kind).content' new)"
	commit_at 100000000 r 'long ago' a
	git -C r checkout -q -b again HEAD~3
	commit_at 1700006000 r 'a branch from the middle' c
	fresh --all --cursor F r
	same 'a branch from the middle,long ago' "$(jq -r 'select(.kind == "commit").content' new | sort | paste -sd,)"
}

@test "a new branch, a rebase, a force-push, a deletion" {
	repo_new r
	for i in 1 2 3 4; do repo_commit r "c$i" f; done
	give out --all --cursor F r
	git -C r branch topic HEAD~2
	fresh --all --cursor F r
	same '1 ref.created' "$(kinds new)"
	same "ref/refs/heads/topic/0000000000000000000000000000000000000000..$(git -C r rev-parse topic)/1" "$(jq -r 'select(.kind).id' new)"
	git -C r checkout -q topic
	repo_commit r t1 t
	repo_commit r t2 t
	fresh --all --cursor F r
	same 't1,t2' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	local before
	before=$(git -C r rev-parse topic)
	git -C r rebase -q main
	fresh --all --cursor F r
	same '2 commit
1 ref.forced' "$(kinds new)"
	every new '.kind == "ref.forced"' '.metadata.lost == 2 and .metadata.gained == 4
		and .metadata.old == $old and (.metadata.lost_commits | index($old))
		and .session_id == (.source_id + "/refs/heads/topic")' --arg old "$before"
	git -C r reset -q --hard main
	fresh --all --cursor F r
	same '1 ref.forced' "$(kinds new)"
	every new true '.metadata.lost == 2 and .metadata.gained == 0'
	git -C r reset -q --hard "$before"
	fresh --all --cursor F r
	same '1 ref.forced' "$(kinds new)"
	git -C r checkout -q main
	git -C r branch -q -D topic
	fresh --all --cursor F r
	same '1 ref.deleted' "$(kinds new)"
	same "ref/refs/heads/topic/$before..0000000000000000000000000000000000000000/5" "$(jq -r 'select(.kind).id' new)"
	git -C r branch topic "$before"
	fresh --all --cursor F r
	same '1 ref.created' "$(kinds new)"
	same 6 "$(jq -r 'select(.kind).id' new | sed 's,.*/,,')"
	fresh --all --cursor F r
	same '' "$(kinds new)"
}

@test "a branch that is gone is said once, and is no error" {
	repo_new r
	repo_commit r one
	git -C r branch topic
	give out --branch topic --branch main --cursor F r
	git -C r branch -D -q topic
	fresh --branch topic --branch main --cursor F r
	same '1 ref.deleted' "$(kinds new)"
	fresh --branch topic --branch main --cursor F r
	same '' "$(kinds new)"
	run -66 athena-src-git --branch nosuch r
	contains "$output" 'nosuch'
}

@test "what was known and pruned: going on, with the span that may be lost" {
	repo_new r
	for i in 1 2 3; do repo_commit r "c$i" f; done
	give out --cursor F r
	git -C r reset -q --hard HEAD~2
	repo_commit r 'instead' f
	git -C r reflog expire --expire=now --all
	git -C r gc -q --prune=now
	fresh --cursor F r 2>err
	contains "$(cat err)" 'no longer in the repository'
	contains "$(cat err)" '2023-11-14T22:16:20Z'
	oids new | grep -q "$(git -C r rev-parse HEAD)"
	every new '.kind == "ref.forced"' '.metadata.old_missing and .metadata.lost_since == "2023-11-14T22:16:20Z"'
	fresh --cursor F r 2>err
	same '' "$(cat err)$(kinds new)"
}

@test "--max-commits: the oldest, and then on from there" {
	odd_files
	odd_merges
	local n=0
	: >all
	while [ "$(oids all | wc -l)" -lt "$(git -C r rev-list --all --count)" ]; do
		give all --all --cursor F --max-commits 1 r
		n=$((n + 1))
		[ $n -lt 50 ]
	done
	exactly all r --all
	parents_first all r
	same '' "$(oids all | sort | uniq -d)"
	same "$(git -C r rev-list --all --count)" $n
	fresh --max-commits 3 r
	athena-src-git r | head -n 3 | diff - new
	fresh --limit 2 --per-file r
	same 2 "$(wc -l <new)"
	fresh --limit 2 --per-file --cursor G r
	same "$(jq -r .git_commit new | grep -v null | sort -u | wc -l)" 1
	[ "$(events new | wc -l)" -gt 2 ]
}

@test "killed at any moment: nothing is lost, nothing comes twice to who knows the ids" {
	repo_new r
	for i in $(seq 300); do echo "commit refs/heads/main
committer C <c@example.org> $((1700000000 + i)) +0000
data 1
x
M 100644 inline f$((i % 7))
data <<X
$i
X
"; done | git -C r fast-import --quiet
	: >all
	for i in 02 04 06 08 10 12 14 16 18 20; do
		: >piece # it may be killed before it has opened it
		athena-src-git --cursor F --max-commits 40 r >piece &
		sleep "0.0$i"
		{ kill -KILL $! && wait $!; } 2>/dev/null || [ $? -ne 0 ]
		{ cat piece && echo; } >>all # a line that it was killed in has no end
	done
	give rest --cursor F r
	cat rest >>all
	jq -Rc 'fromjson? // empty' all >lines
	same "$(git -C r rev-list HEAD | sort)" "$(oids lines | sort -u)"
}

@test "SIGTERM ends with 143 at a boundary, and a closed pipe is quiet" {
	repo_new r
	for i in $(seq 2000); do echo "commit refs/heads/main
committer C <c@example.org> $((1700000000 + i)) +0000
data 1
x
M 100644 inline f
data <<X
$i
X
"; done | git -C r fast-import --quiet
	mkfifo pipe
	athena-src-git --cursor F r >pipe 2>err &
	local pid=$! status=0
	exec 9<pipe
	head -n 1 <&9 >first
	kill -TERM $pid
	cat <&9 >rest
	wait $pid || status=$?
	exec 9<&-
	same 143 $status
	same '' "$(cat err)"
	jq -es '.[-1] | .athena == "checkpoint" and .final == false' <(tail -n 1 rest)
	jq -cj .cursor <(tail -n 1 rest) >F
	athena-src-git --cursor F r >further
	[ -n "$(oids further)" ]
	same '' "$(cat rest further | oids | sort | uniq -d)"
	run -0 bash -c 'athena-src-git r 2>err2 | head -n 1 | wc -l'
	same 1 "$output"
	same '' "$(cat err2)"
}

@test "options that decide which events exist are held to" {
	repo_new r
	repo_commit r one a
	repo_commit r two b
	git -C r branch other
	give out --cursor F r
	cp F before
	run -78 athena-src-git --cursor F --path 'a' r
	contains "$output" '--path'
	run -78 athena-src-git --cursor F --no-merges --per-file r
	contains "$output" '--no-merges'
	contains "$output" '--per-file'
	cmp F before
	git -C r checkout -q other
	repo_commit r three c
	fresh --cursor F --branch main --branch other --stat=none r
	same 'three' "$(jq -r 'select(.kind).content' new)"
	fresh --cursor F --all r
	same '' "$(kinds new)"
}

@test "an earlier --since fills in what was left out" {
	repo_new r
	for i in 1 2 3 4 5; do repo_commit r "c$i" f; done
	fresh --since 2023-11-14T22:16:00Z --cursor F r
	same 'c3,c4,c5' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	repo_commit r c6 f
	fresh --since 2023-11-14T22:15:00Z --cursor F r
	same 'c2,c6' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	fresh --since 2023-11-14T22:18:00Z --cursor F r
	same '' "$(kinds new)"
	fresh --since 2000-01-01 --cursor F r
	same 'c1' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	fresh --since 2023-11-14T22:15:00Z --until 2023-11-14T22:17:00Z r
	same 'c2,c3' "$(jq -r .content new | paste -sd,)"
	run -64 athena-src-git --cursor F --until 2023-11-14 r
}

@test "an earlier --since fills in what was left out of other branches too, once they are asked for, and of what comes back" {
	repo_new r
	for i in 1 2 3; do repo_commit r "c$i" f; done
	git -C r checkout -q -b other
	for i in 4 5 6; do repo_commit r "c$i" f; done
	git -C r checkout -q main
	fresh --since 2023-11-14T22:19:00Z --cursor F --branch main --branch other r
	same 'c6' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	fresh --since 2000-01-01 --cursor F --branch main r
	same 'c1,c2,c3' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	fresh --since 2000-01-01 --cursor F --branch main --branch other r
	same 'c4,c5,c6' "$(jq -r 'select(.kind).content' new | paste -sd,)"
	# a branch that was elsewhere when --since was lowered
	repo_new q
	REPO_CLOCK=1700000000
	for i in 1 2 3 4; do repo_commit q "c$i" f; done
	rm F
	fresh --since 2023-11-14T22:17:00Z --cursor F q
	git -C q branch -q keep
	git -C q reset -q --hard HEAD~2
	fresh --since 2000-01-01 --cursor F q
	same 'c1,c2' "$(jq -r 'select(.kind == "commit").content' new | paste -sd,)"
	git -C q reset -q --hard keep
	fresh --since 2000-01-01 --cursor F q
	same 'c3,c4' "$(jq -r 'select(.kind == "commit").content' new | paste -sd,)"
}

@test "--path and --exclude choose what git's pathspecs choose" {
	repo_new r
	repo_commit r 1 src/a.c
	repo_commit r 2 src/deep/b.c
	repo_commit r 3 doc/a.md
	repo_commit r 4 'src/[x].c'
	repo_commit r 5 top.c
	repo_commit r 6 src/deep/er/c.h
	git -C r mv src/a.c src/z.c
	repo_add r 7
	local spec
	for spec in 'src' 'src/' '*.c' '**/*.c' 'src/*' 'src/**' 'src/*.c' '**/deep' 'src/deep/**/c.h' 'doc/?.md' 'src/[az].c' 'src/\[x\].c' 'nosuch' '*'; do
		fresh --path "$spec" r
		same "$(git -C r log --format=%H -- ":(glob)$spec" | sort)" "$(oids new | sort)" "--path $spec"
		same "$(numstat r -- ":(glob)$spec")" "$(counted new)" "counts of --path $spec"
		fresh --exclude "$spec" r
		same "$(git -C r log --format=%H -- . ":(exclude,glob)$spec" | sort)" "$(oids new | sort)" "--exclude $spec"
	done
	fresh --stat=none --path src --path doc --exclude 'src/deep' r
	same "$(git -C r log --format=%H -- ':(glob)src' ':(glob)doc' ':(exclude,glob)src/deep' | sort)" "$(oids new | sort)"
	fresh --cursor F --path doc r
	repo_commit r 8 top.c
	repo_commit r 9 doc/b.md
	fresh --cursor F --path doc r
	same 9 "$(jq -r 'select(.kind).content' new)"
}

@test "tags, annotated, lightweight, of a tag, of a blob, and moved" {
	repo_new r
	repo_commit r one f
	git -C r tag light
	git -C r tag -a -m 'the first release' v1
	git -C r tag -a -m 'tag of a tag' v1-again v1
	git -C r tag of-a-blob HEAD:f
	git -C r tag -a -m 'notes' file HEAD:f
	fresh --all --cursor F r
	same '1 commit
5 tag' "$(kinds new)"
	every new '.id | startswith("tag/v1/")' '.content == "the first release" and .actor == "Carl Committer"
		and .metadata.annotated and .timestamp == "2023-11-14T22:13:20Z" and .git_commit'
	same "tag/light/$(git -C r rev-parse light)" "$(events new | jq -r 'select(.id | startswith("tag/light")).id')"
	every new '.id | startswith("tag/of-a-blob")' '.timestamp == "1970-01-01T00:00:00Z"'
	repo_commit r two f
	git -C r tag -f light >/dev/null
	git -C r tag -d v1-again >/dev/null
	fresh --all --cursor F r
	same '1 commit
1 ref.deleted
1 tag' "$(kinds new)"
}

@test "what a name can mean: remote branches, tags, detached HEAD, HEAD elsewhere" {
	repo_new up
	repo_commit up one f
	git -C up branch dev
	git clone -q up r
	repo_commit r mine f
	fresh --branch origin/dev r
	same 'origin/dev' "$(jq -r .context.branch new)"
	git -C r tag t
	fresh --branch t r
	same 2 "$(oids new | wc -l)"
	fresh r
	same 'main' "$(jq -r .context.branch new | sort -u)"
	git -C r checkout -q --detach HEAD~1
	fresh r
	same 'HEAD' "$(jq -r .context.branch new)"
	fresh --all r
	exactly new r --all
	same 'HEAD,main' "$(jq -r 'select(.kind == "commit").context.branch' new | sort | paste -sd,)"
	git -C r checkout -q main
	give out --cursor F r
	git -C r checkout -q -b next
	repo_commit r next f
	fresh --cursor F r
	same '1 commit' "$(kinds new)"
}

@test "partial clones: commits and files are there, lines where their content is" {
	repo_new up
	repo_commit up one f
	repo_commit up two f
	git -C up config uploadpack.allowFilter true
	git clone -q --no-checkout --filter=blob:none "file://$PWD/up" r
	fresh r 2>err
	same 2 "$(oids new | wc -l)"
	same 1 "$(jq -r .files_changed new | sort -u)"
	contains "$(cat err)" 'partial clone'
	git clone -q --no-checkout --filter=tree:0 "file://$PWD/up" t
	fresh t 2>err
	same 2 "$(oids new | wc -l)"
	run -0 athena-src-git --check t
	contains "$output" 'partial clone'
}

@test "linked worktrees, submodules, bare repositories and folders below" {
	repo_new main
	repo_commit main one a/b/c
	git -C main worktree add -q ../linked -b linked
	repo_commit linked two f
	fresh linked
	exactly new main linked
	same "git:$PWD/main" "$(jq -r .source_id new | sort -u)"
	repo_new super
	git -C super -c protocol.file.allow=always submodule --quiet add "$PWD/main" mod
	repo_add super 'with a submodule'
	fresh super/mod
	exactly new main HEAD
	git clone -q --bare main bare.git
	git -C bare.git remote remove origin
	fresh bare.git
	exactly new main HEAD
	same "git:$PWD/bare.git" "$(jq -r .source_id new | sort -u)"
	(cd main/a/b && athena-src-git >../../../new)
	exactly new main HEAD
	GIT_DIR=$PWD/main/.git athena-src-git >new
	GIT_DIR=nope run -66 athena-src-git
	same 'athena-src-git: nope: no git repository; GIT_DIR names it' "$output"
	exactly new main HEAD
	git -C main config extensions.worktreeConfig true
	git -C main config core.repositoryFormatVersion 1
	fresh main
	exactly new main HEAD
}

@test "an empty repository has no events, and its first commit is found" {
	repo_new r
	fresh --cursor F r
	same '' "$(kinds new)"
	same true "$(last_checkpoint new | jq .final)"
	run -0 athena-src-git r
	same '' "$output"
	fresh --branch main --cursor G r
	fresh --all --cursor H r
	repo_commit r one
	fresh --cursor F r
	same '1 commit' "$(kinds new)"
	fresh --branch main --cursor G r
	same '1 commit
1 ref.created' "$(kinds new)"
}

@test "what cannot be read is said, with the right code" {
	run -66 athena-src-git nowhere
	mkdir plain
	GIT_CEILING_DIRECTORIES=$PWD run -66 athena-src-git plain
	contains "$output" 'no git repository'
	git init -q --object-format=sha256 sha256
	run -69 athena-src-git sha256
	contains "$output" 'SHA-256'
	repo_new r
	repo_commit r one
	repo_commit r two
	rm -f "r/.git/objects/$(git -C r rev-parse HEAD~1 | sed 's,..,&/,')"
	run -65 athena-src-git r
	contains "$output" "$(git -C r rev-parse HEAD | xargs git -C r cat-file -p | sed -n 's/^parent //p')"
	run -64 athena-src-git --diff r
	run -64 athena-src-git r r
	run -64 athena-src-git --all --branch main r
	run -64 athena-src-git --stat=everything r
	run -64 athena-src-git --path=/a r
	contains "$output" 'without a slash before it'
	run -64 athena-src-git --exclude= r
}

# without DIR REV: takes a loose object away.
without() {
	local oid
	oid=$(git -C "$1" rev-parse "$2")
	rm -f "$1/.git/objects/${oid:0:2}/${oid:2}"
}

@test "a ref that leads nowhere is no empty history" {
	repo_new r
	repo_commit r one a
	cp -r r head
	echo garbage >head/.git/HEAD
	run -65 athena-src-git head
	contains "$output" 'head/.git/HEAD: cannot be read'
	cp -r r ref
	echo garbage >ref/.git/refs/heads/main
	for opt in --stat=none --all --branch=main; do
		run -65 athena-src-git "$opt" ref
		contains "$output" 'refs/heads/main'
	done
	cp -r r tip
	without tip HEAD
	for opt in --stat=none --all --branch=main; do
		run -65 athena-src-git "$opt" tip
		contains "$output" 'refs/heads/main: leads to object'
	done
	git -C r tag -a -m note note
	git -C r checkout -q --orphan side
	repo_commit r two b
	without r 'note^{commit}'
	run -65 athena-src-git --branch note r
	contains "$output" 'refs/tags/note: leads to object'
}

@test "--all: a ref that cannot be read is left out, said, and no deleted one" {
	repo_new r
	repo_commit r one a
	git -C r branch other
	git -C r tag -a -m note note
	fresh --all --cursor F r
	cp F first
	repo_commit r two a
	cp r/.git/refs/heads/other other
	echo garbage >r/.git/refs/heads/other
	tag=$(git -C r rev-parse note)
	mv "r/.git/objects/${tag:0:2}/${tag:2}" tag
	fresh --all --cursor F r 2>err
	same '1 commit' "$(kinds new)"
	contains "$(cat err)" 'refs/heads/other: cannot be read; left out'
	contains "$(cat err)" 'refs/tags/note: points at an object that is not here; left out'
	same "$(jq -Sc '.cursor.refs | del(.["refs/heads/main"])' first)" "$(jq -Sc '.cursor.refs | del(.["refs/heads/main"])' F)"
	cp other r/.git/refs/heads/other
	mv tag "r/.git/objects/${tag:0:2}/${tag:2}"
	fresh --all --cursor F r 2>err
	same '' "$(kinds new)$(cat err)"
	git -C r checkout -q --orphan side
	repo_commit r three b
	git -C r tag -a -m lost lost
	git -C r checkout -q main
	git -C r branch -q -D side
	without r 'lost^{commit}'
	for _ in 1 2; do
		fresh --all --cursor F r 2>err
		same '' "$(kinds new)"
		contains "$(cat err)" 'refs/tags/lost: is a tag of an object that is not here; left out'
	done
	same null "$(jq '.cursor.refs["refs/tags/lost"]' F)"
}

@test "a file or folder that is gone from a whole clone is damage, and no partial clone" {
	repo_new r
	repo_commit r one d/a
	repo_commit r two d/a
	cp -r r blob
	without blob HEAD~1:d/a
	run -65 athena-src-git blob
	contains "$output" 'is missing; run git fsck there, or fetch it again; --stat files does without it'
	fresh --stat=files blob
	exactly new blob HEAD
	cp -r r tree
	without tree HEAD~1:d
	run -65 athena-src-git tree
	contains "$output" 'is missing; run git fsck there, or fetch it again'
	run ! grep -F -e '--stat' <<<"$output"
	fresh --stat=none tree
	exactly new tree HEAD
	git -C blob config remote.elsewhere.promisor true
	fresh blob 2>err
	exactly new blob HEAD
	contains "$(cat err)" 'partial clone'
	cp -r r/.git/objects objects
	rm -r r/.git/objects/??
	(cd r && GIT_DIR=.git GIT_ALTERNATE_OBJECT_DIRECTORIES=../objects athena-src-git >../new)
	same '2 2' "$(jq -s 'map(.files_changed) | "\(length) \(add)"' -r new)"
	(cd r && GIT_DIR=.git GIT_OBJECT_DIRECTORY=../objects athena-src-git >../new)
	same '2 2' "$(jq -s 'map(.files_changed) | "\(length) \(add)"' -r new)"
}

@test "a repository of another owner: 77 with the line that lets it in" {
	[ "$(id -u)" = 0 ] || skip 'only root can give a folder away'
	repo_new r
	repo_commit r one
	chown -R nobody r
	export GIT_CONFIG_GLOBAL=$HOME/.gitconfig
	run -77 athena-src-git r
	contains "$output" "git config --global --add safe.directory $PWD/r"
	git config --global --add safe.directory /elsewhere
	run -77 athena-src-git r
	contains "$output" "git config --global --add safe.directory $PWD/r"
	git config --global --add safe.directory "$PWD/r"
	athena-src-git r >new
	exactly new r HEAD
	git config --global --unset-all safe.directory
	git config --global safe.directory '*'
	athena-src-git r >new
	exactly new r HEAD
}

@test "the name of a source hides what is secret" {
	repo_new r
	repo_commit r one
	git -C r remote add origin x
	local url want
	while read -r url want; do
		git -C r config remote.origin.url "$url"
		same "$want" "$(athena-src-git r | jq -r .source_id)" "$url"
	done <<-'X'
		https://github.com/o/r.git git:github.com/o/r
		https://user:pass@GitHub.com:443/o/r.git/ git:github.com/o/r
		https://token@github.com/o/r git:github.com/o/r
		https://u:p@ss@host/o/r git:host/o/r
		https://u:pa/ss@host/o/r git:host/o/r
		https://host/o/@scope/r git:host/o/@scope/r
		https://host/r?private_token=abc git:host/r
		git@github.com:o/r.git git:github.com/o/r
		ssh://git@github.com:22/o/r.git git:github.com/o/r
		ssh://git@[::1]:22/r git:[::1]/r
		host:/srv/r.git git:host/srv/r
		file:///srv/r.git git:/srv/r.git
		/srv/r/.git git:/srv/r
		ext::https://u:p@host/r git:host/r
		[::1]:a/b.git git:[::1]/a/b
		ann@[2001:db8::1]:a git:[2001:db8::1]/a
	X
	git -C r remote remove origin
	same "git:$PWD/r" "$(athena-src-git r | jq -r .source_id)"
	same mine "$(athena-src-git --source-id mine r | jq -r .source_id)"
	# what no cursor could hold, or no reader takes, is said before the first event
	local id
	for id in '' $'a\nb' $'a\x7f' $'a\xff'; do
		run -64 athena-src-git --source-id "$id" r
		same 1 "${#lines[@]}" "lines: $output"
		contains "$output" '--source-id: '
	done
	run -64 athena-src-git --project 9007199254740993 r
	contains "$output" '--project: at most 9007199254740992'
}

@test "--per-file with diffs and renames" {
	odd_files
	fresh --per-file --diff r
	same "$(git -C r log --no-renames --name-only --format= | grep -c .)" "$(jq -r 'select(.kind == "file_change").id' new | wc -l)"
	same '' "$(jq -r .id new | sort | uniq -d)"
	same $'--- a/text\n+++ b/text\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d' \
		"$(jq -r 'select(.kind == "file_change" and .file_path == "text" and .lines_deleted == 1).diff' new | sed 1,2d)"
	every new '.kind == "file_change" and .file_path == "sub/dir/forty" and .lines_deleted' '.metadata.status == "D" or .metadata.status == "A"'
	jq -r 'select(.id | test("caf")).id' new | grep -q 'caf%E9'
	fresh --per-file --find-renames r
	every new '.kind == "file_change" and .file_path == "moved"' '.metadata == {"status": "R", "old_path": "sub/dir/forty"}
		and .lines_added == 1 and .lines_deleted == 0'
	fresh --find-renames r
	every new '.content | startswith("rename")' '.metadata.files | any(.old_path == "sub/dir/forty" and .status == "R")'
}

@test "--worktree: what is not committed, once" {
	repo_new r
	printf 'ignored\n' >r/.gitignore
	printf 'a\nb\n' >r/changed
	printf 'x\n' >r/gone
	printf 'x\n' >r/staged
	repo_add r one
	git -C r config user.name 'Wanda Worker'
	git -C r config user.email wanda@example.org
	printf 'a\nB\nc\n' >r/changed
	rm r/gone
	printf 'y\n' >r/staged
	git -C r add staged
	mkdir r/new
	printf 'n\n' >"r/new/f ile"
	printf 'i\n' >r/ignored
	touch -d @1700001000 r/changed
	fresh --worktree --cursor F r
	same '1 commit
4 worktree.change' "$(kinds new)"
	every new '.file_path == "changed"' '.id == "worktree/changed/" + $b
		and .outcome == "ongoing" and .lines_added == 2 and .lines_deleted == 1 and .timestamp == "2023-11-14T22:30:00Z"
		and .session_id == "git:wanda@example.org/2023-11-14" and .context.branch == "main" and .metadata.status == "M"
		and .metadata.staged == false' --arg b "$(git -C r hash-object changed)"
	every new '.file_path == "gone"' '.id == "worktree/gone/0000000000000000000000000000000000000000" and .metadata.status == "D"'
	every new '.file_path == "staged"' '.metadata.staged and (.metadata.unstaged | not)'
	every new '.id | startswith("worktree/new/f%20ile/")' '.lines_added == 1 and .metadata.status == "?"'
	cp F before
	fresh --worktree --cursor F r
	same '' "$(kinds new)"
	cmp F before
	printf 'again\n' >r/changed
	fresh --worktree --cursor F r
	same '1 worktree.change' "$(kinds new)"
	git clone -q --bare r bare
	run -64 athena-src-git --worktree bare
}

@test "--check and --plan look and change nothing" {
	repo_new r
	repo_commit r one
	repo_commit r two
	run -0 athena-src-git --check --cursor F r
	contains "$output" 'ok repository'
	contains "$output" 'ok ref refs/heads/main'
	[ ! -e F ]
	run -0 athena-src-git --plan --cursor F r
	contains "$output" 'commits 2'
	[ ! -e F ]
	give out --cursor F r
	cp F before
	run -0 athena-src-git --plan --cursor F r
	contains "$output" 'commits 0'
	cmp F before
	run -66 athena-src-git --check nowhere
	echo '{}' >F
	run -78 athena-src-git --check --cursor F r
	jq -e '.type == "git"' <(athena-src-git --describe)
}

@test "a position that is longer than a reader takes: said, with what takes it" {
	local name
	repo_new repo
	repo_commit repo one file
	name=$(printf '%0220d' 0)
	git -C repo for-each-ref --format='%(objectname)' | head -n 1 | awk -v name="$name" '
		BEGIN { print "# pack-refs with: peeled fully-peeled sorted " }
		{ for (i = 100000; i < 165000; i++) print $1 " refs/heads/" i name }' >repo/.git/packed-refs
	athena-src-git -q --all --cursor F repo 2>said | athena-store --max-line 64M a.db
	[[ $(<said) == *'F: the position is a line of '*'athena-store needs --max-line=34M'* ]] || fail "$(<said)"
	athena-src-git -q --all --cursor F repo | athena-store --max-line 64M a.db
	same 1 "$(athena-query --count a.db)"
}
