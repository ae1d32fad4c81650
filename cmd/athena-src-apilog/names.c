/* SPDX-License-Identifier: ISC */
#include "names.h"

#include <string.h>

#include "record.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { RANK_WRAPPED = 1024 /* more than there are names */ };

#define NAMES(...)                                                                                           \
	(const char *const[])                                                                                \
	{                                                                                                    \
		__VA_ARGS__, NULL                                                                            \
	}

/* A field, and the names that mean it: lower case without `_` and `-`, or after a `=` exactly as they are written. */
struct known {
	uint8_t field, unit, dialect;
	const char *const *names;
};

/* Of names for one field the earlier wins where a line has both. */
static const struct known table[] = {
	/* nginx writes $msec, $time_iso8601 and $time_local: the most precise first */
	{FIELD_TIME, UNIT_S, 0, NAMES("msec")},
	{FIELD_TIME, 0, 0,
	 NAMES("time", "@timestamp", "timestamp", "ts", "timeiso8601", "timelocal", "datetime", "starttime",
	       "startutc", "startlocal")},
	{FIELD_TIME, UNIT_NS, 0, NAMES("timeunixnano", "observedtimeunixnano")},
	{FIELD_TIME, UNIT_MS, 0, NAMES("timemillis", "requesttimeepoch")},
	{FIELD_TIME, 0, 0, NAMES("=requestTime", "@t")},
	{FIELD_TIME, UNIT_S, 0, NAMES("timestamp.seconds", "timestampseconds")},
	{FIELD_TIME, 0, 0,
	 NAMES("eventtime", "logtime", "requestcreationtime", "edgestarttimestamp", "edgeendtimestamp",
	       "startedat")},
	{FIELD_TIME, UNIT_S, 0, NAMES("instant.epochsecond")},
	{FIELD_TIME, UNIT_US, DIALECT_JOURNAL, NAMES("=__REALTIME_TIMESTAMP")},
	{FIELD_TIME, 0, 0, NAMES("created", "t")},
	{FIELD_DATE, 0, 0, NAMES("date")},
	{FIELD_REQUEST, 0, 0, NAMES("request", "requestline", "httprequest")},
	{FIELD_METHOD, 0, 0,
	 NAMES("requestmethod", "method", "httpmethod", "http.request.method", "req.method", "request.method",
	       "httprequest.requestmethod", "requestverb", "verb", "csmethod", "clientrequestmethod")},
	{FIELD_SCHEME, 0, 0,
	 NAMES("scheme", "requestscheme", "url.scheme", "http.scheme", "csprotocol", "clientrequestscheme")},
	{FIELD_URL, 0, 0, NAMES("requesturi", "xenvoyoriginalpath")},
	{FIELD_URL, 0, DIALECT_ENVOY, NAMES("xenvoyoriginpath")},
	{FIELD_URL, 0, 0,
	 NAMES("req.originalurl", "req.url", "request.uri", "request.url", "originalurl", "url.original",
	       "url.full", "http.target", "requesturl", "httprequest.requesturl", "url", "uri", "httpuri",
	       "requestpath", "request.path", "req.path", "httppath", "path", "clientrequesturi", "csuri")},
	{FIELD_PATH, 0, 0, NAMES("url.path", "csuristem", "documenturi")},
	{FIELD_QUERY, 0, 0,
	 NAMES("args", "querystring", "url.query", "query", "httpquery", "csuriquery", "requestquery")},
	{FIELD_PROTOCOL, 0, 0, NAMES("serverprotocol", "protocol", "requestprotocol")},
	{FIELD_PROTOCOL, 0, DIALECT_CADDY, NAMES("request.proto")},
	{FIELD_PROTOCOL, 0, 0,
	 NAMES("requestproto", "proto", "csprotocolversion", "csversion", "httprequest.protocol",
	       "clientrequestprotocol", "httpversion", "http.version", "http.flavor",
	       "network.protocol.version")},
	{FIELD_STATUS, 0, DIALECT_TRAEFIK, NAMES("downstreamstatus")},
	{FIELD_STATUS, 0, 0,
	 NAMES("status", "statuscode", "responsecode", "http.response.statuscode", "httpstatus",
	       "httpstatuscode", "responsestatus", "res.statuscode", "res.status", "response.status",
	       "response.statuscode", "httprequest.status", "httpresponse.status", "elbstatuscode",
	       "scstatus", "edgeresponsestatus", "originstatus", "response")},
	{FIELD_DURATION, UNIT_S, 0, NAMES("=request_time", "=request-time", "=rt")},
	{FIELD_DURATION, UNIT_MS, 0, NAMES("requesttimems")},
	{FIELD_DURATION, UNIT_US, 0, NAMES("requesttimeus")},
	{FIELD_DURATION, UNIT_MS, 0,
	 NAMES("durationms", "durationmillis", "latencyms", "elapsedms", "elapsedmilliseconds",
	       "responsetimems", "requestdurationms", "processingtimems", "tookms", "responselatency",
	       "latencies.request", "=responseTime", "=res.responseTime", "=Ta", "=Tt", "=Elapsed")},
	{FIELD_DURATION, UNIT_US, 0, NAMES("durationus", "durationmicros", "latencyus", "elapsedus")},
	{FIELD_DURATION, UNIT_NS, 0,
	 NAMES("event.duration", "durationns", "durationnanos", "latencyns", "elapsedns")},
	{FIELD_DURATION, UNIT_S, 0,
	 NAMES("durations", "durationsec", "durationseconds", "requestdurationseconds", "latencyseconds",
	       "elapsedseconds", "http.server.request.duration")},
	{FIELD_DURATION, UNIT_MS, 0, NAMES("http.server.duration")},
	{FIELD_DURATION, 0, 0,
	 NAMES("duration", "timetaken", "responsetime", "latencyhuman", "latency", "httprequest.latency",
	       "elapsed", "took")},
	/* a load balancer of AWS says where the time went, in seconds, not how much it was */
	{FIELD_PART1, UNIT_S, 0, NAMES("requestprocessingtime")},
	{FIELD_PART2, UNIT_S, 0, NAMES("targetprocessingtime", "backendprocessingtime")},
	{FIELD_PART3, UNIT_S, 0, NAMES("responseprocessingtime")},
	{FIELD_BYTES, 0, 0, NAMES("bodybytessent", "bytessent")},
	{FIELD_BYTES, 0, DIALECT_TRAEFIK, NAMES("downstreamcontentsize")},
	/* bytesread: HAProxy's; Caddy means the request by it, and has `size` */
	{FIELD_BYTES, 0, 0,
	 NAMES("http.response.body.bytes", "http.response.body.size", "http.response.bytes",
	       "http.responsecontentlength", "res.headers.contentlength", "res.contentlength", "responsesize",
	       "response.size", "httprequest.responsesize", "httpresponse.bytes", "bytesout", "byteswritten",
	       "network.byteswritten", "sentbytes", "scbytes", "edgeresponsebytes", "responselength", "bytes",
	       "size", "bytesread", "origincontentsize")},
	{FIELD_REMOTE, 0, 0, NAMES("remoteaddr")},
	{FIELD_REMOTE, 0, DIALECT_CADDY, NAMES("request.clientip", "request.remoteip")},
	{FIELD_REMOTE, 0, 0,
	 NAMES("request.remoteaddr", "clientip", "remoteip", "remoteaddress", "clienthost", "client.ip",
	       "client.address", "source.ip", "source.address", "network.client.ip", "http.clientip",
	       "req.ip", "req.remoteaddress", "request.ip", "httprequest.remoteip")},
	{FIELD_REMOTE, 0, DIALECT_ENVOY, NAMES("downstreamremoteaddress")},
	/* =fwd: Heroku's router */
	{FIELD_REMOTE, 0, 0,
	 NAMES("cip", "network.peer.address", "net.sock.peer.addr", "net.peer.ip", "clientaddr", "client",
	       "remote", "remotehost", "requestip", "sourceip", "client:port", "ip", "=fwd")},
	{FIELD_USER, 0, 0,
	 NAMES("remoteuser", "user", "user.name", "username", "clientusername", "user.id", "userid",
	       "authuser", "csusername", "enduser.id")},
	{FIELD_AGENT, 0, 0,
	 NAMES("httpuseragent", "useragent", "useragent.original", "http.useragent", "req.headers.useragent",
	       "request.headers.useragent", "requestuseragent", "httprequest.useragent",
	       "http.request.header.useragent", "cs(useragent)", "csuseragent", "clientrequestuseragent",
	       "agent", "ua")},
	{FIELD_REFERRER, 0, 0,
	 NAMES("httpreferer", "httpreferrer", "referer", "referrer", "req.headers.referer",
	       "request.headers.referer", "http.request.referrer", "requestreferer", "httprequest.referer",
	       "cs(referer)", "csreferer", "clientrequestreferer")},
	{FIELD_HOST, 0, 0,
	 NAMES("httphost", "host", "vhost", "virtualhost", "authority", ":authority", "requesthost")},
	{FIELD_HOST, 0, DIALECT_TRAEFIK, NAMES("requestaddr")},
	{FIELD_HOST, 0, 0,
	 NAMES("request.host", "req.headers.host", "request.headers.host", "url.domain", "http.host",
	       "server.address", "http.servername", "net.host.name", "xhostheader", "cs(host)", "cshost",
	       "clientrequesthost", "domainname")},
	{FIELD_REQUEST_ID, 0, 0,
	 NAMES("requestid", "reqid", "xrequestid", "httpxrequestid", "req.id", "request.id",
	       "req.headers.xrequestid", "request.headers.xrequestid", "http.request.id", "correlationid",
	       "xcorrelationid", "rayid")},
	{FIELD_REQUEST_ID, 0, DIALECT_CLOUDFRONT, NAMES("xedgerequestid")},
	{FIELD_REQUEST_ID, 0, 0,
	 NAMES("cs(xrequestid)", "sc(xrequestid)", "traceid", "trace.id", "logging.googleapis.com/trace")},
	{FIELD_LEVEL, 0, 0,
	 NAMES("level", "log.level", "severity", "severitytext", "lvl", "loglevel", "levelname", "@l",
	       "=PRIORITY")},
	{FIELD_MESSAGE, 0, 0,
	 NAMES("message", "msg", "@m", "shortmessage", "textpayload", "@mt", "renderedmessage",
	       "messagetemplate", "log", "body", "event", "error.message", "err.message", "exception.message",
	       "error", "err")},
	{FIELD_ERROR, 0, 0,
	 NAMES("error.type", "exception.type", "err.type", "errortype", "error.name", "err.name",
	       "error.code", "err.code", "errorcode")},
	/* these only tell who writes */
	{FIELD_NONE, 0, DIALECT_CADDY, NAMES("respheaders")},
	{FIELD_NONE, 0, DIALECT_ENVOY, NAMES("responseflags", "responsecodedetails", "upstreamcluster")},
	{FIELD_NONE, 0, DIALECT_TRAEFIK, NAMES("originduration", "routername")},
	{FIELD_NONE, 0, DIALECT_CLOUDFRONT, NAMES("xedgelocation")},
	{FIELD_NONE, 0, DIALECT_IIS, NAMES("scsubstatus", "scwin32status", "ssitename")},
	{FIELD_NONE, 0, DIALECT_CLOUDFRONT, NAMES("xedgeresulttype")},
};

