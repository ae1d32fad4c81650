#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What athena-src-git says of changed files, against git itself: attributes, types, modes,
# renames, patches, and what is damaged.
load helper

setup() {
	need git jq
	git init -q -b main r
	cd r || exit 1
}

commit() {
	git add -A
	git commit -qm "${1:-x}"
}

# A line for each file of each commit: commit, status, added, deleted, path.
ours() {
	athena-src-git -q --per-file . | jq -r 'select(.kind == "file_change")
		| "\(.git_commit) \(.lines_added // "-") \(.lines_deleted // "-") \(.file_path)"' | sort
}
theirs() {
	git -c core.quotePath=false log --numstat --no-renames --format=%x01%H |
		awk '/^\001/ { commit = substr($0, 2); next } NF { path = $0; sub(/^[^\t]*\t[^\t]*\t/, "", path); print commit, $1, $2, path }' | sort
}

@test "attributes decide what is text, from the work tree and never from the index" {
	printf '*.bin -diff\n*.txt diff\n*.foo diff=foo\n*.bar diff=bar\n*.b2 binary\n*.unset !diff\n*.none diff=none\n' >.gitattributes
	mkdir -p d/e
	printf 'deep.c -diff\n*.bin diff\n' >d/.gitattributes
	git config diff.foo.binary true
	git config diff.bar.binary false
	local round f
	for round in 1 2; do
		for f in a.bin a.txt a.foo a.bar a.b2 a.unset a.none a.c d/deep.c d/x.bin d/e/deep.c; do
			printf 'one\n%s\n' "$round" >"$f"
		done
		for f in nul.c nul.txt nul.bar d/nul.bin; do
			printf 'a\0b\n%s\n' "$round" >"$f"
		done
		ln -sf "target $round" link.bin
		commit "$round"
	done
	same "$(theirs)" "$(ours)" 'from the work tree'
	contains "$(ours)" '- - a.bin'
	contains "$(ours)" '1 1 nul.txt'
	rm .gitattributes
	same "$(theirs)" "$(ours)" 'the root folder has none'
	contains "$(ours)" '1 1 a.bin'
	printf '*.c -diff\n' >.git/info/attributes
	same "$(theirs)" "$(ours)" 'with info/attributes'
	contains "$(ours)" '- - a.c'
	git config core.bigFileThreshold 5
	same "$(theirs)" "$(ours)" 'with a low core.bigFileThreshold'
}

@test "types and modes: files, links, folders and submodules turn into each other" {
	seq 20 >f
	seq 9 >g
	printf 'no end' >h
	printf 'a\r\nb' >crlf
	: >empty
	commit
	chmod +x f empty
	rm g && ln -s f g
	rm h && mkdir h && echo below >h/x && echo beside >h.c
	printf 'a\nb\n' >crlf
	commit
	rm f && mkdir f && seq 3 >f/y
	git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),module"
	git add f g && git commit -qm x
	git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),module" && git commit -qm x
	git rm -q --cached module && seq 4 >module && commit
	same "$(theirs)" "$(ours)"
	same "$(git log --raw --no-renames --format= | awk '{ print $5 }' | sort | uniq -c)" \
		"$(athena-src-git -q --per-file . | jq -r 'select(.kind == "file_change").metadata.status' | sort | uniq -c)" status
}

@test "lines among strange ones, and long scripts: what git counts" {
	# a frequent line among lines that the other file lacks counts as changed
	{ for i in $(seq 40); do echo '}'; done; for i in $(seq 20); do echo "old $i"; [ $((i % 7)) -ne 3 ] || echo '}'; done; seq 40; } >f
	seq 1 4000 >long
	commit
	{ for i in $(seq 40); do echo '}'; done; for i in $(seq 20); do echo "new $i"; [ $((i % 9)) -ne 4 ] || echo '}'; done; seq 40; } >f
	# far beyond the 512 changes up to which the shortest script is looked for
	awk 'BEGIN { for (i = 1; i <= 4000; i++) { if (i % 3) print i % 1000 < 500 ? i : 4000 - i; if (i % 5 == 0) print i * 7 % 4000 } }' >long
	commit
	same "$(theirs)" "$(ours)"
}

