#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""slack.py [ROUNDS [SEED]]: athena-src-slack | athena-store against the mock of Slack, as badly as it gets.

A round is a workspace of its own: people talk, edit, delete and react before, between and during runs, channels are renamed,
left, closed and joined again; requests fail, are cut off, refused or answered with rubbish, and pages leave out what is there; either
side of the pipe is killed at some request; budgets end runs. After that come runs that nobody disturbs. Then the database must
hold what the workspace does: every message and reaction once, as it is now, and what is gone known to be gone. All is drawn from
the seed; round N of seed S is `slack.py 1 S+N`.
"""
import json
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
from server import make  # noqa: E402
from slack_model import World  # noqa: E402

BIN = os.environ.get("ATHENA_BIN", os.path.join(ROOT, "build", "bin"))
RUNS, PATIENCE, DAY = 9, 60, 90000
SOURCE_CODES = {0, 69, 75, 77, -signal.SIGKILL, -signal.SIGPIPE, 130, 143}
STORE_CODES = {0, 65, -signal.SIGKILL}


def refusal(error):
    return {"status": 200, "body": json.dumps({"ok": False, "error": error})}


class Round:
    def __init__(self, seed, folder):
        self.folder, self.dice = folder, random.Random(seed)
        dice = self.dice
        cap = dice.choice([1, 2, 3, 5, 15, 999])
        self.world = World(cap=cap, short=dice.choice([0, 0, 3, 5]), parent_again=dice.random() < 0.5,
                           no_cursor=dice.random() < 0.3)
        for n in range(dice.randrange(4)):
            self.world.act({"do": "channel", "name": "c%d" % n, "kind": dice.choice(["channel", "private", "mpim"])})
        self.random(dice.randrange(5, 90))
        self.server = make(self.world, folder)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.kills = self.faults = self.changes = 0
        self.wrong = []

    def close(self):
        self.server.stop.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, *options):
        return [os.path.join(BIN, "athena-src-slack"), "--api-url", self.server.base, "--cursor", self.path("F"), *options]

    def environment(self):
        return dict(os.environ, SLACK_BOT_TOKEN="xoxb-x", HOME=self.folder, LC_ALL="C", TZ="UTC", XDG_CACHE_HOME=self.path("cache"),
                    XDG_STATE_HOME=self.path("state"))

    def run(self, *options):
        """One run of both. What the server does wrong, and when, is in its script."""
        with open(self.path("said"), "a") as said:
            source = subprocess.Popen(self.command(*options), stdout=subprocess.PIPE, stderr=said, env=self.environment())
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

    # ---- what happens ----

    def random(self, n):
        self.world.act({"do": "random", "n": n, "seed": self.dice.random()})

    def kill(self):
        self.kills += 1
        victim = self.dice.choice(self.victims)
        victim.send_signal(self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
                           if victim is self.victims[0] else signal.SIGKILL)

    def change(self):
        self.changes += 1
        dice = self.dice
        name = dice.choice(sorted(self.world.channels))
        live = len(self.world.live(name))
        what = dice.randrange(16)
        if what == 0:
            self.world.act({"do": "rename", "channel": name, "name": "n%d" % dice.randrange(1 << 20), "says": dice.random() < 0.5})
        elif what == 1:
            self.world.act({"do": "flag", "channel": name, "archived": dice.random() < 0.5, "updated": self.world.clock})
        elif what == 2:
            self.world.act({"do": "flag", "channel": name, "member": dice.random() < 0.7})
        elif what == 3:
            self.world.act({"do": "flag", "channel": name, "kind": "private"})
        elif what == 4:
            self.world.act({"do": "channel", "name": "n%d" % dice.randrange(1 << 20)})
        elif what == 5 and live:
            self.world.act({"do": "leave_out", "channel": name, "n": dice.randrange(live)})
        else:
            self.random(dice.randrange(1, 5))

    def fault(self):
        self.faults += 1
        dice = self.dice
        fault = dice.choice([{"how": "reset"}, {"how": "truncate"}, {"how": "html"}, {"how": "badjson"}, {"how": "short"},
                             {"status": 500}, {"status": 502, "body": "<html>"}, {"status": 503}, {"status": 200, "body": ""},
                             dict(refusal("ratelimited"), status=429, headers={"Retry-After": "0"}), refusal("internal_error"),
                             refusal("fatal_error"), dict(refusal("invalid_cursor"), match="conversations.history"),
                             dict(refusal("not_in_channel"), match="conversations.history"),
                             dict(refusal("brand_new_error"), match="conversations.replies")])
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
        if dice.random() < 0.1:
            options += ["--deadline", "%ds" % dice.randrange(1, 3)]
        if dice.random() < 0.2:
            options += ["--limit", str(dice.randrange(1, 30))]
        return options

    # ---- a round ----

    def play(self):
        for _ in range(self.dice.randrange(1, RUNS)):
            self.run(*self.disturb())
            for _ in range(self.dice.randrange(3)):
                self.change()
            if self.dice.random() < 0.3:
                self.world.act({"do": "wait", "step": self.dice.choice([3700, DAY])})
        self.calm()
        for _ in range(3):
            codes = self.run()
            if codes != (0, 0):
                self.wrong.append("an undisturbed run ended with %s" % (codes,))
            self.world.act({"do": "wait", "step": DAY})
        self.compare()
        self.quiet()

    def calm(self):
        self.server.script.faults = []
        for name, c in self.world.channels.items():
            self.world.act({"do": "flag", "channel": name, "member": True})
            for m in c["messages"]:
                m.pop("left_out", None)
        self.world.act({"do": "wait", "step": DAY})

    def quiet(self):
        out = subprocess.run(self.command("-q"), stdout=subprocess.PIPE, timeout=PATIENCE, env=self.environment()).stdout
        news = [line for line in out.splitlines() if not line.startswith(b'{"athena"')]
        if news:
            self.wrong.append("with nothing new it said %s" % news[0][:300])

    def compare(self):
        truth = [line.split(" ", 2) for line in self.world.truth().splitlines()]
        db = sqlite3.connect(self.path("db"))
        rows = {i.replace("%3A", ":"): content for i, content in db.execute(
            "SELECT id, content FROM events WHERE kind IN ('message', 'reply', 'reaction', 'message.deleted')")}
        twice = db.execute("SELECT count(*) - count(DISTINCT id) FROM events").fetchone()[0]
        db.close()
        known = set()
        if twice:
            self.wrong.append("%d doubled" % twice)
        for what, mid, *content in truth:
            gone = mid + "/deleted" in rows
            known.update((mid, mid + "/deleted") if what == "gone" else (mid,))
            if what == "live" and rows.get(mid) != content[0]:
                self.wrong.append("%s: %r, not %r" % (mid, rows.get(mid), content[0]))
            if what == "gone" and mid in rows and not gone:
                self.wrong.append("not known to be gone: " + mid)
            if what == "reaction" and rows.get(mid, "")[:7] != "reacted":
                self.wrong.append("%s: %r" % (mid, rows.get(mid)))
            if what == "unreacted" and mid in rows and rows[mid][:9] != "took back":
                self.wrong.append("%s: %r, and was taken back" % (mid, rows[mid]))
        deleted = {mid for what, mid, *_ in truth if what == "gone"}
        self.wrong += ["invented %s: %s" % (i, rows[i]) for i in rows
                       if i not in known and i.partition("/reaction/")[0] not in deleted]


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
        objects += len(game.world.truth().splitlines())
        if game.wrong:
            failed += 1
            print("not ok %d - seed %d" % (n + 1, seed + n))
            for line in game.wrong[:12]:
                print("# " + line)
            with open(os.path.join(folder, "said")) as said:
                print("".join("# said: " + line for line in said.readlines()[-5:]), end="")
        else:
            passed += 1
        if os.environ.get("KEEP"):
            print("# kept: " + folder)
        else:
            shutil.rmtree(folder)
    print("# seeds %d to %d: %d objects, %d kills, %d faults, %d changes" % (seed, seed + rounds - 1, objects, kills, faults, changes))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
