#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""slack.py FOLDER [CONFIG]: the mock Slack. CONFIG is JSON for World, with `delay` in seconds and `ops` that happen first."""
import json
import sys

from server import serve
from slack_model import World

config = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
delay, ops = config.pop("delay", 0.0), config.pop("ops", [])
world = World(**config)
for op in ops:
    world.act(op)
serve(world, sys.argv[1], delay)
