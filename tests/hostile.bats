#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Worlds that mean harm, and what happens in each: tests here, in the file that is named, or of `make load`.
#
#	a repository whose config names programs           nothing is executed; the events are the usual ones
#	... of another owner                               77 with the line that lets it in (athena-src-git)
#	alternates that lead outside, or in a circle       objects are read, nothing is written there; no endless loop
#	links in a circle, in the worktree or below refs   passed over
#	paths and messages with newlines and escapes       text in JSON; no control byte reaches stdout or stderr
#	pipes, devices, sockets in the worktree            not opened; a file that became one is gone, as git has it
#	a pipe as HEAD, config, packed-refs, index,
#	alternates, those of alternates, shallow, grafts   65 or 74; as a ref or an object: waited for, as git does
#	a file of 2 GiB                                    told by its name; 8 MiB of memory (make load)
#	a tree that holds itself ten times over, and so on 2,000,000 files are looked at; the event says so, and there is a warning
#	... with --worktree                                a warning, and uncommitted changes are not looked for
#	a hundred thousand refs                            one run, one checkpoint that fits; the second run brings nothing
#	a million                                          the commits come; 69, for no cursor has room for all (make load)
#	logs with escapes, and JSON in texts               text in JSON; no control byte reaches stdout, stderr or a table
#	... NULs, lines without an end                     left out or rejected, in bounded memory (athena-src-apilog)
#	a folder of logs with pipes, devices, links        passed over
#	a line of a gigabyte                               rejected by its beginning, in bounded memory, 65
#	a hundred thousand sources in one stream           each has its row; memory grows by hundreds of bytes a source
#	a database that is a link                          followed, the link stays; a dangling one is created at its end
#	... half a file                                    65 or 74, left as it is
#	... that everybody may write                       written, its mode stays
#	... somebody else's                                as its mode allows; 77 where it may only be read
#	... of a newer version, of another program         78, untouched (athena-store)
#	... a FIFO, a folder, on a network                 73 or 78 (athena-store)
#	... a device; a link or a pipe as its -wal, -shm,
#	-journal                                           73; 74, and what the link leads to is left as it is
#	an ack to a file, a link, a folder of others       nothing is moved (athena-store), and nothing is created
#	a stream that claims another's source              its events are kept, a position without a past is a gap: 78 (athena-store)
#	a server that sends headers, bytes or a gzip
#	without end, a byte a second, nothing at all       65 at 64 MiB, 75 at --timeout or --deadline (github-server)
#	... a wrong Content-Length, half a JSON            tried again, 75 (github-server, github-complete, athena-src-slack)
#	... pages that lead in a circle                    65, 75 (github-server, athena-src-slack)
#	... redirects to a file, to http, in a circle      not followed, 65 (github-server)
#	... to another host                                followed over TLS, without the token (athena-src-github)
#	an export that is a ZIP bomb, leads out by ../,
#	or has links                                       left out and said, the rest goes on (athena-src-slack-export)
#	any bytes at all                                   make fuzz
load helper

setup() { need jq git sqlite3; }

# no control byte but the newlines that end lines
printable() { ! LC_ALL=C tr -d '\n' <"$1" | LC_ALL=C grep -q '[[:cntrl:]]'; }

@test "a repository whose configuration names programs: none is run" {
	repo_new r
	repo_commit r 'one' a.txt
	repo_commit r 'two' a.txt
	cat >evil <<-END
		#!/bin/sh
		touch '$PWD/pwned'
		cat
	END
	chmod +x evil
	for hook in pre-commit post-checkout reference-transaction post-index-change; do cp evil "r/.git/hooks/$hook"; done
	for key in core.fsmonitor core.sshCommand core.pager core.editor core.hooksPath core.gitProxy core.askPass diff.external \
		diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge filter.evil.process credential.helper \
		gpg.program uploadpack.packObjectsHook core.alternateRefsCommand merge.evil.driver alias.log; do
		git -C r config "$key" "$PWD/evil"
	done
	echo '* diff=evil filter=evil merge=evil' >r/.gitattributes
	git -C r config include.path /etc/passwd
	GIT_SSH_COMMAND=$PWD/evil GIT_EXTERNAL_DIFF=$PWD/evil GIT_PAGER=$PWD/evil run --separate-stderr athena-src-git --worktree --cursor F r
	[ "$status" -ne 139 ] && [ ! -e pwned ]
	git config --file r/.git/config --unset include.path
	run -0 --separate-stderr athena-src-git --worktree r
	same 2 "$(jq -s 'map(select(.kind == "commit")) | length' <<<"$output")"
	[ ! -e pwned ]
}

