#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The Makefile as a user and a packager meet it.
load helper

# The build under test, which is not to be touched: -o takes `all` as made.
installing() { make -s -C "$REPO_ROOT" -o all BUILD="$(dirname "$(readlink -f "$ATHENA_BIN")")" "$@"; }

files() { (cd "$1" && find . -type f -o -type l) | sed 's|^\./||' | sort; }

setup() {
	[ -e "$ATHENA_BIN/../libathena.a" ] || ATHENA_BIN=$(cd "$ATHENA_BIN/../bin" && pwd)
}

# tree: a copy of the sources to build in.
tree() {
	mkdir tree
	cp -r "$REPO_ROOT"/{Makefile,cmd,lib,.ci} tree
}

@test "install puts programs, man pages, completions and the schema where they belong" {
	installing PREFIX=/usr DESTDIR="$PWD/root" install
	local p
	for p in "$ATHENA_BIN"/*; do
		p=${p##*/}
		[ -x "root/usr/bin/$p" ]
		[ -f "root/usr/share/man/man1/$p.1" ]
		[ -f "root/usr/share/bash-completion/completions/$p" ]
		[ -f "root/usr/share/zsh/site-functions/_$p" ]
		[ -f "root/usr/share/fish/vendor_completions.d/$p.fish" ]
		"root/usr/bin/$p" --version
	done
	[ -f root/usr/share/man/man7/athena.7 ]
	[ -f root/usr/share/man/man5/athena-events.5 ]
	jq -e '.["$schema"]' root/usr/share/athena/athena-event.schema.json
	export PKG_CONFIG_LIBDIR=$PWD/root/usr/share/pkgconfig
	same "athena $(pkg-config --modversion athena)" "$(athena --version)"
	same /usr/share/athena/athena-event.schema.json "$(pkg-config --variable=schema athena)"
	[ -f "root$(pkg-config --variable=schema athena)" ]
	[ -x "root$(pkg-config --variable=examples athena)/athena-src-csv" ]
	local example
	for example in "$REPO_ROOT"/man/examples/*; do cmp "$example" "root/usr/share/athena/examples/${example##*/}"; done
	same '' "$(find root -type f ! -perm -444)" 'files that not all may read'
}

@test "install says where the folder of programs is not on PATH" {
	run -0 installing PREFIX="$PWD/new" install
	contains "$output" "not on PATH yet: export PATH=$PWD/new/bin:\$PATH"
	PATH=$PWD/new/bin:$PATH run -0 installing PREFIX="$PWD/new" install
	run ! grep 'not on PATH' <<<"$output"
	run -0 installing PREFIX="$PWD/new" DESTDIR="$PWD/root" install
	run ! grep 'not on PATH' <<<"$output"
}

@test "uninstall removes exactly what install put there" {
	mkdir -p root/opt/bin root/opt/share/man/man1
	touch root/opt/bin/other root/opt/share/man/man1/other.1
	files root >before
	installing PREFIX=/opt DESTDIR="$PWD/root" install
	[ "$(files root | wc -l)" -gt 5 ]
	installing PREFIX=/opt DESTDIR="$PWD/root" uninstall
	files root | diff before -
	[ ! -d root/opt/share/athena ]
	installing PREFIX=/opt DESTDIR="$PWD/root" uninstall
}

@test "make help lists every target" {
	run -0 make -s -C "$REPO_ROOT" help
	local t
	for t in all test check-asan check-valgrind fuzz chaos bench bench-quick recipes coverage lint format install uninstall dist deb deb-same deb-check deps demo \
		clean help; do
		grep -qE "^  $t +[a-z]" <<<"$output" || fail "$t"
	done
}

