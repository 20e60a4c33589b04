#!/usr/bin/env python3
"""Warns when a node's disk fills up; for cron, which mails what is printed and nothing else.

    pip install ./clients/python
    cider fleet token generate --name disk-report        # readOnly, on the node
    0 7 * * *  . ~/.config/fleet.env && python3 ~/bin/disk-report.py

`fleet.env`, 0600, holds one line: export CIDER_FLEET_URL='cider-fleet://<token>@<host>:9473?n=<node id>'
"""

import os
import sys

from cider_fleet import FleetClient, FleetError

LIMIT_PERCENT = float(os.environ.get("DISK_LIMIT_PERCENT", "90"))

try:
    with FleetClient.from_url(timeout=10) as client:
        info, stats = client.get_node_info(), client.get_node_stats()
except FleetError as error:
    sys.exit(f"disk-report: {error.code}: {error} ({error.remedy})")

used = 100 * stats.disk_used_gb / stats.disk_total_gb
if used >= LIMIT_PERCENT:
    print(f"{info.name}: {used:.0f} % of {stats.disk_total_gb:.0f} GB are used")
