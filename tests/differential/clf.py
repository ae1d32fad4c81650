#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""clf.py [ROUNDS [SEED]]: athena-src-apilog on lines of Common and Combined Log Format, with virtual hosts and request times,
against regular expressions of Python's: every member of the event, and what is none. Many lines are damaged at
random. Each round is twenty thousand lines, read once in each format that is named and once with none."""
import datetime
import fractions
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ATHENA_BIN", HERE + "/build/bin")
LINES = 20000
MONTHS = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"]
EPOCH = datetime.date(1970, 1, 1).toordinal()

# ---- what a line means ----

QUOTED = rb'(?:[^"\\]|\\.)*'
COMMON = rb'(?P<remote>[^ ]*) (?P<ident>[^ ]*) (?P<user>(?:(?! \[).)*) \[(?P<time>(?:(?!\] ").)*)\] "(?P<request>%s)" (?P<status>[^ ]*) ' % QUOTED
VHOST = rb'(?P<vhost>[A-Za-z0-9._:\[\]*-]+) ' + COMMON
TAIL = rb'(?P<bytes>(?:(?! ").)*) "(?P<referrer>%s)" "(?P<agent>%s)"' % (QUOTED, QUOTED)
GRAMMARS = {name: re.compile(text + rb"\Z", re.S) for name, text in {
    "combined": COMMON + TAIL,
    "common": COMMON + rb"(?P<bytes>.*)",
    "time": COMMON + TAIL + rb" (?P<seconds>[0-9]+\.[0-9]{3})",
    "vhost": VHOST + TAIL,
    "vhost common": VHOST + rb"(?P<bytes>.*)",
}.items()}
GIVEN = {"combined": "combined", "common": "common",
         "time": '$remote_addr $remote_ident $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $seconds'}
CLF = re.compile(rb"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(\.\d+)? ([+-])(\d\d)(\d\d)\Z")
ISO = re.compile(rb"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)([.,]\d+)?(?: (?=.)(?!\Z))?(?:([+-])(\d\d)(?::?(\d\d))?|[Zz])\Z")
ADDRESS = re.compile(rb"\d[\d.]*\.[\d.]*|[0-9a-fA-F.:]*:[0-9a-fA-F.:]*:[0-9a-fA-F.:]*")
ESCAPE = re.compile(rb'\\(?:x([0-9a-fA-F]{2})|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/bfnrtv\']))', re.S)
SIMPLE = dict(zip(b"\"\\/bfnrtv'", b"\"\\/\b\f\n\r\t\v'"))
METHOD = re.compile(rb"(?!- )([A-Za-z_-]{1,32}) (.+)\Z", re.S)
PROTOCOL = re.compile(rb"(.+) (HTTP/(?:...|[^ ]{0,5}))\Z", re.S)
ABSOLUTE = re.compile(rb"([A-Za-z+]{1,16})://([^/?]*)(.*)\Z", re.S)


class NoEvent(Exception):
    pass


def unescape(m):
    if m[1]:
        return bytes([int(m[1], 16)])
    if m[2]:
        return chr(0x10000 + ((int(m[2], 16) & 0x3ff) << 10 | int(m[3], 16) & 0x3ff)).encode()
    if m[4]:
        return chr(int(m[4], 16)).encode("utf-8", "replace") if not 0xd800 <= int(m[4], 16) < 0xe000 else b"\xef\xbf\xbd"
    return bytes([SIMPLE[m[5][0]]])


def decode(b):
    return ESCAPE.sub(unescape, b) if b"\\" in b else b


def text(b):
    return b.decode("utf-8", "replace").replace("\0", "\ufffd")


def moment(day, clock, fraction, sign, hours, minutes):
    """Microseconds since 1970."""
    h, m, s = map(int, clock)
    if h > 23 or m > 59 or s > 60 or int(hours) > 23 or int(minutes) > 59:
        raise NoEvent
    try:
        days = datetime.date(*map(int, day)).toordinal() - EPOCH
    except ValueError:
        raise NoEvent
    east = (int(hours) * 60 + int(minutes)) * (-60 if sign == b"-" else 60)
    return (days * 86400 + h * 3600 + m * 60 + s - east) * 10**6 + int(((fraction or b".")[1:] + b"000000")[:6])


def since_1970(b):
    """A number: of seconds, or of less where it has twelve digits and more."""
    m = re.match(rb"(\d+)(\.\d+)?([eE][+-]?\d{1,3})?\Z", b)
    value = fractions.Fraction(b.decode()) if m else 0
    digits = len(str(int(value)))
    if not 9 <= digits <= 19:
        raise NoEvent
    return int(value * 10**6 / 1000**((digits - 9) // 3))


def timestamp(b):
    if b[:1] == b"[" and b[-1:] == b"]" and len(b) > 2:
        b = b[1:-1]
    m = CLF.match(b)
    if m and m[2] in MONTHS:
        us = moment((m[3], MONTHS.index(m[2]) + 1, m[1]), m.group(4, 5, 6), *m.group(7, 8, 9, 10))
    elif (m := ISO.match(b)):
        us = moment(m.group(1, 2, 3), m.group(4, 5, 6), m[7], m[8] or b"+", m[9] or 0, m[10] or 0)
    else:
        us = since_1970(b)
    if not (1 - EPOCH) * 86400 * 10**6 <= us < (datetime.date.max.toordinal() - EPOCH + 1) * 86400 * 10**6:
        raise NoEvent
    days, us = divmod(us, 86400 * 10**6)
    seconds, us = divmod(us, 10**6)
    return "%sT%02d:%02d:%02dZ" % (datetime.date.fromordinal(days + EPOCH).isoformat(), seconds // 3600, seconds // 60 % 60,
                                   seconds % 60) if not us else "%sT%02d:%02d:%02d.%sZ" % (
        datetime.date.fromordinal(days + EPOCH).isoformat(), seconds // 3600, seconds // 60 % 60, seconds % 60, ("%06d" % us).rstrip("0"))


def take_target(target, method, meta, out):
    """The target of a request: what of it is path, query and host."""
    if method == b"CONNECT":
        meta.setdefault("host", target)
        meta["path"] = target
        return
    m = ABSOLUTE.match(target)
    if m:
        if m[1] in (b"http", b"https"):
            out["scheme"] = m[1]
        if m[2]:
            meta.setdefault("host", m[2])
        target = m[3] or b"/"
    path, mark, query = target.partition(b"?")
    meta["path"] = path
    if mark:
        meta["query"] = query


def take_request(b, meta, out):
    if b in (b"", b"-"):
        return
    m = METHOD.match(b)
    p = m and PROTOCOL.match(m[2])
    if not m or (not p and m[2][:1] != b"/"):
        meta["request"] = b
        return
    meta["method"] = m[1]
    if p:
        meta["protocol"] = p[2]
    take_target(p[1] if p else m[2], m[1], meta, out)


def take_status(b):
    if b in (b"", b"-", b"-1", b"0", b"000", b"009"):
        return None
    if not re.match(rb"[1-9]\d\d\Z", b):
        raise NoEvent
    return int(b)


def outcome(status):
    if not status or status > 599:
        return "action", "unknown"
    return ("error", "failure") if status >= 500 else ("action", "failure") if status >= 400 else ("action", "success")


def is_address(b):
    """By its looks."""
    return (b.count(b":") >= 2 and re.match(rb"[0-9a-fA-F.:]*\Z", b)) or (b.count(b".") == 3 and len(b) >= 7 and re.match(rb"[0-9.]*\Z", b))


def event(m):
    """The event that a line becomes, by the match of its grammar."""
    g, meta, out = m.groupdict(), {}, {}
    if "vhost" in g:
        if g["vhost"] == b"-" or not is_address(g["remote"]):
            raise NoEvent
        meta["host"] = g["vhost"]
    if g["ident"] not in (b"", b"-"):
        meta["remote_ident"] = g["ident"]
        if b" " in g["user"]:
            raise NoEvent
    out["timestamp"] = timestamp(g["time"])
    status = take_status(g["status"])
    if g["bytes"] not in (b"", b"-") and not re.match(rb"0*\d{1,18}\Z", g["bytes"]):
        raise NoEvent
    size = int(g["bytes"]) if g["bytes"] not in (b"", b"-") else None
    take_request(decode(g["request"]), meta, out)
    if not status and "method" not in meta:
        raise NoEvent
    for name in "remote", "referrer", "agent":
        value = decode(g.get(name) or b"")
        if value not in (b"", b"-"):
            meta[name] = value
    user = decode(g["user"])
    if user not in (b"", b"-", b'""'):
        out["actor"] = text(user)
    meta = {k: text(v) for k, v in meta.items() if v}
    if status:
        meta["status"] = status
    if size is not None:
        meta["bytes"] = size if size <= 2**53 else str(size)
    return finish(out, meta, status, g.get("seconds"))


def finish(out, meta, status, seconds):
    parts = [meta[k] for k in ("method", "path") if k in meta] + (["%d" % status] if status else [])
    if seconds:
        whole, _, fraction = seconds.partition(b".")
        ms = int(whole) * 1000 + int(fraction)
        if ms * 1000 >= 2**63:
            raise NoEvent
        if ms <= 2**53:
            out["duration_ms"] = ms
            parts += ["in %d ms" % ms] if parts else []
    out["content"] = " ".join(parts)
    out["event_type"], out["outcome"] = outcome(status)
    if out["outcome"] == "failure":
        out["error_type"] = "http_%d" % status
    scheme = out.pop("scheme", None)
    if scheme and "host" in meta and meta.get("path", "").startswith("/"):
        out["url"] = "%s://%s%s%s" % (scheme.decode(), meta["host"], meta["path"], "?" + meta["query"] if "query" in meta else "")
    out["metadata"] = meta
    return out


def want(name, line):
    m = GRAMMARS[name].match(line[:-1] if line.endswith(b"\r") else line)
    try:
        return event(m) if m else None
    except NoEvent:
        return None


# ---- lines ----

WORDS = [b"a", b"users", b"7", b"%20", b"\\x22", b'\\"', b"\\\\", b"\\t", b"\\u00e9", b"\\ud83d\\ude00", b"\\ud800", b"\\q", b"\xc3\xa9", b"\xff", b"\xf0\x9f\x98\x80",
         b"\xe2\x82", b"\x1b[31m", b"'", b"[x]", b" ", b"\t", b"-", b"&", b"=", b"?", b"//", b"..", b"\x7f", b"{", b"<b>", b"+", b";", b"#"]


def words(dice, most):
    return b"".join(dice.choice(WORDS) for _ in range(dice.randrange(most + 1)))


def address(dice):
    return dice.choice([b"10.0.0.%d" % dice.randrange(256), b"2001:db8::%x" % dice.randrange(65536), b"::1", b"client-7.example.net", b"-", b"localhost"])


def clock(dice):
    what = dice.random()
    zone = dice.choice([b"+0000", b"-0700", b"+0530", b"+1400", b"-0330", b"+2359", b"-2359"])
    if what < 0.9:
        year = dice.choice([2026, 2026, 2024, 2000, 1970, 1, 9999])
        fraction = dice.choice([b"", b"", b"", b"." + b"%d" % dice.randrange(10**dice.randrange(1, 9))])
        return b"%02d/%s/%04d:%02d:%02d:%02d%s %s" % (dice.randrange(1, 32), dice.choice(MONTHS), year, dice.randrange(24), dice.randrange(60),
                                                     dice.randrange(61), fraction, zone)
    if what < 0.97:
        return b"2026-11-%02dT%02d:%02d:%02d%s" % (dice.randrange(1, 32), dice.randrange(25), dice.randrange(60), dice.randrange(61),
                                                  dice.choice([b"Z", b"+01:00", b"-0330", b".5Z", b".123456789+05:30"]))
    return b"%d%s" % (dice.randrange(10**9, 10**10), dice.choice([b"", b".123", b".000001"]))


def request(dice):
    method = dice.choice([b"GET", b"POST", b"GET", b"OPTIONS", b"M-SEARCH", b"CONNECT", b"get", b"PRI", b"-"])
    target = dice.choice([b"/", b"/", b"/", b"*", b"http://example.org:8080", b"https://u@h.example/", b"ftp://x/", b"example.org:443", b"http://?", b""])
    version = dice.choice([b" HTTP/1.1", b" HTTP/1.1", b" HTTP/2.0", b" HTTP/2", b" HTTP/1.0", b"", b" HTTP/", b" HTTP/1.1.1.1"])
    query = dice.choice([b"", b"", b"?a=1&b=" + words(dice, 3), b"?"])
    return dice.choice([method + b" " + target + words(dice, 5) + query + version] * 12 + [b"-", b"", words(dice, 8)])


def a_line(dice):
    user = dice.choice([b"-", b"-", b"ann", b"", b'""', b"John Doe", words(dice, 3)])
    ident = dice.choice([b"-"] * 8 + [b"id", b"", b"a-b"])
    status = dice.choice([b"200"] * 4 + [b"%d" % dice.randrange(100, 1000), b"404", b"503", b"-", b"000", b"009", b"99", b"0"])
    size = dice.choice([b"%d" % dice.randrange(10**dice.randrange(1, 17)), b"-", b"0", b"9007199254740992", b"9007199254740993", b"007"])
    line = b'%s %s %s [%s] "%s" %s %s' % (address(dice), ident, user, clock(dice), request(dice), status, size)
    kind = dice.random()
    if kind < 0.8:
        line += b' "%s" "%s"' % (dice.choice([b"-", b"https://example.org/?q=" + words(dice, 4), words(dice, 4)]), dice.choice([b"-", b"curl/8.1", words(dice, 6)]))
    if 0.4 < kind < 0.6:
        line += b" %d.%03d" % (dice.randrange(dice.choice([1, 10, 10**6])), dice.randrange(1000))
    if kind > 0.65:
        line = dice.choice([b"www.example.org", b"a.example:8443", b"_", b"[::1]:80", b"-"]) + b" " + line
    return line


def damaged(dice, line):
    line = bytearray(line)
    for _ in range(dice.choice([1, 1, 1, 2, 5])):
        at, n = dice.randrange(len(line) + 1), dice.choice([1, 1, 2, 10])
        what = dice.random()
        if what < 0.35:
            line[at:at + 1] = dice.choice([b" ", b'"', b"\\", b"[", b"]", b"-", b"/", b":", b"0", b"9", b"+", b".", b"\r", b"x"])
        elif what < 0.65:
            del line[at:at + n]
        elif what < 0.9:
            line[at:at] = dice.choice([b" ", b'"', b"\\", b'\\"', b"[", b"] \"", b" [", b"-", b"1", b"\xff", b"\0"])
        else:
            other = dice.randrange(len(line) + 1)
            line[at:at] = line[other:other + n]
    return bytes(line).replace(b"\n", b"")


def lines(dice):
    for _ in range(LINES):
        line = a_line(dice)
        if dice.random() < 0.4:
            line = damaged(dice, line)
        if dice.random() < 0.05:
            line += b"\r"
        if line[:1] not in b" \t\r\0{\xef" or line[:1] == b"\xff":
            yield line


# ---- the same of ours ----

PARTS = ("timestamp", "content", "event_type", "outcome", "error_type", "actor", "url", "duration_ms", "metadata")


def ours(path, *options):
    """By offset."""
    run = subprocess.run([BIN + "/athena-src-apilog", "-q", "--no-redact", *options, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 65):
        sys.exit("not ok - exit status %d: %s" % (run.returncode, run.stderr.decode()))
    out = {}
    for e in map(json.loads, run.stdout.splitlines()):
        e["metadata"].pop("route", None)
        out[int(e["id"].split("/")[1])] = {k: e[k] for k in PARTS if k in e}
    return out


def compare(batch, path):
    with open(path, "wb") as f:
        f.write(b"\n".join(batch) + b"\n")
    told = {name: ours(path, "--format", given) for name, given in GIVEN.items()}
    untold = ours(path)
    offset = events = 0
    for line in batch:
        wanted = {name: want(name, line) for name in GRAMMARS}
        some = [name for name in wanted if wanted[name]]
        if len(some) > 1:
            return "%r is in more than one format: %s" % (line, some)
        for name in GIVEN:
            if wanted[name] != told[name].get(offset):
                return "--format %s, %r: theirs %r, ours %r" % (name, line, wanted[name], told[name].get(offset))
        if some and wanted[some[0]] != untold.get(offset):
            return "no format named, %r: theirs %r, ours %r" % (line, wanted[some[0]], untold.get(offset))
        events += len(some)
        offset += len(line) + 1
    return events


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    read = events = 0
    with tempfile.TemporaryDirectory() as folder:
        for r in range(rounds):
            batch = list(lines(random.Random(seed + r)))
            found = compare(batch, folder + "/a.log")
            if isinstance(found, str):
                sys.exit("not ok - seed %d: %s" % (seed + r, found))
            read, events = read + len(batch), events + found
    print("ok - %d lines from seed %d, %d of them requests: the events of regular expressions" % (read, seed, events))


os.environ.update(LC_ALL="C", TZ="UTC")
main()
