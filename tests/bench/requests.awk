# SPDX-License-Identifier: ISC
# N requests (-v n=N) of an API, the same ones for the same -v seed=S, in the Combined Log Format, or with -v json=1 as nginx
# writes them with escape=json, or with -v logfmt=1 as logfmt. A fifth asks for a page, some carry a token; one in twelve fails.
function random(k) { state = state * 16807 % 2147483647; return int(state / 7) % k }
function hex(digits,  s) { for (s = ""; digits-- > 0;) s = s substr("0123456789abcdef", 1 + random(16), 1); return s }
function url(  p, at) { # sub() would be slow: mawk keeps each replacement that it has seen
	p = path[1 + random(paths)]
	while ((at = index(p, "%d")))
		p = substr(p, 1, at - 1) random(32768) substr(p, at + 2)
	if ((at = index(p, "%u")))
		p = substr(p, 1, at - 1) hex(8) "-" hex(4) "-4" hex(3) "-8" hex(3) "-" hex(12)
	if (random(5) == 0)
		return p "?page=" random(50) "&limit=100"
	return random(20) ? p : p "?access_token=" hex(16)
}
BEGIN {
	state = seed + 1
	methods = split("GET GET GET GET GET POST PUT DELETE", method, " ")
	codes = split("200 200 200 200 200 200 201 204 304 301 400 404 404 429 500 503", code, " ")
	paths = split("/api/v1/users /api/v1/users/%d /api/v1/orders/%d/items /api/v2/search /static/app.js /health " \
		"/api/v1/sessions/%u /login / /api/v1/products/%d/reviews/%d", path, " ")
	agents = split("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36|" \
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148|" \
		"curl/7.88.1|okhttp/4.12.0|kube-probe/1.28", agent, "|")
	for (i = 0; i < n; i++) {
		s = int(i / 50)
		when = sprintf("%02d:%02d:%02d", s / 3600 % 24, s / 60 % 60, s % 60)
		who = (1 + random(220)) "." random(256) "." random(256) "." random(256)
		m = method[1 + random(methods)]; u = url(); c = code[1 + random(codes)]; b = random(32768)
		a = agent[1 + random(agents)]; r = random(3) ? "-" : "https://www.example.org/products?page=" random(9)
		if (json)
			printf "{\"time\":\"2026-11-24T%s.%03d+00:00\",\"remote_addr\":\"%s\",\"request_method\":\"%s\"," \
				"\"request_uri\":\"%s\",\"server_protocol\":\"HTTP/1.1\",\"status\":%s,\"body_bytes_sent\":%d," \
				"\"request_time\":%.3f,\"http_referer\":\"%s\",\"http_user_agent\":\"%s\",\"host\":\"api.example.org\"," \
				"\"request_id\":\"%s\",\"upstream_addr\":\"10.0.0.%d:8080\",\"upstream_status\":\"%s\"}\n", when, random(1000),
				who, m, u, c, b, random(2000) / 1000, r == "-" ? "" : r, a, hex(16), random(9), c
		else if (logfmt)
			printf "time=2026-11-24T%s.%03dZ level=info remote_addr=%s method=%s path=\"%s\" status=%s bytes=%d " \
				"duration=%dms user_agent=\"%s\"\n", when, random(1000), who, m, u, c, b, random(2000), a
		else
			printf "%s - %s [24/Nov/2026:%s +0000] \"%s %s HTTP/1.1\" %s %d \"%s\" \"%s\"\n", who,
				random(5) ? "-" : "user" random(100), when, m, u, c, b, r, a
	}
}
