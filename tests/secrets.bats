#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2129 # what was said is added to, program by program
# Every program, with a marked token in each place one may come from; and then the mark is looked for: in the command lines and the
# environment of all that was started, in what was said and written out, in the database, cursors, cache and metrics.
# What the tests themselves put somewhere lies in secret/ and repo/. The other promise of files: for us alone.
load helper
load mock/mock
load mock/github

setup_file() { "${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/spy.so" "$FIXTURES/spy.c"; }

setup() {
	need cc jq python3 curl git sqlite3
	unset "${!GH_@}" "${!GITHUB_@}" "${!SLACK_@}"
	TOKEN=ghp_${MARK}0123456789abcdef
	mkdir secret state cache metrics tmp
	export XDG_CACHE_HOME=$PWD/cache XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/secret TMPDIR=$PWD/tmp
	: >seen
}
teardown() {
	rm -rf secret repo seen
	mock_stop
}

# spied COMMAND...: what each process that it starts shows to others goes to the file seen.
spied() {
	ATHENA_SPY=77 LD_PRELOAD=$BATS_FILE_TMPDIR/spy.so ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 "$@" 77>>seen
}

# hidden [PROGRAM...]: the mark is nowhere, but in the environment of these, which were given it there.
hidden() {
	local known=" $* "
	grep -q "$(printf '^[a-z-]*\targv\t')" seen || fail 'nothing was seen'
	! awk -F '\t' -v mark="$MARK" -v known="$known" '$1 != "env" && index($0, mark) && ($2 == "argv" || !index(known, " " $1 " "))' seen | grep . ||
		fail 'a process shows it'
	! grep -rF --exclude-dir=secret --exclude-dir=repo --exclude=seen "$MARK" . "$HOME" || fail 'it is written down'
}

# sent: the server was told it, so that something could have been seen
sent() { asked '.headers.authorization // "none"' | grep -q "Bearer.*$MARK" || fail 'the token was not used'; }

github_in_all_ways() {
	spied "$@" athena-src-github -v --api-url "$MOCK_URL" --cursor state/F --metrics metrics/m octo/hello >out 2>said
	spied "$@" athena-src-github -v --api-url "$MOCK_URL" --check octo/hello >>out 2>>said
	spied "$@" athena-src-github -v --api-url "$MOCK_URL" --plan octo/hello >>out 2>>said
	sent
}

@test "a token in the environment: GitHub" {
	local name
	live
	for name in GH_TOKEN GITHUB_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN; do
		forget_asked
		github_in_all_ways env "$name=$TOKEN"
		hidden athena-src-github
	done
	GITHUB_TOKEN=$TOKEN athena-src-github --offline --api-url "$MOCK_URL" octo/hello >out 2>>said
	spied athena-store -v --metrics metrics/s d.db <out 2>>said
	spied athena-query --format json d.db >rows
	hidden athena-src-github
}

@test "a token in the environment: Slack" {
	local name
	mock_start slack '{"ops":[{"do":"post","text":"hello"}]}'
	local token=xoxb-${MARK}-0123456789
	for name in SLACK_BOT_TOKEN SLACK_USER_TOKEN SLACK_TOKEN; do
		forget_asked
		spied env "$name=$token" athena-src-slack -v --api-url "$MOCK_URL" --cursor "state/$name" --metrics metrics/m >out 2>said
		spied env "$name=$token" athena-src-slack -v --api-url "$MOCK_URL" --check >>out 2>>said
		sent
		hidden athena-src-slack
	done
}

@test "a token in a file, and one that a server repeats in what it says" {
	live
	(umask 077 && echo "$TOKEN" >secret/token)
	spied athena-src-github -v --api-url "$MOCK_URL" --token-file secret/token --cursor state/F --metrics metrics/m octo/hello >out 2>said
	sent
	hidden
	fault "{\"at\":[1,2,3,4],\"status\":401,\"body\":\"{\\\"message\\\":\\\"Bad credentials: $TOKEN\\\"}\"}"
	run -77 spied athena-src-github -v --api-url "$MOCK_URL" --token-file secret/token octo/hello
	contains "$output" 'Bad credentials' || contains "$output" 'token'
	printf '%s\n' "$output" >said
	hidden
	# the file's name and the token mistaken for each other
	run -78 spied athena-src-github --api-url "$MOCK_URL" --token-file "$TOKEN" octo/hello
	printf '%s\n' "$output" >said
	contains "$output" 'ghp_***'
	: >seen
}

