#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-config, and with it how the configuration is read.
# shellcheck disable=SC2154 # stderr is set by run
load helper

setup() {
	need jq
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	mkdir -p config/athena
	F=$PWD/config/athena/config
}

config() { cat >>"$F"; }
value() { athena-config | jq -r "select(.key == \"$1\") | .value"; }
origin() { athena-config | jq -r "select(.key == \"$1\") | .origin"; }

@test "what is in force, and where it comes from" {
	config <<-'END'
	# a comment
	[store]
		database = ~/a.db	; another
	[source "one"]
		type = git
		repo = "with \"quotes\" and # no comment"
		path = a/*
		path = b/*
		all
	[include]
		path = more
		path = missing
	END
	cat >config/athena/more <<-'END'
	[source "one"]
		branch = main
	[include]
		path = deep/file
	[store]
		database = /b.db
	[Source "One"]
		TYPE = lines
	END
	mkdir config/athena/deep
	printf '[source "one"]\n\tbranch = other\n' >config/athena/deep/file
	same /b.db "$(value store.database)"
	same "$PWD/config/athena/more" "$(origin store.database)"
	same "$F" "$(origin source.one.type)"
	same 'with "quotes" and # no comment' "$(value source.one.repo)"
	same 'a/* b/*' "$(value source.one.path | paste -sd ' ')"
	same true "$(value source.one.all)"
	same 'main other' "$(value source.one.branch | paste -sd ' ')"
	same "$PWD/config/athena/deep/file" "$(origin source.one.branch | tail -n 1)"
	same lines "$(value source.One.type)"
	same "$PWD/state/athena" "$(value state)"
	same XDG_STATE_HOME "$(origin state)"
	same one "$(athena-config one | jq -r .key | cut -d . -f 2 | sort -u)"
	run -0 athena-config --format table
	grep -qE "^source\.one\.all +true +$F\$" <<<"$output"
}

@test "an empty value takes back what was said before" {
	config <<-'END'
	[source "one"]
		type = git
		path = a
		path =
		path = b
		branch = x
		branch =
	END
	same b "$(value source.one.path)"
	same '' "$(value source.one.branch)"
}

@test "~ and \$NAME at the beginning of a path, and nowhere else" {
	config <<-'END'
	[source "one"]
		type = lines
		a = ~/x
		b = $PLACE/x
		c = ${PLACE}/x
		d = $PLACE
		e = $remote_addr - $PLACE
		f = x/$PLACE
		g = $PLACE-x
		h = ~other/x
		i = ~
	END
	export PLACE=/srv/place
	same "$HOME/x" "$(value source.one.a)"
	same /srv/place/x "$(value source.one.b)"
	same /srv/place/x "$(value source.one.c)"
	same /srv/place "$(value source.one.d)"
	same '$remote_addr - $PLACE' "$(value source.one.e)"
	same 'x/$PLACE' "$(value source.one.f)"
	same '$PLACE-x' "$(value source.one.g)"
	same '~other/x' "$(value source.one.h)"
	same "$HOME" "$(value source.one.i)"
	unset PLACE
	run -78 athena-config
	contains "$output" "$F: b = \$PLACE/x: \$PLACE is not set"
}

@test "secrets are masked, and may not stand on a command line" {
	config <<-'END'
	[source "one"]
		type = git
		repo = https://me:topsecret@example.org/x
		url = https://ghp_0123456789abcdefghij@example.org/
		token-command = echo xoxb-123456789012-abcdef
		token-file-mode = x
	END
	sed -i /token-file-mode/d "$F"
	run -0 athena-config
	contains "$output" 'https://me:***@example.org/x'
	contains "$output" 'https://***@example.org/'
	contains "$output" 'echo xoxb-***'
	for key in token password client-secret api-key; do
		printf '[source "two"]\ntype = git\n%s = topsecret\n' "$key" >f
		run -78 athena-config --config f
		contains "$output" "source \"two\": $key: a secret does not go on a command line"
		[[ $output != *topsecret* ]]
	done
}

# wrong MESSAGE: the configuration on stdin is refused so.
wrong() {
	cat >f
	run -78 athena-config --config f
	contains "$output" "$1"
	same 1 "${#lines[@]}"
}

@test "errors name the file, and the line where it does not parse" {
	wrong 'f:3: ' <<<$'[store]\ndatabase = x\n[source'
	wrong 'f:2: ' <<<$'[source "x"]\na_b = c'
	wrong 'f: [sources x] means nothing here' <<<$'[sources "x"]\ntype = git'
	wrong 'f: source "x": no type' <<<$'[source "x"]\nrepo = a'
	wrong 'type is the name of a source' <<<$'[source "x"]\ntype = ../evil'
	wrong 'not ../x' <<<$'[source "../x"]\ntype = git'
	wrong 'NAME is letters' <<<$'[source]\ntype = git'
	wrong 'enabled is true or false, not maybe' <<<$'[source "x"]\ntype = git\nenabled = maybe'
	wrong 'commit cannot be configured' <<<$'[source "x"]\ntype = git\ncommit = exit'
	wrong 'exclude each other' <<<$'[source "x"]\ntype = git\ntoken-file = a\ntoken-command = b'
	printf '[include]\n\tpath = f\n' >g
	printf '[broken' >f
	run -78 athena-config --config g
	contains "$output" 'f:1: '
	printf '[include]\n\tpath = f\n' >f
	run -78 athena-config --config f
	contains "$output" 'include depth'
}

@test "no file is no error where none was named" {
	run -0 athena-config
	contains "$output" 'nothing is configured'
	contains "$output" "$PWD/state/athena"
	run -66 athena-config --config none
	mkdir folder
	run -78 athena-config --config folder
	unset XDG_CONFIG_HOME XDG_STATE_HOME
	contains "$(athena-config 2>/dev/null)" "$HOME/.local/state/athena"
	XDG_STATE_HOME=relative run -0 athena-config
	contains "$output" "$HOME/.local/state/athena"
	HOME='' run -78 athena-config
	run -64 athena-config nosuch
}

@test "--known: what can be told without the network, and no complaint about the rest" {
	printf '[source "b"]\n type = git\n[source "a"]\n type = slack\n enabled = false\n cursor = %s/own.cursor\n' "$PWD" | config
	same $'a\nb' "$(athena-config --known source)"
	same b "$(athena-config --known=source b)"
	printf '{"athena_cursor":1,"source_id":"slack:T2","selection":{},"cursor":{"channels":{"C1":{"name":"a\\u0000b"},"C2":{"name":"own"}}},"prev":null}\n' >own.cursor
	run -0 --separate-stderr athena-config --known channel
	same '' "$output$stderr" "a cursor that is damaged"
	sed -i 's/a.u0000b/own/' own.cursor
	same own "$(athena-config --known channel)" 'each once'
	same slack:T2 "$(athena-config --known id)"
	run -0 --separate-stderr athena-config --known branch --repo /nowhere
	same '' "$output$stderr"
	run -64 athena-config --repo .
	contains "$output" '--known=branch'
	run -64 athena-config --known source a b
	[ ! -e state ] || fail 'a folder was made'
}