@test "alternates that lead in a circle, links that do" {
	repo_new a
	repo_commit a 'one' f
	git clone -q --shared a b
	echo "$PWD/b/.git/objects" >a/.git/objects/info/alternates
	echo "$PWD/a/.git/objects" >>a/.git/objects/info/alternates
	ln -s . b/loop
	ln -s loop b/.git/refs/heads/loop
	ln -s .. b/.git/refs/heads/up
	find a -type f -exec md5sum {} + | sort >before
	for i in b a; do
		timeout 20 athena-src-git --all --worktree "$i" >out 2>err || same 65 $? "$(cat err)"
		[ "$i" = a ] || same "$(git -C a rev-parse HEAD)" "$(jq -r 'select(.kind == "commit") | .git_commit' out | head -n 1)"
	done
	find a -type f -exec md5sum {} + | sort | cmp - before
}

@test "names and messages with newlines, escapes and quotes reach nobody raw" {
	local name=$'a\nb\e]0;owned\a\e[31m"\\\xff\x9b\xe2\x80\xae.txt'
	repo_new r
	printf x >"r/$name"
	git -C r add -A
	git -C r commit -q -m $'red \e[31m\a\r\x9b\n\n{"athena":"checkpoint"}\n\0'
	git -C r update-ref $'refs/heads/\xe2\x80\xaeliam' HEAD
	printf '%s\n' 'ref: refs/heads/main' $'\e[2J' >r/.git/refs/heads/broken
	athena-src-git -v --all --per-file --cursor F r >out 2>err || :
	printable out
	printable err
	jq -es 'map(select(.kind == "commit")) | length == 1 and (.[0].content | contains("[31m"))' out >/dev/null
	athena-store -v d.db <out 2>err
	printable err
	athena-src-git $'no\e[31msuch' 2>err && fail 'it is there'
	printable err
	athena-store $'no\e[31msuch/d.db' 2>err </dev/null && fail 'it is there'
	printable err
}

@test "a hundred thousand refs" {
	repo_new r
	repo_commit r 'one' f
	{
		echo '# pack-refs with: peeled fully-peeled sorted '
		awk -v oid="$(git -C r rev-parse HEAD)" 'BEGIN { for (i = 0; i < 100000; i++) printf "%s refs/heads/branch/%06d\n", oid, i }'
	} >r/.git/packed-refs
	(small 600 athena-src-git --all --cursor F r | athena-store --max-line 64M d.db)
	same 1 "$(sql d.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
	same 0 "$(athena-src-git --all --cursor F r | jq -c 'select(.athena | not)' | wc -l)"
}

@test "a log with escapes and pieces of JSON in it" {
	local esc=$'\e]0;owned\a\e[2J\x9b31m' inject='x","outcome":"success","id":"forged"},{"a":"'
	{
		printf '10.0.0.1 - - [01/May/2024:12:00:00 +0000] "GET /%s HTTP/1.1" 500 1 "%s" "%s"\n' "$esc" "${inject//\"/\\\"}" "$esc"
		printf '10.0.0.1 - %s [01/May/2024:12:00:01 +0000] "GET /a?%s HTTP/1.1" 500 1 "-" "{\\"athena\\":\\"checkpoint\\"}"\n' "$esc" "${inject//[ \"]/}"
	} >access.log
	jq -nc --arg m "$esc$inject" '{time: "2024-05-01T12:00:02Z", method: "GET", path: $m, status: 500, msg: $m, ($m): $m}' >json.log
	for log in access.log json.log; do
		athena-src-apilog -v --cursor "$log.F" "$log" >"$log.out" 2>>err || :
		athena-store -v d.db <"$log.out" 2>>err
	done
	cat access.log.out json.log.out >out
	printable out
	printable err
	same '3 failure' "$(jq -r 'select(.athena | not) | .outcome // .event_type' out | sort | uniq -c | awk '{ print $1, $2 }')"
	same '0 2' "$(jq -r 'select(.id == "forged")' out | wc -l) $(jq -r 'select(.athena) | .athena' out | wc -l)"
	athena-query --format table --color always d.db >table
	LC_ALL=C tr -d '\n' <table | sed 's/\x1b\[[0-9;]*m//g' >plain
	printable plain
	! grep -q $'\e\[2J' table
}

