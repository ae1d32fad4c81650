#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""slack-export.py ZIP MIB: an export of a workspace whose days are a MiB of JSON each, MIB of them."""
import datetime
import json
import sys
import zipfile

START, TEXT = datetime.datetime(2018, 1, 1, tzinfo=datetime.timezone.utc), "what people write to each other, %d times a day " * 6


def day(begin, size):
    """A day of a channel: messages, one in ten of which is answered, one in five of which is liked."""
    lines, length, i = [], 0, 0
    while length < size:
        m = {"type": "message", "user": "U%d" % (1 + i % 9), "ts": "%d.%06d" % (begin + i, i), "team": "T1", "text": TEXT % ((i,) * 6),
             "user_profile": {"display_name": "Person %d" % (i % 9), "image_72": "https://example.org/" + "x" * 60}}
        if i % 5 == 0:
            m["reactions"] = [{"name": "thumbsup", "count": 1, "users": ["U1"]}]
        if i % 10 == 1:
            m["thread_ts"] = "%d.%06d" % (begin + i - 1, i - 1)
        lines.append(json.dumps(m))
        length += len(lines[-1]) + 2
        i += 1
    return "[" + ",\n".join(lines) + "]"


with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    archive.writestr("users.json", json.dumps([{"id": "U%d" % i, "team_id": "T1", "name": "p%d" % i} for i in range(1, 10)]))
    archive.writestr("channels.json", json.dumps([{"id": "C0000000%d" % i, "name": "c%d" % i, "created": 1500000000} for i in range(4)]))
    for n in range(int(sys.argv[2])):
        when = START + datetime.timedelta(days=n // 4)
        archive.writestr("c%d/%s.json" % (n % 4, when.date()), day(int(when.timestamp()) + n % 4, 1 << 20))