# configured TEXT: a source of GitHub, for sync and check
configured() {
	mkdir -p secret/athena
	printf '[store]\ndatabase = %s/d.db\n[source "one"]\ntype = github\nrepo = octo/hello\napi-url = %s\n%s\n' \
		"$PWD" "$MOCK_URL" "$1" >secret/athena/config
}

@test "a token from token-command: sync, check, config, sources and query" {
	live
	printf '%s\n' "$TOKEN" >secret/token
	configured "token-command = cat $PWD/secret/token"
	spied athena sync -v >summary 2>said
	sent
	same ok "$(sql d.db 'PRAGMA integrity_check')"
	[ "$(sql d.db 'SELECT count(*) FROM events')" -gt 5 ]
	spied athena check -- one >out 2>>said
	contains "$(cat out)" 'classic personal access token'
	spied athena sync --dry-run >>out 2>>said
	spied athena config >>out 2>>said
	spied athena sources >>out 2>>said
	spied athena query >>out 2>>said
	spied athena query --status >>out 2>>said || :
	hidden
	# one that stands in the command itself is shown by nothing of ours; its own shell must know it
	configured "token-command = printf %s $TOKEN"
	: >seen
	spied athena sync -v >summary 2>said
	spied athena sync --dry-run >>out 2>>said
	spied athena config >>out 2>>said
	contains "$(cat out)" "--token-file <(printf %s ghp_***)"
	sed -i '/^sh\targv/d' seen
	hidden
}

@test "a token in the environment of sync and check: the store, and who is only asked what it is, do not have it" {
	live
	configured ''
	spied env GITHUB_TOKEN="$TOKEN" athena sync -v >summary 2>said
	sent
	spied env GITHUB_TOKEN="$TOKEN" athena check >out 2>>said
	[ "$(grep -c '^athena-store' seen)" -gt 3 ]
	[ "$(grep -c '^athena-src-slack' seen)" = 0 ]
	spied env GITHUB_TOKEN="$TOKEN" athena sources >>out 2>>said
	[ "$(grep -c '^athena-src-slack' seen)" -gt 3 ]
	hidden athena athena-sync athena-check athena-sources athena-src-github
}

@test "a token in the environment of a source that starts what compresses" {
	need zstd xz
	echo '1.2.3.4 - - [24/Nov/2026:03:04:02 +0000] "GET /a HTTP/1.1" 200 5' >a.log
	zstd -q a.log -o b.log.zst
	xz -k a.log
	SOME_PASSWORD=$TOKEN GITHUB_TOKEN=$TOKEN spied athena-src-apilog a.log b.log.zst a.log.xz >out 2>said
	same 2 "$(grep -c '\(zstd\|xz\).argv.-dc' seen)"
	hidden athena-src-apilog
}

@test "passwords in addresses: arguments, a configured repository, and git's configuration" {
	local url=https://me:${MARK}-password@example.org/team/r.git
	local command
	repo_new repo
	repo_commit repo one file
	git -C repo remote add origin "$url"
	git -C repo config url."https://oauth2:$TOKEN@example.org/".insteadOf https://example.org/
	git -C repo config remote.origin.pushurl "$url"
	git -C repo config http.extraHeader "Authorization: Bearer $TOKEN"
	git -C repo config credential.helper "!echo password=$MARK"
	spied athena-src-git -v --all --worktree --cursor state/F --metrics metrics/m repo >out 2>said
	for command in --check --plan; do spied athena-src-git -v "$command" repo >>out 2>>said; done
	spied athena-store -v --metrics metrics/s d.db <out >rows 2>>said || [ $? = 65 ]
	spied athena-commit -v --metrics metrics/c --rejects rejects -- cat <out >passed 2>>said || [ $? = 65 ]
	spied athena-query d.db >>rows
	mkdir secret/athena
	printf '[store]\ndatabase = %s/e.db\n[source "one"]\ntype = git\nrepo = %s/repo\n' "$PWD" "$PWD" >secret/athena/config
	spied athena sync -v >>rows 2>>said
	spied athena check >>rows 2>>said
	hidden
	printf '[source "two"]\ntype = git\nrepo = %s\n' "$url" >>secret/athena/config
	run -78 spied athena sync two
	contains "$output" 'two": repo holds a password or a token'
	printf '%s\n' "$output" >>said
	run -78 spied athena check two
	printf '%s\n' "$output" >>said
	spied athena config >>rows 2>>said
	hidden
	# what somebody types at a wrong place is not repeated
	for command in "athena-src-git $url" "athena-src-apilog $url" "athena-src-github $url" "athena-src-github --api-url $url octo/hello" \
		"athena-store $url" "athena-query $url" "athena-src-slack --export $url" "athena-src-slack $TOKEN" \
		"athena-src-github --no-such=$TOKEN octo/hello" "athena-conformance $url" "athena-config $url" "athena-check $url" "athena-sync $url"; do
		# shellcheck disable=SC2086 # words
		run $command </dev/null
		[ "$status" -ne 0 ] || fail "$command: 0"
		printf '%s\n' "$output" >>said
	done
	hidden
}

