# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# `load configured` after helper, for what reads the configuration: `configured` in setup, then what is to stand in it.

# configured: an empty configuration but for the database, and folders for state and for sources.
configured() {
	need jq git sqlite3
	PATH=$PWD/bin:$EXAMPLES:$PATH
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	mkdir -p config/athena bin
	config '[store]' "database = $PWD/data.db"
}

# config LINE...
config() { printf '%s\n' "$@" >>config/athena/config; }

# plugin TYPE [OPTIONS]: a source whose script comes on stdin, and that describes itself with these options, mostly
# $PLUGIN_OPTIONS; it is configured.
plugin() {
	{
		printf '#!/bin/sh\n[ "$1" != --describe ] || { echo %s; exit; }\n' \
			"'{\"name\":\"athena-src-$1\",\"protocol\":1,\"options\":[${2:-$PLUGIN_OPTIONS}]}'"
		cat
	} >"bin/athena-src-$1"
	chmod +x "bin/athena-src-$1"
	config "[source \"$1\"]" "type = $1"
}
