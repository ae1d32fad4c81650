#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The cursor protocol between the two real programs, where something goes wrong in between.
load helper

setup() {
	git init -q -b main r
	for i in 1 2 3 4 5; do
		echo "$i" >r/f
		git -C r add f
		git -C r commit -q -m "c$i"
	done
}

into() { athena-src-git -q --cursor F r | athena-store -v "$1" 2>&1; }
known() { sqlite3 "$1" "SELECT count(*) FROM events"; }

@test "a closed stdout is an error, and no file is opened in its place" {
	run -74 bash -c 'athena-src-git --cursor F r >&-'
	contains "$output" stdout
	[ ! -s F ]
	run -0 bash -c 'athena-src-git --cursor F r 2>&- <&- | athena-store a.db 2>&-'
	same 5 "$(known a.db)"
}

@test "a filter that drops control records: said from the second run on, with what to do" {
	for i in 1 2; do athena-src-git --cursor F r 2>said | jq -c 'select(.kind == "commit")' | athena-store a.db; done
	[ ! -e F ]
	contains "$(cat said)" 'let them pass, as select(.athena or ...) does'
}

@test "a full disk below stdout is an error, and the cursor stays" {
	[ -c /dev/full ] || skip 'no /dev/full'
	run -74 bash -c 'athena-src-git --cursor F r >/dev/full'
	contains "$output" 'cursor not moved'
	[ ! -e F ]
	run -0 bash -c 'athena-src-git --cursor F r 2>said | athena-store a.db; cat said'
	contains "$output" 'was not acknowledged'
	same 5 "$(known a.db)"
}

@test "a regular file that may not grow loses nothing in the end" {
	for i in $(seq 400); do git -C r commit -q --allow-empty -m "a commit with a message, $i"; done
	run -74 bash -c 'ulimit -f 20; athena-src-git -q --cursor F r >out'
	contains "$output" 'cursor not moved'
	[ ! -e F ]
	athena-src-git -q --cursor F r >>out
	run -65 athena-store a.db <out
	same 405 "$(known a.db)"
	same 1 "$(sqlite3 a.db 'SELECT count(*) FROM rejects')" 'the torn line'
}

@test "a cursor that was deleted or put back changes nothing" {
	run -0 into a.db
	contains "$output" '5 inserted'
	cp F old
	git -C r commit -q --allow-empty -m c6
	run -0 into a.db
	contains "$output" '1 inserted'
	cp F new
	cp old F
	run -0 into a.db
	contains "$output" '0 inserted, 0 updated, 1 known'
	cmp F new
	rm F
	run -0 into a.db
	contains "$output" '0 inserted, 0 updated, 6 known'
	run -0 into a.db
	contains "$output" '0 inserted, 0 updated, 0 known'
}

@test "another database is a gap, and the way out that is printed works" {
	run -0 into a.db
	git -C r commit -q --allow-empty -m c6
	run -78 into b.db
	contains "$output" 'gap'
	contains "$output" "rm $PWD/F"
	same 1 "$(known b.db)" 'what came is kept'
	rm F
	run -0 into b.db
	same 6 "$(known b.db)"
}

@test "a database from yesterday is a gap, and the way out that is printed works" {
	run -0 into a.db
	sqlite3 a.db 'VACUUM INTO "yesterday.db"'
	git -C r commit -q --allow-empty -m c6
	run -0 into a.db
	git -C r commit -q --allow-empty -m c7
	run -78 into yesterday.db
	way=$(sed -n 's/.*go on from there: //p' <<<"$output")
	contains "$way" --cursor-of
	bash -c "$way"
	run -0 into yesterday.db
	same 7 "$(known yesterday.db)"
}

@test "two stores behind a tee hold the same, and the cursor is at both" {
	athena-src-git -q --cursor F r | tee >(athena-store a.db; : >finished) | athena-store b.db
	for i in $(seq 100); do [ -e finished ] && break; sleep 0.1; done
	same 5 "$(known a.db)"
	same 5 "$(known b.db)"
	id=$(jq -r .source_id F)
	same "$(cursor_hash F)" "$(athena-store --cursor-of "$id" a.db | jq -cSj . | sha256sum | cut -c1-64)"
	same "$(cursor_hash F)" "$(athena-store --cursor-of "$id" b.db | jq -cSj . | sha256sum | cut -c1-64)"
}

@test "several runs into one store are one stream" {
	for i in 1 2 3; do
		athena-src-git -q --cursor F r
		git -C r commit -q --allow-empty -m "more $i"
	done | athena-store a.db
	same 7 "$(known a.db)"
	run -0 into a.db
	contains "$output" '1 inserted, 0 updated, 0 known'
}