@test "changed flags and changed headers rebuild, nothing else does" {
	tree
	find tree -name '*.[ch]' -exec touch -d '2 hours ago' {} +
	make -s -C tree build/lib/buf.o build/lib/stamp.o
	find tree/build -type f -exec touch -d '1 hour ago' {} +
	run -0 make -C tree build/lib/buf.o
	[[ $output != *CC* ]] || fail 'rebuilt for nothing'
	touch tree/lib/buf.h
	run -0 make -C tree build/lib/buf.o build/lib/stamp.o
	contains "$output" $'CC\tbuild/lib/buf.o'
	[[ $output != *$'CC\tbuild/lib/stamp.o'* ]] || fail 'stamp.c does not include buf.h'
	run -0 make -C tree CFLAGS=-O1 build/lib/stamp.o
	contains "$output" $'CC\tbuild/lib/stamp.o'
	run -0 make -C tree V=1 CC='cc -DPROBE' CFLAGS=-O1 build/lib/stamp.o
	contains "$output" -DPROBE
}

@test "the folder that is built in is not in what is built" {
	tree
	cp -r tree elsewhere
	make -s -C tree CFLAGS='-O0 -g' build/bin/athena-sources
	make -s -C elsewhere CFLAGS='-O0 -g' build/bin/athena-sources
	cmp tree/build/bin/athena-sources elsewhere/build/bin/athena-sources
}

@test "the Debian package asks for what deps would install to build" {
	local package
	for package in $(awk '$1 == "build" && $2 ~ /^pc:/ { print $3 }' "$REPO_ROOT/.ci/deps"); do
		grep -q "^ $package\( |.*\)*,$" "$REPO_ROOT/.debian/control" || fail "$package"
	done
}

@test "a missing library is one sentence that names the package and the cure" {
	tree
	PKG_CONFIG_LIBDIR=$PWD/none run ! make -s -C tree
	contains "$output" 'libgit2'
	contains "$output" 'libjansson-dev'
	contains "$output" 'make deps'
	same 1 "$(grep -vc '^make' <<<"$output")" 'lines'
}

# A machine with nothing but what is linked here, and a package manager that only notes.
bare_machine() {
	local tool
	mkdir bin
	for tool in sh awk cat id uname env dirname tr; do ln -s "$(command -v "$tool")" bin; done
	printf '#!/bin/sh\necho "$0 $*" | sed "s|.*/||" >>"%s/asked"\n' "$PWD" >"bin/$1"
	ln -s "$(command -v sed)" bin/sed
	chmod +x "bin/$1"
}

@test "deps: silent where nothing is missing" {
	run -0 make -s -C "$REPO_ROOT" deps test -o test
	same '' "$output"
}

@test "deps: says what it does, and asks each package manager in its own words" {
	local manager words
	while read -r manager words; do
		rm -rf bin asked
		bare_machine "$manager"
		run -1 env PATH="$PWD/bin" sh "$REPO_ROOT/.ci/deps" install test jansson libgit2 sqlite3
		contains "$output" 'not found: '
		same '' "$(sed -n 's/.*not found: //p' <<<"$output" | head -n 1 | sed 's/, /\n/g' | sort | uniq -d)" 'named twice'
		contains "$output" "installing with $manager: "
		contains "$output" 'still not found'
		[[ $(cat asked) =~ $words ]] || fail "$manager was asked: $(cat asked)"
	done <<-'END'
	apt-get -qq.update.*libjansson-dev.libgit2-dev.libsqlite3-dev.*bats.jq.mandoc
	dnf install.*jansson-devel.libgit2-devel.sqlite-devel.*bats.jq.mandoc
	apk add.*jansson-dev.libgit2-dev.sqlite-dev.*bats.jq.mandoc
	pacman -Sy.*jansson.libgit2.sqlite.*bats.jq
	brew install.*jansson.libgit2.sqlite.*bats-core.jq.mandoc
	END
}

@test "dist is the same bytes twice" {
	git -C "$REPO_ROOT" rev-parse -q --verify HEAD >/dev/null || skip 'not a clone'
	git clone -q "$REPO_ROOT" clone
	make -s -C clone dist
	sha256sum clone/athena-*.tar.gz >sum
	touch clone/*
	rm clone/athena-*.tar.gz
	make -s -C clone dist
	sha256sum -c sum
	tar tzf clone/athena-*.tar.gz | grep -q '^athena-[0-9.]*/Makefile$'
}
