#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# athena-src-apilog: logs as logrotate, multilog, s6-log, svlogd, Docker, Kubernetes, loggers and operators rotate them, with and
# without a run in between. The tools themselves where they are installed; their names for files everywhere.
load helper
load apilog

setup() { need jq sqlite3 gzip zstd; }

# fresh: another log, from the start.
fresh() { rm -rf ./* && : >said; }

# ---- names ----

# twice NAME1 NAME2 [FILE]: the log is rotated to NAME1, and once more to NAME2, between two runs, and then once more with
# both compressed.
twice() {
	local log=${3:-a.log}
	fresh
	put "$log" 1 3; run_once "$log"
	put "$log" 4; mv "$log" "$1"; put "$log" 5; mv "$log" "$2"; put "$log" 6
	run_once "$log"; holds 6; quiet "$log"
	gzip "$1"; zstd -q --rm "$2"; put "$log" 7
	run_once "$log"; holds 7; quiet "$log"
	same '' "$(cat said)"
}

@test "rotated twice between two runs: the names of many loggers" {
	twice a.log-20261123 a.log-20261124
	twice a.log.2026-11-23 a.log.2026-11-24                                   # log4j, Python
	twice a.log.2026-11-24_03-04-05 a.log.2026-11-24_03-05-05
	twice a-2026-11-24T03-04-05.123.log a-2026-11-24T03-05-05.123.log         # lumberjack
	twice a-2026-11-24T03-04-05.123-size.log a-2026-11-24T03-05-05.123-time.log # timberjack: Caddy
	twice a__2026-11-24_03-04-05.log a__2026-11-24_04-04-05.log               # pm2
	twice a.2026-11-24.0.log a.2026-11-24.1.log                               # logback
	twice a.2.log a.1.log                                                     # logback, logrotate's extension
	twice a.log.1732410000 a.log.1732420000                                   # rotatelogs
	twice @4000000065a0b1c20a0b0c0d.s @4000000065a0b1c30a0b0c0d.s current     # multilog, s6-log, svlogd
	twice @4000000065a0b1c20a0b0c0d.u @4000000065a0b1c30a0b0c0d.s current
}

@test "a log whose name has a number in it is one of its own" {
	put web.log 1 2; put web.1.log 3; put web.2.log 4
	same "apilog:$PWD/web.1.log" "$(athena-src-apilog web.1.log | jq -r .source_id)"
	same 4 "$(athena-src-apilog . | jq -r .id | sort -u | wc -l)"
	same 4 "$(athena-src-apilog . | wc -l)"
}

@test "a rotated name that is a link to itself is no file" {
	put a.log 1; ln -s a.log.1 a.log.1
	run_once a.log; holds 1; quiet
	same '' "$(cat said)"
}

@test "a cursor with a path that is none is refused" {
	put a.log 1; run_once a.log
	for to in '.cursor.logs[][].path = "x"' '.cursor.logs |= with_entries(.key = "x")'; do
		jq -c "$to" c >d
		run -78 athena-src-apilog --cursor d a.log
	done
}

@test "access.1.log is that of access.log where its content says so" {
	# of ports and workers
	put a.log 1 3; put a.80.log 100; put a.443.log 101; put a.1.log 102; put a.2.log 103
	run_once a.log; holds 3
	put a.log 4; put a.80.log 104; put a.1.log 105
	mv a.log a.log.1; put a.log 5
	run_once a.log; holds 5; quiet
	rm -f ./*
	# all of it was read; compressed, and once more
	put a.log 1 3; run_once a.log
	mv a.log a.2.log; put a.log 4; mv a.log a.1.log; put a.log 5
	run_once a.log; holds 5; quiet
	gzip a.1.log a.2.log; mv a.2.log.gz a.4.log.gz; mv a.1.log.gz a.3.log.gz
	mv a.log a.2.log; put a.log 6; mv a.log a.1.log; put a.log 7
	run_once a.log; holds 7; quiet; files_known 5
	rm -f ./*
	put a.log 1 3; run_once a.log
	mv a.log a.1.log; gzip a.1.log; put a.log 4
	run_once a.log; holds 4; quiet
}

@test "a folder: access.log becomes access.1.log, and no line comes twice" {
	mkdir web
	put web/a.log 1 2; run_once --source-id w web
	for n in 3 4; do
		[ ! -e web/a.1.log ] || mv web/a.1.log web/a.2.log
		mv web/a.log web/a.1.log; put web/a.log $n
		run_once --source-id w web; holds $n; quiet --source-id w web
	done
}

@test "entries do not grow where something can never be looked at: of more than 16 the oldest are said" {
	printf '\037\213\010\000\000\000\000\000\000\003garbage' >a.log.gz
	for i in {1..20}; do
		put a.log "$i"
		run run_once a.log # 65, of a.log.gz
		mv a.log gone; rm gone
	done
	put a.log 21
	run run_once a.log # 65, of a.log.gz
	files_known 17; holds 21 4
	grep -q 'is gone or was emptied, or cannot be looked at' said
}

# failing CALL PATH HOW CODE: a run in which each such call fails; it gives out nothing.
failing() {
	LD_PRELOAD=${ATHENA_BIN%/*}/tests/faults/inject.so FAULT_CALL=$1 FAULT_PATH=$2 FAULT_TIMES=0 FAULT_HOW=$3 \
		run "-$4" --separate-stderr athena-src-apilog --cursor c a.log
	same '' "$(jq -c 'select(.athena | not)' <<<"$output")" "events where $1 of $2 fails"
	athena-commit -- cat <<<"$output" 2>>said
}

@test "a log that may not be read: who may is said, the others are read, and the next run goes on" {
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'nothing can be preloaded before a sanitizer, or valgrind'
	local me refused=(env LD_PRELOAD="${ATHENA_BIN%/*}/tests/faults/inject.so" FAULT_CALL=open FAULT_PATH='*b.log' FAULT_TIMES=0 FAULT_HOW=EACCES)
	me=$(id -un)
	put a.log 1 2; put b.log 3; chmod 600 b.log
	"${refused[@]}" athena-src-apilog --cursor c --source-id x a.log b.log >out 2>said || same 77 $?
	contains "$(cat said)" "b.log: Permission denied; it was left out; let $me read it: setfacl -m u:$me:r $PWD/b.log"
	same false "$(tail -n 1 out | jq .final)" # it did not end well
	athena-store -q data.db <out 2>>said
	same 1 "$(athena-query --status data.db 2>/dev/null | jq .cut_short)"
	run_once --source-id x a.log b.log; holds 3; quiet --source-id x a.log b.log
	run -77 "${refused[@]}" athena-src-apilog --check b.log
	contains "$output" "setfacl -m u:$me:r $PWD/b.log"
	chgrp adm b.log 2>/dev/null || skip 'not a member of adm, nor root'
	chmod 640 b.log
	run -77 "${refused[@]}" athena-src-apilog a.log b.log
	contains "$output" "its group adm may read it: usermod -aG adm $me"
}

@test "what could not be looked at this time is not read again the next" {
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'nothing can be preloaded before a sanitizer, or valgrind'
	local call
	for call in 'stat */a.log.1 EIO 74' "folder $PWD EACCES 77"; do
		fresh
		put a.log.2 1 2; put a.log.1 3 4; put a.log 5 6; run_once a.log; holds 6
		# shellcheck disable=SC2086 # words
		failing $call
		files_known 3
		quiet
		# shellcheck disable=SC2086
		failing $call
		mv a.log.2 a.log.3; gzip a.log.1; mv a.log.1.gz a.log.2.gz
		same '' "$(athena-src-apilog a.log --cursor c | jq -c 'select(.athena | not)')"
	done
	# nor are these remembered without end
	fresh
	put a.log 1; printf '\037\213\010\000\000\000\000\000\000\003garbage' >a.log.gz
	run run_once a.log # 65, of a.log.gz
	jq -c '.cursor.logs[] |= [range(300) as $i | .[0] | .state = 2 | .path += ".\($i)" | .first = "\(1000000000000000 + $i)"]' c >d; mv d c
	files_known 300
	athena-src-apilog --cursor c a.log >events 2>>said || same 65 $?
	files_known 257
}

