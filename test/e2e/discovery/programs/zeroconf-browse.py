"""Browses with python-zeroconf: one JSON line for each instance that comes, changes or goes, until it is killed."""

import json
import sys
import time

from zeroconf import ServiceBrowser, Zeroconf

KIND = "_cider-fleet._tcp.local."
zeroconf = Zeroconf(interfaces=[sys.argv[1]])


def say(event, name):
    info = None if event == "gone" else zeroconf.get_service_info(KIND, name)
    known = info and {
        "port": info.port,
        "host": info.server,
        "addresses": info.parsed_addresses(),
        "txt": {key.decode(): value.decode() for key, value in info.properties.items()},
    }
    print(json.dumps({"event": event, "name": name, **(known or {})}), flush=True)


class Listener:
    def add_service(self, _, kind, name):
        say("found", name)

    def update_service(self, _, kind, name):
        say("changed", name)

    def remove_service(self, _, kind, name):
        say("gone", name)


ServiceBrowser(zeroconf, KIND, Listener())
time.sleep(600)
