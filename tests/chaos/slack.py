#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""slack.py [ROUNDS [SEED]]: athena-src-slack | athena-store against the mock of Slack, as badly as it gets.

A round is a workspace of its own: people talk, edit, delete and react before, between and during runs, channels are renamed,
left, closed and joined again; requests fail, are cut off, refused or answered with rubbish, threads that are there are not found,
and pages leave out what is there, or hold nothing and lead nowhere; either side of the pipe is killed at some request; budgets
end runs; some runs are asked for less, and some are stored and not acknowledged. After that come runs that nobody disturbs. Then the database must hold what the workspace does: every message and reaction once, as it is now, and what is gone
known to be gone. In some rounds the workspace's plan hides what is old, and more of it as time goes by: that is told to be
missing where it was not read, and never to be deleted. All is drawn from the seed; round N of seed S is `slack.py 1 S+N`.
"""
import json
import random

import rounds
from slack_model import World, micro

DAY = 90000


def refusal(error, **more):
    return dict({"status": 200, "body": json.dumps({"ok": False, "error": error})}, **more)


def blank(method, **more):
    """A page that holds nothing, and says that there is more."""
    return {"match": method, "status": 200, "body": json.dumps(dict({"ok": True, "messages": [], "has_more": True}, **more))}


class Round(rounds.Round):
    PROGRAM, TOKEN, SOURCE_CODES = "athena-src-slack", ("SLACK_BOT_TOKEN", "xoxb-x"), rounds.ENDED | {69, 77}
    MISTAKES = [refusal("ratelimited", status=429, headers={"Retry-After": "0"}), refusal("internal_error"), refusal("fatal_error"),
                refusal("invalid_cursor", match="conversations.history"), refusal("not_in_channel", match="conversations.history"),
                refusal("brand_new_error", match="conversations.replies"), refusal("brand_new_error", match="users.list"),
                refusal("invalid_cursor", match="users.conversations"), blank("conversations.history"), blank("conversations.replies"),
                blank("conversations.history", response_metadata={"next_cursor": "bm93aGVyZQ=="})]

    def make_world(self):
        dice = self.dice
        self.left_out = set()
        self.plan = random.Random(dice.getstate()[1][0]).random() < 0.4  # the draws of the rounds without one stay
        world = World(cap=dice.choice([1, 2, 3, 5, 15, 999]), short=dice.choice([0, 0, 3, 5]), parent_again=dice.random() < 0.5,
                      no_cursor=dice.random() < 0.3)
        for n in range(dice.randrange(4)):
            world.act({"do": "channel", "name": "c%d" % n, "kind": dice.choice(["channel", "private", "mpim"])})
        world.act({"do": "random", "n": dice.randrange(5, 90), "seed": dice.random()})
        self.odd = random.Random(self.plan + dice.getstate()[1][1])  # the other draws stay
        self.narrow = random.Random(dice.getstate()[1][2])
        return world

    def change(self):
        dice, act = self.dice, self.world.act
        name = dice.choice(sorted(self.world.channels))
        live = len(self.world.live(name))
        what = dice.randrange(18)
        if what == 0:
            act({"do": "rename", "channel": name, "name": "n%d" % dice.randrange(1 << 20), "says": dice.random() < 0.5})
        elif what == 1:
            act({"do": "flag", "channel": name, "archived": dice.random() < 0.5, "updated": self.world.clock})
        elif what == 2:
            act({"do": "flag", "channel": name, "member": dice.random() < 0.7})
        elif what == 3:
            act({"do": "flag", "channel": name, "kind": "private"})
        elif what == 4:
            act({"do": "channel", "name": "n%d" % dice.randrange(1 << 20)})
        elif what == 5 and live:
            n = dice.randrange(live)
            m = self.world.nth(name, n)
            if m["ts"] not in self.left_out and not m.get("refused"):  # twice, just when it is looked for, would be gone
                self.left_out.add(m["ts"])
                act({"do": "leave_out", "channel": name, "n": n})
        elif what == 6:
            act({"do": "blank", "what": dice.choice(["history", "replies"]), "n": dice.choice([1, 2, 9]), "leads": dice.random() < 0.5})
        elif what == 7 and self.plan:
            self.move_limit()
        else:
            self.random(dice.randrange(1, 5))
        if name in self.world.channels and self.odd.random() < 0.2:
            self.refuse(name, len(self.world.live(name)))

    def refuse(self, name, live):
        """There is no such thread, says the server from now on, or no longer; and where a page leaves its first message out, too, it is gone."""
        n = self.odd.randrange(live) if live else 0
        error = self.odd.choice(["thread_not_found", "thread_not_found", "brand_new_error", None])
        if live and self.world.nth(name, n)["ts"] not in self.left_out:
            self.world.act({"do": "set", "channel": name, "n": n, "refused": error})

    def move_limit(self):
        """The plan hides a little more: never less, as time goes by."""
        world = self.world
        times = sorted(micro(m["ts"]) // 1000000 for c in world.channels.values() for m in c["messages"])
        limit = times[self.dice.randrange(1 + len(times) // 3)] + self.dice.randrange(2) if times else 0
        world.config["hides"] = max(limit, world.config["hides"] or 0)

    def disturb(self):
        options = super().disturb()
        if self.dice.random() < 0.1:
            options += ["--deadline", "%ds" % self.dice.randrange(1, 3)]
        for less in ["--channel", "general"], ["--no-threads"], ["--no-reactions"]:
            if self.narrow.random() < 0.15:
                options += less
        self.store_options = ["--no-ack"] if self.narrow.random() < 0.15 else []
        return options

    def objects(self):
        return len(self.world.truth().splitlines())

    # ---- a round ----

    def play(self):
        for _ in range(self.dice.randrange(1, rounds.RUNS)):
            self.run(*self.disturb())
            for _ in range(self.dice.randrange(3)):
                self.changed()
            if self.plan and self.dice.random() < 0.5:
                self.move_limit()
            if self.dice.random() < 0.3:
                self.world.act({"do": "wait", "step": self.dice.choice([3700, DAY])})
        self.calm()
        for _ in range(3):
            self.undisturbed()
            self.world.act({"do": "wait", "step": DAY})
        self.compare()
        self.quiet()

    def calm(self):
        self.store_options = []
        self.server.script.faults = []
        self.world.blank = {}
        for name, c in self.world.channels.items():
            self.world.act({"do": "flag", "channel": name, "member": True})
            for m in c["messages"]:
                m.pop("left_out", None)
                m.pop("refused", None)
        self.world.act({"do": "wait", "step": DAY})

    def compare(self):
        truth = [line.split(" ", 2) for line in self.world.truth().splitlines()]
        rows = {i.replace("%3A", ":"): content for i, content in self.rows(
            "SELECT id, content FROM events WHERE kind IN ('message', 'reply', 'reaction', 'message.deleted')")}
        twice = self.rows("SELECT count(*) - count(DISTINCT id) FROM events")[0][0]
        known = set()
        if twice:
            self.wrong.append("%d doubled" % twice)
        for what, mid, *content in truth:
            gone = mid + "/deleted" in rows
            known.update((mid, mid + "/deleted") if what == "gone" else (mid,))
            if self.plan and self.is_lost(mid, what):
                continue  # the database may hold it as it was, and not at all
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
        if self.plan:
            self.compare_gaps(rows)

    def is_lost(self, mid, what):
        """Can nobody tell by the API what became of it? `mid` is the id of a message or of one of its reactions."""
        channel, ts = mid.split("/")[:2]
        c = next(c for c in self.world.channels.values() if c["id"] == channel)
        at = {m["ts"]: m for m in c["messages"]}
        if ts in at:
            m = at[ts]
            parent = at.get(m["thread"], m)
            return self.world.is_hidden(m) or (self.world.is_hidden(parent) and m.get("subtype") != "thread_broadcast")
        thread = self.world.deleted_of.get("%s/%s" % (channel, ts))
        if self.world.is_hidden({"ts": thread or ts}) or thread in at:
            return self.world.is_hidden({"ts": thread or ts})
        place = micro(thread or ts)
        shown = [micro(m["ts"]) for m in c["messages"]
                 if (not m["thread"] or m.get("subtype") == "thread_broadcast") and not self.world.is_hidden(m)]
        ever = [m["ts"] for any_one in self.world.channels.values() for m in any_one["messages"]]
        ever += [d.split("/")[1] for d in self.world.deleted]
        return any(self.world.is_hidden({"ts": t}) for t in ever) and not [t for t in shown if t <= place]

    def compare_gaps(self, rows):
        """What was said between two messages of a channel, and was hidden before it was read, is said to be missing."""
        cut = {i.split("/")[0] for i, in self.rows("SELECT id FROM events WHERE kind = 'source.cut_off'")}
        for c in self.world.channels.values():
            tops = [m["ts"] for m in c["messages"] if not m["thread"] and m.get("subtype") not in ("tombstone", "channel_name")]
            held = [t for t in tops if "%s/%s" % (c["id"], t) in rows]
            # one that a page left out, and that was hidden by the next run, nobody knows of
            lost = [t for t in tops if held and held[0] < t < held[-1] and t not in held and t not in self.left_out]
            if lost and c["id"] not in cut:
                self.wrong.append("%s: %s is missing, and nothing was said" % (c["id"], lost[0]))


if __name__ == "__main__":
    rounds.main(Round)
