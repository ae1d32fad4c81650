#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena, the front: it becomes athena-COMMAND.
load helper

setup() {
	mkdir bin
	PATH=$PWD/bin:$PATH
}

@test "athena FOO runs athena-FOO with its arguments, its streams and its status" {
	printf '#!/bin/sh\nprintf "<%%s>" "$@"\ncat\nexit 9\n' >bin/athena-foo
	chmod +x bin/athena-foo
	run -9 bash -c 'echo in | athena foo -x "a b" -- --version ""'
	same '<-x><a b><--><--version><>in' "$output"
	run -0 athena store --version
	contains "$output" 'athena-store '
}

@test "its own folder is the last on PATH, for what it runs too" {
	printf '#!/bin/sh\nathena-store --version\n' >bin/athena-foo
	chmod +x bin/athena-foo
	own=$(dirname "$(command -v athena-store)")
	PATH=$PWD/bin:/usr/bin:/bin run -0 "$own/athena" foo
	contains "$output" 'athena-store '
	printf '#!/bin/sh\necho mine\n' >bin/athena-store
	chmod +x bin/athena-store
	PATH=$PWD/bin:/usr/bin:/bin run -0 "$own/athena" store
	same mine "$output"
}

@test "a word that is no command: what was probably meant" {
	run -64 athena stroe
	contains "$output" "'stroe' is no command; did you mean 'athena store'?"
	run -64 athena src-gt
	contains "$output" "'athena src-git'"
	run -64 athena slack
	contains "$output" "did you mean 'athena src-slack'?"
	run -64 athena xyzzyx
	contains "$output" "'athena --help' shows those there are"
	run -64 athena status
	contains "$output" "did you mean 'athena query --status'?"
	run -64 athena ../../bin/sh
	run -64 athena ''
	run -64 --separate-stderr athena
	same '' "$output"
	same "$(athena --help)"$'\nathena: a command is needed, as in '"'athena check'" "${stderr-}"
	run -64 athena "$(printf '%0300d' 0)"
	printf 'no program' >bin/athena-plain
	run -69 athena plain
}

@test "athena --help: every program in its group, on a screen of 80 by 24" {
	athena --help >help
	for p in "$REPO_ROOT"/cmd/athena-*; do grep -qE "^  (.*  )?${p##*/athena-}( |$)" help || fail "${p##*/} is not in it"; done
	[ "$(wc -l <help)" -lt 24 ] || fail "$(wc -l <help) lines"
	! grep -E '.{80}' help
}

@test "athena help: manual pages, or --help where there is no man" {
	mkdir -p own/bin
	cp "$ATHENA_BIN/athena" "$ATHENA_BIN/athena-store" own/bin
	own=$PWD/own/bin
	printf '#!/bin/sh\necho man "$@"\n' >bin/man
	chmod +x bin/man
	same 'man 7 athena' "$("$own/athena" help)"
	same 'man athena-store' "$("$own/athena" help store)"
	same 'man athena-store' "$("$own/athena" help athena-store)"
	same 'man athena-cursor' "$("$own/athena" help cursor)"
	same 'man athena' "$("$own/athena" help athena)"
	rm bin/man
	PATH=$own run -0 "$own/athena" help store
	contains "$output" 'Usage: athena-store'
	PATH=$own run -69 "$own/athena" help cursor
	same 'athena: help: the page athena-cursor is not installed' "$output"
	PATH=$own run -64 "$own/athena" help stroe
	contains "$output" "there is no manual of 'stroe'; did you mean 'athena help store'?"
	PATH=$own run -64 "$own/athena" help xyzzyx
	contains "$output" "there is no manual of 'xyzzyx'; 'athena --help' shows what has one"
	same "$("$own/athena" --help)" "$("$own/athena" help --help)"
	# a source of one's own has no page, and what it says of itself
	printf '#!/bin/sh\necho mine "$@"\n' >bin/athena-src-diary
	chmod +x bin/athena-src-diary
	same 'mine --help' "$("$own/athena" help diary)"
	# every page that is no command's is a topic
	for page in "$REPO_ROOT"/man/athena-*.[57]; do
		page=${page##*/athena-}
		PATH=$own run -64 "$own/athena" help "${page%.*}x"
		contains "$output" "'athena help ${page%.*}'?"
	done
}

@test "athena help: the pages of its own tree come first, installed or not" {
	printf '#!/bin/sh\necho man "$@"\n' >bin/man
	chmod +x bin/man
	for tree in share/man/man1 share/man/man7 man build/bin build/asan/bin bin; do mkdir -p "own/$tree"; done
	for folder in bin build/bin build/asan/bin; do cp "$ATHENA_BIN/athena" "own/$folder"; done
	own=$PWD/own
	printf '#!/bin/sh\n' >bin/athena-bar
	chmod +x bin/athena-bar
	touch own/man/athena.1 own/man/athena.7 own/man/athena-src-foo.1 own/man/athena-recipes.7
	for up in build/bin/../.. build/asan/bin/../../..; do
		athena=$own/${up%%/..*}/athena
		same "man $own/$up/man/athena.7" "$("$athena" help)"
		same "man $own/$up/man/athena.1" "$("$athena" help athena)"
		same "man $own/$up/man/athena-recipes.7" "$("$athena" help recipes)"
		same "man $own/$up/man/athena-src-foo.1" "$("$athena" help foo)"
		same "man athena-bar" "$("$athena" help bar)"
	done
	rm -r own/man
	touch own/share/man/man7/athena.7 own/share/man/man1/athena-src-foo.1
	same "man $own/bin/../share/man/man7/athena.7" "$("$own/bin/athena" help)"
	same "man $own/bin/../share/man/man1/athena-src-foo.1" "$("$own/bin/athena" help foo)"
	mv own/share/man/man7/athena.7 own/share/man/man7/athena.7.gz # as packages do
	same "man $own/bin/../share/man/man7/athena.7.gz" "$("$own/bin/athena" help)"
	mv own/share/man/man7/athena.7.gz own/share/man/man7/athena.7
	# Without man the page is named.
	mv own/share/man/man7/athena.7 own/share/man/man7/athena-recipes.7
	PATH=/nowhere run -69 "$own/bin/athena" help recipes
	contains "$output" "man is not installed; the page is $own/bin/../share/man/man7/athena-recipes.7"
}

# screen SVG: its text without colours, and without what is another at another time.
screen() { sed -E 's/<[^>]*>//g; s/just now|[0-9]+[smh] ago/then/g; s/[0-9a-f]*[0-9][0-9a-f]*/N/g; s/ +/ /g; s/ $//' "$1"; }

@test "the picture of the README is what the programs show" {
	need python3
	script -qec true /dev/null </dev/null || skip 'no script(1) of util-linux'
	"$REPO_ROOT/tests/picture" "$ATHENA_BIN" new.svg
	screen "$REPO_ROOT/man/athena.svg" >want
	screen new.svg >got
	diff -u --label 'man/athena.svg: run make picture' want got
}

@test "it loads no library of its own" {
	command -v ldd >/dev/null || skip 'no ldd'
	ldd "$ATHENA_BIN/athena" >libraries
	run ! grep -E 'lib(git2|curl|sqlite3)' libraries
}