@test "a proxy is not told what is not encrypted; its password is in no message" {
	live
	mkdir secret/proxy
	cat >secret/proxy/listen.py <<-'END'
		import socket, sys
		s = socket.socket()
		s.bind(("127.0.0.1", 0))
		s.listen(5)
		open(sys.argv[1] + "/port", "w").write("%d\n" % s.getsockname()[1])
		while True:
		    c, _ = s.accept()
		    open(sys.argv[1] + "/heard", "ab").write(c.recv(65536) + b"\n")
		    c.close()
	END
	python3 secret/proxy/listen.py "$PWD/secret/proxy" 3>&- &
	local proxy=$! url
	eventually 10 test -s secret/proxy/port
	url=http://me:${MARK}@127.0.0.1:$(cat secret/proxy/port)
	export GITHUB_TOKEN=$TOKEN http_proxy=$url https_proxy=$url all_proxy=$url HTTPS_PROXY=$url
	spied athena-src-github -v --api-url "$MOCK_URL" octo/hello >out 2>said
	sent
	[ ! -e secret/proxy/heard ] || fail 'the proxy was asked'
	run -75 spied athena-src-github -v --retries 0 octo/hello
	printf '%s\n' "$output" >said
	contains "$(cat secret/proxy/heard)" 'CONNECT api.github.com:443'
	! grep -q "$TOKEN" secret/proxy/heard || fail 'the proxy was told the token'
	kill $proxy
	hidden athena-src-github
}

@test "netrc is not read: neither sent nor said" {
	live
	printf 'machine 127.0.0.1 login me password %s\n' "$MARK" >secret/netrc
	cp secret/netrc "$HOME/.netrc"
	chmod 600 "$HOME/.netrc"
	NETRC=$PWD/secret/netrc spied athena-src-github -v --api-url "$MOCK_URL" --events push octo/hello >out 2>said
	[ "$(asked | wc -l)" -gt 0 ]
	! asked .headers | grep -F "$(printf 'me:%s' "$MARK" | base64)" || fail 'it was sent'
	same '' "$(asked '.headers.authorization // empty')"
	rm "$HOME/.netrc"
	hidden athena-src-github
}

@test "secrets in logs: query strings, addresses, headers and members" {
	{
		printf '1.2.3.4 - - [24/Nov/2026:03:04:0%d +0000] "GET %s HTTP/1.1" 200 5 "%s" "curl"\n' \
			1 "/a?access_token=$MARK-1&x=1" - 2 /b "https://h/?api_key=$MARK-2" 3 "/c?X-Amz-Signature=$MARK-3" - \
			4 "/d?password=$MARK-4" "https://me:$MARK-5@h/" 5 "/login?code=$MARK-6&client_secret=$MARK-7" -
	} >secret/a.log
	jq -nc --arg m "$MARK" '{time: "2026-11-24T03:05:00Z", method: "GET", path: "/e", status: 500, authorization: ("Bearer " + $m), token: $m,
		headers: {Cookie: ("session=" + $m), "X-Api-Key": $m, authorization: [("Basic " + $m)]}, password: $m, query: ("sig=" + $m)}' >secret/b.log
	for log in a b; do
		spied athena-src-apilog -v --cursor state/$log --metrics metrics/$log secret/$log.log >$log.out 2>>said
		spied athena-store -v d.db <$log.out 2>>said
		spied athena-src-apilog -v --check secret/$log.log >>said 2>&1
	done
	same 6 "$(sql d.db 'SELECT count(*) FROM events')"
	spied athena-query d.db >out
	spied athena-query --match curl d.db >>out
	hidden
}