@test "renames: equal ones, names that are unique, and the best pairs" {
	mkdir a b
	local i
	for i in 1 2 3 4 5; do seq "$i" 60 | sed "s/\$/ of $i/" >"a/$i.txt"; done
	seq 30 >a/same
	seq 30 >a/twin
	: >a/empty
	commit
	git mv a/same b/same
	git mv a/twin b/other
	git mv a/empty b/empty
	for i in 1 2 3 4 5; do git mv "a/$i.txt" "b/$((6 - i)).md"; seq "$((i * 5))" >>"b/$((6 - i)).md"; done
	commit
	same "$(git log -M --raw --format= | awk -F'\t' '/ R/ { print $2, $3 }' | sort)" \
		"$(athena-src-git -q --per-file --find-renames . | jq -r 'select(.metadata.status == "R") | "\(.metadata.old_path) \(.file_path)"' | sort)"
}

@test "patches read as git's" {
	seq 50 >f
	seq 20 >'with space'
	printf 'x\n' >'quo"ted'
	printf 'no end' >end
	printf 'a\0b' >bin
	seq 30 >old
	commit
	sed -i '7d;30s/$/ changed/' f
	sed -i 3d 'with space'
	printf 'y\n' >'quo"ted'
	printf 'no end\n' >end
	printf 'a\0c' >bin
	git mv old new && sed -i 9d new
	chmod +x end
	ln -s f link
	commit
	git diff --full-index -M HEAD~1 HEAD >../want
	athena-src-git -q --per-file --diff --find-renames . |
		jq -j --arg c "$(git rev-parse HEAD)" 'select(.kind == "file_change" and .git_commit == $c).diff' >../got
	cmp ../want ../got || fail "$(diff ../want ../got)"
}

