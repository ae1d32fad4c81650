#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""github.py FOLDER [CONFIG]: the mock GitHub. CONFIG is JSON for World, with `delay` in seconds and `ops` that happen first."""
import json
import sys

from github_model import World
from server import serve

config = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
delay, ops = config.pop("delay", 0.0), config.pop("ops", [])
world = World(**config)
for op in ops:
    world.act(op)
serve(world, sys.argv[1], delay)