@test "a command of athena-commit has the environment that it was given; its words are in no message and no metric" {
	repo_new repo
	repo_commit repo one file
	athena-src-git --cursor state/F repo >stream
	MY_TOKEN=$TOKEN spied athena-commit -v --metrics metrics/c -- sh -c "cat >/dev/null; : $MARK; exit 3" <stream 2>said || same 3 $?
	contains "$(cat said)" 'sh: exit status 3'
	contains "$(cat seen)" "MY_TOKEN=$TOKEN"
	sed -i "/argv.*; : $MARK; exit 3/d; /argv.: cat/d" seen
	hidden athena-commit sh cat
}

@test "conformance: a source on trial, with a token" {
	live
	GITHUB_TOKEN=$TOKEN spied athena conformance --keep kept athena-src-github --api-url "$MOCK_URL" octo/hello >out 2>said || cat out
	[ -d kept ]
	sent
	hidden athena athena-conformance athena-src-github
}

# no_core PID: a crash of it would leave nothing
no_core() { grep -q '^Max core file size *1 *1 ' "/proc/$1/limits"; }

@test "who knows a token leaves no core" {
	[ -r /proc/self/limits ] || skip 'there is no /proc'
	live
	fault '{"at":1,"how":"hang"}'
	ulimit -c unlimited 2>/dev/null || skip 'no core is allowed here'
	GITHUB_TOKEN=$TOKEN athena-src-github --api-url "$MOCK_URL" octo/hello >out 2>said &
	eventually 10 no_core $!
	kill -KILL $!
	wait $! || :
}

# run_all: every program, with files of each kind that they make
run_all() {
	repo_new repo
	repo_commit repo one file
	athena-src-git -q --cursor new/git --metrics new/m repo | athena-store -q --metrics new/s new/d.db
	printf '%s\n' '1.2.3.4 - - [24/Nov/2026:03:04:02 +0000] "GET /a HTTP/1.1" 200 5' nonsense >a.log
	athena-src-apilog -q --cursor new/log --rejects new/rejects a.log >new/out.ndjson || same 65 $?
	athena-src-apilog -q a.log 2>/dev/null | athena-commit -q --rejects new/rejected --metrics new/c -- cat >/dev/null
	sqlite3 new/d.db '.timeout 1000' 'BEGIN IMMEDIATE' 'SELECT count(*) FROM events' >/dev/null
	athena-query --match one new/d.db >/dev/null
	live
	GITHUB_TOKEN=x athena-src-github -q --api-url "$MOCK_URL" --cursor new/hub --cache new/cache/of/hub octo/hello >/dev/null
	printf '[store]\ndatabase = %s/new/e.db\n[source "one"]\ntype = git\nrepo = %s/repo\n' "$PWD" "$PWD" >config
	XDG_STATE_HOME=$PWD/new/state athena-sync -q --config config --metrics new/y
	athena-conformance --keep new/kept athena-src-git repo >/dev/null 2>&1 || :
	XDG_CACHE_HOME=$PWD/new/xdg XDG_STATE_HOME=$PWD/new/hubstate GITHUB_TOKEN=x athena-src-github -q --api-url "$MOCK_URL" octo/hello >/dev/null
	mock_stop
}

# modes TYPE: the modes of what was made, but for what the shell made and metrics, which others are to read
modes() { find new -mindepth 1 -type "$1" ! -name out.ndjson ! -name '[mscy]' ! -name '*.prom' ! -path '*/metrics/*' -printf '%m %P\n' | grep -v "^$2 "; }

@test "what is made is for us alone, whatever the umask: files 600, folders 700; metrics as the umask says" {
	mkdir new
	(umask 0 && run_all)
	[ "$(find new -type f | wc -l)" -gt 25 ]
	same '' "$(modes f 600)" 'files that others may read'
	same '' "$(modes d 700)" 'folders that others may enter'
	same 644 "$(stat -c %a new/[mscy] new/state/athena/*.prom | sort -u)" 'metrics'
	same '' "$(ls tmp)" 'what was spooled'
	rm -rf new repo state/* && mkdir new
	(umask 077 && run_all)
	same '' "$(find new -mindepth 1 \( -type f ! -perm 600 -o -type d ! -perm 700 \))" 'with a umask of 077'
}