/* Objects in which loggers put what others write outside. */
static const char *const wrappers[] = {"attributes.", "fields.",      "@fields.",    "meta.",  "context.",
				       "metadata.",   "jsonpayload.", "properties.", "state.", "span.",
				       "data.",       "http.",        "proxy."};

static const struct {
	const char *name;
	uint8_t field, unit;
} options[] = {
	{"time", FIELD_TIME, 0},
	{"method", FIELD_METHOD, 0},
	{"path", FIELD_PATH, 0},
	{"url", FIELD_URL, 0},
	{"status", FIELD_STATUS, 0},
	{"duration_ms", FIELD_DURATION, UNIT_MS},
	{"duration_s", FIELD_DURATION, UNIT_S},
	{"duration_us", FIELD_DURATION, UNIT_US},
	{"duration_ns", FIELD_DURATION, UNIT_NS},
	{"bytes", FIELD_BYTES, 0},
	{"remote", FIELD_REMOTE, 0},
	{"user", FIELD_USER, 0},
	{"agent", FIELD_AGENT, 0},
	{"referrer", FIELD_REFERRER, 0},
	{"host", FIELD_HOST, 0},
	{"request_id", FIELD_REQUEST_ID, 0},
	{"level", FIELD_LEVEL, 0},
	{"message", FIELD_MESSAGE, 0},
	{"error", FIELD_ERROR, 0},
};

