#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""github.py [ROUNDS [SEED]]: athena-src-github | athena-store against the mock of GitHub, as badly as it gets.

A round is a world of its own: things happen to it before, between and during runs; requests fail, are cut off or
answered with rubbish; either side of the pipe is killed at some request; budgets end runs. After that come two runs that
nobody disturbs. Then the database must hold what the world says there is: every object once, with its last content. All
is drawn from the seed; round N of seed S is `github.py 1 S+N`.
"""
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "mock"))
from github_model import World  # noqa: E402
from server import make  # noqa: E402

BIN = os.environ.get("ATHENA_BIN", os.path.join(ROOT, "build", "bin"))
RUNS, PATIENCE = 9, 60
SOURCE_CODES = {0, 75, -signal.SIGKILL, -signal.SIGPIPE, 130, 143}
STORE_CODES = {0, 65, -signal.SIGKILL}


class Round:
    def __init__(self, seed, folder):
        self.seed, self.folder, self.dice = seed, folder, random.Random(seed)
        dice = self.dice
        cap = dice.choice([1, 2, 3, 5, 100])
        self.world = World(cap=cap, inclusive=dice.random() < 0.7, issue_cursors=dice.random() < 0.5,
                           tag_items=cap == 100 and dice.random() < 0.5,
                           strong=dice.choice([0, 0, 0, 25, 50]), no_query=["reviews"] if dice.random() < 0.3 else [])
        self.world.act({"do": "commit", "message": "first"})
        self.world.act({"do": "random", "n": dice.randrange(5, 70), "seed": dice.random()})
        self.server = make(self.world, folder)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.kills = self.faults = self.changes = self.acknowledged = 0
        self.wrong = []

    def close(self):
        self.server.stop.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *options):
        """One run of both. What the server does wrong, and when, is in its script."""
        environment = dict(os.environ, GITHUB_TOKEN="ghp_x", HOME=self.folder, LC_ALL="C", TZ="UTC", XDG_CACHE_HOME=self.path("cache"),
                           XDG_STATE_HOME=self.path("state"))
        with open(self.path("said"), "a") as said:
            source = subprocess.Popen([os.path.join(BIN, "athena-src-github"), "--api-url", self.server.base, "--cursor",
                                       self.path("F"), *options, "octo/hello"], stdout=subprocess.PIPE, stderr=said,
                                      env=environment)
            store = subprocess.Popen([os.path.join(BIN, "athena-store"), self.path("db")], stdin=source.stdout, stderr=said)
            self.victims = [source, store]
            source.stdout.close()
            try:
                codes = source.wait(PATIENCE), store.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                source.kill(), store.kill()
                codes = source.wait() and "hung", store.wait()
        if codes[0] not in SOURCE_CODES or codes[1] not in STORE_CODES:
            self.wrong.append("exit codes %s" % (codes,))
        return codes

    def kill(self):
        self.kills += 1
        victim = self.dice.choice(self.victims)
        victim.send_signal(self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
                           if victim is self.victims[0] else signal.SIGKILL)

    def change(self):
        self.changes += 1
        self.world.act({"do": "random", "n": self.dice.randrange(1, 5), "seed": self.dice.random()})

    def fault(self):
        self.faults += 1
        dice = self.dice
        fault = dice.choice([{"how": "reset"}, {"how": "truncate"}, {"how": "html"}, {"how": "badjson"}, {"how": "short"},
                             {"status": 500}, {"status": 502, "body": "<html>"}, {"status": 503}, {"status": 504},
                             {"status": 200, "body": '{"message":"Server Error"}'}, {"status": 200, "body": ""},
                             {"status": 429, "headers": {"Retry-After": "0"}},
                             {"status": 403, "headers": {"Retry-After": "0"}, "body": '{"message":"secondary rate limit"}'}])
        return dict(fault, at=dice.randrange(1, 60))

    def disturb(self):
        """What goes wrong in the next run."""
        dice, script = self.dice, []
        script += [self.fault() for _ in range(dice.choice([0, 0, 1, 3, 8]))]
        script += [{"at": dice.randrange(1, 60), "call": self.change} for _ in range(dice.choice([0, 1, 4, 10]))]
        script += [{"at": dice.randrange(1, 50), "call": self.kill} for _ in range(dice.choice([0, 0, 1, 2]))]
        self.server.script.faults = []
        self.server.script.add(script)
        options = ["--jobs", str(dice.choice([1, 2, 4, 8]))]
        if dice.random() < 0.3:
            options += ["--max-requests", str(dice.randrange(1, 40))]
        if dice.random() < 0.2:
            options += ["--limit", str(dice.randrange(1, 30))]
        return options

    def play(self):
        for _ in range(self.dice.randrange(1, RUNS)):
            self.run(*self.disturb())
            if self.dice.random() < 0.6:
                self.change()
            if self.dice.random() < 0.05 and os.path.exists(self.path("F")):
                self.world.act({"do": "rename", "name": "octo/hello%d" % self.dice.randrange(1 << 20)})
        self.server.script.faults = []
        for _ in range(2):
            codes = self.run()
            if codes != (0, 0):
                self.wrong.append("an undisturbed run ended with %s" % (codes,))
        self.quiet()
        self.compare()

    def quiet(self):
        out = subprocess.run([os.path.join(BIN, "athena-src-github"), "-q", "--api-url", self.server.base, "--cursor",
                              self.path("F"), "octo/hello"], stdout=subprocess.PIPE, timeout=PATIENCE,
                             env=dict(os.environ, GITHUB_TOKEN="ghp_x", HOME=self.folder)).stdout
        news = [line for line in out.splitlines() if not line.startswith(b'{"athena"')]
        if news:
            self.wrong.append("with nothing new it said %s" % news[0][:300])

    def compare(self):
        truth = self.world.truth()
        db = sqlite3.connect(self.path("db"))
        rows = dict(db.execute("SELECT id, content FROM events WHERE kind NOT LIKE 'source.%'"))
        sources = [r[0] for r in db.execute("SELECT DISTINCT source_id FROM events")]
        db.close()
        if len(sources) > 1:
            self.wrong.append("sources %s" % sources)
        self.wrong += ["missing " + i for i in truth if i not in rows]
        # what a force-push dropped is known to those who saw it
        self.wrong += ["invented " + i for i in rows if i not in truth and not i.startswith("commit/")]
        self.wrong += ["old %s: %r, not %r" % (i, rows[i], truth[i]) for i in truth
                       if i in rows and truth[i] is not None and rows[i] != truth[i]]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(os.environ.get("SEED", time.time()))
    passed = failed = kills = faults = changes = objects = 0
    for n in range(rounds):
        folder = tempfile.mkdtemp()
        game = Round(seed + n, folder)
        try:
            game.play()
        finally:
            game.close()
        kills, faults, changes = kills + game.kills, faults + game.faults, changes + game.changes
        objects += len(game.world.truth())
        if game.wrong:
            failed += 1
            print("not ok %d - seed %d" % (n + 1, seed + n))
            for line in game.wrong[:12]:
                print("# " + line)
            with open(os.path.join(folder, "said")) as said:
                print("".join("# said: " + line for line in said.readlines()[-5:]), end="")
        else:
            passed += 1
        shutil.rmtree(folder)
    print("# seeds %d to %d: %d objects, %d kills, %d faults, %d changes" % (seed, seed + rounds - 1, objects, kills, faults, changes))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
