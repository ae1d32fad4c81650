#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# --help, the man page and the three completions name the same options, for every program; and
# the examples of the man pages do what they say.
load helper
load mock/mock

programs() { (cd "$ATHENA_BIN" && printf '%s\n' athena*); }

# unroff: a literal text of a man page as a shell wants it.
unroff() { sed 's/\\-/-/g; s/\\(dq/"/g; s/\\(aq/'\''/g; s/\\&//g; s/\\e/\\/g'; }

# Options, one a line, sorted: --name and -x.
of_help() { "$1" --help all | sed -n 's/^  *\(-.*\)/\1/p' | sed 's/  .*//' | grep -oE -- '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,' | sort -u; }
of_man() {
	sed -n '/^\.Sh DESCRIPTION/,/^\.Sh [^D]/p' "$REPO_ROOT/man/$1.1" | grep '^\.It Fl' | sed 's/\\-/-/g' |
		grep -oE 'Fl (-[a-z][a-z-]*|[a-z])' | sed 's/Fl /-/' | sort -u
}
of_bash() {
	bash --norc -c 'source "$1"; f=$(complete -p "$2"); f=${f#*-F }; COMP_WORDS=("$2" -); COMP_CWORD=1 COMP_LINE="$2 -" COMP_POINT=${#COMP_LINE}
		"${f%% *}" "$2" - "$2"; printf "%s\n" "${COMPREPLY[@]}"' bash "$REPO_ROOT/completions/bash/$1" "$1" | tr -d ' =' | sort -u
}
of_zsh() { sed 's/^ *#.*//' "$REPO_ROOT/completions/zsh/_$1" | grep -oE -- "(^|[^a-z0-9-])--?[a-z][a-z-]*[]=[{,+}']" | grep -oE -- '--?[a-z][a-z-]*' | sort -u; }
of_fish() {
	sed 's/^ *#.*//' "$REPO_ROOT/completions/fish/$1.fish" | grep '^ *complete' |
		sed -nE 's/.* (-l|--long-option)[ =]([a-z][a-z-]*).*/--\2/p; s/.* (-s|--short-option)[ =]([a-z]).*/-\2/p' | sort -u
	sed 's/^ *#.*//' "$REPO_ROOT/completions/fish/$1.fish" | sed -nE 's/.* -s ([a-z]) .*/-\1/p'
}

# typed WORD...: what bash completes the last of them to.
typed() {
	PATH=$ATHENA_BIN:$PATH bash --norc -c 'cd "$1" && for f in *; do source "./$f"; done; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); f=$(complete -p "$1"); f=${f#*-F }; "${f%% *}"
		printf "%s " "${COMPREPLY[@]}"' bash "$REPO_ROOT/completions/bash" "$@"
}

# agree NAME: what of_NAME finds is what --help shows, for every program.
agree() {
	local p
	for p in $(programs); do
		"of_$1" "$p" | sort -u >got
		of_help "$p" >want
		[ "$(wc -l <want)" -ge 3 ] || fail "$p --help shows no options"
		diff -u --label "$p --help" --label "$p $1" want got
	done
}

@test "man pages name the options that --help shows" { agree man; }
@test "bash completes them" { agree bash; }
@test "zsh completes them" { agree zsh; }
@test "fish completes them" { agree fish; }

@test "completions are sound where their shell is here" {
	local f
	for f in "$REPO_ROOT"/completions/bash/*; do bash -n "$f"; done
	! command -v zsh || for f in "$REPO_ROOT"/completions/zsh/*; do zsh -n "$f"; done
	! command -v fish || for f in "$REPO_ROOT"/completions/fish/*; do fish --no-execute "$f"; done
}

@test "bash completes values, configured names, and what stands behind athena" {
	mkdir -p config/athena
	printf '[source "team"]\n type = slack\n[source "web"]\n type = apilog\n' >config/athena/config
	export XDG_CONFIG_HOME=$PWD/config
	for p in check config query sources sync; do
		# As readline hands over --format=t and --format=.
		same 'table ' "$(typed "athena-$p" --format = t)"
		contains "$(typed "athena-$p" --format =)" 'table'
		contains "$(typed athena "$p" --format '')" 'table'
	done
	for p in check config sync; do
		same 'team web ' "$(typed athena "$p" '')"
		same 'web ' "$(typed "athena-$p" --format ndjson w)"
	done
	same 'sync ' "$(typed athena sy)"
	same 'recipes ' "$(typed athena help rec)"
	same ' ' "$(typed athena help recipes '')"
}

@test "bash takes only files for files: a folder of its name makes no path of a command" {
	mkdir config
	local p of
	for p in $(programs); do
		run -0 bash --norc -c 'source "$1"; complete -p "$2"' bash "$REPO_ROOT/completions/bash/$p" "$p"
		[[ $output != *filenames* ]] || fail "$output"
	done
	for of in ':athena con' 'filenames:athena-query conf' ':athena-query --format t' 'filenames:athena query con' ':athena-src-git --stat l'; do
		# compopt is of readline only: here it says what it was asked
		run -0 bash --norc -c 'for f in "$1"/*; do source "$f"; done; compopt() { printf %s "$2"; }; read -ra COMP_WORDS <<<"$2"
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); f=$(complete -p "${COMP_WORDS[0]}"); f=${f#*-F }; "${f%% *}"' bash "$REPO_ROOT/completions/bash" "${of#*:}"
		same "${of%%:*}" "$output" "$of"
	done
}

@test "fish completes what stands behind athena" {
	need fish
	mkdir -p config/athena
	printf '[source "team"]\n type = slack\n[source "web"]\n type = apilog\n' >config/athena/config
	fish() { XDG_CONFIG_HOME=$PWD/config HOME=$PWD command fish -c "set -p fish_complete_path '$REPO_ROOT/completions/fish'; complete -C '$1'"; }
	same $'team\nweb' "$(fish 'athena sync ')"
	contains "$(fish 'athena check --for')" '--format'
	contains "$(fish 'athena help re')" recipes
}

# known: a configuration, a repository, and what a sync left behind, for the shells to complete from.
known() {
	local slack git
	mkdir -p config/athena state/athena
	printf '[source "team"]\n type = slack\n[source "web"]\n type = apilog\n' >config/athena/config
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	repo_new repo
	repo_commit repo 'first' README.md
	git -C repo branch -m main
	git -C repo branch feature/one
	git -C repo tag v1
	slack='{"athena_cursor":1,"source_id":"slack:T1","selection":{},"cursor":{"channels":{"C1":{"name":"general"},"C2":{"name":"random"},"C3":{}}},"prev":null}'
	git='{"athena_cursor":1,"source_id":"git:example.org/a","selection":{},"cursor":{"channels":{"C9":{"name":"none"}}},"prev":null}'
	echo "$slack" >state/athena/team.cursor
	echo "$git" >state/athena/code.cursor
	echo damaged >state/athena/bad.cursor
}

@test "bash completes branches, channels and ids of sources" {
	need git
	known
	same 'feature/one main v1 ' "$(typed athena-src-git --repo "$PWD/repo" --branch '')"
	same 'main ' "$(typed athena-src-git --repo = "$PWD/repo" --branch = m)"
	same 'v1 ' "$(typed athena src-git "$PWD/repo" --branch v)"
	same 'C3 general random ' "$(typed athena-src-slack --channel '')"
	same 'general ' "$(typed athena-src-slack g)"
	same 'git:example.org/a slack:T1 team web ' "$(typed athena-query --source '')"
	# as readline splits it
	same 'T1 ' "$(typed athena-query --source slack :)"
	same 'example.org/a ' "$(typed athena-query --source = git : ex)"
	# nothing known: nothing said
	rm -r config state
	same ' ' "$(typed athena-src-slack --channel '' 2>&1)"
	same ' ' "$(typed athena-src-git --repo /nowhere --branch '' 2>&1)"
	same ' ' "$(typed athena-query --source '' 2>&1)"
	same ' ' "$(typed athena-sync '' 2>&1)"
}

@test "fish completes branches, channels and ids of sources" {
	need fish git
	known
	fish() { HOME=$PWD command fish -c "set -p fish_complete_path '$REPO_ROOT/completions/fish'; complete -C '$1'" | cut -f 1; }
	same $'feature/one\nmain\nv1' "$(fish 'athena-src-git --repo=repo --branch ' | sort)"
	same main "$(fish 'athena-src-git repo --branch m')"
	same $'C3\ngeneral\nrandom' "$(fish 'athena-src-slack --channel ' | sort)"
	same slack:T1 "$(fish 'athena-query --source sl')"
	same team "$(fish 'athena-query --source te')"
	same $'team\nweb' "$(fish 'athena-check ' | sort)"
}

@test "zsh completes branches, channels and ids of sources" {
	need zsh git
	known
	# zsh_has PROGRAM FUNCTION: what the function would offer.
	zsh_has() {
		zsh -f -c '_arguments() { }; compadd() { print -l -- ${(P)2} }; typeset -A opt_args; opt_args=(--repo repo)
			source $1; $2' zsh "$REPO_ROOT/completions/zsh/_$1" "$2"
	}
	same $'feature/one\nmain\nv1' "$(zsh_has athena-src-git _athena_src_git_refs)"
	same $'C3\ngeneral\nrandom' "$(zsh_has athena-src-slack _athena_src_slack_channels)"
	same $'git:example.org/a\nslack:T1\nteam\nweb' "$(zsh_has athena-query _athena_query_sources)"
	for p in check config sync; do same $'team\nweb' "$(zsh_has "athena-$p" "_athena_${p}_operands")"; done
}

@test "--describe names the options that --help shows" {
	local p
	for p in $(programs); do
		case $p in athena-src-*) ;; *) continue ;; esac
		same "$(of_help "$p" | sed -n 's/^--//p')" "$("$p" --describe | jq -r '.options[].name' | sort -u)" "$p"
	done
}

@test "--help fits a screen, --help all has every option, in groups that fit one; --version is one line" {
	local p word headings='^[A-Z][a-z, ]*:$'
	for p in $(programs); do
		"$p" --help >short
		"$p" --help all >help
		# the prompt stands below it
		[ "$(wc -l <short)" -lt 24 ] || fail "$p --help has $(wc -l <short) lines"
		[ "$(cat short help | wc -L)" -le 80 ] || fail "$p --help is too wide"
		cmp -s help <("$p" -h all) || fail "$p -h all is not --help all"
		cmp -s help <("$p" --help=all) || fail "$p --help=all is not --help all"
		if [ "$(grep -cE '^ .*--[a-z]' help)" -lt 20 ]; then
			grep -qx 'Options:' help || fail "$p --help has no options"
			cmp -s short help || fail "$p --help leaves out what a screen has room for"
		else
			same $'What:\nWhen, and how much:\nOutput:\nInstead:' "$(grep -E "$headings" help | grep -vx How:)" "$p"
			same $'What:\nWhen, and how much:\nInstead:' "$(grep -E "$headings" short | grep -vxE '(How|Output):')" "$p"
			# a group is what the eye takes at once
			[ "$(awk 'BEGIN { RS = "" } { n = split($0, lines, "\n"); if (n > most) most = n } END { print most }' help)" -le 24 ] || fail "$p --help has a long group"
			same "More options: $p --help all; its manual: man $p" "$(tail -n 1 short)"
			for word in $(sed -n 's/.*\.usual = "\(.*\)",/\1/p' "$REPO_ROOT/cmd/$p/main.c"); do
				grep -qE -- "^ .*--$word( |=)" short || fail "$p has no option --$word, which is said to be usual"
			done
			same 'all all ' "$(typed "$p" --help '')$(typed "$p" -h a)"
			[ "$(grep -cE '^ .*--[a-z]' short)" -ge 9 ] || fail "$p --help has few options"
		fi
		run -64 "$p" --help=most
		contains "$output" "'most' is not 'all'"
		awk '/^Environment:/, /^$/' help | tr ' ,;' '\n' | awk '/^[A-Z][A-Z_0-9]+$/' >names
		while read -r name; do
			grep -qE "^\.It Ev.*\b$name\b" "$REPO_ROOT/man/$p.1" || fail "$p(1) does not say what $name is"
		done <names
		run -0 "$p" --version
		[[ $output =~ ^"$p "[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$p --version"
	done
}

@test "a full disk below --help and --version is an error" {
	local p
	[ -c /dev/full ] || skip 'no /dev/full'
	for p in $(programs); do
		run -74 bash -c '"$1" --help >/dev/full' bash "$p"
		run -74 bash -c '"$1" --version >/dev/full' bash "$p"
	done
}

# ---- man pages ----

@test "every man page is clean, and names pages that exist" {
	need mandoc
	local page name
	for page in "$REPO_ROOT"/man/*.[1-8]; do
		run mandoc -T lint -W warning "$page"
		same '' "$output" "$page"
		# A word of a heading that is the name of a macro, as In, is taken for one.
		run -1 grep '^#.*[<&]' <(mandoc -T markdown "$page")
		while read -r name section; do
			[ -f "$REPO_ROOT/man/$name.$section" ] || fail "$page refers to $name($section)"
		done < <(sed -n 's/^\.Xr \(athena[a-z-]*\) \([1-8]\).*/\1 \2/p' "$page")
		# From athena(7) to every page, and from there back.
		name=${page##*/}
		[ "$name" = athena.7 ] || grep -q '^\.Xr athena 7' "$page" || fail "$page does not refer to athena(7)"
		[ "$name" = athena.7 ] || grep -q "^\.Xr ${name%.*} ${name##*.}" "$REPO_ROOT/man/athena.7" || fail "athena(7) does not refer to $name"
	done
	for name in $(programs); do [ -f "$REPO_ROOT/man/$name.1" ] || fail "$name has no man page"; done
}

# examples PAGE: what stands in EXAMPLES as .Dl or .Bd -literal, in order; what follows a line
# `.\" example: not run` is left out.
examples() {
	awk '/^\.Sh/ { on = $0 == ".Sh EXAMPLES"; next }
		!on { next }
		/^\.\\" example: not run/ { skip = 1; next }
		/^\.Dl / { if (!skip) print substr($0, 5); skip = 0 }
		/^\.Bd -literal/ { block = 1; next }
		/^\.Ed/ { block = 0; skip = 0; next }
		block && !skip { print }' "$1" | unroff
}

# What an example reads: a repository, a log, sources that are configured, a GitHub and a Slack.
world_of() {
	repo_new repo
	repo_commit repo 'first' README.md
	repo_commit repo 'second' src/main.c
	cp -r "$REPO_ROOT/man" man
	cp "$FIXTURES/apilog/combined.log" access.log
	case $1 in
	athena-check.1 | athena-config.1 | athena-sync.1)
		export HOME=$PWD
		mkdir -p .config/athena src
		ln -s ../repo src/project
		git -C repo branch feature/one
		printf '[store]\n\tdatabase = ~/athena.db\n[source "project"]\n\ttype = git\n\trepo = ~/src/project\n' >.config/athena/config
		sed -i "s|/var/lib/prometheus|$PWD|" ../script
		;;
	athena-src-github.1)
		mock_start github '{"name":"octocat/hello-world","ops":[{"do":"random","n":12,"seed":1}]}'
		export GITHUB_API_URL=$MOCK_URL GITHUB_TOKEN=ghp_$MARK
		;;
	athena-src-slack.1)
		mock_start slack '{"ops":[{"do":"random","n":12,"seed":1}]}'
		export SLACK_BOT_TOKEN=xoxb-$MARK
		mkdir bin
		printf '#!/bin/sh\ncase " $* " in *--export*) exec %s "$@" ;; *) exec %s --api-url %s "$@" ;; esac\n' \
			"$ATHENA_BIN"/athena-src-slack{,} "$MOCK_URL/api" >bin/athena-src-slack
		chmod +x bin/athena-src-slack
		PATH=$PWD/bin:$PATH
		"$FIXTURES/slack-export" acme.zip <<<'{"channels.json":[{"id":"C0ACM00004","name":"general"}],"users.json":[],
			"general/2024-01-31.json":[{"type":"message","ts":"1706702400.000100","user":"U1","text":"hello"}]}'
		sed -i 's/C02ABCDEF/C0ACM00004/; s/T02ABCDEF/T0ACME/' ../script
		;;
	esac
}

