"""The Python examples of the documents, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, Node

REPORT = ROOT / "docs" / "examples" / "disk-report.py"


def report(home: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs the report as cron would, with nothing but these variables."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    words = [sys.executable, "-W", "error", str(REPORT)]
    return subprocess.run(words, env={**kept, "HOME": str(home), **env}, capture_output=True, text=True, timeout=60)


def test_the_report_speaks_only_when_the_disk_is_full(node: Node, tmp_path: Path) -> None:
    url = f"cider-fleet://{node.token('disk-report')}@127.0.0.1:{node.port}?n={node.node_id}"
    full = report(tmp_path, CIDER_FLEET_URL=url, DISK_LIMIT_PERCENT="0")
    assert (full.returncode, full.stderr) == (0, "")
    assert re.fullmatch(r".+: \d+ % of \d+ GB are used\n", full.stdout)
    quiet = report(tmp_path, CIDER_FLEET_URL=url, DISK_LIMIT_PERCENT="101")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_report_names_what_is_wrong_and_no_secret(node: Node, other: Node, tmp_path: Path) -> None:
    token = node.token("misdirected")
    wrong = report(tmp_path, CIDER_FLEET_URL=f"cider-fleet://{token}@127.0.0.1:{other.port}?n={node.node_id}")
    assert wrong.returncode == 1 and "NODE_MISMATCH" in wrong.stderr
    nothing = report(tmp_path)
    assert nothing.returncode == 1 and "CIDER_FLEET_URL" in nothing.stderr
    assert token not in wrong.stderr + wrong.stdout