# rotate_away STYLE N: the log becomes the youngest of three rotated files, the oldest is deleted.
rotate_away() {
	local k
	case $1 in
	number | inner)
		name() { if [ "$1" = number ]; then echo "d/a.log.$2"; else echo "d/a.$2.log"; fi; }
		for k in 2 1; do [ ! -e "$(name "$1" $k)" ] || mv "$(name "$1" $k)" "$(name "$1" $((k + 1)))"; done
		mv d/a.log "$(name "$1" 1)"
		;;
	*)
		mv d/a.log "$(printf "$1" "$2")"
		for k in $(ls d/a[.-]*20261* | head -n -3); do rm "$k"; done
		;;
	esac
	: >d/a.log
}

@test "the oldest rotated file is deleted: no gap where it was read, one where it was not" {
	local style operand every i n
	for style in number inner d/a.log-202611%02d d/a-202611%02d.log; do
		for operand in d/a.log 'd/a*log' d; do
			for every in 1 3; do
				fresh
				mkdir d
				n=0
				for i in {1..8}; do
					put d/a.log $((n += 1))
					[ "$style$operand$every" != innerd/a.log3 ] || [ $i -gt 1 ] || run_once --source-id x "$operand" # these are no files of it yet
					[ $((i % every)) -ne 0 ] || run_once --source-id x "$operand"
					rotate_away "$style" "$i"
					[ $every -eq 3 ] || run_once --source-id x "$operand" # the log is empty
				done
				put d/a.log $((n += 1))
				run_once --source-id x "$operand"; holds $n; quiet --source-id x "$operand"
			done
			put d/a.log $((n += 1))
			for i in {21..24}; do put d/a.log "1$i"; rotate_away "$style" "$i"; done
			put d/a.log 2000
			run_once --source-id x "$operand"
			# where these are logs of their own, each that was never seen to move is called lost
			i=$(sql data.db "SELECT count(*) FROM events WHERE kind = 'log.gap'")
			[ "$i" = 1 ] || [ "$style$i" = inner3 ] || fail "gaps of $style $operand: $i ($(cat said))"
			same '' "$(sql data.db "SELECT id FROM events WHERE content LIKE '%/n/121 %'")"
		done
	done
}