# bomb_new DIR: a repository whose second commit has a tree that holds itself ten times over, ten times.
bomb_new() {
	local tree blob i
	repo_new "$1"
	repo_commit "$1" 'one' f
	blob=$(git -C "$1" rev-parse HEAD:f)
	tree=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '100644 blob %s\tf%d\n' "$blob" "$i"; done | git -C "$1" mktree)
	for _ in 1 2 3 4 5 6 7 8 9; do
		tree=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\td%d\n' "$tree" "$i"; done | git -C "$1" mktree)
	done
	git -C "$1" update-ref refs/heads/main "$(git -C "$1" commit-tree -p HEAD -m bomb "$tree")"
}

@test "a tree that holds itself ten times over, ten times: neither time nor memory is spent on it" {
	bomb_new r
	(small 1000 athena-src-git r >out 2>err)
	same '["one",1,null] ["bomb",null,true]' "$(jq -c '[.content, .files_changed, .metadata.too_many_files]' out | paste -sd ' ')"
	same 1 "$(grep -c 'changes more than 2,000,000 files' err)" "$(cat err)"
	(small 1000 athena-src-git --stat none --path '**/nowhere' r >out 2>/dev/null)
	same 'bomb' "$(jq -r .content out)"
}

@test "pipes, devices, sockets and links in a circle where files belong in a worktree" {
	repo_new r
	for name in pipe device link folder; do repo_commit r "$name" "$name"; done
	rm r/pipe r/device r/link r/folder
	mkfifo r/pipe r/new-pipe
	ln -s link r/link
	ln -s . r/round
	mkdir r/folder r/deep
	ln -s ../deep r/deep/deep
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("r/socket")'
	mknod r/device c 1 5 2>/dev/null || [ ! -e r/device ] # without it the file is just gone
	timeout 20 athena-src-git --worktree --cursor F --commit=exit r >out 2>err || fail "$?: $(cat err)"
	same '?:deep/deep ?:round D:device D:folder D:pipe T:link' \
		"$(jq -r 'select(.kind == "worktree.change") | .metadata.status + ":" + .file_path' out | LC_ALL=C sort | paste -sd ' ')"
	same '' "$(cat err)"
	same 0 "$(timeout 20 athena-src-git --worktree --cursor F r | events | wc -l)"
}

@test "pipes where a repository has files: said, not waited for" {
	local name
	repo_new r
	repo_commit r one file
	mkfifo r/config
	same 1 "$(timeout 20 athena-src-git r | events | wc -l)" 'in the work tree a pipe is nothing of a repository'
	rm r/config
	mkdir -p r/.git/info
	for name in HEAD config packed-refs index objects/info/alternates shallow info/grafts; do
		cp -R r w
		rm -f "w/.git/$name"
		mkfifo "w/.git/$name"
		timeout 20 athena-src-git --all --worktree --cursor F w >out 2>err && fail "$name: nothing was said"
		same yes "$(case $? in 65 | 66 | 74) echo yes ;; *) echo $? ;; esac)" "$name: $(cat err)"
		contains "$(cat err)" "$name: no regular file"
		rm -rf w
	done
	mkdir -p one/info two/info other
	echo "$PWD/one" >r/.git/objects/info/alternates
	echo ../two >one/info/alternates
	same one "$(timeout 20 athena-src-git r | jq -r 'select(.kind == "commit").content')" 'alternates that are empty'
	for name in one/info/alternates two/info/alternates two/info/commit-graph; do
		mv "$name" kept 2>/dev/null || [ ! -e kept ]
		mkfifo "$name"
		timeout 20 athena-src-git --all --cursor F r >out 2>err && fail "$name: nothing was said"
		same 65 $? "$name: $(cat err)"
		contains "$(cat err)" "$name: no regular file"
		rm "$name"
		[ ! -e kept ] || mv kept "$name"
	done
	seq -f "$PWD/many/%.0f" 1100 | tee r/.git/objects/info/alternates | xargs mkdir -p
	timeout 20 athena-src-git r >out 2>err && fail 'more than anybody has'
	same 65 $? "$(cat err)"
	contains "$(cat err)" 'has more than 1024 alternates'
	rm r/.git/objects/info/alternates
	mkfifo r/.mailmap
	ln -s /dev/zero r/.gitmodules
	git -C r config mailmap.file /dev/zero
	timeout 20 athena-src-git r >out
	same one "$(jq -r .content out)"
}