const char names_options[] =
	"time method path url status duration_ms duration_s duration_us duration_ns bytes "
	"remote user agent referrer host request_id level message error";

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Does what is left of the path, without case, `_` and `-`, begin with `known`? The rest of it, or NULL. */
static const char *skip_loosely(const char *p, const char *end, const char *known)
{
	for (;;) {
		while (p < end && (*p == '_' || *p == '-'))
			p++;
		if (!*known)
			return p;
		if (p == end || lower(*p) != *known)
			return NULL;
		p++;
		known++;
	}
}

static bool matches(const char *path, size_t n, const char *known)
{
	/* most are told apart by their first letter */
	if (n && *path != *known && lower(*path) != *known && *known != '=' && *path != '_' && *path != '-')
		return false;
	if (*known == '=')
		return strlen(known + 1) == n && !memcmp(path, known + 1, n);
	return skip_loosely(path, path + n, known) == path + n;
}

static struct meaning find(const char *path, size_t n)
{
	uint16_t rank = 0;

	for (size_t i = 0; i < COUNT(table); i++)
		for (const char *const *name = table[i].names; *name; name++) {
			rank++;
			if (matches(path, n, *name))
				return (struct meaning){.field = table[i].field,
							.unit = table[i].unit,
							.dialect = table[i].dialect,
							.rank = rank};
		}
	return (struct meaning){.field = FIELD_NONE};
}