# ---- folders below ----

@test "a file of another log is never what a log has become" {
	mkdir site
	for order in 'site/a.log a.log' 'a.log site/a.log'; do
		rm -rf c data.db* said site/a.log; rm -f a.log
		put site/a.log 1 3; put a.log 4 5
		read -ra logs <<<"$order"
		run_once --source-id web "${logs[@]}"; holds 5
		: >a.log; put a.log 6
		run_once --source-id web "${logs[@]}"; holds 6 1
		run_once --source-id web "${logs[@]}"; holds 6 1; files_known 2
		quiet --source-id web "${logs[@]}"
		# lines of the one are not given out as the other's
		: >a.log; put site/a.log 7
		run_once --source-id web "${logs[@]}"
		same "$PWD/site/a.log" "$(jq -r '.cursor.logs | to_entries[] | select(.value[].path | endswith("site/a.log")).key' c)"
	done
}

@test "rotated into a folder below, twice, after all of it was read" {
	mkdir old
	put a.log 1 3; run_once a.log
	mv a.log old/a.log.1; put a.log 4
	mv old/a.log.1 old/a.log.2; mv a.log old/a.log.1; put a.log 5
	run_once a.log; holds 5; quiet
	gzip old/a.log.[12]; for n in 2 1; do mv old/a.log.$n.gz old/a.log.$((n + 2)).gz; done
	put a.log 6; mv a.log old/a.log.2; put a.log 7; mv a.log old/a.log.1; put a.log 8
	run_once a.log; holds 8; quiet
}

@test "a folder that is a link and leads elsewhere: what is left unread in the one before is said" {
	mkdir r1 r2; ln -s r1 now
	put r1/a.log 1 2; run_once --source-id w now
	put r1/a.log 3; ln -sfn r2 now; put r2/a.log 4
	run_once --source-id w now
	contains "$(cat said)" "$PWD/r1/a.log: not named any more, and not read behind line 2; name it, too, for the rest of it"
	run_once --source-id w now r1/a.log; holds 4
	quiet --source-id w now
}