@test "two cursors of one source in one stream: each moves" {
	git -C r branch other HEAD~1
	for i in 1 2 3; do
		git -C r commit -q --allow-empty -m "more $i"
		git -C r branch -f other "$(git -C r commit-tree -p other -m "else $i" 'other^{tree}')"
		{ athena-src-git --cursor F r; athena-src-git --cursor G --branch other r; } 2>said | athena-store a.db
		same '' "$(cat said)" "time $i"
	done
	same 11 "$(known a.db)"
	athena-src-git --branch other --cursor G r >again
	same '' "$(events again)"
}

@test "a filter may drop events, must keep control records, and what is missing is said" {
	athena-src-git -q --cursor F r | jq -c 'select(.athena or .content != "c3")' >stream
	run -0 athena-store a.db <stream
	contains "$output" '5 events announced, 4 arrived'
	same 4 "$(known a.db)"
	[ -s F ]
	run -0 into a.db
	contains "$output" '0 inserted, 0 updated, 0 known'
}

@test "a filter that drops control records moves no cursor" {
	athena-src-git -q --cursor F r | jq -c 'select(.athena | not)' | athena-store a.db
	[ ! -e F ]
	run -0 into a.db
	contains "$output" '5 known'
	[ -s F ]
}

@test "twenty thousand refs fit a checkpoint, and the second run brings nothing" {
	git -C r rev-parse HEAD >oid
	awk -v oid="$(cat oid)" 'BEGIN { for (i = 1; i <= 20000; i++) printf "create refs/changes/%02d/%d/head %s\n", i % 100, i, oid }' |
		git -C r update-ref --stdin
	git -C r pack-refs --all
	athena-src-git -q --all --cursor F r | athena-store a.db
	same 5 "$(sqlite3 a.db "SELECT count(*) FROM events WHERE kind = 'commit'")"
	[ "$(wc -c <F)" -gt 1048576 ]
	athena-src-git -q --all --cursor F r | jq -c 'select(.athena | not)' >again
	same 0 "$(wc -l <again)"
}

# order COMMAND...: what it syncs, renames and says in a checkpoint, one a line in the order of doing, names without
# nonce and folder.
order() {
	need cc
	[ -f shim.so ] || ${CC:-cc} -shared -fPIC -o shim.so -xc - -ldl <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void say(const char *what, const char *name)
{
	FILE *f = fopen(getenv("ORDER"), "a");
	fprintf(f, "%s %s\n", what, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
	fclose(f);
}
static void say_fd(int fd)
{
	char link[64], name[4096];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, sizeof(name) - 1);
	name[n < 0 ? 0 : n] = 0;
	say("sync", name);
}
int fsync(int fd)
{
	say_fd(fd);
	return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
int fdatasync(int fd)
{
	say_fd(fd);
	return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
int rename(const char *from, const char *to)
{
	say("rename to", to);
	return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
ssize_t write(int fd, const void *p, size_t n)
{
	if (fd == 1 && memmem(p, n, "\"checkpoint\"", 12))
		say("write", "checkpoint");
	return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(fd, p, n);
}
C
	rm -f order
	ORDER=$PWD/order LD_PRELOAD="$PWD/shim.so" ASAN_OPTIONS=verify_asan_link_order=0 "$@"
	sed -i 's/F\.[0-9a-f]\{16\}/F.X/' order
}

@test "what is on the disk before what: staged, said, committed, moved" {
	order athena-src-git -q --cursor F r | cat >stream
	same 'sync F.X.tmp
rename to F.X.1
write checkpoint' "$(cat order)" 'a pipe: the staged file, then the line'
	order athena-store a.db <stream
	same "sync a.db-wal
rename to F
sync ${PWD##*/}" "$(grep -B1 -A1 '^rename to F$' order)" 'the store: the events, then the cursor'
	for commit in auto exit; do
		rm F
		order athena-src-git -q --cursor F --commit=$commit r >out
		same "sync F.X.tmp
rename to F.X.1
write checkpoint
sync out
sync ${PWD##*/}
rename to F
sync ${PWD##*/}" "$(cat order)" "a file, --commit=$commit: the events, then the cursor"
	done
}

@test "--check and --plan are answered beside a run that holds the cursor, and make nothing" {
	local ask before
	into a.db
	echo '10.0.0.1 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 1' >a.log
	athena-src-apilog -q --cursor L a.log | athena-store -q a.db
	rm -f F.lock L.lock
	echo '{"athena_cursor":1}' >F.0123456789abcdef.1 # whatever it is, a question takes nothing away
	before=$(ls)
	for ask in --check --plan; do
		run -0 athena-src-git "$ask" --cursor F r
		run -0 athena-src-apilog "$ask" --cursor L a.log
		same "$before" "$(ls)"
		run -0 flock F.lock athena-src-git "$ask" --cursor F r
		run -0 flock L.lock athena-src-apilog "$ask" --cursor L a.log
		run -75 flock F.lock athena-src-git --cursor F r
		run -78 athena-src-git "$ask" --cursor L r
		contains "$output" 'a cursor file serves one source: name another, or move this one away'
		run -73 athena-src-git "$ask" --cursor nowhere/F r
		rm F.lock L.lock
	done
}
