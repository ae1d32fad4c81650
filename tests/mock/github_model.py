# SPDX-License-Identifier: ISC
"""A repository on GitHub as its API shows it: the state, what happens to it, and what is answered.

World.act(op) lets something happen ({"do": "issue", "title": "x"}), World.answer(...) is the API.
Nothing here knows of sockets, and nothing of the wall clock: the world's own clock moves by `step`
seconds with everything that happens, or stays where an op says "step": 0.
"""
import base64
import calendar
import hashlib
import json
import random
import re
import time
import urllib.parse

EPOCH = 1714564800  # 2024-05-01T12:00:00Z


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def digest(text):
    return hashlib.sha1(text.encode()).hexdigest()


class Reply(Exception):
    """An answer that is not the usual one."""

    def __init__(self, status, message="", headers=None, body=None):
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body = body if body is not None else {"message": message, "documentation_url": "https://docs.github.com/rest"}


class Sorted(list):
    """A list that finds the place of a cursor at once."""

    def index_of(self, key):
        if not hasattr(self, "places"):
            self.places = {World.key(i): n + 1 for n, i in enumerate(self)}
        return self.places.get(key, len(self))


class World:
    def __init__(self, **config):
        self.config = {"name": "octo/hello", "id": 4242, "cap": 100, "step": 60, "inclusive": True, "token": None,
                       "issue_cursors": True, "no_query": [], "web": "https://github.com",
                       "cursors": [],        # other lists whose Link has a cursor
                       "page_cap": 0,        # pages by number that there are; 0: all
                       "compare": {},        # {"pages": N, "status": S}: past page N of a comparison it is S;
                                             # {"most": N}: the newest N commits are on the one page that there is
                       "strong": 0,          # items of a page above which the server fails; 0: never
                       "dated": False,       # the header Date is by the clock of the world
                       "prefix": "",         # of an enterprise server: /api/v3, with GraphQL at /api/graphql
                       "tag_items": False}   # an ETag is of the items alone, not of the Link
        self.config.update(config)
        self.name, self.clock, self.ids = self.config["name"], EPOCH, 1000
        self.former = []                      # names it had
        self.things, self.comments, self.events = {}, {}, []   # by number; by id; oldest first
        self.reviews, self.review_comments, self.releases = {}, {}, {}
        self.commits, self.branches, self.activity = {}, {}, []
        self.discussions, self.gone = {}, {}  # gone: path prefix -> (status, message)
        self.flags = {"has_issues": True, "has_discussions": True, "archived": False, "private": False}
        self.default_branch = "main"
        self.limit, self.used = self.config.get("limit", 5000), 0
        self.sorted = {}

    # ---- what happens ----

    def act(self, op):
        op = dict(op)
        self.sorted = {}
        self.clock += op.pop("step", self.config["step"])
        return getattr(self, "do_" + op.pop("do").replace(".", "_"))(**op)

    def next_id(self):
        self.ids += 7
        return self.ids + (1 << 32)

    def user(self, login):
        if login is None:
            return None
        return {"login": login, "id": int(digest(login)[:6], 16), "type": "Bot" if login.endswith("[bot]") else "User",
                "html_url": "%s/%s" % (self.config["web"], login)}

    def url(self, tail):
        return "%s/%s/%s" % (self.config["web"], self.name, tail)

    def touch(self, number):
        self.things[number]["updated_at"] = self.clock

    def do_wait(self):
        pass

    def new_thing(self, pull, title, body, user, number=None, **more):
        number = number or len(self.things) + len(self.discussions) + 1
        self.things[number] = dict({
            "id": self.next_id(), "number": number, "title": title, "body": body, "user": user, "pull": pull,
            "state": "open", "created_at": self.clock, "updated_at": self.clock, "closed_at": None, "labels": [],
            "merged_at": None, "state_reason": None}, **more)
        return number

    def do_issue(self, title="an issue", body="text", user="ann", **more):
        return self.new_thing(False, title, body, user, **more)

    def do_pull(self, title="a change", body="text", user="ann", head="topic", **more):
        return self.new_thing(True, title, body, user, head=head, **more)

    def do_edit(self, number, **what):
        self.things[number].update(what)
        self.touch(number)

    def do_comment(self, number, body="a comment", user="bob"):
        cid = self.next_id()
        self.comments[cid] = {"id": cid, "number": number, "body": body, "user": user, "created_at": self.clock,
                              "updated_at": self.clock}
        self.touch(number)
        return cid

    def nth(self, table, n):
        return list(table.values())[n]

    def do_edit_comment(self, n, body):
        self.nth(self.comments, n).update(body=body, updated_at=self.clock)

    def do_delete_comment(self, n):
        del self.comments[self.nth(self.comments, n)["id"]]

    def do_event(self, number, event, user="carl", **more):
        self.events.append(dict({"id": self.next_id(), "number": number, "event": event, "user": user,
                                 "created_at": self.clock}, **more))
        self.touch(number)

    def do_close(self, number, user="carl", **more):
        self.things[number].update(state="closed", closed_at=self.clock, **more)
        self.do_event(number, "closed", user, **more)

    def do_reopen(self, number, user="carl"):
        self.things[number].update(state="open", closed_at=None)
        self.do_event(number, "reopened", user)

    def do_merge(self, number, user="carl"):
        self.things[number].update(merged_at=self.clock)
        self.do_event(number, "merged", user, commit_id=digest("merge%d" % number))
        self.do_close(number, user)

    def do_label(self, number, label="bug", user="carl"):
        self.things[number]["labels"].append(label)
        self.do_event(number, "labeled", user, label={"name": label, "color": "ff0000"})

    def do_review(self, number, state="APPROVED", body="", user="dora"):
        rid = self.next_id()
        self.reviews[rid] = {"id": rid, "number": number, "state": state, "body": body, "user": user,
                             "submitted_at": None if state == "PENDING" else self.clock}
        if state != "PENDING":
            self.touch(number)
        return rid

    def do_submit_review(self, n, state="APPROVED"):
        review = self.nth(self.reviews, n)
        review.update(state=state, submitted_at=self.clock)
        self.touch(review["number"])

    def do_dismiss(self, n):
        review = self.nth(self.reviews, n)
        review["state"] = "DISMISSED"
        self.do_event(review["number"], "review_dismissed", "carl",
                      dismissed_review={"state": "approved", "review_id": review["id"], "dismissal_message": "old"})

    def do_review_comment(self, number, body="a remark", user="dora", path="src/a.c"):
        cid = self.next_id()
        self.review_comments[cid] = {"id": cid, "number": number, "body": body, "user": user, "path": path,
                                     "created_at": self.clock, "updated_at": self.clock}
        return cid

    def do_edit_review_comment(self, n, body):
        self.nth(self.review_comments, n).update(body=body, updated_at=self.clock)

    def do_release(self, tag="v1", name=None, body="notes", draft=False, created=None, user="ann"):
        rid = self.next_id()
        self.releases[rid] = {"id": rid, "tag": tag, "name": name, "body": body, "draft": draft, "user": user,
                              "created_at": created or self.clock, "published_at": None if draft else self.clock,
                              "updated_at": self.clock}
        return rid

    def do_edit_release(self, n, **what):
        self.nth(self.releases, n).update(what, updated_at=self.clock)

    def do_commit(self, branch="main", message="a commit", user="ann", parents=None, at=None, push=True, email=None):
        parents = parents if parents is not None else ([self.branches[branch]] if branch in self.branches else [])
        sha = digest("%s %s %d %d" % (message, parents, self.clock, len(self.commits)))
        self.commits[sha] = {"sha": sha, "message": message, "parents": parents, "user": user, "at": at or self.clock,
                             "order": len(self.commits), "email": email or "%s@example.org" % user}
        before = self.branches.get(branch)
        self.branches[branch] = sha
        if push:
            self.pushed(branch, before, sha, "push" if before else "branch_creation", user)
        return sha

    def pushed(self, branch, before, after, kind, user="ann"):
        zero = "0" * 40
        self.activity.append({"id": self.next_id(), "before": before or zero, "after": after or zero,
                              "ref": "refs/heads/" + branch, "timestamp": self.clock, "activity_type": kind, "user": user})

    def do_branch(self, branch, at="main"):
        self.branches[branch] = self.branches.get(at, at)
        self.pushed(branch, None, self.branches[branch], "branch_creation")

    def do_force(self, branch="main", back=1, message="rewritten", forget=False, user="ann"):
        """The branch goes back some commits and gets another one; with forget the old ones are gone."""
        old = at = self.branches[branch]
        dropped = []
        for _ in range(back):
            dropped.append(at)
            at = self.commits[at]["parents"][0]
        if forget:
            for sha in dropped:
                del self.commits[sha]
        self.branches[branch] = at
        new = self.do_commit(branch, message, user, push=False)
        self.pushed(branch, old, new, "force_push", user)

    def do_vanish(self, branch="main", keep=1):
        """Another history is pushed over the branch, and the server forgets every commit of the old one."""
        self.commits.clear()
        old = self.branches.pop(branch)
        for _ in range(keep):
            new = self.do_commit(branch, "from scratch", push=False)
        self.pushed(branch, old, new, "force_push")

    def do_merge_branch(self, branch, into="main", user="ann"):
        self.do_commit(into, "merge " + branch, user, [self.branches[into], self.branches[branch]])

    def do_delete_branch(self, branch):
        self.pushed(branch, self.branches.pop(branch), None, "branch_deletion")

    def do_undiscuss(self, number, n=-1):
        """A comment is deleted; one with replies stays as an empty place."""
        d = self.discussions[number]
        comment = d["comments"][n]
        if comment["replies"]:
            comment.update(body="", user=None, deletedAt=self.clock, updatedAt=self.clock)
        else:
            d["comments"].remove(comment)
        d["updatedAt"] = self.clock

    def do_discussion(self, title="a question", body="why?", user="ann"):
        number = len(self.things) + len(self.discussions) + 1
        self.discussions[number] = {"id": "D_%d" % number, "number": number, "title": title, "body": body, "user": user,
                                    "createdAt": self.clock, "updatedAt": self.clock, "comments": [], "answer": None,
                                    "answerChosenAt": None}
        return number

    def do_discuss(self, number, body="because", user="bob", reply_to=None):
        d = self.discussions[number]
        c = {"id": "DC_%d" % self.next_id(), "body": body, "user": user, "createdAt": self.clock, "updatedAt": self.clock,
             "deletedAt": None, "replies": []}
        (d["comments"] if reply_to is None else d["comments"][reply_to]["replies"]).append(c)
        d["updatedAt"] = self.clock

    def do_answer(self, number, n=0):
        d = self.discussions[number]
        d.update(answer=d["comments"][n], answerChosenAt=self.clock, updatedAt=self.clock)

    def do_rename(self, name):
        self.former.append(self.name)
        self.name = name

    def do_flag(self, **flags):
        self.flags.update(flags)

    def do_gone(self, path, status, message="Gone"):
        self.gone[path] = (status, message)

    def do_back(self, path):
        del self.gone[path]

    def do_future(self, number, at=4000000000):
        """Changed, by a clock that is wrong."""
        self.things[number]["updated_at"] = at

    def do_delete_pull(self, number):
        del self.things[number]
        self.gone["pulls/%d/" % number] = (404, "Not Found")
        self.reviews = {k: v for k, v in self.reviews.items() if v["number"] != number}

    def do_quota(self, limit, used=0):
        self.limit, self.used = limit, used

    def do_many(self, n, what):
        """The same thing n times; "%d" in a text counts."""
        for i in range(n):
            self.act({k: v.replace("%d", str(i)) if isinstance(v, str) else v for k, v in what.items()})

    def do_random(self, n, seed):
        """n things that may happen, the same for the same seed and world."""
        dice = random.Random(seed)
        for _ in range(n):
            self.act(dict(self.guess(dice), step=dice.choice([0, 0, 1, 30, 90, 400])))

    def guess(self, dice):
        things = sorted(self.things)
        pulls = [n for n in things if self.things[n]["pull"]]
        what = dice.randrange(26)
        text = "text %d" % dice.randrange(1 << 30)
        if what < 3:
            return {"do": "issue", "title": text}
        if what < 5 or not pulls:
            return {"do": "pull", "title": text}
        number, pull = dice.choice(things), dice.choice(pulls)
        state = self.things[number]["state"], self.things[number]["merged_at"]
        change = {"open": "close", "closed": "reopen"}[state[0]] if not state[1] else "label"
        return ([
            {"do": "comment", "number": number, "body": text}, {"do": "comment", "number": pull, "body": text},
            {"do": "edit", "number": number, "body": text}, {"do": "label", "number": number, "label": text},
            {"do": change, "number": number}, {"do": change, "number": number},
            {"do": "review", "number": pull, "body": text}, {"do": "review_comment", "number": pull, "body": text},
            {"do": "edit_comment", "n": -1, "body": text} if self.comments else {"do": "issue", "title": text},
            {"do": "release", "tag": text}, {"do": "commit", "message": text}, {"do": "commit", "message": text, "at": EPOCH},
            {"do": "discussion", "title": text},
            {"do": "merge" if self.things[pull]["state"] == "open" else "label", "number": pull},
            {"do": "force", "back": 1} if len(self.reachable(self.branches.get("main"))) > 1 else {"do": "commit"},
        ] + self.guess_more(dice, text))[what - 5]

    def guess_more(self, dice, text):
        """What happens to reviews, releases and discussions."""
        talk = sorted(self.discussions)
        number = dice.choice(talk) if talk else 0
        comments = len(self.discussions[number]["comments"]) if talk else 0
        reply = dice.randrange(comments) if comments and dice.randrange(2) else None
        return [
            {"do": "dismiss", "n": -1} if self.reviews else {"do": "commit", "message": text},
            {"do": "edit_review_comment", "n": -1, "body": text} if self.review_comments else {"do": "issue", "title": text},
            {"do": "edit_release", "n": 0, "body": text} if self.releases else {"do": "release", "tag": text},
            {"do": "discuss", "number": number, "body": text, "reply_to": reply} if talk else {"do": "discussion", "title": text},
            {"do": "discuss", "number": number, "body": text} if talk else {"do": "discussion", "title": text},
            {"do": "answer", "number": number, "n": dice.randrange(comments)} if comments else {"do": "discussion", "title": text},
        ]

    # ---- what there is: the events that a source should have told, by id, with the content where that is known ----

    def truth(self):
        out = {}
        for t in self.things.values():
            text = "\n\n".join(filter(None, (t["title"], t["body"])))
            out["%s/%d/opened" % ("pull" if t["pull"] else "issue", t["number"])] = text
        for e in self.events:
            merged = self.things[e["number"]]["merged_at"]
            if e["event"] != "closed" or merged is None or abs(merged - e["created_at"]) > 5:
                out["event/%d" % e["id"]] = None
        out.update(("comment/%d" % c["id"], c["body"]) for c in self.comments.values())
        out.update(("review-comment/%d" % c["id"], c["body"]) for c in self.review_comments.values())
        out.update(("review/%d" % r["id"], r["body"] or None) for r in self.reviews.values() if r["submitted_at"])
        out.update(("release/%d" % r["id"], "%s\n\n%s" % (r["name"] or r["tag"], r["body"]))
                   for r in self.releases.values() if not r["draft"])
        out.update(("commit/" + sha, self.commits[sha]["message"])
                   for sha in self.reachable(self.branches.get(self.default_branch)))
        out.update(("push/%d" % a["id"], None) for a in self.activity)
        for d in self.discussions.values():
            out["discussion/%d" % d["number"]] = "%s\n\n%s" % (d["title"], d["body"])
            if d["answer"]:
                out["discussion/%d/answered" % d["number"]] = None
            for c in d["comments"]:
                out.update(("discussion-comment/" + x["id"], x["body"]) for x in [c] + c["replies"])
        return out

    # ---- what is answered ----

    def answer(self, method, target, headers, body, base):
        """(status, headers, bytes). `headers` has lower-case names; `base` is scheme://host:port."""
        parts = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(parts.query))
        try:
            if self.config["token"] and headers.get("authorization") != "Bearer " + self.config["token"]:
                raise Reply(401, "Bad credentials")
            if not headers.get("user-agent"):
                raise Reply(403, "Request forbidden by administrative rules.")
            if self.config["prefix"]:
                base += self.config["prefix"]
                parts = parts._replace(path=self.strip(parts.path))
            if parts.path == "/rate_limit":
                return self.pack(200, self.rate_limit(), {}, headers)
            if self.used >= self.limit:
                raise Reply(403, "API rate limit exceeded for user ID 1.")
            if parts.path == "/graphql" and method == "POST":
                self.used += 1
                return self.pack(200, self.graphql(json.loads(body)), {}, None)
            value, more = self.route(parts.path, query, base)
            return self.pack(200, value, more, headers)
        except Reply as r:
            return self.pack(r.status, r.body, r.headers, None)

    def strip(self, path):
        if path == "/api/graphql":
            return "/graphql"
        if not path.startswith(self.config["prefix"] + "/"):
            raise Reply(404, "Not Found", body="<html>no API here</html>")
        return path[len(self.config["prefix"]):]

    def pack(self, status, value, more, headers):
        body = b"" if value is None else json.dumps(value, ensure_ascii=True).encode()
        out = {"Content-Type": "application/json; charset=utf-8", "X-GitHub-Media-Type": "github.v3; format=json",
               "X-GitHub-Api-Version-Selected": "2022-11-28", "X-OAuth-Scopes": "repo", "Cache-Control": "private, max-age=60",
               "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"}
        out.update(more)
        if self.config["dated"]:
            out["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.clock))
        if status == 200 and headers is not None:
            tagged = body if self.config["tag_items"] else body + json.dumps(more).encode()
            out["ETag"] = 'W/"%s"' % hashlib.sha256(tagged).hexdigest()
            if headers.get("if-none-match") == out["ETag"]:
                status, body = 304, b""
                out.pop("Link", None)
            else:
                self.used += 1
        out.update({"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
                    "X-RateLimit-Used": str(self.used), "X-RateLimit-Reset": str(int(time.time()) + 3600),
                    "X-RateLimit-Resource": "core"})
        return status, out, body

    def rate_limit(self):
        core = {"limit": self.limit, "used": self.used, "remaining": max(0, self.limit - self.used),
                "reset": int(time.time()) + 3600}
        return {"resources": {"core": core, "graphql": core}, "rate": core}

    def route(self, path, query, base):
        m = re.match(r"^/repos/([^/]+/[^/]+)(?:/(.*))?$", path)
        if m:
            name, rest = urllib.parse.unquote(m[1]), m[2] or ""
            if name in self.former:
                tail = "/" + rest if rest else ""
                raise Reply(301, "Moved Permanently",
                            {"Location": "%s/repositories/%d%s%s" % (base, self.config["id"], tail,
                                                                    "?" + urllib.parse.urlencode(query) if query else "")})
            if name.lower() != self.name.lower():
                raise Reply(404, "Not Found")
        else:
            m = re.match(r"^/repositories/(\d+)(?:/(.*))?$", path)
            if not m or int(m[1]) != self.config["id"]:
                raise Reply(404, "Not Found")
            rest = m[2] or ""
        for prefix, (status, message) in self.gone.items():
            if (rest + "/").startswith(prefix) if prefix else True:
                raise Reply(status, message)
        if rest == "":
            return self.repository(), {}
        for pattern, call in ROUTES:
            m = re.fullmatch(pattern, rest)
            if m:
                return call(self, query, base + "/repositories/%d/%s" % (self.config["id"], rest), *m.groups())
        raise Reply(404, "Not Found")

    def repository(self):
        newest = max([t["updated_at"] for t in self.things.values()] + [EPOCH])
        return dict({"id": self.config["id"], "full_name": self.name, "name": self.name.split("/")[1],
                     "html_url": "%s/%s" % (self.config["web"], self.name), "default_branch": self.default_branch,
                     "updated_at": stamp(newest), "pushed_at": stamp(EPOCH), "size": len(self.commits),
                     "permissions": {"pull": True, "push": False}}, **self.flags)

    # Pages: `items` in their order, each shown by `show`; by number, and by cursor too where `cursors` is true.
    def page(self, items, query, url, cursors=False, numbers=True, show=lambda i: i):
        try:
            size = max(1, min(int(query.get("per_page", 30)), self.config["cap"]))
        except ValueError:
            size = 30
        number = max(1, int(query.get("page", 1)))
        start = (number - 1) * size
        if self.config["strong"] and size > self.config["strong"]:
            raise Reply(502, body={"message": "Server Error"})
        if self.config["page_cap"] and number > self.config["page_cap"] and not query.get("after"):
            raise Reply(422, "In order to keep the API fast for everyone, pagination is limited for this resource.")
        if query.get("after"):
            key = base64.b64decode(query["after"]).decode()
            start = items.index_of(key) if isinstance(items, Sorted) else \
                next((n + 1 for n, i in enumerate(items) if self.key(i) == key), len(items))
        elif not numbers:
            start = 0
        chosen = items[start:start + size]
        links = []
        same = {k: v for k, v in query.items() if k not in ("page", "after")}
        same["per_page"] = str(size)
        if start + size < len(items):
            more = {}
            if cursors or not numbers:
                more["after"] = base64.b64encode(self.key(chosen[-1]).encode()).decode()
            if numbers:
                more["page"] = str(number + 1)
            links.append('<%s?%s>; rel="next"' % (url, urllib.parse.urlencode({**same, **more})))
            if numbers:
                last = (len(items) + size - 1) // size
                links.append('<%s?%s>; rel="last"' % (url, urllib.parse.urlencode({**same, "page": last})))
        if start > 0 and numbers:
            links.insert(0, '<%s?%s>; rel="prev"' % (url, urllib.parse.urlencode({**same, "page": max(1, number - 1)})))
        return [show(i) for i in chosen], {"Link": ", ".join(links)} if links else {}

    @staticmethod
    def key(item):
        return "%s/%s" % (item.get("updated_at") or item.get("timestamp"), item["id"])

    # Large worlds are sorted once, until something happens.
    def sort(self, items, query):
        kept = (len(items), next((i["id"] for i in items), 0), query.get("sort"), query.get("direction"), query.get("since"))
        if kept not in self.sorted:
            self.sorted[kept] = Sorted(self.sort_now(items, query))
        return self.sorted[kept]

    def sort_now(self, items, query):
        field = {"updated": "updated_at"}.get(query.get("sort"), "created_at")
        since = query.get("since")
        if since:
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", since):
                raise Reply(422, "Validation Failed")
            if since == "1970-01-01T00:00:00Z":
                return []  # as GitHub has it
            after = calendar.timegm(time.strptime(since, "%Y-%m-%dT%H:%M:%SZ")) - (1 if self.config["inclusive"] else 0)
            items = [i for i in items if i["updated_at"] > after]
        return sorted(items, key=lambda i: (i[field], i["id"]), reverse=query.get("direction", "desc") == "desc")

    def issue_json(self, t):
        kind = "pull" if t["pull"] else "issues"
        out = {"id": t["id"], "number": t["number"], "title": t["title"], "body": t["body"], "state": t["state"],
               "state_reason": t["state_reason"], "user": self.user(t["user"]), "created_at": stamp(t["created_at"]),
               "updated_at": stamp(t["updated_at"]), "closed_at": t["closed_at"] and stamp(t["closed_at"]),
               "labels": [{"name": n} for n in t["labels"]], "assignees": [], "milestone": None, "locked": False,
               "html_url": self.url("%s/%d" % (kind, t["number"])), "author_association": "NONE",
               "comments": 0, "reactions": {"+1": 0}}
        if t["pull"]:
            out["pull_request"] = {"url": "x", "merged_at": t["merged_at"] and stamp(t["merged_at"])}
        return out

    def issues(self, query, url):
        if not self.flags["has_issues"]:
            raise Reply(410, "Issues has been disabled in this repository.")
        return self.page(self.sort(self.things.values(), query), query, url, self.config["issue_cursors"], show=self.issue_json)

    def pull_json(self, t):
        out = self.issue_json(t)
        merged = out.pop("pull_request")["merged_at"]
        out.pop("comments")
        out.update(id=t["id"] + 1, merged_at=merged, draft=False, requested_reviewers=[],
                   node_id="PR_%d" % t["number"],
                   head={"label": "octo:" + t["head"], "ref": t["head"], "sha": digest(t["head"]), "repo": None, "user": None},
                   base={"label": "octo:main", "ref": "main", "sha": digest("main")})
        return out

    def pulls(self, query, url):
        if "since" in query:
            query = {k: v for k, v in query.items() if k != "since"}
        return self.page(self.sort([t for t in self.things.values() if t["pull"]], query), query, url, show=self.pull_json)

    def review_json(self, r):
        out = {"id": r["id"], "user": self.user(r["user"]), "body": r["body"], "state": r["state"], "commit_id": digest("c"),
               "html_url": self.url("pull/%d#pullrequestreview-%d" % (r["number"], r["id"])), "author_association": "MEMBER",
               "pull_request_url": "x/pulls/%d" % r["number"]}
        if r["submitted_at"]:
            out["submitted_at"] = stamp(r["submitted_at"])
        return out

    def pull_reviews(self, query, url, number):
        if int(number) not in self.things:
            raise Reply(404, "Not Found")
        return self.page([self.review_json(r) for r in self.reviews.values() if r["number"] == int(number)], query, url)

    def comment_json(self, c):
        t = self.things.get(c["number"], {"pull": False})
        return {"id": c["id"], "body": c["body"], "user": self.user(c["user"]), "created_at": stamp(c["created_at"]),
                "updated_at": stamp(c["updated_at"]), "author_association": "NONE",
                "issue_url": "https://api.github.com/repos/%s/issues/%d" % (self.name, c["number"]),
                "html_url": self.url("%s/%d#issuecomment-%d" % ("pull" if t["pull"] else "issues", c["number"], c["id"]))}

    def issue_comments(self, query, url):
        return self.page(self.sort(self.comments.values(), query), query, url, show=self.comment_json)

    def review_comment_json(self, c):
        return {"id": c["id"], "pull_request_review_id": None, "diff_hunk": "@@ -1 +1 @@\n-a\n+b", "path": c["path"],
                "commit_id": digest("c"), "original_commit_id": digest("o"), "user": self.user(c["user"]), "body": c["body"],
                "created_at": stamp(c["created_at"]), "updated_at": stamp(c["updated_at"]), "original_line": 3,
                "html_url": self.url("pull/%d#discussion_r%d" % (c["number"], c["id"])), "side": "RIGHT",
                "pull_request_url": "https://api.github.com/repos/%s/pulls/%d" % (self.name, c["number"])}

    def pull_comments(self, query, url):
        return self.page(self.sort(self.review_comments.values(), query), query, url, show=self.review_comment_json)

    def event_json(self, e):
        item = {k: v for k, v in e.items() if k not in ("number", "user")}
        return dict({"actor": self.user(e["user"]), "commit_id": None, "issue": self.issue_json(self.things[e["number"]])},
                    **dict(item, created_at=stamp(e["created_at"])))

    def issue_events(self, query, url):
        return self.page([e for e in reversed(self.events) if e["number"] in self.things], query, url, show=self.event_json)

    def commit_json(self, c):
        person = {"name": c["user"], "email": c["email"], "date": stamp(c["at"])}
        return {"sha": c["sha"], "html_url": self.url("commit/" + c["sha"]), "author": self.user(c["user"]), "committer": {},
                "parents": [{"sha": p} for p in c["parents"]],
                "commit": {"message": c["message"], "author": person, "committer": person, "tree": {"sha": digest(c["sha"])},
                           "verification": {"verified": False, "reason": "unsigned"}}}

    def reachable(self, sha):
        seen, todo = set(), [sha]
        while todo:
            s = todo.pop()
            if s not in seen and s in self.commits:
                seen.add(s)
                todo.extend(self.commits[s]["parents"])
        return seen

    def commit_list(self, query, url):
        if not self.branches:
            raise Reply(409, "Git Repository is empty.")
        sha = query.get("sha", self.default_branch)
        sha = self.branches.get(sha, sha)
        if sha not in self.commits:
            raise Reply(404, "Not Found")
        found = sorted((self.commits[s] for s in self.reachable(sha)), key=lambda c: (c["at"], c["order"]), reverse=True)
        if "since" in query:
            found = [c for c in found if stamp(c["at"]) >= query["since"]]
        chosen, links = self.page([dict(c, id=c["sha"], updated_at=c["at"]) for c in found], query, url)
        return [self.commit_json(c) for c in chosen], links

    def compare(self, query, url, base, head):
        base, head = self.branches.get(base, base), self.branches.get(head, head)
        if base not in self.commits or head not in self.commits:
            raise Reply(404, "Not Found")
        ours, theirs = self.reachable(head), self.reachable(base)
        new = sorted((self.commits[s] for s in ours - theirs), key=lambda c: (c["at"], c["order"]))
        shown, limits = new, self.config["compare"]
        if "most" in limits:
            shown, query = new[-min(limits["most"], self.config["cap"]):], {"per_page": limits["most"]}
        elif limits and int(query.get("page", 1)) > limits["pages"]:
            raise Reply(limits["status"], "Server Error: Sorry, this diff is taking too long to generate.")
        status = "identical" if base == head else "ahead" if base in ours else "behind" if head in theirs else "diverged"
        chosen, links = self.page([dict(c, id=c["sha"], updated_at=c["at"]) for c in shown], query, url)
        return {"status": status, "ahead_by": len(new), "behind_by": len(theirs - ours), "total_commits": len(new),
                "commits": [self.commit_json(c) for c in chosen], "files": []}, links

    def branch(self, query, url, name):
        name = urllib.parse.unquote(name)
        if name not in self.branches:
            raise Reply(404, "Branch not found")
        return {"name": name, "commit": self.commit_json(self.commits[self.branches[name]]), "protected": False}, {}

    def activities(self, query, url):
        items = [dict({k: v for k, v in a.items() if k != "user"}, timestamp=stamp(a["timestamp"]), actor=self.user(a["user"]))
                 for a in self.activity]
        if query.get("direction", "desc") == "desc":
            items.reverse()
        return self.page(items, query, url, numbers=False)

    def release_list(self, query, url):
        items = [{"id": r["id"], "tag_name": r["tag"], "name": r["name"], "body": r["body"], "draft": r["draft"],
                  "prerelease": False, "target_commitish": "main", "created_at": stamp(r["created_at"]),
                  "published_at": r["published_at"] and stamp(r["published_at"]), "updated_at": stamp(r["updated_at"]),
                  "author": self.user(r["user"]), "html_url": self.url("releases/tag/" + r["tag"]),
                  "assets": [{"name": "a.tar.gz", "size": 12}]} for r in self.releases.values() if not r["draft"]]
        return self.page(sorted(items, key=lambda r: (r["created_at"], r["id"]), reverse=True), query, url)

    # ---- GraphQL: the queries that our source asks, told apart by their names ----

    def graphql(self, request):
        name = re.match(r"\s*query\s+(\w+)", request["query"])
        v = request.get("variables", {})
        if not name:
            return {"data": None, "errors": [{"type": "PARSE", "message": "no name"}]}
        if not hasattr(self, "query_" + name[1]) or name[1] in self.config["no_query"]:
            return {"data": None, "errors": [{"message": "Field '%s' doesn't exist on type 'Query'" % name[1]}]}
        if self.config["strong"] and v.get("first", 0) > self.config["strong"]:
            return {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]}
        limit = {"cost": 1, "remaining": max(0, self.limit - self.used), "resetAt": stamp(EPOCH)}
        data = dict(getattr(self, "query_" + name[1])(v), rateLimit=limit)
        missing = [k for k in ("node", "repository") if k in data and data[k] is None]
        missing += ["nodes"] * sum(1 for n in data.get("nodes", []) if n is None)
        errors = [{"type": "NOT_FOUND", "path": [k], "message": "Could not resolve to a node."} for k in missing]
        return dict({"data": data}, **({"errors": errors} if errors else {}))

    def connection(self, nodes, first, after, make):
        first = min(first, self.config["cap"])
        start = int(base64.b64decode(after)) if after else 0
        end = min(start + first, len(nodes))
        return {"totalCount": len(nodes), "nodes": [make(n) for n in nodes[start:end]],
                "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": base64.b64encode(str(end).encode()).decode()}}

    def author(self, login):
        bot = login and login.endswith("[bot]")
        return login and {"login": login.replace("[bot]", ""), "__typename": "Bot" if bot else "User"}

    def talk(self, c, replies=True):
        out = {"id": c["id"], "body": c["body"], "url": self.url("discussions#" + c["id"]), "createdAt": stamp(c["createdAt"]),
               "updatedAt": stamp(c["updatedAt"]), "deletedAt": c["deletedAt"], "isAnswer": False,
               "author": self.author(c["user"])}
        if replies:
            out["replies"] = self.connection(c["replies"], 20, None, lambda r: self.talk(r, False))
        return out

    def discussion(self, d):
        return {"id": d["id"], "number": d["number"], "title": d["title"], "body": d["body"],
                "url": self.url("discussions/%d" % d["number"]), "createdAt": stamp(d["createdAt"]),
                "updatedAt": stamp(d["updatedAt"]), "closed": False, "stateReason": None, "isAnswered": bool(d["answer"]),
                "answerChosenAt": d["answerChosenAt"] and stamp(d["answerChosenAt"]),
                "answer": d["answer"] and self.talk(d["answer"], False), "author": self.author(d["user"]),
                "category": {"name": "Q&A"}, "comments": self.connection(d["comments"], 50, None, self.talk)}

    def query_discussions(self, v):
        if (v["owner"] + "/" + v["name"]) not in [self.name] + self.former:
            return {"repository": None}
        found = sorted(self.discussions.values(), key=lambda d: (d["updatedAt"], d["number"]), reverse=True)
        return {"repository": {"discussions": self.connection(found, v["first"], v.get("after"), self.discussion)}}

    def query_count(self, v):
        if (v["owner"] + "/" + v["name"]) not in [self.name] + self.former:
            return {"repository": None}
        return {"repository": {"discussions": {"totalCount": len(self.discussions)}}}

    def query_reviews(self, v):
        nodes = []
        for pid in v["ids"]:
            number = int(pid[3:])
            if number not in self.things:
                nodes.append(None)
                continue
            found = [r for r in self.reviews.values() if r["number"] == number]
            nodes.append({"number": number, "reviews": self.connection(found, 50, None, lambda r: {
                "fullDatabaseId": str(r["id"]), "state": r["state"], "body": r["body"], "authorAssociation": "MEMBER",
                "submittedAt": r["submitted_at"] and stamp(r["submitted_at"]), "commit": {"oid": digest("c")},
                "url": self.url("pull/%d#pullrequestreview-%d" % (number, r["id"])),
                "author": self.author(r["user"])})})
        return {"nodes": nodes}

    def query_comments(self, v):
        d = [d for d in self.discussions.values() if d["id"] == v["id"]]
        return {"node": d and {"comments": self.connection(d[0]["comments"], v["first"], v.get("after"), self.talk)} or None}

    def query_replies(self, v):
        c = [c for d in self.discussions.values() for c in d["comments"] if c["id"] == v["id"]]
        return {"node": c and {"replies": self.connection(c[0]["replies"], v["first"], v.get("after"),
                                                          lambda r: self.talk(r, False))} or None}


ROUTES = [
    (r"issues", World.issues),
    (r"issues/comments", World.issue_comments),
    (r"issues/events", World.issue_events),
    (r"pulls", World.pulls),
    (r"pulls/comments", World.pull_comments),
    (r"pulls/(\d+)/reviews", World.pull_reviews),
    (r"commits", World.commit_list),
    (r"compare/(.+)\.\.\.(.+)", World.compare),
    (r"branches/(.+)", World.branch),
    (r"activity", World.activities),
    (r"releases", World.release_list),
]
