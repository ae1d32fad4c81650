#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""github.py [ROUNDS [SEED]]: athena-src-github | athena-store against the mock of GitHub, as badly as it gets.

A round is a world of its own: things happen to it before, between and during runs; requests fail, are cut off or
answered with rubbish; either side of the pipe is killed at some request; budgets end runs. After that come two runs that
nobody disturbs. Then the database must hold what the world says there is: every object once, with its last content. All
is drawn from the seed; round N of seed S is `github.py 1 S+N`.
"""
import os

import rounds
from github_model import World


class Round(rounds.Round):
    PROGRAM, TOKEN, OPERANDS = "athena-src-github", ("GITHUB_TOKEN", "ghp_x"), ("octo/hello",)
    MISTAKES = [{"status": 504}, {"status": 200, "body": '{"message":"Server Error"}'}, {"status": 429, "headers": {"Retry-After": "0"}},
                {"status": 403, "headers": {"Retry-After": "0"}, "body": '{"message":"secondary rate limit"}'}]

    def make_world(self):
        dice = self.dice
        cap = dice.choice([1, 2, 3, 5, 100])
        world = World(cap=cap, inclusive=dice.random() < 0.7, issue_cursors=dice.random() < 0.5,
                      tag_items=cap == 100 and dice.random() < 0.5,
                      strong=dice.choice([0, 0, 0, 25, 50]), no_query=["reviews"] if dice.random() < 0.3 else [])
        world.act({"do": "commit", "message": "first"})
        world.act({"do": "random", "n": dice.randrange(5, 70), "seed": dice.random()})
        return world

    def change(self):
        self.random(self.dice.randrange(1, 5))

    def objects(self):
        return len(self.world.truth())

    def play(self):
        for _ in range(self.dice.randrange(1, rounds.RUNS)):
            self.run(*self.disturb())
            if self.dice.random() < 0.6:
                self.changed()
            if self.dice.random() < 0.05 and os.path.exists(self.path("F")):
                self.world.act({"do": "rename", "name": "octo/hello%d" % self.dice.randrange(1 << 20)})
        self.server.script.faults = []
        for _ in range(2):
            self.undisturbed()
        self.quiet()
        self.compare()

    def compare(self):
        truth = self.world.truth()
        rows = dict(self.rows("SELECT id, content FROM events WHERE kind NOT LIKE 'source.%'"))
        sources = [r[0] for r in self.rows("SELECT DISTINCT source_id FROM events")]
        if len(sources) > 1:
            self.wrong.append("sources %s" % sources)
        self.wrong += ["missing " + i for i in truth if i not in rows]
        # what a force-push dropped is known to those who saw it
        self.wrong += ["invented " + i for i in rows if i not in truth and not i.startswith("commit/")]
        self.wrong += ["old %s: %r, not %r" % (i, rows[i], truth[i]) for i in truth
                       if i in rows and truth[i] is not None and rows[i] != truth[i]]


if __name__ == "__main__":
    rounds.main(Round)
