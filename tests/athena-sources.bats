#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-sources: the registry is PATH, and what is on it may be anything.
load helper

setup() {
	need jq
	mkdir bin
	PATH=$PWD/bin:$PATH
}

# source TYPE: a script from stdin.
source_of() {
	{ echo '#!/bin/sh'; cat; } >"bin/athena-src-$1"
	chmod +x "bin/athena-src-$1"
}

of() { jq -r "select(.type == \"$1\") | .$2" list; }

@test "every athena-src-* on PATH, with what it says of itself" {
	cp "$EXAMPLES/athena-src-lines" bin/
	athena-sources >list
	same athena-src-git "$(of git describe.name)"
	same true "$(of git ok)"
	same "$PWD/bin/athena-src-lines" "$(of lines path)"
	diff <(athena-src-git --describe | jq -S .) <(of git describe | jq -S .)
	run -0 athena-sources --format table
	contains "${lines[0]}" 'TYPE'
	grep -qE '^git +[0-9.]+ +[0-9]+ +/.*athena-src-git +Events from' <<<"$output"
	same "$(of git type)" "$(athena-sources git | jq -r .type)"
	run -69 athena-sources nosuch
	contains "$output" 'there is no athena-src-nosuch on PATH'
}

@test "the first on PATH counts, as for a shell; what is no program does not" {
	mkdir other
	source_of one <<<'echo "{\"name\":\"first\",\"options\":[]}"'
	cp bin/athena-src-one other/
	sed -i s/first/second/ other/athena-src-one
	touch bin/athena-src-plain
	mkdir bin/athena-src-folder
	source_of '' <<<'exit 0'
	PATH=$PATH:$PWD/other athena-sources >list
	same first "$(of one describe.name)"
	same '' "$(of plain type)$(of folder type)"
	same 1 "$(grep -c '"type":"one"' list)"
}

@test "a broken or foreign one is shown as such, and holds up nobody" {
	source_of slow <<<'echo "{\"name\":\"slow\",\"options\":[]}"; sleep 300'
	source_of slow2 <<<'sleep 300 & wait'
	source_of words <<<'echo I am a source'
	source_of list <<<'echo "[]"'
	source_of nameless <<<'echo "{\"options\":[]}"'
	source_of optionless <<<'echo "{\"name\":\"x\",\"options\":[1]}"'
	source_of newer <<<'echo "{\"name\":\"x\",\"protocol\":2,\"options\":[]}"'
	source_of fails <<<'exit 3'
	source_of dies <<<'kill -KILL $$'
	source_of silent <<<'exit 0'
	source_of endless <<<'exec yes x'
	source_of escape <<<'printf "{\"name\":\"x\",\"options\":[],\"summary\":\"\\\\u001b[31mred\"}"'
	printf 'no program' >bin/athena-src-text
	chmod +x bin/athena-src-text
	run -0 timeout 20 athena-sources --timeout 2
	printf '%s\n' "$output" >list
	contains "$(of slow error)" 'did not end within 2 s'
	contains "$(of slow2 error)" 'did not end within 2 s'
	contains "$(of words error)" 'says no JSON'
	contains "$(of list error)" 'describes no source'
	contains "$(of nameless error)" 'describes no source'
	contains "$(of optionless error)" 'describes no source'
	contains "$(of newer error)" 'speaks protocol 2'
	contains "$(of fails error)" 'exit status 3'
	contains "$(of dies error)" 'signal 9'
	contains "$(of silent error)" 'no JSON'
	contains "$(of text error)" 'cannot be run'
	[ "$(of endless ok)" = false ]
	same 'false true' "$(of fails ok) $(of git ok)"
	run -0 athena-sources --format table escape fails
	contains "$output" '\x1B[31mred'
	contains "$output" 'broken'
}

@test "a full disk below it is an error" {
	[ -c /dev/full ] || skip 'no /dev/full'
	run -74 bash -c 'athena-sources >/dev/full'
	run -74 bash -c 'athena-sources --format table >/dev/full'
}
