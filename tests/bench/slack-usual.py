#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""slack-usual.py URL: a client as it is usually written: people, conversations, the history of each, the replies of each thread,
one request after the other, nothing kept. Prints what it got, a line of JSON each."""
import json
import sys
import urllib.parse
import urllib.request


def pages(method, key, **form):
    while True:
        data = urllib.parse.urlencode(dict(form, limit=200)).encode()
        request = urllib.request.Request("%s/%s" % (sys.argv[1], method), data, {"Authorization": "Bearer xoxb-bench"})
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        if not page["ok"]:
            sys.exit("%s: %s" % (method, page["error"]))
        yield from page[key]
        form["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
        if not form["cursor"]:
            return


people = {u["id"]: u["name"] for u in pages("users.list", "members")}
for channel in pages("users.conversations", "channels", types="public_channel,private_channel"):
    for message in pages("conversations.history", "messages", channel=channel["id"]):
        thread = [message]
        if message.get("reply_count"):
            thread = pages("conversations.replies", "messages", channel=channel["id"], ts=message["ts"])
        for m in thread:
            print(json.dumps(dict(m, channel=channel["id"], name=people.get(m.get("user")))))
