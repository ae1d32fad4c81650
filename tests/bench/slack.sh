#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# slack: what athena-src-slack costs a server and this machine, against the mock of tests/mock; and a client as it is usually
# written (slack-usual.py) on the same workspace. MESSAGES=100000 sets the size of the large channel, EXPORT_MB=1024 the MiB of
# JSON in the export. Usage: slack.sh
# shellcheck disable=SC2154 # here and work are of mock.bash
set -u
. "$(dirname "$0")/mock.bash"
export SLACK_BOT_TOKEN=xoxb-bench

# Some weeks of a lively workspace; texts are as long as people write them.
body=$(printf '%0200d' 0)
LIVELY=
for channel in general a b c d e; do
	[ "$channel" = general ] || LIVELY+="{\"do\":\"channel\",\"name\":\"$channel\"},"
	LIVELY+="{\"do\":\"many\",\"n\":300,\"what\":{\"do\":\"post\",\"channel\":\"$channel\",\"text\":\"%d $body\",\"step\":600}},"
	for n in {0..29}; do
		LIVELY+="{\"do\":\"many\",\"n\":4,\"what\":{\"do\":\"reply\",\"channel\":\"$channel\",\"n\":$((n * 10)),\"text\":\"%d $body\"}},"
		LIVELY+="{\"do\":\"react\",\"channel\":\"$channel\",\"n\":$((n * 7))},"
	done
done
LIVELY=${LIVELY%,}

run() { # run NAME [OPTION...]: one run with the cursor NAME; events in $work/NAME.out
	athena-src-slack -q --api-url "$MOCK_URL" --cursor "$work/$1.F" --commit=exit --cache "$work/$1.cache" "${@:2}" >"$work/$1.out"
}
usual() { python3 -B "$here/tests/bench/slack-usual.py" "$MOCK_URL" >"$work/usual.out"; }
start() { mock_start slack "{\"delay\":$1,\"ops\":[$LIVELY]}" || exit 1; }

start 0
forget_asked
cpu=$(processor run first)
requests=$(asked | wc -l) events=$(grep -c '"kind"' "$work/first.out")
awk -v r="$requests" -v e="$events" -v s="$cpu" 'BEGIN {
	printf "first run: %d events, %d requests, %.1f per 1,000 events; %.0f us of processor an event\n", e, r, r * 1000 / e, s * 1e6 / e }'
forget_asked
run first
printf 'idle run: %d requests, %d bytes of answers, %d events\n' "$(asked | wc -l)" "$(sent)" "$(grep -c '"kind"' "$work/first.out")"
forget_asked
usual
printf 'usual client: %d requests, first run and every other\n' "$(asked | wc -l)"
mock_stop

for delay in 0 0.05 0.2; do
	start "$delay"
	rm -rf "$work"/one.* "$work"/four.* "$work/.local"
	one=$(seconds run one --jobs 1) four=$(seconds run four --jobs 4)
	cmp -s <(grep '"kind"' "$work/one.out") <(grep '"kind"' "$work/four.out") || { echo 'slack: --jobs changes the events' >&2; exit 1; }
	printf 'with %s s latency: %s s with --jobs 1, %s s with --jobs 4, idle %s s; usual client %s s\n' "$delay" "$one" "$four" \
		"$(seconds run four --jobs 4)" "$(seconds usual)"
	mock_stop
done

for n in 1000 "${MESSAGES:-100000}"; do
	mock_start slack "{\"ops\":[{\"do\":\"many\",\"n\":$n,\"what\":{\"do\":\"post\",\"text\":\"%d $body\",\"step\":300}}]}" || exit 1
	printf '%d messages: %s' "$n" "$(command time -f '%e s, %U s of them its own, peak memory %M kB' athena-src-slack -q --api-url "$MOCK_URL" \
		--cache "$work/big.cache" --cursor "$work/big.$n" --metrics "$work/m" 2>&1 >/dev/null | tail -n 1)"
	sed -n 's/^athena_events_[a-z_]*{.*} //p; s/^athena_requests_[a-z_]*{.*} /requests /p' "$work/m" | tr '\n' ' ' | sed 's/^/; events /'
	echo
	mock_stop
done

for n in 8 "${EXPORT_MB:-1024}"; do
	python3 -B "$here/tests/bench/slack-export.py" "$work/export.zip" "$n"
	printf 'export with %d MiB of JSON: %s' "$n" "$(command time -f '%e s, peak memory %M kB' athena-src-slack -q --export "$work/export.zip" \
		--metrics "$work/m" 2>&1 >/dev/null | tail -n 1)"
	sed -n 's/^athena_events_[a-z_]*{.*} /, events /p' "$work/m"
done
