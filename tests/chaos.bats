#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Short rounds of what is in tests/chaos; `make chaos` runs the long ones.
load helper

@test "chaos: a server and a repository as bad as it gets, and the database holds what there is" {
	need python3
	run "$REPO_ROOT/tests/chaos/github.py" 6 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "events were lost, doubled or old"
}

# one_run SOURCE STORE [DO]: what a round says of a run of these two; DO is a function of the round, called between their starts.
one_run() {
	mkdir -p bin
	printf '#!/bin/sh\n%s\n' "$1" >bin/athena-src-github
	printf '#!/bin/sh\n%s\n' "$2" >bin/athena-store
	chmod +x bin/*
	ATHENA_BIN=$PWD/bin PYTHONPATH=$REPO_ROOT/tests/chaos timeout -s KILL 120 python3 -B - "${3:-}" <<-'END'
		import subprocess, sys, tempfile, threading
		import rounds
		from github_model import World
		class Round(rounds.Round):
		    PROGRAM, TOKEN = "athena-src-github", ("GITHUB_TOKEN", "ghp_x")
		    def make_world(self):
		        return World()
		rounds.PATIENCE = 5
		game = Round(1, tempfile.mkdtemp(dir="."))
		real, started = subprocess.Popen, []
		def start(*args, **more):
		    process = real(*args, **more)
		    started.append(process)
		    if len(started) == 1 and sys.argv[1]:
		        threading.Thread(target=getattr(game, sys.argv[1])).start()
		    return process
		subprocess.Popen = start
		codes = game.run()
		game.close()
		print(*codes, *game.wrong)
	END
}

@test "chaos: what hangs is named, and a kill that comes before there is a store waits for it" {
	need python3
	same '0 hung athena-src-github: 0, athena-store: hung' "$(one_run 'exit 0' 'exec sleep 300')"
	same 'hung 0 athena-src-github: hung, athena-store: 0' "$(one_run 'exec sleep 300' 'cat >unread')"
	case $(one_run 'exec sleep 3' 'cat >unread' kill) in
	'-9 0' | '-15 0' | '0 -9') ;;
	*) fail 'nothing was killed' ;;
	esac
}

@test "chaos: a workspace as bad as it gets, and the database holds what it does" {
	need python3
	run "$REPO_ROOT/tests/chaos/slack.py" 8 "${SEED:-100}"
	[ "$status" -eq 0 ] || fail "messages were lost, doubled or old"
}

@test "chaos: killed at random moments, nothing is lost and nothing doubled" {
	need jq sqlite3 git awk
	run "$REPO_ROOT/tests/chaos/run" 40 6000
	[ "$status" -eq 0 ] || fail "events were lost or doubled"
}

@test "chaos: each source into each sink, whatever happens to it or to its cursor" {
	need python3 curl sqlite3 git awk gzip pgrep
	run "$REPO_ROOT/tests/chaos/matrix" 2
	[ "$status" -eq 0 ] || fail "$output"
	contains "$output" '48 passed, 0 failed'
}

@test "chaos: logs that change names, inodes, times and folders, and each line is there once" {
	need python3
	run "$REPO_ROOT/tests/chaos/lives" 12 "${SEED:-1}"
	[ "$status" -eq 0 ] || fail "$output"
}
