#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# github: what athena-src-github costs a server and this machine, against the mock of tests/mock; and a client as it is
# usually written (curl and jq, list by list, page by page, nothing kept) on the same repository.
# ISSUES=100000 sets the size of the large one. Usage: github.sh
# shellcheck disable=SC2154 # here and work are of mock.bash
set -u
. "$(dirname "$0")/mock.bash"
export GITHUB_TOKEN=ghp_bench

# A year of a lively repository; texts are as long as people write them.
body=$(printf '%0400d' 0)
LIVELY='{"do":"many","n":400,"what":{"do":"issue","body":"'$body'"}},{"do":"many","n":60,"what":{"do":"pull","body":"'$body'"}},
{"do":"many","n":500,"what":{"do":"comment","number":7,"body":"'$body'"}},{"do":"many","n":600,"what":{"do":"commit","message":"'$body'"}},
{"do":"many","n":300,"what":{"do":"label","number":3}},{"do":"many","n":200,"what":{"do":"review_comment","number":420}},
{"do":"many","n":20,"what":{"do":"release"}},{"do":"many","n":40,"what":{"do":"discussion","body":"'$body'"}}'
for n in {401..460}; do LIVELY+=",{\"do\":\"review\",\"number\":$n}"; done

run() { # run NAME [OPTION...]: one run with the cursor NAME; events in $work/NAME.out
	athena-src-github -q --api-url "$MOCK_URL" --cursor "$work/$1.F" --commit=exit --cache "$work/$1.cache" "${@:2}" octo/hello \
		>"$work/$1.out"
}

# usual: the same lists with curl, one request after the other, and the reviews of each pull request.
follow() { # follow URL: all pages; the numbers of what was on them
	local url=$1
	while [ "$url" ]; do
		curl -sS -D head -H "Authorization: Bearer $GITHUB_TOKEN" -H 'Accept: application/vnd.github+json' "$url" >page || return
		jq -r '.[].number?' page
		url=$(sed -n 's/^[Ll]ink: .*<\([^>]*\)>; rel="next".*/\1/p' head | tr -d '\r')
	done
}
usual() (
	cd "$work" || exit
	base=$MOCK_URL/repos/octo/hello
	for list in activity commits issues?state=all issues/comments issues/events releases pulls/comments; do
		case $list in *\?*) follow "$base/$list&per_page=100" ;; *) follow "$base/$list?per_page=100" ;; esac
	done >/dev/null
	for n in $(follow "$base/pulls?state=all&per_page=100"); do follow "$base/pulls/$n/reviews?per_page=100"; done
)

mock_start github "{\"ops\":[$LIVELY]}" || exit 1
forget_asked
cpu=$(processor run first)
requests=$(asked | wc -l) events=$(wc -l <"$work/first.out")
awk -v r="$requests" -v e="$events" -v s="$cpu" 'BEGIN {
	printf "first run: %d events, %d requests, %.1f per 1,000 events; %.0f us of processor an event\n", e, r, r * 1000 / e, s * 1e6 / e }'
forget_asked
run first
printf 'idle run: %d requests (%d answered 304), %d bytes of answers, %d lines\n' "$(asked | wc -l)" "$(asked | grep -c ' 304$')" \
	"$(sent)" "$(wc -l <"$work/first.out")"
forget_asked
usual >/dev/null
printf 'curl and jq: %d requests, first run and every other\n' "$(asked | wc -l)"
mock_stop

for delay in 0 0.05 0.2; do
	mock_start github "{\"delay\":$delay,\"ops\":[$LIVELY]}" || exit 1
	rm -rf "$work"/one.* "$work"/four.*
	one=$(seconds run one --jobs 1) four=$(seconds run four --jobs 4)
	cmp -s <(grep '"kind"' "$work/one.out" | sort) <(grep '"kind"' "$work/four.out" | sort) || { echo 'github: --jobs changes the events' >&2; exit 1; }
	printf 'with %s s latency: %s s with --jobs 1, %s s with --jobs 4, idle %s s; curl and jq %s s\n' "$delay" "$one" "$four" \
		"$(seconds run four --jobs 4)" "$(seconds usual)"
	mock_stop
done

for n in 1000 "${ISSUES:-100000}"; do
	mock_start github "{\"ops\":[{\"do\":\"many\",\"n\":$n,\"what\":{\"do\":\"issue\",\"body\":\"$body\",\"step\":7}}]}" || exit 1
	printf '%d issues: peak memory %s kB' "$n" "$(peak athena-src-github -q --api-url "$MOCK_URL" --events issues \
		--cache "$work/big.cache" --cursor "$work/big.$n" --metrics "$work/m" octo/hello)"
	sed -n 's/^athena_events_[a-z_]*{.*} //p; s/^athena_requests_[a-z_]*{.*} /requests /p' "$work/m" | tr '\n' ' ' | sed 's/^/; events /'
	echo
	mock_stop
done