@test "pipes that the environment names in place of a repository's files: said, not waited for" {
	local name
	repo_new r
	repo_commit r one file
	mkdir -p o/info o/pack
	mkfifo p
	cd r
	GIT_INDEX_FILE=../p timeout 20 athena-src-git >../out 2>../err && fail 'GIT_INDEX_FILE: nothing was said'
	same 65 $? "$(cat ../err)"
	contains "$(cat ../err)" '../p: no regular file; GIT_INDEX_FILE names it'
	for name in info/alternates pack/multi-pack-index; do
		mkfifo "../o/$name"
		GIT_ALTERNATE_OBJECT_DIRECTORIES=/nowhere:$PWD/../o timeout 20 athena-src-git >../out 2>../err && fail "$name: nothing was said"
		same 65 $? "$name: $(cat ../err)"
		contains "$(cat ../err)" "$name: no regular file"
		GIT_OBJECT_DIRECTORY=$PWD/../o GIT_ALTERNATE_OBJECT_DIRECTORIES=$PWD/.git/objects timeout 20 athena-src-git >../out 2>../err && fail "$name: nothing was said"
		same 65 $? "$name: $(cat ../err)"
		contains "$(cat ../err)" "$name: no regular file"
		rm "../o/$name"
	done
	same one "$(GIT_OBJECT_DIRECTORY=$PWD/../o GIT_ALTERNATE_OBJECT_DIRECTORIES=$PWD/.git/objects timeout 20 athena-src-git | jq -r .content)" 'folders without one'
	same one "$(GIT_ALTERNATE_OBJECT_DIRECTORIES=$PWD/../p timeout 20 athena-src-git | jq -r .content)" 'a pipe is no folder'
	name=$(git rev-parse HEAD)
	name=${name:0:2}/${name:2}
	mkdir -p "../o/${name%/*}"
	mv ".git/objects/$name" kept
	mkfifo "../o/$name"
	GIT_ALTERNATE_OBJECT_DIRECTORIES=$PWD/../o timeout 20 athena-src-git >../out 2>../err && fail "$name: nothing was said"
	same 65 $? "$(cat ../err)"
	mkfifo ".git/objects/$name"
	timeout 20 athena-src-git >../out 2>../err && fail "a commit that is a pipe: nothing was said"
	same 65 $? "$(cat ../err)"
	contains "$(cat ../err)" 'run git fsck there'
	rm ".git/objects/$name"
	mv kept ".git/objects/$name"
	cd ..
	same one "$(GIT_OBJECT_DIRECTORY=$PWD/o timeout 20 athena-src-git r | jq -r .content)" 'of another repository'
	cd r
	same one "$(GIT_NAMESPACE=other timeout 20 athena-src-git | jq -r .content)" 'what only a server goes by'
}

@test "a tree that holds itself, and --worktree" {
	bomb_new r
	(small 1000 timeout 60 athena-src-git --stat none --worktree --cursor F --commit=exit r >out 2>err)
	same 'one bomb' "$(events out | jq -r .content | paste -sd ' ')"
	contains "$(cat err)" 'HEAD has more than 2,000,000 files; uncommitted changes are not looked for'
}


@test "a line of a gigabyte, and one that is nothing but brackets" {
	(small 200 athena-store d.db < <(head -c 1G /dev/zero | tr '\0' '['; echo) 2>err) || same 65 $?
	same '1|1' "$(sql d.db 'SELECT count(*), length(raw) < 20000000 FROM rejects')"
	(small 200 athena-commit -- cat < <(head -c 1G /dev/zero | tr '\0' '{'; echo) >out 2>err) || same 65 $?
	[ ! -s out ]
}

@test "a hundred thousand sources in one stream" {
	awk 'BEGIN { for (i = 0; i < 100000; i++)
		printf "{\"id\":\"1\",\"source_id\":\"s%d\",\"source_type\":\"s\",\"kind\":\"k\",\"timestamp\":\"2024-05-01T12:00:00Z\",\"event_type\":\"action\",\"content\":\"c\"}\n", i }' >in
	(small 300 athena-store d.db <in)
	same 100000 "$(sql d.db 'SELECT count(DISTINCT source_id) FROM events')"
}

@test "a database that is a link, half a database, and one that everybody may write" {
	local event='{"id":"1","source_id":"s","source_type":"s","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"c"}'
	mkdir elsewhere
	ln -s elsewhere/d.db link.db
	athena-store link.db <<<"$event"
	[ -L link.db ] && [ -f elsewhere/d.db ]
	same 1 "$(sql elsewhere/d.db 'SELECT count(*) FROM events')"
	head -c 6000 elsewhere/d.db >half.db
	cp half.db before
	run athena-store half.db <<<"$event"
	case $status in 65 | 74) ;; *) fail "half a database: $status" ;; esac
	cmp half.db before
	ln -s loop.db loop.db
	run -73 athena-store loop.db <<<"$event"
	ln -s d.db elsewhere/d.db-link
	chmod 666 elsewhere/d.db
	run -0 athena-store elsewhere/d.db <<<"$event"
	same 666 "$(stat -c %a elsewhere/d.db)"
}

