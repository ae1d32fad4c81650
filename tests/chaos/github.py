#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""github.py [ROUNDS [SEED]]: athena-src-github | athena-store against the mock of GitHub, as badly as it gets.

A round is a world of its own: things happen to it before, between and during runs; requests fail, are cut off or
answered with rubbish; either side of the pipe is killed at some request; budgets end runs. After that come two runs that
nobody disturbs. Then the database must hold what the world says there is: every object once, with its last content. All
is drawn from the seed; round N of seed S is `github.py 1 S+N`.
"""
import copy
import os

import rounds
from github_model import World


def graphql(kind, message, data="null"):
    return {"match": "/graphql", "status": 200, "headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"},
            "body": '{"data":%s,"errors":[{"type":"NOT_FOUND"},{"type":"%s","message":"%s"}]}' % (data, kind, message)}


class Round(rounds.Round):
    PROGRAM, TOKEN, OPERANDS = "athena-src-github", ("GITHUB_TOKEN", "ghp_x"), ("octo/hello",)
    MISTAKES = [{"status": 504}, {"status": 200, "body": '{"message":"Server Error"}'}, {"status": 429, "headers": {"Retry-After": "0"}},
                {"status": 403, "headers": {"Retry-After": "0"}, "body": '{"message":"secondary rate limit"}'},
                graphql("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.", '{"repository":null}'),
                graphql("RATE_LIMIT", "API rate limit already exceeded for user ID 1."),
                graphql("SERVICE_UNAVAILABLE", "Something went wrong while executing your query.")]
    # what a server does with a comparison that is too large for it, or old servers with all
    COMPARE = [{}, {}, {"most": 2}, {"pages": 0, "status": 422}, {"pages": 1, "status": 422}, {"pages": 1, "status": 404},
               {"pages": 0, "status": 500}]
    lag, late = 0, 10  # how likely a part of the server is behind, and by how many seconds at most

    def make_world(self):
        dice = self.dice
        cap = dice.choice([1, 2, 3, 5, 100])
        self.lag = 0.3 if cap == 100 and dice.random() < 0.5 else 0
        world = World(cap=cap, dated=self.lag > 0, inclusive=dice.random() < 0.7, issue_cursors=dice.random() < 0.5,
                      compare=dice.choice(self.COMPARE), tag_items=cap == 100 and dice.random() < 0.5,
                      strong=dice.choice([0, 0, 0, 25, 50]), no_query=["reviews"] if dice.random() < 0.3 else [])
        world.act({"do": "commit", "message": "first"})
        world.act({"do": "random", "n": dice.randrange(5, 70), "seed": dice.random()})
        self.before, self.now = None, world.answer
        world.answer = self.answer
        return world

    def answer(self, *request):
        """By the world as it is, or by a copy of it that does not know yet what happened last."""
        late = self.before and self.dice.random() < self.lag
        return self.before.answer(*request) if late else self.now(*request)

    def change(self):
        if self.lag:
            self.world.__dict__.pop("answer")
            self.before = copy.deepcopy(self.world)
            self.world.answer = self.answer
        self.random(self.dice.randrange(1, 5))
        if self.before and self.world.clock - self.before.clock > self.late:
            self.before = None

    def fault(self):
        what = super().fault()
        return dict(what, at=self.dice.randrange(1, 5)) if "match" in what else what

    def objects(self):
        return len(self.world.truth())

    def play(self):
        for _ in range(self.dice.randrange(1, rounds.RUNS)):
            self.run(*self.disturb())
            if self.dice.random() < 0.6:
                self.changed()
            if self.dice.random() < 0.05 and os.path.exists(self.path("F")):
                self.world.act({"do": "rename", "name": "octo/hello%d" % self.dice.randrange(1 << 20)})
        self.server.script.faults, self.lag = [], 0
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
