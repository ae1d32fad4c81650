#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""power.py order|cut TRACE FOLDER [STREAM [CUTS [SEED]]]: what a trace of inject.so says about the disk.

order  Is every file synced before it is renamed, every folder after it, and does F only move while nothing that
       was written to the sink is still on its way to the disk?
cut    CUTS times the power fails at a random moment: of what was not synced a random part is on the disk, torn
       at sectors, and of the names that were not synced the first few. Then the database must be sound and hold every
       event that F stands for; STREAM is all that the sources wrote, in order.

FOLDER is where F and its sink are: d.db, or out.ndjson where the output is a file.
"""
import hashlib
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile

SECTOR = 512


class File:
    """What is on the disk for certain, and what was written since, in order."""

    def __init__(self):
        self.synced, self.pending = bytearray(), []

    @staticmethod
    def put(data, offset, piece):
        if offset > len(data):
            data.extend(bytes(offset - len(data)))
        data[offset:offset + len(piece)] = piece

    @classmethod
    def apply(cls, data, change):
        if change[0] == "write":
            cls.put(data, change[1], change[2])
        elif change[1] <= len(data):
            del data[change[1]:]
        else:
            data.extend(bytes(change[1] - len(data)))

    def sync(self):
        for change in self.pending:
            self.apply(self.synced, change)
        self.pending = []

    def after_cut(self, rng):
        data, keep = bytearray(self.synced), rng.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.pending:
            if rng.random() > keep:
                continue
            if change[0] == "write" and rng.random() < 0.3:
                start = rng.randrange(0, len(change[2]) + 1, SECTOR)
                end = rng.randrange(start, len(change[2]) + SECTOR, SECTOR)
                change = ("write", change[1] + start, change[2][start:end])
            self.apply(data, change)
        return data


class Disk:
    """Names and files of one folder; names that were made, moved and removed since it was synced, in order."""

    def __init__(self, folder):
        self.folder, self.names, self.synced, self.pending = folder, {}, {}, []

    @staticmethod
    def apply(names, change):
        if change[0] == "make":
            names[change[1]] = change[2]
        elif change[0] == "rename":
            if change[1] in names:
                names[change[2]] = names.pop(change[1])
        else:
            names.pop(change[1], None)

    def name(self, path):
        head, tail = os.path.split(path)
        return tail if os.path.realpath(head) == self.folder else None

    def change(self, *change):
        self.pending.append(change)
        self.apply(self.names, change)

    def step(self, what, args):
        """One line of the trace."""
        if what == "open":
            name = self.name(args[1])
            if name and args[2] == "created":
                self.change("make", name, File())
        elif what in ("write", "truncate"):
            name = self.name(args[1])
            if name and name not in self.names and not name.endswith(" (deleted)"):
                self.change("make", name, File())  # by the shell
            target = self.names.get(name)
            if target:
                target.pending.append(("write", int(args[2]), bytes.fromhex(args[3])) if what == "write"
                                      else ("truncate", int(args[2])))
        elif what == "fsync":
            if os.path.realpath(args[1]) == self.folder:
                for change in self.pending:
                    self.apply(self.synced, change)
                self.pending = []
            elif self.name(args[1]) in self.names:
                self.names[self.name(args[1])].sync()
        elif what == "rename":
            if self.name(args[0]) in self.names:
                self.change("rename", self.name(args[0]), self.name(args[1]))
        elif what == "unlink":
            if self.name(args[0]) in self.names:
                self.change("remove", self.name(args[0]))

    def after_cut(self, rng, into):
        names = dict(self.synced)
        for change in self.pending[:rng.randint(0, len(self.pending))]:
            self.apply(names, change)
        for name, file in names.items():
            if not name.endswith("-shm"):
                with open(os.path.join(into, name), "wb") as out:
                    out.write(file.after_cut(rng))


def lines(trace):
    with open(trace, encoding="utf-8", errors="surrogateescape") as f:
        for line in f:
            part = line.rstrip("\n").split("\t")
            yield part[1], part[2], part[3:]


# ---- order ----

def order(trace, folder):
    disk, wrong, moves, owed = Disk(folder), [], 0, None
    for number, (program, what, args) in enumerate(lines(trace), 1):
        if what == "rename" and disk.name(args[1]) and disk.name(args[1]).startswith("F"):
            moving = disk.names.get(disk.name(args[0]))
            if moving and moving.pending:
                wrong.append(f"{number}: {program} renames {args[0]}, which is not synced")
            if disk.name(args[1]) == "F":
                moves += 1
                owed = program
                for name in ("d.db", "d.db-wal", "d.db-journal", "out.ndjson", "rejects"):
                    if name in disk.names and disk.names[name].pending:
                        wrong.append(f"{number}: {program} moves F while {name} is not synced")
        elif owed == program and what in ("write", "rename", "unlink"):
            wrong.append(f"{number}: {program} goes on after moving F, its folder not synced")
            owed = None
        disk.step(what, args)
        if what == "fsync" and os.path.realpath(args[1]) == folder:
            owed = None
    if owed:
        wrong.append(f"{owed} moved F and never synced its folder")
    print(f"{moves} moves of F")
    return wrong if moves else ["F never moved"]


# ---- cuts ----

def promised(stream):
    """What each position stands for: its hash -> how many events of the stream are above it."""
    ids, at = [], {}
    with open(stream, encoding="utf-8") as f:
        for line in f:
            record = json.loads(line)
            if record.get("athena") == "checkpoint":
                at[record["next"]] = len(ids)
            elif "athena" not in record:
                ids.append(record["id"])
    return ids, at


def ids_of_file(path):
    found = set()
    with open(path, "rb") as f:
        for line in f.read().split(b"\n")[:-1]:
            try:
                found.add(json.loads(line).get("id"))
            except ValueError:
                pass
    return found


def look(folder, ids, at):
    """What is wrong after a cut; None when nothing is."""
    path, database, output = (os.path.join(folder, n) for n in ("F", "d.db", "out.ndjson"))
    known, found, position = None, set(), None
    if os.path.exists(path):
        with open(path, "rb") as f:
            position = hashlib.sha256(f.read().rstrip(b"\n")).hexdigest()
        if position not in at:
            return "F is no position that was ever staged: it is torn or empty"
    if os.path.exists(database) and os.path.getsize(database):
        db = sqlite3.connect(database)
        try:
            sound = db.execute("PRAGMA integrity_check").fetchone()[0]
            if sound != "ok":
                return "the database is not sound: " + sound
            if db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                found = {row[0] for row in db.execute("SELECT id FROM events")}
                known = {row[0] for row in db.execute("SELECT position FROM positions")}
        except sqlite3.DatabaseError as e:
            return f"the database is not sound: {e}"
        finally:
            db.close()
    elif os.path.exists(output):
        found = ids_of_file(output)
    if position and known is not None and position not in known:
        return "F is ahead of the database, which does not know its position"
    missing = [i for i in ids[:at[position]] if i not in found] if position else []
    return f"F stands for {len(missing)} events that are gone, the first of them {missing[0]}" if missing else None


def cut(trace, folder, stream, cuts, seed):
    rng, disk, wrong = random.Random(seed), Disk(folder), []
    steps = list(lines(trace))
    ids, at = promised(stream)
    when = sorted(rng.randrange(len(steps) + 1) for _ in range(cuts))
    moved = 0
    for number in range(len(steps) + 1):
        while when and when[0] == number:
            when.pop(0)
            into = tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(trace)))
            disk.after_cut(rng, into)
            moved += os.path.exists(os.path.join(into, "F"))
            what = look(into, ids, at)
            if what:
                wrong.append(f"cut after line {number} of the trace: {what}")
            shutil.rmtree(into)
        if number < len(steps):
            disk.step(steps[number][1], steps[number][2])
    print(f"{cuts} cuts in {len(steps)} calls, {len(at)} positions; after {moved} of them there is an F; seed {seed}")
    return wrong


def main(argv):
    if argv[0] == "order":
        wrong = order(argv[1], os.path.realpath(argv[2]))
    else:
        wrong = cut(argv[1], os.path.realpath(argv[2]), argv[3], int(argv[4]), int(argv[5]))
    print("\n".join(wrong[:20]), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
