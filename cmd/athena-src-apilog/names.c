/* SPDX-License-Identifier: ISC */
#include "names.h"

#include <string.h>

#include "record.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct known {
	const char *path; /* lower case without `_` and `-`; after a `=` exactly as written */
	uint8_t field, unit, dialect;
};

/* Of names for one field the earlier wins where a line has both. */
static const struct known table[] = {
	/* nginx writes $msec, $time_iso8601 and $time_local: the most precise first */
	{"msec", FIELD_TIME, UNIT_S, 0},
	{"time", FIELD_TIME, 0, 0},
	{"@timestamp", FIELD_TIME, 0, 0},
	{"timestamp", FIELD_TIME, 0, 0},
	{"ts", FIELD_TIME, 0, 0},
	{"timeiso8601", FIELD_TIME, 0, 0},
	{"timelocal", FIELD_TIME, 0, 0},
	{"datetime", FIELD_TIME, 0, 0},
	{"starttime", FIELD_TIME, 0, 0},
	{"startutc", FIELD_TIME, 0, 0},
	{"startlocal", FIELD_TIME, 0, 0},
	{"timeunixnano", FIELD_TIME, UNIT_NS, 0},
	{"observedtimeunixnano", FIELD_TIME, UNIT_NS, 0},
	{"timemillis", FIELD_TIME, UNIT_MS, 0},
	{"requesttimeepoch", FIELD_TIME, UNIT_MS, 0},
	{"=requestTime", FIELD_TIME, 0, 0},
	{"@t", FIELD_TIME, 0, 0},
	{"timestamp.seconds", FIELD_TIME, UNIT_S, 0},
	{"timestampseconds", FIELD_TIME, UNIT_S, 0},
	{"eventtime", FIELD_TIME, 0, 0},
	{"logtime", FIELD_TIME, 0, 0},
	{"requestcreationtime", FIELD_TIME, 0, 0},
	{"edgestarttimestamp", FIELD_TIME, 0, 0},
	{"edgeendtimestamp", FIELD_TIME, 0, 0},
	{"startedat", FIELD_TIME, 0, 0},
	{"instant.epochsecond", FIELD_TIME, UNIT_S, 0},
	{"=__REALTIME_TIMESTAMP", FIELD_TIME, UNIT_US, DIALECT_JOURNAL},
	{"created", FIELD_TIME, 0, 0},
	{"t", FIELD_TIME, 0, 0},
	{"date", FIELD_DATE, 0, 0},

	{"request", FIELD_REQUEST, 0, 0},
	{"requestline", FIELD_REQUEST, 0, 0},
	{"httprequest", FIELD_REQUEST, 0, 0},

	{"requestmethod", FIELD_METHOD, 0, 0},
	{"method", FIELD_METHOD, 0, 0},
	{"httpmethod", FIELD_METHOD, 0, 0},
	{"http.request.method", FIELD_METHOD, 0, 0},
	{"req.method", FIELD_METHOD, 0, 0},
	{"request.method", FIELD_METHOD, 0, 0},
	{"httprequest.requestmethod", FIELD_METHOD, 0, 0},
	{"requestverb", FIELD_METHOD, 0, 0},
	{"verb", FIELD_METHOD, 0, 0},
	{"csmethod", FIELD_METHOD, 0, 0},
	{"clientrequestmethod", FIELD_METHOD, 0, 0},

	{"scheme", FIELD_SCHEME, 0, 0},
	{"requestscheme", FIELD_SCHEME, 0, 0},
	{"url.scheme", FIELD_SCHEME, 0, 0},
	{"http.scheme", FIELD_SCHEME, 0, 0},
	{"csprotocol", FIELD_SCHEME, 0, 0},
	{"clientrequestscheme", FIELD_SCHEME, 0, 0},

	{"requesturi", FIELD_URL, 0, 0},
	{"xenvoyoriginalpath", FIELD_URL, 0, 0},
	{"xenvoyoriginpath", FIELD_URL, 0, DIALECT_ENVOY},
	{"req.originalurl", FIELD_URL, 0, 0},
	{"req.url", FIELD_URL, 0, 0},
	{"request.uri", FIELD_URL, 0, 0},
	{"request.url", FIELD_URL, 0, 0},
	{"originalurl", FIELD_URL, 0, 0},
	{"url.original", FIELD_URL, 0, 0},
	{"url.full", FIELD_URL, 0, 0},
	{"http.target", FIELD_URL, 0, 0},
	{"requesturl", FIELD_URL, 0, 0},
	{"httprequest.requesturl", FIELD_URL, 0, 0},
	{"url", FIELD_URL, 0, 0},
	{"uri", FIELD_URL, 0, 0},
	{"httpuri", FIELD_URL, 0, 0},
	{"requestpath", FIELD_URL, 0, 0},
	{"request.path", FIELD_URL, 0, 0},
	{"req.path", FIELD_URL, 0, 0},
	{"httppath", FIELD_URL, 0, 0},
	{"path", FIELD_URL, 0, 0},
	{"clientrequesturi", FIELD_URL, 0, 0},
	{"csuri", FIELD_URL, 0, 0},
	{"url.path", FIELD_PATH, 0, 0},
	{"csuristem", FIELD_PATH, 0, 0},
	{"documenturi", FIELD_PATH, 0, 0},

	{"args", FIELD_QUERY, 0, 0},
	{"querystring", FIELD_QUERY, 0, 0},
	{"url.query", FIELD_QUERY, 0, 0},
	{"query", FIELD_QUERY, 0, 0},
	{"httpquery", FIELD_QUERY, 0, 0},
	{"csuriquery", FIELD_QUERY, 0, 0},
	{"requestquery", FIELD_QUERY, 0, 0},

	{"serverprotocol", FIELD_PROTOCOL, 0, 0},
	{"protocol", FIELD_PROTOCOL, 0, 0},
	{"requestprotocol", FIELD_PROTOCOL, 0, 0},
	{"request.proto", FIELD_PROTOCOL, 0, DIALECT_CADDY},
	{"requestproto", FIELD_PROTOCOL, 0, 0},
	{"proto", FIELD_PROTOCOL, 0, 0},
	{"csprotocolversion", FIELD_PROTOCOL, 0, 0},
	{"csversion", FIELD_PROTOCOL, 0, 0},
	{"httprequest.protocol", FIELD_PROTOCOL, 0, 0},
	{"clientrequestprotocol", FIELD_PROTOCOL, 0, 0},
	{"httpversion", FIELD_PROTOCOL, 0, 0},
	{"http.version", FIELD_PROTOCOL, 0, 0},
	{"http.flavor", FIELD_PROTOCOL, 0, 0},
	{"network.protocol.version", FIELD_PROTOCOL, 0, 0},

	{"downstreamstatus", FIELD_STATUS, 0, DIALECT_TRAEFIK},
	{"status", FIELD_STATUS, 0, 0},
	{"statuscode", FIELD_STATUS, 0, 0},
	{"responsecode", FIELD_STATUS, 0, 0},
	{"http.response.statuscode", FIELD_STATUS, 0, 0},
	{"httpstatus", FIELD_STATUS, 0, 0},
	{"httpstatuscode", FIELD_STATUS, 0, 0},
	{"responsestatus", FIELD_STATUS, 0, 0},
	{"res.statuscode", FIELD_STATUS, 0, 0},
	{"res.status", FIELD_STATUS, 0, 0},
	{"response.status", FIELD_STATUS, 0, 0},
	{"response.statuscode", FIELD_STATUS, 0, 0},
	{"httprequest.status", FIELD_STATUS, 0, 0},
	{"httpresponse.status", FIELD_STATUS, 0, 0},
	{"elbstatuscode", FIELD_STATUS, 0, 0},
	{"scstatus", FIELD_STATUS, 0, 0},
	{"edgeresponsestatus", FIELD_STATUS, 0, 0},
	{"originstatus", FIELD_STATUS, 0, 0},
	{"response", FIELD_STATUS, 0, 0},

	{"=request_time", FIELD_DURATION, UNIT_S, 0},
	{"=request-time", FIELD_DURATION, UNIT_S, 0},
	{"=rt", FIELD_DURATION, UNIT_S, 0},
	{"requesttimems", FIELD_DURATION, UNIT_MS, 0},
	{"requesttimeus", FIELD_DURATION, UNIT_US, 0},
	{"durationms", FIELD_DURATION, UNIT_MS, 0},
	{"durationmillis", FIELD_DURATION, UNIT_MS, 0},
	{"latencyms", FIELD_DURATION, UNIT_MS, 0},
	{"elapsedms", FIELD_DURATION, UNIT_MS, 0},
	{"elapsedmilliseconds", FIELD_DURATION, UNIT_MS, 0},
	{"responsetimems", FIELD_DURATION, UNIT_MS, 0},
	{"requestdurationms", FIELD_DURATION, UNIT_MS, 0},
	{"processingtimems", FIELD_DURATION, UNIT_MS, 0},
	{"tookms", FIELD_DURATION, UNIT_MS, 0},
	{"responselatency", FIELD_DURATION, UNIT_MS, 0},
	{"latencies.request", FIELD_DURATION, UNIT_MS, 0},
	{"=responseTime", FIELD_DURATION, UNIT_MS, 0},
	{"=res.responseTime", FIELD_DURATION, UNIT_MS, 0},
	{"=Ta", FIELD_DURATION, UNIT_MS, 0},
	{"=Tt", FIELD_DURATION, UNIT_MS, 0},
	{"=Elapsed", FIELD_DURATION, UNIT_MS, 0},
	{"durationus", FIELD_DURATION, UNIT_US, 0},
	{"durationmicros", FIELD_DURATION, UNIT_US, 0},
	{"latencyus", FIELD_DURATION, UNIT_US, 0},
	{"elapsedus", FIELD_DURATION, UNIT_US, 0},
	{"event.duration", FIELD_DURATION, UNIT_NS, 0},
	{"durationns", FIELD_DURATION, UNIT_NS, 0},
	{"durationnanos", FIELD_DURATION, UNIT_NS, 0},
	{"latencyns", FIELD_DURATION, UNIT_NS, 0},
	{"elapsedns", FIELD_DURATION, UNIT_NS, 0},
	{"durations", FIELD_DURATION, UNIT_S, 0},
	{"durationsec", FIELD_DURATION, UNIT_S, 0},
	{"durationseconds", FIELD_DURATION, UNIT_S, 0},
	{"requestdurationseconds", FIELD_DURATION, UNIT_S, 0},
	{"latencyseconds", FIELD_DURATION, UNIT_S, 0},
	{"elapsedseconds", FIELD_DURATION, UNIT_S, 0},
	{"http.server.request.duration", FIELD_DURATION, UNIT_S, 0},
	{"http.server.duration", FIELD_DURATION, UNIT_MS, 0},
	{"duration", FIELD_DURATION, 0, 0},
	{"timetaken", FIELD_DURATION, 0, 0},
	{"responsetime", FIELD_DURATION, 0, 0},
	{"latencyhuman", FIELD_DURATION, 0, 0},
	{"latency", FIELD_DURATION, 0, 0},
	{"httprequest.latency", FIELD_DURATION, 0, 0},
	{"elapsed", FIELD_DURATION, 0, 0},
	{"took", FIELD_DURATION, 0, 0},
	/* a load balancer of AWS says where the time went, in seconds, not how much it was */
	{"requestprocessingtime", FIELD_PART1, UNIT_S, 0},
	{"targetprocessingtime", FIELD_PART2, UNIT_S, 0},
	{"backendprocessingtime", FIELD_PART2, UNIT_S, 0},
	{"responseprocessingtime", FIELD_PART3, UNIT_S, 0},

	{"bodybytessent", FIELD_BYTES, 0, 0},
	{"bytessent", FIELD_BYTES, 0, 0},
	{"downstreamcontentsize", FIELD_BYTES, 0, DIALECT_TRAEFIK},
	{"http.response.body.bytes", FIELD_BYTES, 0, 0},
	{"http.response.body.size", FIELD_BYTES, 0, 0},
	{"http.response.bytes", FIELD_BYTES, 0, 0},
	{"http.responsecontentlength", FIELD_BYTES, 0, 0},
	{"res.headers.contentlength", FIELD_BYTES, 0, 0},
	{"res.contentlength", FIELD_BYTES, 0, 0},
	{"responsesize", FIELD_BYTES, 0, 0},
	{"response.size", FIELD_BYTES, 0, 0},
	{"httprequest.responsesize", FIELD_BYTES, 0, 0},
	{"httpresponse.bytes", FIELD_BYTES, 0, 0},
	{"bytesout", FIELD_BYTES, 0, 0},
	{"byteswritten", FIELD_BYTES, 0, 0},
	{"network.byteswritten", FIELD_BYTES, 0, 0},
	{"sentbytes", FIELD_BYTES, 0, 0},
	{"scbytes", FIELD_BYTES, 0, 0},
	{"edgeresponsebytes", FIELD_BYTES, 0, 0},
	{"responselength", FIELD_BYTES, 0, 0},
	{"bytes", FIELD_BYTES, 0, 0},
	{"size", FIELD_BYTES, 0, 0},
	{"bytesread", FIELD_BYTES, 0, 0}, /* HAProxy's; Caddy means the request by it, and has `size` */
	{"origincontentsize", FIELD_BYTES, 0, 0},

	{"remoteaddr", FIELD_REMOTE, 0, 0},
	{"request.clientip", FIELD_REMOTE, 0, DIALECT_CADDY},
	{"request.remoteip", FIELD_REMOTE, 0, DIALECT_CADDY},
	{"request.remoteaddr", FIELD_REMOTE, 0, 0},
	{"clientip", FIELD_REMOTE, 0, 0},
	{"remoteip", FIELD_REMOTE, 0, 0},
	{"remoteaddress", FIELD_REMOTE, 0, 0},
	{"clienthost", FIELD_REMOTE, 0, 0},
	{"client.ip", FIELD_REMOTE, 0, 0},
	{"client.address", FIELD_REMOTE, 0, 0},
	{"source.ip", FIELD_REMOTE, 0, 0},
	{"source.address", FIELD_REMOTE, 0, 0},
	{"network.client.ip", FIELD_REMOTE, 0, 0},
	{"http.clientip", FIELD_REMOTE, 0, 0},
	{"req.ip", FIELD_REMOTE, 0, 0},
	{"req.remoteaddress", FIELD_REMOTE, 0, 0},
	{"request.ip", FIELD_REMOTE, 0, 0},
	{"httprequest.remoteip", FIELD_REMOTE, 0, 0},
	{"downstreamremoteaddress", FIELD_REMOTE, 0, DIALECT_ENVOY},
	{"cip", FIELD_REMOTE, 0, 0},
	{"network.peer.address", FIELD_REMOTE, 0, 0},
	{"net.sock.peer.addr", FIELD_REMOTE, 0, 0},
	{"net.peer.ip", FIELD_REMOTE, 0, 0},
	{"clientaddr", FIELD_REMOTE, 0, 0},
	{"client", FIELD_REMOTE, 0, 0},
	{"remote", FIELD_REMOTE, 0, 0},
	{"remotehost", FIELD_REMOTE, 0, 0},
	{"requestip", FIELD_REMOTE, 0, 0},
	{"sourceip", FIELD_REMOTE, 0, 0},
	{"client:port", FIELD_REMOTE, 0, 0},
	{"ip", FIELD_REMOTE, 0, 0},
	{"=fwd", FIELD_REMOTE, 0, 0}, /* Heroku's router */

	{"remoteuser", FIELD_USER, 0, 0},
	{"user", FIELD_USER, 0, 0},
	{"user.name", FIELD_USER, 0, 0},
	{"username", FIELD_USER, 0, 0},
	{"clientusername", FIELD_USER, 0, 0},
	{"user.id", FIELD_USER, 0, 0},
	{"userid", FIELD_USER, 0, 0},
	{"authuser", FIELD_USER, 0, 0},
	{"csusername", FIELD_USER, 0, 0},
	{"enduser.id", FIELD_USER, 0, 0},

	{"httpuseragent", FIELD_AGENT, 0, 0},
	{"useragent", FIELD_AGENT, 0, 0},
	{"useragent.original", FIELD_AGENT, 0, 0},
	{"http.useragent", FIELD_AGENT, 0, 0},
	{"req.headers.useragent", FIELD_AGENT, 0, 0},
	{"request.headers.useragent", FIELD_AGENT, 0, 0},
	{"requestuseragent", FIELD_AGENT, 0, 0},
	{"httprequest.useragent", FIELD_AGENT, 0, 0},
	{"http.request.header.useragent", FIELD_AGENT, 0, 0},
	{"cs(useragent)", FIELD_AGENT, 0, 0},
	{"csuseragent", FIELD_AGENT, 0, 0},
	{"clientrequestuseragent", FIELD_AGENT, 0, 0},
	{"agent", FIELD_AGENT, 0, 0},
	{"ua", FIELD_AGENT, 0, 0},

	{"httpreferer", FIELD_REFERRER, 0, 0},
	{"httpreferrer", FIELD_REFERRER, 0, 0},
	{"referer", FIELD_REFERRER, 0, 0},
	{"referrer", FIELD_REFERRER, 0, 0},
	{"req.headers.referer", FIELD_REFERRER, 0, 0},
	{"request.headers.referer", FIELD_REFERRER, 0, 0},
	{"http.request.referrer", FIELD_REFERRER, 0, 0},
	{"requestreferer", FIELD_REFERRER, 0, 0},
	{"httprequest.referer", FIELD_REFERRER, 0, 0},
	{"cs(referer)", FIELD_REFERRER, 0, 0},
	{"csreferer", FIELD_REFERRER, 0, 0},
	{"clientrequestreferer", FIELD_REFERRER, 0, 0},

	{"httphost", FIELD_HOST, 0, 0},
	{"host", FIELD_HOST, 0, 0},
	{"vhost", FIELD_HOST, 0, 0},
	{"virtualhost", FIELD_HOST, 0, 0},
	{"authority", FIELD_HOST, 0, 0},
	{":authority", FIELD_HOST, 0, 0},
	{"requesthost", FIELD_HOST, 0, 0},
	{"requestaddr", FIELD_HOST, 0, DIALECT_TRAEFIK},
	{"request.host", FIELD_HOST, 0, 0},
	{"req.headers.host", FIELD_HOST, 0, 0},
	{"request.headers.host", FIELD_HOST, 0, 0},
	{"url.domain", FIELD_HOST, 0, 0},
	{"http.host", FIELD_HOST, 0, 0},
	{"server.address", FIELD_HOST, 0, 0},
	{"http.servername", FIELD_HOST, 0, 0},
	{"net.host.name", FIELD_HOST, 0, 0},
	{"xhostheader", FIELD_HOST, 0, 0},
	{"cs(host)", FIELD_HOST, 0, 0},
	{"cshost", FIELD_HOST, 0, 0},
	{"clientrequesthost", FIELD_HOST, 0, 0},
	{"domainname", FIELD_HOST, 0, 0},

	{"requestid", FIELD_REQUEST_ID, 0, 0},
	{"reqid", FIELD_REQUEST_ID, 0, 0},
	{"xrequestid", FIELD_REQUEST_ID, 0, 0},
	{"httpxrequestid", FIELD_REQUEST_ID, 0, 0},
	{"req.id", FIELD_REQUEST_ID, 0, 0},
	{"request.id", FIELD_REQUEST_ID, 0, 0},
	{"req.headers.xrequestid", FIELD_REQUEST_ID, 0, 0},
	{"request.headers.xrequestid", FIELD_REQUEST_ID, 0, 0},
	{"http.request.id", FIELD_REQUEST_ID, 0, 0},
	{"correlationid", FIELD_REQUEST_ID, 0, 0},
	{"xcorrelationid", FIELD_REQUEST_ID, 0, 0},
	{"rayid", FIELD_REQUEST_ID, 0, 0},
	{"xedgerequestid", FIELD_REQUEST_ID, 0, DIALECT_CLOUDFRONT},
	{"cs(xrequestid)", FIELD_REQUEST_ID, 0, 0},
	{"sc(xrequestid)", FIELD_REQUEST_ID, 0, 0},
	{"traceid", FIELD_REQUEST_ID, 0, 0},
	{"trace.id", FIELD_REQUEST_ID, 0, 0},
	{"logging.googleapis.com/trace", FIELD_REQUEST_ID, 0, 0},

	{"level", FIELD_LEVEL, 0, 0},
	{"log.level", FIELD_LEVEL, 0, 0},
	{"severity", FIELD_LEVEL, 0, 0},
	{"severitytext", FIELD_LEVEL, 0, 0},
	{"lvl", FIELD_LEVEL, 0, 0},
	{"loglevel", FIELD_LEVEL, 0, 0},
	{"levelname", FIELD_LEVEL, 0, 0},
	{"@l", FIELD_LEVEL, 0, 0},
	{"=PRIORITY", FIELD_LEVEL, 0, 0},

	{"message", FIELD_MESSAGE, 0, 0},
	{"msg", FIELD_MESSAGE, 0, 0},
	{"@m", FIELD_MESSAGE, 0, 0},
	{"shortmessage", FIELD_MESSAGE, 0, 0},
	{"textpayload", FIELD_MESSAGE, 0, 0},
	{"@mt", FIELD_MESSAGE, 0, 0},
	{"renderedmessage", FIELD_MESSAGE, 0, 0},
	{"messagetemplate", FIELD_MESSAGE, 0, 0},
	{"log", FIELD_MESSAGE, 0, 0},
	{"body", FIELD_MESSAGE, 0, 0},
	{"event", FIELD_MESSAGE, 0, 0},
	{"error.message", FIELD_MESSAGE, 0, 0},
	{"err.message", FIELD_MESSAGE, 0, 0},
	{"exception.message", FIELD_MESSAGE, 0, 0},
	{"error", FIELD_MESSAGE, 0, 0},
	{"err", FIELD_MESSAGE, 0, 0},

	{"error.type", FIELD_ERROR, 0, 0},
	{"exception.type", FIELD_ERROR, 0, 0},
	{"err.type", FIELD_ERROR, 0, 0},
	{"errortype", FIELD_ERROR, 0, 0},
	{"error.name", FIELD_ERROR, 0, 0},
	{"err.name", FIELD_ERROR, 0, 0},
	{"error.code", FIELD_ERROR, 0, 0},
	{"err.code", FIELD_ERROR, 0, 0},
	{"errorcode", FIELD_ERROR, 0, 0},

	/* these only tell who writes */
	{"respheaders", FIELD_NONE, 0, DIALECT_CADDY},
	{"responseflags", FIELD_NONE, 0, DIALECT_ENVOY},
	{"responsecodedetails", FIELD_NONE, 0, DIALECT_ENVOY},
	{"upstreamcluster", FIELD_NONE, 0, DIALECT_ENVOY},
	{"originduration", FIELD_NONE, 0, DIALECT_TRAEFIK},
	{"routername", FIELD_NONE, 0, DIALECT_TRAEFIK},
	{"xedgelocation", FIELD_NONE, 0, DIALECT_CLOUDFRONT},
	{"scsubstatus", FIELD_NONE, 0, DIALECT_IIS},
	{"scwin32status", FIELD_NONE, 0, DIALECT_IIS},
	{"ssitename", FIELD_NONE, 0, DIALECT_IIS},
	{"xedgeresulttype", FIELD_NONE, 0, DIALECT_CLOUDFRONT},
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
	for (size_t i = 0; i < COUNT(table); i++)
		if (matches(path, n, table[i].path))
			return (struct meaning){.field = table[i].field,
						.unit = table[i].unit,
						.dialect = table[i].dialect,
						.rank = (uint16_t)(i + 1)};
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
		m.rank = (uint16_t)(m.rank + COUNT(table)); /* what stands outside is meant first */
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