/* What follows a wrapper at the beginning of a path; NULL where there is none. */
static const char *unwrap(const char *path, const char *end)
{
	for (size_t i = 0; i < COUNT(wrappers); i++) {
		const char *rest = skip_loosely(path, end, wrappers[i]);

		if (rest)
			return rest;
	}
	return NULL;
}

struct meaning names_find(const char *path, size_t n)
{
	const char *end = path + n;
	struct meaning m = find(path, n);

	while (!m.field && !m.dialect && (path = unwrap(path, end))) {
		m = find(path, (size_t)(end - path));
		m.rank = (uint16_t)(m.rank + RANK_WRAPPED); /* what stands outside is meant first */
	}
	return m;
}

struct meaning names_option(const char *name, size_t n)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (strlen(options[i].name) == n && !memcmp(options[i].name, name, n))
			return (struct meaning){
				.field = options[i].field, .unit = options[i].unit, .rank = RANK_USER};
	return (struct meaning){.field = FIELD_NONE};
}

bool names_reserved(const char *name, size_t n)
{
	static const char *const reserved[] = {RECORD_RESERVED};

	for (size_t i = 0; i < COUNT(reserved); i++)
		if (strlen(reserved[i]) == n && !memcmp(reserved[i], name, n))
			return true;
	return false;
}

enum unit names_unit(unsigned dialects)
{
	static const enum unit units[DIALECTS] = {
		[DIALECT_CADDY] = UNIT_S,      [DIALECT_ENVOY] = UNIT_MS, [DIALECT_TRAEFIK] = UNIT_NS,
		[DIALECT_CLOUDFRONT] = UNIT_S, [DIALECT_IIS] = UNIT_MS,   [DIALECT_W3C] = UNIT_S};

	if (dialects >> 1 & ~(1u << (DIALECT_W3C - 1)))
		dialects &= ~(1u << DIALECT_W3C);
	for (int d = 1; d < DIALECTS; d++)
		if ((dialects & ~1u) == 1u << d)
			return units[d];
	return UNIT_UNSAID; /* nobody known, or more than one */
}
