#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""text.py [ROUNDS [SEED]]: what our writer makes of any bytes, against Python's decoder with replacement (a U+FFFD for each
maximal subpart) and against iconv, which leaves out what cannot be read; and read again by jq. The bytes are messages of
commits; each round is a repository of a hundred."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ATHENA_BIN", HERE + "/build/bin")
COMMITS = 100
PIECES = [b"a", b"word ", b'"', b"\\", b"/", b"\n", b"\r\n", b"\t", b"\x01", b"\x1b[31m", b"\x7f", b"\xc2\x80", b"\xc3\xa9", b"\xe2\x80\xa8",
          b"\xf0\x9f\x98\x80", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf8",
          b"\xff", b"\xfe", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f", b"\xf0\x9f\x98", b"\\u0000", b"\\ud800", b"<>&"]


def message(dice):
    parts = [dice.choice(PIECES) if dice.random() < 0.8 else bytes([dice.randrange(1, 256)]) for _ in range(dice.randrange(1, 60))]
    return b"m" + b"".join(parts) + b"m\n"


def stream(messages):
    """For git fast-import."""
    for i, m in enumerate(messages):
        yield b"commit refs/heads/main\ncommitter C <c@example.org> %d +0000\ndata %d\n%s\n" % (1600000000 + i, len(m), m)


def iconv(messages):
    """What iconv leaves of each; to UTF-32, as from UTF-8 to UTF-8 it lets what is beyond U+10FFFF pass."""
    out = subprocess.run(["iconv", "-c", "-f", "UTF-8", "-t", "UTF-32LE"], input=b"\0".join(messages), stdout=subprocess.PIPE, check=False)
    return out.stdout.decode("utf-32-le").split("\0")


def compare(messages, folder):
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder], check=True)
    subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], input=b"".join(stream(messages)), check=True)
    out = subprocess.run([BIN + "/athena-src-git", "-q", folder], stdout=subprocess.PIPE, check=True).stdout
    through = subprocess.run(["jq", "-c", "."], input=out, stdout=subprocess.PIPE, check=True).stdout
    lines, again, left = out.splitlines(), through.splitlines(), iconv(messages)
    if not len(lines) == len(again) == len(messages):
        return "%d messages, %d lines, %d of jq" % (len(messages), len(lines), len(again))
    for m, line, other, plain in zip(messages, lines, again, left):
        event = json.loads(line)
        if event != json.loads(other):
            return "jq reads another event: %r and %r" % (line, other)
        want = m.decode("utf-8", "replace").rstrip("\n")
        if event["content"] != want:
            return "of %r: %r, not %r" % (m, event["content"], want)
        if event["content"].replace("\ufffd", "") != plain.replace("\ufffd", "").rstrip("\n"):
            return "of %r: %r, and iconv has %r" % (m, event["content"], plain)
    return None


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    for r in range(rounds):
        dice = random.Random(seed + r)
        with tempfile.TemporaryDirectory() as folder:
            wrong = compare([message(dice) for _ in range(COMMITS)], folder)
        if wrong:
            sys.exit("not ok - seed %d: %s" % (seed + r, wrong))
    print("ok - %d texts from seed %d: the same as Python's decoder, iconv and jq" % (rounds * COMMITS, seed))


os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C")
main()
