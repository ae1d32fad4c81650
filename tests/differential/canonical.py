#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""canonical.py [ROUNDS [SEED]]: the canonical form of cursors, which names a position, against `jq -cSj .`. Each round is a
stream of a hundred checkpoints whose cursors are drawn from the seed and written in any manner, each named by what jq makes of
it: the store has to know every one of them by that name, and to give the last one out again as jq has it."""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ATHENA_BIN", HERE + "/build/bin")
CURSORS = 100
LETTERS = ["a", "B", "0", "_", "-", "/", " ", '"', "\\", "%", "<", "\u00e9", "\u00df", "\u0301", "\u20ac", "\ud7ff", "\ue000", "\uffff", "\ufffd",
           "\U0001f600", "\U0010ffff", "\u2028", "\u0080", "\u009f"]


def word(dice):
    return "".join(dice.choice(LETTERS) for _ in range(dice.randrange(0, 9)))


def value(dice, depth):
    what = dice.randrange(8 if depth < 4 else 5)
    if what == 0:
        return dice.choice([True, False, None])
    if what == 1:
        return dice.choice([0, 1, -1, 10**15, 2**53, -2**53, dice.randrange(-2**53, 2**53)])
    if what < 5:
        return word(dice)
    if what == 5:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {word(dice): value(dice, depth + 1) for _ in range(dice.randrange(5))}


def object_of(dice):
    return {word(dice): value(dice, 1) for _ in range(dice.randrange(1, 7))}


def written(dice, v):
    """JSON of v: in any order, with or without escapes and white space."""
    if isinstance(v, dict):
        members = list(v.items())
        dice.shuffle(members)
        return "{" + ", ".join(written(dice, n) + ":" + written(dice, x) for n, x in members) + "}"
    if isinstance(v, list):
        return "[" + ",".join(written(dice, x) for x in v) + "]"
    return json.dumps(v, ensure_ascii=dice.random() < 0.5)


class Jq:
    """One process for all; of an object -cS has the bytes of -cSj and a newline."""

    def __init__(self):
        self.process = subprocess.Popen(["jq", "--unbuffered", "-cS", "."], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def form(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()[:-1]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def line_of(jq, dice, prev):
    """A checkpoint after `prev`; its position, and its cursor as jq has it."""
    cursor = {"athena_cursor": 1, "source_id": "s", "selection": object_of(dice), "cursor": object_of(dice), "prev": prev}
    text = written(dice, cursor)
    form = jq.form(text)
    position = hashlib.sha256(form).hexdigest()
    return '{"athena":"checkpoint","source_id":"s","prev":%s,"next":"%s","cursor":%s,"events":0,"final":true}' % (
        json.dumps(prev), position, text), position, form


def compare(jq, dice, folder):
    lines, prev, form = [], None, b""
    for _ in range(CURSORS):
        line, prev, form = line_of(jq, dice, prev)
        lines.append(line)
    store = subprocess.run([BIN + "/athena-store", folder + "/d.db"], input=("\n".join(lines) + "\n").encode(), stderr=subprocess.PIPE, check=False)
    if store.returncode:
        return "exit status %d: %s" % (store.returncode, store.stderr.decode()[:2000])
    out = subprocess.run([BIN + "/athena-store", "--cursor-of", "s", folder + "/d.db"], stdout=subprocess.PIPE, check=True).stdout
    return None if out.rstrip(b"\n") == form else "%r, and jq has %r" % (out, form)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    jq = Jq()
    for r in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            wrong = compare(jq, random.Random(seed + r), folder)
        if wrong:
            sys.exit("not ok - seed %d: %s" % (seed + r, wrong))
    jq.close()
    print("ok - %d cursors from seed %d: the form of jq" % (rounds * CURSORS, seed))


main()
