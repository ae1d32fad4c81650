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
	run -64 athena xyzzyx
	contains "$output" "'athena help' shows those there are"
	run -64 athena ../../bin/sh
	run -64 athena ''
	run -64 athena
	contains "$output" 'a command is needed'
	run -64 athena "$(printf '%0300d' 0)"
	printf 'no program' >bin/athena-plain
	run -69 athena plain
}

@test "athena help: manual pages, or --help where there is no man" {
	printf '#!/bin/sh\necho man "$@"\n' >bin/man
	chmod +x bin/man
	same 'man 7 athena' "$(athena help)"
	same 'man athena-store' "$(athena help store)"
	same 'man athena-cursor' "$(athena help cursor)"
	same 'man athena' "$(athena help athena)"
	rm bin/man
	PATH=$ATHENA_BIN run -0 "$ATHENA_BIN/athena" help store
	contains "$output" 'Usage: athena-store'
	PATH=$ATHENA_BIN run -64 "$ATHENA_BIN/athena" help stroe
	contains "$output" "'athena store'"
}

@test "it loads no library of its own" {
	command -v ldd >/dev/null || skip 'no ldd'
	ldd "$ATHENA_BIN/athena" >libraries
	run ! grep -E 'lib(git2|curl|sqlite3)' libraries
}
