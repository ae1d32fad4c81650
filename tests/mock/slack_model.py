# SPDX-License-Identifier: ISC
"""A workspace of Slack as its Web API shows it: the state, what happens to it, and what is answered.

World.act(op) lets something happen ({"do": "post", "channel": "general", "text": "x"}), World.answer(...) is the API,
World.export() the files of an export as an administrator would download it now, World.truth() what a database should hold. Nothing here knows of sockets. The world's own clock moves by `step` seconds with
everything that happens; only limits (`tiers`) count in real time.

Messages of a channel are meant by their place in the order of coming, replies among them: "n": 0 is the first that is still there.
"""
import base64
import hashlib
import json
import math
import random
import time
import urllib.parse

EPOCH = 1714564800  # 2024-05-01T12:00:00Z
SCOPES = ("channels:read,groups:read,im:read,mpim:read,channels:history,groups:history,im:history,mpim:history,"
          "users:read")


class Refusal(Exception):
    """{"ok": false, "error": ...}"""

    def __init__(self, error, **more):
        super().__init__(error)
        self.body = dict({"ok": False, "error": error}, **more)


def micro(ts):
    seconds, fraction = ts.split(".")
    return int(seconds) * 1000000 + int(fraction)


class World:
    def __init__(self, **config):
        self.config = {"team": "T0ACME", "token": None, "scopes": SCOPES, "bot": True, "cap": 999, "short": 0, "tiers": {},
                       "parent_again": True, "no_cursor": False, "step": 60, "slash": True, "date": True,
                       "zone": 7200, "shows": None, "hides": None, "limited_more": False, "unsaid": False, "latest": True,
                       "wide": False}
        self.config.update(config)
        self.clock, self.ids, self.calls = EPOCH, 0, 0
        self.users, self.channels, self.strangers = {}, {}, {}
        self.deleted, self.reacted = set(), set()
        self.deleted_of = {}  # id -> thread of a deleted reply
        self.used = {}  # method -> times of calls within the window
        self.pages = 0
        self.blank = {}  # "history" or "replies" -> pages that are still to be blank, and whether they lead on
        for name in ("ann", "bob", "carl"):
            self.do_user(name)
        if self.config.get("general", True):
            self.do_channel("general")

    # ---- what happens ----

    def act(self, op):
        op = dict(op)
        self.clock += op.pop("step", self.config["step"])
        return getattr(self, "do_" + op.pop("do").replace(".", "_"))(**op)

    def next_id(self, letter):
        self.ids += 1
        return "%s0%s%05d" % (letter, self.config["team"][2:5], self.ids)

    def do_wait(self):
        pass

    def do_user(self, name, display=None, stranger=False, real=None):
        uid = self.next_id("U")
        (self.strangers if stranger else self.users)[name] = {
            "id": uid, "team_id": self.config["team"], "name": name, "deleted": False, "is_bot": False,
            "profile": {"display_name": display if display is not None else name.capitalize(), "real_name": real or name}}

    def uid(self, name):
        for table in (self.users, self.strangers):
            if name in table:
                return table[name]["id"]
        return name

    def do_channel(self, name, kind="channel", user=None, member=True, created=None):
        letter = {"channel": "C", "private": "C", "im": "D", "mpim": "C"}[kind]
        self.channels[name] = {"id": self.next_id(letter), "name": name, "kind": kind, "user": user, "member": member,
                               "created": created or self.clock, "updated": self.clock, "archived": False, "messages": []}

    def do_flag(self, channel, **flags):
        self.channels[channel].update(flags)

    def do_remove(self, channel):
        del self.channels[channel]

    def do_rename(self, channel, name, says=False):
        c = self.channels.pop(channel)
        self.channels[name] = c
        c.update(name=name, updated=self.clock)
        if says:
            text = 'has renamed the channel from "%s" to "%s"' % (channel, name)
            self.do_post(name, "<@%s> %s" % (self.uid("ann"), text), subtype="channel_name", old_name=channel, name=name)

    def do_called(self, user, display):
        """Somebody is called otherwise from now on."""
        self.users[user]["profile"]["display_name"] = display

    def do_config(self, **config):
        self.config.update(config)

    def next_ts(self):
        self.calls += 1
        return "%d.%06d" % (self.clock, self.calls % 1000000)

    def live(self, channel):
        return [m for m in self.channels[channel]["messages"] if m.get("subtype") != "tombstone"]

    def nth(self, channel, n):
        return self.live(channel)[n]

    def do_post(self, channel="general", text="a message", user="ann", at=None, times=1, **more):
        m = dict({"ts": at or self.next_ts(), "user": user, "text": text * times, "thread": None, "reactions": []}, **more)
        messages = self.channels[channel]["messages"]
        messages.append(m)
        if len(messages) > 1 and micro(messages[-2]["ts"]) > micro(m["ts"]):
            messages.sort(key=lambda m: micro(m["ts"]))

    def do_reply(self, channel="general", n=0, text="a reply", user="bob", broadcast=False, **more):
        parent = self.nth(channel, n)
        thread = parent["thread"] or parent["ts"]
        if broadcast:
            more["subtype"] = "thread_broadcast"
        self.do_post(channel, text, user, **more)
        self.channels[channel]["messages"][-1]["thread"] = thread  # it is the newest

    def do_edit(self, channel="general", n=0, text="edited", user=None):
        m = self.nth(channel, n)
        m.pop("means", None)
        m.update(text=text, edited={"user": self.uid(user or m["user"]), "ts": self.next_ts()})

    def do_set(self, channel="general", n=0, **members):
        """What Slack says of a message is another than before, and no edit is said."""
        self.nth(channel, n).update(members)

    def do_leave_out(self, channel="general", n=0, times=1):
        """The next lists have it not, though it is there."""
        self.nth(channel, n)["left_out"] = times

    def do_blank(self, what="history", n=1, leads=False):
        """The next n pages hold no message though there is more, and lead on by a cursor, or nowhere."""
        self.blank[what] = [n, leads]

    def do_unfurl(self, channel="general", n=0, text="a preview"):
        self.nth(channel, n)["attachments"] = [{"text": text, "fallback": text, "from_url": "https://example.org", "original_url": "https://example.org"}]

    def do_delete(self, channel="general", n=0):
        m = self.nth(channel, n)
        c = self.channels[channel]
        self.deleted.add("%s/%s" % (c["id"], m["ts"]))
        self.deleted_of["%s/%s" % (c["id"], m["ts"])] = m["thread"]
        for name, users in m["reactions"]:
            for u in users:
                self.reacted.add((c["id"], m["ts"], name, self.uid(u)))
        if not m["thread"] and self.replies(c, m["ts"]):
            m.update(subtype="tombstone", text="This message was deleted.", user="USLACKBOT", reactions=[], hidden=True)
            m.pop("files", None)
        else:
            c["messages"].remove(m)

    def do_react(self, channel="general", n=0, name="thumbsup", user="bob"):
        m = self.nth(channel, n)
        for r in m["reactions"]:
            if r[0] == name:
                if user not in r[1]:
                    r[1].append(user)
                return
        m["reactions"].append([name, [user]])

    def do_unreact(self, channel="general", n=0, name="thumbsup", user="bob"):
        m = self.nth(channel, n)
        for r in m["reactions"]:
            if r[0] == name and user in r[1]:
                r[1].remove(user)
                self.reacted.add((self.channels[channel]["id"], m["ts"], name, self.uid(user)))
        m["reactions"] = [r for r in m["reactions"] if r[1]]

    def do_file(self, channel="general", name="a.png", user="ann", text=""):
        self.do_post(channel, text, user, files=[{
            "id": self.next_id("F"), "name": name, "title": name, "mode": "hosted", "mimetype": "image/png", "size": 3,
            "created": self.clock, "timestamp": self.clock, "user": self.uid(user), "permalink": "https://acme.slack.com/files/x"}])

    def do_many(self, n, what):
        """The same thing n times; "%d" in a text counts."""
        for i in range(n):
            self.act({k: v.replace("%d", str(i)) if isinstance(v, str) else v for k, v in what.items()})

    def do_random(self, n, seed, window=500000):
        """n things that may happen, the same for the same seed and world; changes only to what is younger than `window` seconds."""
        dice = random.Random(seed)
        for _ in range(n):
            self.act(dict(self.guess(dice, window), step=dice.choice([0, 1, 30, 600, 3600])))

    def guess(self, dice, window):
        channel = dice.choice(sorted(self.channels))
        text = "text %d" % dice.randrange(1 << 30)
        who = dice.choice(sorted(self.users))
        young = [i for i, m in enumerate(self.live(channel)) if micro(m["ts"]) / 1e6 > self.clock - window]
        what = dice.randrange(16)
        if what < 5 or not young:
            return {"do": "post", "channel": channel, "text": text, "user": who}
        at = {"channel": channel, "n": dice.choice(young)}
        name = dice.choice(["thumbsup", "eyes", "wave::skin-tone-3"])
        return dict(at, **[
            {"do": "reply", "text": text, "user": who}, {"do": "reply", "text": text, "user": who},
            {"do": "reply", "text": text, "user": who}, {"do": "reply", "text": text, "broadcast": True, "user": who},
            {"do": "edit", "text": text}, {"do": "edit", "text": text}, {"do": "delete"},
            {"do": "react", "name": name, "user": who}, {"do": "react", "name": name, "user": who},
            {"do": "unreact", "name": name, "user": who}, {"do": "unfurl", "text": text},
        ][what - 5])

    # ---- what a database should hold ----

    def truth(self):
        """Lines: "live ID CONTENT", "gone ID" (was there once), "reaction ID", "unreacted ID"."""
        lines, live = [], set()
        for c in self.channels.values():
            if not c["member"]:
                continue
            for m in c["messages"]:
                mid = "%s/%s" % (c["id"], m["ts"])
                if m.get("subtype") not in ("tombstone", "channel_name"):
                    lines.append("live %s %s" % (mid, m.get("means", m["text"])))
                for name, users in m["reactions"]:
                    for u in users:
                        live.add((c["id"], m["ts"], name, self.uid(u)))
        lines += ["gone " + mid for mid in self.deleted]
        lines += ["reaction %s/%s/reaction/%s/%s" % r for r in live]
        gone = [r for r in self.reacted - live if "%s/%s" % r[:2] not in self.deleted]
        lines += ["unreacted %s/%s/reaction/%s/%s" % r for r in gone]
        return "".join(line + "\n" for line in sorted(lines))

    # ---- what is downloaded ----

    def export(self):
        """{name: content}, as API-FACTS has it: days of the workspace's own time, replies in the file of theirs."""
        files = {"users.json": list(self.users.values()), "integration_logs.json": []}
        for kind, name in (("channel", "channels"), ("private", "groups"), ("mpim", "mpims"), ("im", "dms")):
            files[name + ".json"] = [self.listed(c) for c in self.channels.values() if c["kind"] == kind]
        for c in self.channels.values():
            threads = self.threads(c)
            for m in c["messages"]:
                day = time.strftime("%Y-%m-%d", time.gmtime(micro(m["ts"]) // 1000000 + self.config["zone"]))
                name = "%s/%s.json" % (c["id"] if c["kind"] == "im" else c["name"], day)
                files.setdefault(name, []).append(self.exported(c, m, threads))
        return files

    def listed(self, c):
        out = {k: v for k, v in self.about(c).items() if k in ("id", "name", "created", "is_archived")}
        return dict(out, members=[self.uid(c["user"])] if c["user"] else sorted(u["id"] for u in self.users.values()))

    def exported(self, c, m, threads):
        out = self.shown(c, m, threads)
        replies = threads.get(m["ts"])
        if replies and not m["thread"]:
            out["replies"] = [{"user": self.uid(r["user"]), "ts": r["ts"]} for r in replies]
        person = self.users.get(m["user"])
        if person:
            out.update(user_profile=dict(person["profile"], name=person["name"]), user_team=self.config["team"],
                       source_team=self.config["team"])
        return out

    # ---- what is answered ----

    def answer(self, method, target, headers, body, base):
        """(status, headers, bytes). `headers` has lower-case names; `base` is scheme://host:port."""
        name = urllib.parse.urlsplit(target).path.strip("/").split("/")[-1]
        form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True)) if body else {}
        out = {"Content-Type": "application/json; charset=utf-8", "X-OAuth-Scopes": self.config["scopes"]}
        if self.config["date"]:
            out["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.clock))
        wait = self.too_fast(name)
        if wait:
            return 429, dict(out, **{"Retry-After": str(wait)}), b'{"ok":false,"error":"ratelimited"}'
        try:
            if method != "POST" or "application/x-www-form-urlencoded" not in headers.get("content-type", ""):
                raise Refusal("invalid_post_type")
            token = headers.get("authorization")
            if not token:
                raise Refusal("not_authed")
            if self.config["token"] and token != "Bearer " + self.config["token"]:
                raise Refusal("invalid_auth")
            call = getattr(self, "call_" + name.replace(".", "_"), None)
            if not call:
                raise Refusal("unknown_method", req_method=name)
            value = dict({"ok": True}, **call(form))
        except Refusal as r:
            value = r.body
        text = json.dumps(value)
        return 200, out, (text.replace("/", "\\/") if self.config["slash"] else text).encode()

    def too_fast(self, name):
        """Seconds to wait, where the method was called too often."""
        tier = self.config["tiers"].get(name)
        if not tier:
            return 0
        now = time.monotonic()
        used = self.used[name] = [t for t in self.used.get(name, []) if t > now - tier[1]]
        if len(used) >= tier[0]:
            return max(1, math.ceil(used[0] + tier[1] - now))
        used.append(now)
        return 0

    def need(self, scope):
        if scope not in self.config["scopes"].split(",") and not self.config["wide"]:
            raise Refusal("missing_scope", needed=scope, provided=self.config["scopes"])

    def end(self, out, cursor):
        """The end of a list is said in three ways."""
        self.pages += 1
        if cursor and not (self.config["no_cursor"] and out.get("has_more") and out["messages"]):
            out["response_metadata"] = {"next_cursor": base64.b64encode(cursor.encode()).decode()}
        elif self.pages % 4 == 0:
            out["response_metadata"] = {"next_cursor": ""}
        elif self.pages % 4 == 1:
            out["response_metadata"] = None
        elif self.pages % 4 == 2:
            out["response_metadata"] = {"next_cursor": None}
        return out

    def page(self, items, form, key, what):
        """Items in their order, from the one that the cursor names; a cursor holds for the same arguments only."""
        same = hashlib.sha1(json.dumps(sorted((k, v) for k, v in form.items() if k != "cursor")).encode()).hexdigest()[:8]
        limit = int(form.get("limit", "100"))
        if limit < 1 or limit > 1000:
            raise Refusal("invalid_limit")
        limit = min(limit, self.config["cap"])
        at = 0
        if "cursor" in form:
            try:
                name, args, place, _ = base64.b64decode(form["cursor"]).decode().split("|")
            except ValueError:
                raise Refusal("invalid_cursor")
            if name != what or args != same:
                raise Refusal("invalid_cursor")
            at = sum(1 for i in items if not key(i, place))
        n = limit
        if self.config["short"] and (self.pages + 1) % self.config["short"] == 0:
            n = limit // 3
        left_blank, leads = self.blank.get(what, (0, True))
        if left_blank:
            self.blank[what][0] -= 1
            n = 0
        if not leads and left_blank:
            return [], ""
        found, left = items[at:at + n], items[at + n:]
        # the cursor names the place of what comes next; after an empty page it is another one all the same
        cursor = "%s|%s|%s|%d" % (what, same, self.place(left[0]), self.pages) if left else None
        return found, cursor

    @staticmethod
    def place(item):
        return item["ts"] if "ts" in item else item["id"]

    def call_auth_test(self, form):
        out = {"url": "https://acme.slack.com/", "team": "Acme", "user": "athena", "team_id": self.config["team"],
               "user_id": "U0ATHENA"}
        if self.config["bot"]:
            out["bot_id"] = "B0ATHENA"
        return out

    def call_users_list(self, form):
        self.need("users:read")
        people = sorted(self.users.values(), key=lambda u: u["id"])
        found, cursor = self.page(people, form, lambda u, place: u["id"] >= place, "users")
        return self.end({"members": found, "cache_ts": self.clock}, cursor)

    def call_users_info(self, form):
        self.need("users:read")
        for table in (self.users, self.strangers):
            for u in table.values():
                if u["id"] == form.get("user"):
                    return {"user": u}
        raise Refusal("user_not_found")

    def call_bots_info(self, form):
        return {"bot": {"id": form.get("bot"), "name": "robot"}}

    KINDS = {"channel": ("public_channel", "channels"), "private": ("private_channel", "groups"), "im": ("im", "im"),
             "mpim": ("mpim", "mpim")}

    def about(self, c):
        out = {"id": c["id"], "created": c["created"], "updated": c["updated"] * 1000, "is_archived": c["archived"],
               "is_channel": c["kind"] == "channel", "is_im": c["kind"] == "im", "is_mpim": c["kind"] == "mpim",
               "is_private": c["kind"] != "channel", "is_member": c["member"]}
        if c["kind"] == "im":
            out["user"] = self.uid(c["user"])
        else:
            out["name"] = c["name"]
        return out

    def conversations(self, form, mine):
        kinds = form.get("types", "public_channel").split(",")
        for kind, family in self.KINDS.values():
            if kind in kinds:
                self.need(family + ":read")
        found = [self.about(c) for c in self.channels.values()
                 if self.KINDS[c["kind"]][0] in kinds and (c["member"] or (not mine and c["kind"] == "channel"))]
        found, cursor = self.page(sorted(found, key=lambda c: c["id"]), form, lambda c, place: c["id"] >= place, "conversations")
        return self.end({"channels": found}, cursor)

    def call_users_conversations(self, form):
        return self.conversations(form, True)

    def call_conversations_list(self, form):
        return self.conversations(form, False)

    def conversation(self, form):
        for c in self.channels.values():
            if c["id"] == form.get("channel"):
                if c["kind"] != "channel" and not c["member"]:
                    break
                return c
        raise Refusal("channel_not_found")

    def call_conversations_info(self, form):
        return {"channel": self.about(self.conversation(form))}

    def readable(self, form):
        c = self.conversation(form)
        self.need(self.KINDS[c["kind"]][1] + ":history")
        if not c["member"] and self.config["bot"]:
            raise Refusal("not_in_channel")
        return c

    def replies(self, c, ts):
        return [m for m in c["messages"] if m["thread"] == ts]

    def threads(self, c):
        """All replies by their thread."""
        found = {}
        for m in c["messages"]:
            if m["thread"]:
                found.setdefault(m["thread"], []).append(m)
        return found

    def shown(self, c, m, threads):
        out = {"type": "message", "ts": m["ts"], "user": self.uid(m["user"]), "text": m["text"], "team": self.config["team"]}
        for k in ("subtype", "edited", "files", "attachments", "blocks", "bot_id", "username", "bot_profile", "hidden", "old_name", "name",
                  "topic", "client_msg_id"):
            if k in m:
                out[k] = m[k]
        if m["user"] is None:
            del out["user"]
        if m["reactions"]:
            out["reactions"] = [{"name": name, "count": len(users), "users": [self.uid(u) for u in users]}
                                for name, users in m["reactions"]]
        replies = threads.get(m["ts"])
        if m["thread"]:
            out.update(thread_ts=m["thread"], parent_user_id="U0X")
        elif replies:
            out.update(thread_ts=m["ts"], reply_count=len(replies), latest_reply=replies[-1]["ts"], subscribed=False,
                       reply_users=sorted({self.uid(r["user"]) for r in replies})[:5], reply_users_count=1, is_locked=False)
            if not self.config["latest"]:
                del out["latest_reply"]
        return out

    def between(self, messages, form):
        lo, hi = micro(form.get("oldest", "0.0")), micro(form.get("latest", "99999999999.0"))
        wide = form.get("inclusive") in ("true", "1") and ("oldest" in form or "latest" in form)
        found = [m for m in messages if lo < micro(m["ts"]) < hi or (wide and micro(m["ts"]) in (lo, hi))]
        left_out = [m for m in found if m.get("left_out", 0) > 0]
        for m in left_out:
            m["left_out"] -= 1
        return [m for m in found if m not in left_out]

    def call_conversations_history(self, form):
        c = self.readable(form)
        threads = self.threads(c)
        found = [m for m in c["messages"] if not m["thread"] or m.get("subtype") == "thread_broadcast"]
        hidden = [m for m in c["messages"] if self.is_hidden(m)]
        found = sorted(self.between([m for m in found if m not in hidden], form), key=lambda m: micro(m["ts"]), reverse=True)
        found, cursor = self.page(found, form, lambda m, place: micro(m["ts"]) <= micro(place), "history")
        out = {"messages": [self.shown(c, m, threads) for m in found], "has_more": cursor is not None, "pin_count": 0}
        if hidden and cursor is None and (found or not self.config["unsaid"]):
            out.update(is_limited=True, has_more=self.config["limited_more"])
        return self.end(out, cursor)

    def is_hidden(self, m):
        """What a plan that shows the last so many seconds does not, or what is older than `hides`."""
        at = micro(m["ts"]) / 1e6
        if self.config["hides"] is not None and at < self.config["hides"]:
            return True
        return self.config["shows"] is not None and at < self.clock - self.config["shows"]

    def call_conversations_replies(self, form):
        c = self.readable(form)
        threads = self.threads(c)
        at = [m for m in c["messages"] if m["ts"] == form.get("ts")]
        if not at or self.is_hidden(at[0]):
            raise Refusal("thread_not_found")
        thread = at[0]["thread"] or at[0]["ts"]
        parent = [m for m in c["messages"] if m["ts"] == thread]
        if parent and parent[0].get("refused"):  # set by an act, for no reason that anybody knows
            raise Refusal(parent[0]["refused"])
        found = self.between(self.replies(c, thread), form)
        first = "cursor" not in form
        found, cursor = self.page(found, form, lambda m, place: micro(m["ts"]) >= micro(place), "replies")
        if first and (self.config["parent_again"] or "oldest" not in form):
            found = parent + found
        return self.end({"messages": [self.shown(c, m, threads) for m in found], "has_more": cursor is not None}, cursor)