@test "the examples of the man pages run" {
	need git jq sqlite3 python3
	local page n=0 made
	for page in "$REPO_ROOT"/man/*.[1-8]; do
		examples "$page" >script
		[ -s script ] || continue
		n=$((n + 1))
		mkdir "$(basename "$page")"
		(
			cd "$(basename "$page")"
			trap '[ -z "${MOCK_PID:-}" ] || kill "$MOCK_PID" 2>/dev/null || :' EXIT
			world_of "${page##*/}"
			bash -euo pipefail -x ../script </dev/null >out 2>err || {
				echo "$page:" >&2
				cat err >&2
				exit 1
			}
			[ -z "${MOCK_PID:-}" ] || mock_stop
		)
	done
	[ "$n" -ge 16 ] || fail "examples in only $n pages"
	# Those that bring something brought it.
	for made in athena-sync.1/athena.db athena-src-github.1/events.db athena-src-slack.1/events.db; do
		[ "$(sql "$made" 'SELECT count(*) > 1 FROM events')" = 1 ] || fail "$made: nothing in it"
	done
	# What is not run here says so, and it is little.
	same "$(printf '%s\n' athena-commit.1{,,,} athena-recipes.7{,,,,,} athena-src-apilog.1)" \
		"$(cd "$REPO_ROOT/man" && grep -H '^\.\\" example: not run' ./*.[1-8] | sed 's|^\./||; s|:.*||' | sort)"
}

