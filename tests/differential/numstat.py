#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""numstat.py [ROUNDS [SEED]]: the counts of athena-src-git against git log --numstat, file by file, on repositories drawn from
the seed: merges, binary files, CRLF, no newline at the end, modes, links, submodules, files that become folders. Round N of
seed S is `numstat.py 1 S+N`."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ATHENA_BIN", HERE + "/build/bin")
NAMES = ["a", "b.c", "d/e", "d/f/g", "d/f", "with space", "caf\u00e9", "x\ty", "d.txt", "d-1"]


def text(dice, old=b""):
    """A file's new bytes; often the old ones with some lines changed."""
    end = dice.choice([b"\n", b"\n", b"\n", b"\r\n", b"\r"])
    lines = old.splitlines(True) if dice.random() < 0.8 else []
    for _ in range(dice.randrange(1, 12)):
        at = dice.randrange(len(lines) + 1)
        what = dice.random()
        if what < 0.6:
            lines.insert(at, b"line %d" % dice.randrange(dice.choice([3, 1000])) + end)
        elif lines:
            del lines[min(at, len(lines) - 1):at + dice.randrange(1, 4)]
    whole = b"".join(lines)
    if dice.random() < 0.1:
        whole += b"\0" + bytes(dice.randrange(256) for _ in range(9))
    return whole.rstrip(b"\r\n") if dice.random() < 0.2 else whole


class Repository:
    def __init__(self, dice, folder):
        self.dice, self.folder, self.script = dice, folder, []
        self.trees, self.tips = {}, {}      # mark -> {name: (mode, bytes)}; branch -> mark

    def change(self, tree):
        dice = self.dice
        for _ in range(dice.randrange(1, 5)):
            name = dice.choice(NAMES)
            if name in tree and dice.random() < 0.2:
                del tree[name]
                continue
            for other in list(tree):        # a file is no folder
                if other.startswith(name + "/") or name.startswith(other + "/"):
                    del tree[other]
            mode = dice.choice(["100644"] * 6 + ["100755", "120000", "160000"])
            old = tree.get(name, ("", b""))
            if mode == "160000":
                tree[name] = mode, b"%040x" % dice.randrange(1, 1 << 160)
            elif old[0] and old[0] != "160000" and dice.random() < 0.1:
                tree[name] = mode, old[1]
            else:
                tree[name] = mode, text(dice, old[1] if old[0] != "160000" else b"")

    def commit(self, mark, branch, parents):
        tree = dict(self.trees[parents[0]]) if parents else {}
        for p in parents[1:]:
            tree.update((n, f) for n, f in self.trees[p].items() if self.dice.random() < 0.7 and not
                        any(o.startswith(n + "/") or n.startswith(o + "/") for o in tree))
        self.change(tree)
        self.trees[mark], self.tips[branch] = tree, mark
        out = [b"commit refs/heads/%s\nmark :%d\ncommitter C <c@example.org> %d +0000\ndata 1\nm\n" % (
            branch.encode(), mark, 1600000000 + mark)]
        out += [b"%s :%d\n" % (b"merge" if i else b"from", p) for i, p in enumerate(parents)]
        out += [b"deleteall\n"]
        for name, (mode, data) in tree.items():
            quoted = b'"' + name.encode().replace(b"\t", b"\\t") + b'"'
            if mode == "160000":
                out += [b"M 160000 %s %s\n" % (data, quoted)]
            else:
                out += [b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), quoted, len(data), data)]
        self.script += out

    def make(self):
        dice = self.dice
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.folder], check=True)
        self.commit(1, "main", [])
        for mark in range(2, dice.randrange(5, 40)):
            branch = dice.choice(["main", "main", "side"])
            parents = [self.tips.get(branch, self.tips["main"])]
            others = [t for t in self.tips.values() if t not in parents]
            if others and dice.random() < 0.25:
                parents.append(dice.choice(others))
            self.commit(mark, branch, parents)
        self.commit(100, "main", list(dict.fromkeys([self.tips["main"], self.tips.get("side", self.tips["main"])])))
        subprocess.run(["git", "-C", self.folder, "fast-import", "--quiet", "--force"], input=b"".join(self.script), check=True)


def theirs(folder, *options):
    out = subprocess.run(["git", "-C", folder, "log", "-z", "--numstat", "--no-renames", "--format=%x01%H", *options, "HEAD"],
                         stdout=subprocess.PIPE, check=True).stdout.decode()
    rows = set()
    for part in out.split("\x01")[1:]:
        oid, *files = part.split("\0")
        for f in filter(None, (f.lstrip("\n") for f in [oid[40:], *files])):
            rows.add((oid[:40], *f.split("\t", 2)))
    return rows


def ours(folder, *options):
    out = subprocess.run([BIN + "/athena-src-git", "-q", "--per-file", *options, folder], stdout=subprocess.PIPE, check=True).stdout
    events = [e for e in map(json.loads, out.splitlines()) if e["kind"] == "file_change"]
    return {(e["git_commit"], str(e.get("lines_added", "-")), str(e.get("lines_deleted", "-")), e["file_path"]) for e in events}


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    files = 0
    for r in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            Repository(random.Random(seed + r), folder).make()
            for git, athena in (((), ()), (("--diff-merges=first-parent",), ("--diff-merges=first-parent",))):
                want, got = theirs(folder, *git), ours(folder, *athena)
                if want != got:
                    sys.exit("not ok - seed %d %s: git alone %s; ours alone %s" % (
                        seed + r, git, sorted(want - got)[:5], sorted(got - want)[:5]))
                files += len(want)
    print("ok - %d repositories from seed %d, %d changed files: the counts of git" % (rounds, seed, files))


os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C")
main()