@test "what lay in the folder before a file was moved there is another's" {
	mkdir archive
	put archive/a.log-20261101 100 102; gzip archive/a.log-20261101
	touch -d '2026-11-01 12:00' archive/a.log-20261101.gz
	put a.log 1 3; run_once a.log
	mv a.log archive/a.log-20261123; put a.log 4; mv a.log archive/a.log-20261124; put a.log 5
	run_once a.log; holds 5; quiet
	# nor is that of a log of its own
	rm -rf c data.db* said archive a.log; mkdir archive
	put a.log 1 3; put archive/a.log 90; run_once --source-id web a.log archive/a.log; put archive/a.log.1 100
	mv a.log archive/a.log.2; put a.log 4
	run_once --source-id web a.log archive/a.log
	same "$PWD/archive/a.log" "$(jq -r '.cursor.logs | to_entries[] | select(.value[].path | endswith("a.log.1")).key' c)"
}

@test "rotated into a folder elsewhere: the gap says so, and where its files are named, too, there is none" {
	local i k n kind
	mkdir -p log elsewhere/old
	put log/a.log 1 2; run_once log/a.log; mv log/a.log elsewhere/old/a.log.1; put log/a.log 3
	run_once log/a.log; holds 3 1
	contains "$(cat said)" "was it moved to another folder (logrotate's olddir), name its files there, too"
	for kind in 'elsewhere/old/a.log*' elsewhere/old 'elsewhere/*/a.log'; do
		rm -rf c c.* data.db* log/* elsewhere/old/*; : >said
		put elsewhere/old/a.log.1 1; n=1
		for i in {1..6}; do
			put log/a.log $((n += 1))
			[ $i -eq 3 ] || run_once --source-id a log/a.log "$kind"
			put log/a.log $((n += 1))
			for k in 2 1; do [ ! -e elsewhere/old/a.log.$k ] || mv elsewhere/old/a.log.$k elsewhere/old/a.log.$((k + 1)); done
			mv log/a.log elsewhere/old/a.log.1
		done
		put log/a.log $((n += 1))
		run_once --source-id a log/a.log "$kind"; holds $n
		same '' "$(cat said)"
		same '' "$(athena-src-apilog --cursor c --source-id a log/a.log "$kind" | jq -c 'select(.athena | not)')"
	done
}

# ---- logrotate ----

# rotate FILE: logrotate with that configuration, now.
rotate() { logrotate -f -s "$PWD/state" "$1"; }

# rotations STYLE...: eight times some lines, a run or none, and logrotate; a line a directive.
rotations() {
	local n=0 i log=$PWD/a.log
	fresh
	mkdir old
	{ echo "$log {"; printf '\t%s\n' "$@" 'rotate 20' 'missingok' 'notifempty'; echo '}'; } >conf
	chmod 600 conf
	for i in 1 2 3 4 5 6 7 8; do
		put a.log $((n + 1)) $((n + i)); n=$((n + i))
		case $i in 1 | 2 | 5 | 7) run_once a.log ;; esac
		[ $i -eq 7 ] || { put a.log $((n + 1)); n=$((n + 1)); }
		[[ $* != *%s* ]] || sleep 1 # or the names would be the same
		rotate conf
	done
	put a.log $((n + 1)); n=$((n + 1))
	run_once a.log; holds $n; quiet
	same '' "$(cat said)" "messages of $*"
}

@test "logrotate itself, in every style" {
	command -v logrotate >/dev/null || skip 'logrotate is not installed'
	rotations create
	rotations nocreate
	rotations create compress
	rotations create compress delaycompress
	rotations copytruncate
	rotations copytruncate compress
	rotations copytruncate compress delaycompress
	rotations create dateext 'dateformat -%Y%m%d-%s'
	rotations copytruncate dateext 'dateformat -%s' compress
	rotations create 'extension .log' compress
	rotations create 'start 0' compress
	rotations create "olddir $PWD/old"
	rotations create "olddir $PWD/old" compress
	rotations create compress 'compresscmd /usr/bin/zstd' 'compressext .zst' 'compressoptions -q --rm'
	rotations create compress sharedscripts "postrotate
		echo >>$PWD/told
	endscript"
}

# ---- supervisors, containers ----

# logged LOGGER...: lines through a logger that rotates by itself, several times between two runs, into the folder `main`.
logged() {
	local n=0 i
	fresh
	mkdir main
	printf 's4096\nn100\n' >main/config # of svlogd, which has no options for it
	for i in 1 2 3 4; do
		line $((n + 1)) $((n + 150)) | "$@"
		n=$((n + 150))
		[ $i -eq 3 ] || run_once main/current
	done
	run_once main/current; holds $n; quiet main/current
	[ "$(find main -name '@*' | wc -l)" -gt 5 ] || fail "no rotation: $(ls main)"
	same '' "$(cat said)" "messages of $*"
}

@test "multilog, s6-log and svlogd, which call the log current" {
	local any=no
	if command -v multilog >/dev/null; then any=yes; logged multilog n100 s4096 ./main; fi
	if command -v s6-log >/dev/null; then any=yes; logged s6-log n100 s4096 ./main; fi
	if command -v svlogd >/dev/null; then any=yes; logged svlogd main; fi
	[ $any = yes ] || skip 'none of them is installed'
}

@test "Docker's json-file: max-file numbers, compressed, each line in JSON" {
	local n=0 i k log=4f3c6f7e0e1d-json.log
	docker_line() { line "$1" | jq -Rc '{log: (. + "\n"), stream: "stdout", time: "2026-11-24T03:04:05.123456789Z"}'; }
	for i in 1 2 3 4 5 6; do
		docker_line $((n += 1)) >>$log
		[ $i -eq 4 ] || run_once $log
		docker_line $((n += 1)) >>$log
		for k in 3 2 1; do [ ! -f $log.$k.gz ] || mv $log.$k.gz $log.$((k + 1)).gz; done
		rm -f $log.5.gz
		mv $log $log.1; : >$log
		gzip $log.1
	done
	docker_line $((n += 1)) >>$log
	run_once $log; holds $n; quiet $log
	same '' "$(cat said)"
}

@test "Kubernetes: pods by a glob and by the link of a container, rotated, compressed, restarted" {
	local pods=pods/default_web-0_8b6c/web operand i n=0
	cri_line() { line "$1" | sed 's/^/2026-11-24T03:04:05.123456789Z stdout F /'; }
	mkdir -p $pods containers
	ln -s ../$pods/0.log containers/web-0.log
	# rotated TIME BEFORE: kubelet keeps the youngest as it is
	rotated() {
		local old="$pods/0.log.$2"
		if [ -f "$old" ]; then
			gzip <"$old" >"$old.tmp"
			mv "$old.tmp" "$old.gz"
			rm "$old"
		fi
		mv $pods/0.log "$pods/0.log.$1"
		: >$pods/0.log
	}
	for operand in 'pods/*/*/*.log' containers/web-0.log; do
		rm -rf c data.db* pods/*/*/*; n=0; : >said
		for i in 1 2 3 4 5; do
			cri_line $((n += 1)) >>$pods/0.log
			[ $i -eq 3 ] || run_once --source-id k8s "$operand"
			cri_line $((n += 1)) >>$pods/0.log
			rotated 20261124-03040$i 20261124-03040$((i - 1))
		done
		cri_line $((n += 1)) >>$pods/0.log
		run_once --source-id k8s "$operand"
		cri_line $((n += 1)) >>$pods/0.log; cri_line $((n += 1)) >>$pods/1.log # the container was restarted
		ln -sf ../$pods/1.log containers/web-0.log
		run_once --source-id k8s "$operand"; holds $n; quiet --source-id k8s "$operand"
		ln -sf ../$pods/0.log containers/web-0.log
	done
	same '' "$(cat said)"
}

# ---- operators ----

@test "a log that an editor, rsync or cat wrote anew is the same one" {
	local i n=3
	put a.log 1 3; run_once a.log
	mkdir b
	for i in 'cp -p a.log b/x; mv b/x a.log' 'cat a.log >b/x; cat b/x >a.log' "vim -u NONE -N -n -es -c 'w!' -c q a.log" \
		'rsync -a a.log b/; rsync -a b/a.log .' 'rsync -a a.log b/; rsync --inplace -I b/a.log .' 'sed -i s/none/nothing/ a.log'; do
		command -v "${i%% *}" >/dev/null || continue
		bash -c "$i" </dev/null
		put a.log $((n += 1))
		run_once a.log; holds $n
		put a.log $((n += 1))
		bash -c "$i" </dev/null
		run_once a.log; holds $n; quiet
	done
	same '' "$(cat said)"
}

@test "a log that rsync brings from elsewhere, with its rotations" {
	command -v rsync >/dev/null || skip 'rsync is not installed'
	local option n=0
	for option in --inplace -z; do
		fresh
		mkdir there here; n=0
		for i in 1 2 3 4 5; do
			put there/a.log $((n += 1)); rsync -a $option there/ here; run_once here/a.log
			put there/a.log $((n += 1))
			if [ $((i % 2)) -eq 0 ]; then
				[ ! -f there/a.log.1 ] || mv there/a.log.1 there/a.log.2
				mv there/a.log there/a.log.1; put there/a.log $((n += 1))
			fi
			rsync -a $option there/ here; run_once here/a.log; holds $n
		done
		quiet here/a.log
		same '' "$(cat said)"
	done
}

# ---- in the middle of a run ----

# stopped PID: it waits in the middle of a call, or has ended.
stopped() { ! kill -0 "$1" 2>/dev/null || grep -qs '^State:.[TZ]' "/proc/$1/status"; }

# moved_at CALL N HOW...: after $before, a run that stands still at its N-th call on the log or its folder while HOW is done to
# them. Then the next run, and nothing is lost, doubled or called lost. $more: there is such a call.
moved_at() {
	local call=$1 n=$2 pid
	shift 2
	fresh
	put a.log.2 1 2; put a.log.1 3 4; put a.log 5 9; run_once a.log
	eval "$before"
	LD_PRELOAD=$INJECT FAULT_CALL=$call FAULT_AT=$n FAULT_HOW=stop FAULT_PATH="$PWD*" FAULT_HIT=hit \
		athena-src-apilog --cursor "$PWD/c" "$PWD/a.log" >out 2>>said 3>&- &
	pid=$!
	eventually 30 stopped $pid
	[ -s hit ] || { more=no; wait $pid; return; }
	eval "$*"
	kill -CONT $pid
	wait $pid || fail "exit status $? at $call $n: $(cat said)"
	athena-store -q data.db <out
	put a.log 18
	run_once a.log; holds 18
	same '' "$(cat said)" "messages of $* at $call $n"
	quiet
}

@test "moved, copied, emptied and compressed at every moment of a run: nothing lost, nothing doubled, nothing called lost" {
	local before how call n more first=0 # STEP=1 tries each, the suite some
	! grep -q __asan_init "$ATHENA_BIN/athena-src-apilog" && ! under_valgrind || skip 'nothing can be preloaded before a sanitizer, or valgrind'
	INJECT=${ATHENA_BIN%/*}/tests/faults/inject.so
	for how in 'put a.log 16; mv a.log.1 a.log.2; mv a.log a.log.1; put a.log 17' \
		'put a.log 16; mv a.log.2 a.log.3; mv a.log.1 a.log.2; mv a.log a.log.1; put a.log.1 17' \
		'put a.log 16; cp a.log a.log.0; : >a.log; put a.log 17' \
		'mv a.log.2 a.log.3; gzip a.log.1; mv a.log.1.gz a.log.2.gz; put a.log 16; mv a.log a.log.1; put a.log 17' \
		'put a.log 16 17; mv kept kept.2'; do
		before='put a.log 10 12; mv a.log.1 a.log.2; mv a.log a.log.1; put a.log 13 15'
		[[ $how != *kept* ]] || before='put a.log 10 12; mv a.log kept; put a.log 13 15'
		for call in stat open folder read; do
			more=yes
			for ((n = 1 + first++ % ${STEP:-12}; n < 60; n += ${STEP:-12})); do
				moved_at $call $n "$how"
				[ $more = yes ] || break
			done
			[ $n -gt 2 ] || fail "$call was hardly called: $n"
		done
	done
}