@test "a stream that claims the cursors of others" {
	local cursor='{"athena_cursor":1,"cursor":{"n":1},"prev":null,"selection":{},"source_id":"s"}' hash ack
	hash=$(printf %s "$cursor" | sha256sum | cut -c1-64)
	mkdir victim
	echo precious >victim/F
	ln -s F victim/link
	mkdir victim/folder
	mkfifo victim/fifo.x.1
	printf %s "$cursor" >outside
	ln -s ../outside victim/F.x.2
	ln "$PWD/outside" victim/folder.x.1
	find victim | sort >before
	for ack in F:x.1 F:x.2 F:../../outside.1 link:x.1 folder:x.1 fifo:x.1 'F/../F:x.9' "$(printf '%05000d' 0):x.1"; do
		printf '{"athena":"checkpoint","source_id":"s","prev":null,"next":"%s","cursor":%s,"events":0,"final":true,"ack":"%s/victim/%s","stage":"%s"}\n' \
			"$hash" "$cursor" "$PWD" "${ack%:*}" "${ack#*:}"
	done >in
	timeout 20 athena-store d.db <in 2>err || case $? in 65 | 74 | 78) ;; *) fail "$(cat err)" ;; esac
	timeout 20 athena-commit -- cat <in >out 2>err || case $? in 65 | 74 | 78) ;; *) fail "$(cat err)" ;; esac
	find victim | sort | cmp - before
	same precious "$(cat victim/F)"
}

@test "a database of somebody else: as its mode allows" {
	[ "$(id -u)" = 0 ] || skip 'only root can give a file away'
	need setpriv
	local event='{"id":"1","source_id":"s","source_type":"s","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"c"}'
	local store
	store=$(command -v athena-store)
	as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	chmod 755 .
	as_nobody "$store" --version >/dev/null 2>&1 || skip 'somebody else may not come here'
	mkdir -m 777 common
	athena-store common/d.db <<<"$event"
	chmod 644 common/d.db
	cp common/d.db before
	run -77 as_nobody "$store" common/d.db <<<"$event"
	cmp common/d.db before
	chmod 600 common/d.db
	run -77 as_nobody "$store" common/d.db <<<"$event"
	cmp common/d.db before
	run -77 as_nobody "$(command -v athena-query)" common/d.db
}

@test "files beside a database that are links, pipes or somebody's journal; a database that is a device" {
	local event='{"id":"1","source_id":"s","source_type":"s","kind":"k","timestamp":"2024-05-01T12:00:00Z","event_type":"action","content":"c"}'
	local tail
	echo precious >victim
	for tail in wal shm journal; do
		athena-store "$tail.db" <<<"$event"
		rm -f "$tail.db-"*
		ln -s victim "$tail.db-$tail"
		run -74 timeout 20 athena-store "$tail.db" <<<"$event"
		contains "$output" "$tail: not a regular file"
		same precious "$(cat victim)"
		rm -f "$tail.db-"*
		mkfifo "$tail.db-$tail"
		run -74 timeout -k 1 20 athena-store "$tail.db" <<<"$event"
		rm -f "$tail.db-"*
		same 'ok 1' "$(sql "$tail.db" 'PRAGMA integrity_check; SELECT count(*) FROM events' | paste -sd ' ')"
	done
	# nor does a question wait
	mkfifo shm.db-journal
	run -74 timeout -k 1 20 athena-query shm.db
	run -73 timeout 20 athena-store /dev/null <<<"$event"
	run -73 timeout 20 athena-store /dev/zero <<<"$event"
	run ! timeout 20 athena-query /dev/zero
	[ -c /dev/null ]
}

@test "a folder of logs with a pipe, a device, a socket and links in a circle" {
	mkdir logs
	mkfifo logs/pipe.log logs/a.log.1
	ln -s loop.log logs/loop.log
	ln -s . logs/round.log
	mknod logs/zero.log c 1 5 2>/dev/null || [ ! -e logs/zero.log ]
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("logs/socket.log")'
	echo '1.2.3.4 - - [24/Nov/2026:03:04:02 +0000] "GET /a HTTP/1.1" 200 5' >logs/a.log
	timeout 20 athena-src-apilog logs >out 2>err || fail "$?: $(cat err)"
	same 1 "$(wc -l <out)"
	timeout 20 athena-src-apilog --cursor F logs/a.log >out 2>err || fail "$?: $(cat err)"
	same 1 "$(events out | wc -l)"
	run -64 timeout 20 athena-src-apilog --cursor F logs/pipe.log
}
