"""Pairs with a node for each line `host port code` on stdin and answers with the milliseconds it took."""

import sys
import time

from cider_fleet import FleetClient


class Forgetful:
    """A store for one pairing."""

    def __init__(self):
        self._texts = {}

    def get(self, name):
        return self._texts.get(name)

    def set(self, name, text):
        self._texts[name] = text


for line in sys.stdin:
    host, port, code = line.split()
    began = time.perf_counter()
    FleetClient.pair(host, code, "bench", int(port), store=Forgetful())
    print((time.perf_counter() - began) * 1000, flush=True)
