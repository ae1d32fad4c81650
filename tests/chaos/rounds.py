# SPDX-License-Identifier: ISC
"""What github.py and slack.py have in common: a round is a world behind a server (tests/mock), runs of SOURCE | athena-store that
are disturbed, and then a database that is held against the world. A round of its own has

	PROGRAM, TOKEN, OPERANDS	the source, the variable that its token is in, and what follows the options
	SOURCE_CODES			the exit codes that it may have when it is disturbed
	MISTAKES			what the server may do wrong besides
	make_world()			the world as the round finds it
	change()			something happens
	objects()			how many things the world holds
	play()				the round; what is wrong goes into self.wrong

All is drawn from the seed: round N of seed S is the only one of seed S + N.
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
from server import make  # noqa: E402

BIN = os.environ.get("ATHENA_BIN", os.path.join(ROOT, "build", "bin"))
RUNS, PATIENCE = 9, 60
STORE_CODES = {0, 65, -signal.SIGKILL}
ENDED = {0, 75, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGPIPE, 130, 143}  # a second SIGTERM ends it at once
MISTAKES = [{"how": "reset"}, {"how": "truncate"}, {"how": "html"}, {"how": "badjson"}, {"how": "short"}, {"status": 500},
            {"status": 502, "body": "<html>"}, {"status": 503}, {"status": 200, "body": ""}]


def ended(process):
    """Its exit code; one that hangs is killed, and has none."""
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "hung"


class Round:
    OPERANDS, SOURCE_CODES = (), ENDED
    store_options = ()  # of the next run

    def __init__(self, seed, folder):
        self.folder, self.dice = folder, random.Random(seed)
        self.world = self.make_world()
        self.server = make(self.world, folder)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.kills = self.faults = self.changes = 0
        self.victims, self.starting = [], threading.Lock()
        self.wrong = []

    def close(self):
        self.server.stop.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, *options):
        return [os.path.join(BIN, self.PROGRAM), "--api-url", self.server.base, "--cursor", self.path("F"), *options, *self.OPERANDS]

    def environment(self):
        return dict(os.environ, HOME=self.folder, LC_ALL="C", TZ="UTC", XDG_CACHE_HOME=self.path("cache"),
                    XDG_STATE_HOME=self.path("state"), **{self.TOKEN[0]: self.TOKEN[1]})

    def run(self, *options):
        """One run of both. What the server does wrong, and when, is in its script."""
        with open(self.path("said"), "a") as said:
            with self.starting:
                source = subprocess.Popen(self.command(*options), stdout=subprocess.PIPE, stderr=said, env=self.environment())
                store = subprocess.Popen([os.path.join(BIN, "athena-store"), *self.store_options, self.path("db")], stdin=source.stdout, stderr=said)
                self.victims = [source, store]
            source.stdout.close()
            codes = ended(source), ended(store)
        if codes[0] not in self.SOURCE_CODES or codes[1] not in STORE_CODES:
            self.wrong.append("%s: %s, athena-store: %s" % (self.PROGRAM, *codes))
        return codes

    # ---- what happens ----

    def random(self, n):
        self.world.act({"do": "random", "n": n, "seed": self.dice.random()})

    def kill(self):
        self.kills += 1
        with self.starting:  # the request that asks for it may come before there is a store
            victim = self.dice.choice(self.victims)
        victim.send_signal(self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
                           if victim is self.victims[0] else signal.SIGKILL)

    def fault(self):
        self.faults += 1
        return dict(self.dice.choice(MISTAKES + self.MISTAKES), at=self.dice.randrange(1, 60))

    def changed(self):
        self.changes += 1
        self.change()

    def disturb(self):
        """What goes wrong in the next run; its options."""
        dice, script = self.dice, []
        script += [self.fault() for _ in range(dice.choice([0, 0, 1, 3, 8]))]
        script += [{"at": dice.randrange(1, 60), "call": self.changed} for _ in range(dice.choice([0, 1, 4, 10]))]
        script += [{"at": dice.randrange(1, 50), "call": self.kill} for _ in range(dice.choice([0, 0, 1, 2]))]
        self.server.script.faults = []
        self.server.script.add(script)
        options = ["--jobs", str(dice.choice([1, 2, 4, 8]))]
        if dice.random() < 0.3:
            options += ["--max-requests", str(dice.randrange(1, 40))]
        if dice.random() < 0.2:
            options += ["--limit", str(dice.randrange(1, 30))]
        return options

    # ---- what has become of it ----

    def undisturbed(self):
        codes = self.run()
        if codes != (0, 0):
            self.wrong.append("an undisturbed run ended with %s" % (codes,))

    def quiet(self):
        out = subprocess.run(self.command("-q"), stdout=subprocess.PIPE, timeout=PATIENCE, env=self.environment()).stdout
        news = [line for line in out.splitlines() if not line.startswith(b'{"athena"')]
        if news:
            self.wrong.append("with nothing new it said %s" % news[0][:300])

    def rows(self, query):
        db = sqlite3.connect(self.path("db"))
        found = db.execute(query).fetchall()
        db.close()
        return found

    def say_wrong(self, n, seed):
        print("not ok %d - seed %d" % (n, seed))
        for line in self.wrong[:12]:
            print("# " + line)
        with open(self.path("said")) as said:
            print("".join("# said: " + line for line in said.readlines()[-5:]), end="")


def main(kind):
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(os.environ.get("SEED", time.time()))
    passed = failed = kills = faults = changes = objects = 0
    for n in range(rounds):
        folder = tempfile.mkdtemp()
        game = kind(seed + n, folder)
        try:
            game.play()
        finally:
            game.close()
        kills, faults, changes = kills + game.kills, faults + game.faults, changes + game.changes
        objects += game.objects()
        failed += bool(game.wrong)
        passed += not game.wrong
        if game.wrong:
            game.say_wrong(n + 1, seed + n)
        if os.environ.get("KEEP"):
            print("# kept: " + folder)
        else:
            shutil.rmtree(folder)
    print("# seeds %d to %d: %d objects, %d kills, %d faults, %d changes" % (seed, seed + rounds - 1, objects, kills, faults, changes))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)