@test "README: its programs are those there are" {
	same "$(programs)" "$(grep -oE '^\| `athena[a-z-]*' "$REPO_ROOT/README.md" | sed 's/.*`//' | sort)"
}

@test "README: what stands on what is what the includes say" {
	need python3
	cd "$REPO_ROOT"
	run -0 python3 tests/layers
	same "$output" "$(sed -n '/^What stands on what/,/^[A-Z]/p' README.md | sed -n 's/^    //p')"
}

@test "the examples in the headers of lib compile" {
	need python3 pkg-config "${CC:-cc}"
	cd "$REPO_ROOT"
	run -0 python3 tests/examples
	[ "$(grep -c '^int example.*;' <<<"$output")" -ge 35 ] || fail 'examples are not found any more'
	# shellcheck disable=SC2046 # a list of flags
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Ilib $(pkg-config --cflags jansson libcurl libgit2 sqlite3) -Wall -Wextra -Werror -Wno-unused \
		-Wno-empty-body -Wno-missing-field-initializers -fsyntax-only -xc - <<<"$output"
}

@test "the examples in the headers of the programs call what is there, with as many arguments" {
	local folder
	need python3
	cd "$REPO_ROOT"
	for folder in cmd/*; do run -0 python3 tests/examples "$folder" && same '' "$output"; done
}