@test "however the objects lie, loose, in packs of each kind or in alternates, the events are the same; damage is said" {
	awk -v n=200 -f "$BATS_TEST_DIRNAME/bench/history.awk" | git fast-import --quiet --force
	git repack -qad
	all() { athena-src-git -q --source-id git:x --diff --per-file "$1" | sort; }
	local loose packed
	mkdir kept && mv .git/objects/pack/* kept/
	for packed in kept/*.pack; do git unpack-objects -q <"$packed"; done
	loose=$(all .)
	same 200 "$(jq -s 'map(select(.kind == "commit")) | length' <<<"$loose")" 'all are there'

	git repack -qadf --depth=50 --window=20
	git prune-packed -q
	git count-objects -v | grep -qx 'count: 0'
	same "$loose" "$(all .)" 'one pack'
	git -c repack.useDeltaBaseOffset=false repack -qadf --depth=50 --window=20
	same "$loose" "$(all .)" 'deltas of names'
	git -c pack.indexVersion=1 repack -qadf
	same "$loose" "$(all .)" 'an index of version 1, which is left to libgit2'
	git -c pack.packSizeLimit=1m -c core.compression=0 repack -qadf --depth=0
	same "$loose" "$(all .)" 'nothing is a delta, nothing is deflated'

	git clone -q --bare --shared . ../shared.git
	git -C ../shared.git repack -qadl
	same "$loose" "$(all ../shared.git)" 'all lies in an alternate'
	git repack -qadf
	git clone -q --bare --no-hardlinks . ../damaged.git
	for packed in ../damaged.git/objects/pack/*.pack; do
		chmod u+w "$packed"
		printf '\377\377\377\377\377\377' | dd of="$packed" bs=1 seek=$(($(stat -c %s "$packed") / 2)) conv=notrunc status=none
	done
	run athena-src-git -q --source-id git:x --diff --per-file ../damaged.git
	same 65 "$status" 'damage'
	grep -q ': object [0-9a-f]*: \|: commit [0-9a-f]* cannot be read: ' <<<"$output"
	for packed in .git/objects/pack/*.pack .git/objects/pack/*.idx; do
		cp "$packed" "../damaged.git/objects/pack/pack-whole.${packed##*.}"
	done
	same "$loose" "$(all ../damaged.git)" 'what one pack has damaged another has whole'
}

@test "what a pack has damaged and is loose as well, here or in an alternate, is read, as git reads it" {
	local want oid packed at file
	for i in 1 2 3 4; do
		seq "$((i * 100))" >f
		seq 300 >"g$i"
		commit
	done
	git repack -qadf --depth=50 --window=20
	packed=$(echo .git/objects/pack/*.pack)
	chmod u+w "$packed"
	cp "$packed" ../kept
	git init -q --bare ../loose.git
	git -C ../loose.git unpack-objects -q <"$packed"
	git verify-pack -v "$packed" | grep -E '^[0-9a-f]{40} ' >../list
	grep -qE '(blob|tree) .* [0-9a-f]{40}$' ../list || fail 'nothing is a delta'
	all() { athena-src-git -q --source-id git:x --diff --per-file .; }
	want=$(all)
	# whole ones, deltas, and what others are deltas of: each of them in turn
	while read -r oid _ _ _ at _; do
		file=${oid:0:2}/${oid:2}
		cp ../kept "$packed"
		printf '\377\377\377\377\377\377' | dd of="$packed" bs=1 seek="$((at + 3))" conv=notrunc status=none
		run all
		same 65 "$status" "$oid: damage"
		mkdir -p ".git/objects/${oid:0:2}"
		cp "../loose.git/objects/$file" .git/objects/"$file"
		git cat-file -p "$oid" >/dev/null || fail "$oid: git does not read it"
		same "$want" "$(all)" "$oid: a loose one"
		rm -f ".git/objects/$file"
		echo ../../../loose.git/objects >.git/objects/info/alternates
		same "$want" "$(all)" "$oid: one in an alternate"
		rm .git/objects/info/alternates
	done <../list
}

@test "a commit that is cut short is said, with 65, and nothing hangs" {
	need timeout
	seq 1000 >f
	git add f
	git commit -q -m "$(seq 500)"
	local oid file
	oid=$(git rev-parse HEAD)
	file=.git/objects/${oid:0:2}/${oid:2}
	chmod u+w "$file"
	head -c 100 "$file" >../cut
	cp ../cut "$file"
	run timeout -s KILL 20 athena-src-git -q .
	same 65 "$status" 'cut short'
	contains "$output" "$oid"
}

@test "a damaged object is said once, with 65, and nothing hangs" {
	need timeout
	seq 1000 >f
	commit
	seq 1001 >f
	commit
	local oid file
	oid=$(git rev-parse HEAD~1:f)
	file=.git/objects/${oid:0:2}/${oid:2}
	chmod u+w "$file"
	cp "$file" ../whole
	head -c 200 ../whole >"$file"
	run timeout -s KILL 20 athena-src-git -q .
	same 65 "$status" 'cut short'
	contains "$output" "$oid"
	same 1 "$(grep -c "$oid" <<<"$output")" 'said once'
	head -c 60 ../whole >"$file"
	printf 'garbage, garbage, garbage' >>"$file"
	run timeout -s KILL 20 athena-src-git -q .
	same 65 "$status" 'damaged'
	: >"$file"
	run timeout -s KILL 20 athena-src-git -q .
	same 65 "$status" 'empty'
}

@test "a file above core.bigFileThreshold is not read into memory" {
	! under_valgrind && ! grep -q __asan_init "$ATHENA_BIN/athena-src-git" || skip 'not what it takes by itself'
	repo_new repo
	yes 'the same line' | head -c 300000000 >repo/large
	git -C repo config core.bigFileThreshold 1m
	git -C repo add large
	repo_commit repo one
	(ulimit -v 250000 && athena-src-git -q --stat=lines repo) >out
	same '[{"path":"large","status":"A","binary":true}]' "$(jq -c .metadata.files out)"
}
