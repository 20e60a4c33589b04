"""The programs of the README run as they stand: only the code is the one that the node shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Iterator, List

import pytest
from conftest import Host, Node, two_hosts

from cider_fleet import FileStore, FleetClient, FleetError

README = Path(__file__).resolve().parents[1] / "README.md"
STORY, ENVIRONMENT, EVENTS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def run(folder: Path, text: str, *before: str, **env: str) -> List[str]:
    """Runs a program in a process of its own and returns its lines."""
    home = folder / "home-of-script"
    home.mkdir(exist_ok=True)
    (folder / "program.py").write_text(text)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [*before, sys.executable, "-W", "error", "program.py"],
        cwd=folder,
        env={**kept, "HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("package", ["cider_fleet", "ciderstack"])
def test_the_story(node: Node, tmp_path: Path, package: str) -> None:
    with node.open_window() as window:
        text = STORY.replace("192.168.1.100", "127.0.0.1").replace("123456", window.code).replace(", 9473)", f", {node.port})")
        text = re.sub(r'FleetClient\("127.0.0.1",', rf"\g<0> port={node.port},", text).replace(
            "from cider_fleet", f"from {package}"
        )
        *tokens, usage = run(tmp_path, text)
    assert any(re.fullmatch(r"ci-pipeline csk_\w{8} fullAccess", line) for line in tokens)
    assert 0 <= float(usage) <= 100


@pytest.fixture
def wire() -> Iterator[List[Host]]:
    """Two hosts on a wire, the first with the address of the README."""
    able = shutil.which("ip") is not None and hasattr(os, "geteuid") and os.geteuid() == 0 and sys.platform == "linux"
    if not able and "CI" not in os.environ:
        pytest.skip("needs root on Linux to make network namespaces")
    with two_hosts("192.168.1.100/24", "192.168.1.7/24") as hosts:
        yield hosts


def test_the_story_verbatim_from_another_host(wire: List[Host], tmp_path: Path) -> None:
    there, here = wire
    node = Node(tmp_path / "node", before=there.before, port=9473, address="192.168.1.100")
    try:
        with node.open_window() as window:
            *tokens, usage = run(tmp_path, STORY.replace("123456", window.code), *here.before)
        assert tokens and 0 <= float(usage) <= 100
    finally:
        node.stop()


def test_the_environment(node: Node, tmp_path: Path) -> None:
    name = node.cli("status")["name"]
    url = f"cider-fleet://{node.token('environment')}@127.0.0.1:{node.port}?n={node.node_id}"
    assert run(tmp_path, ENVIRONMENT, CIDER_FLEET_URL=url) == [name]


def test_the_events(node: Node, store: FileStore) -> None:
    with node.open_window() as window:
        creds = FleetClient.pair("127.0.0.1", window.code, "listener", node.port, store=store)
    seen: List[str] = []
    ended: List[str] = []
    first = threading.Event()
    with FleetClient("127.0.0.1", node_id=creds["node_id"], port=node.port, store=store) as client:

        def show(seq: int, topic: str, data: object) -> None:
            seen.append(topic)
            first.set()

        def program() -> None:
            try:
                exec(EVENTS, {"client": client, "print": show})
            except FleetError as error:
                ended.append(error.code)

        thread = threading.Thread(target=program)
        thread.start()
        while not first.wait(0.2):
            client.generate_api_token("seen by the program")
        client.remove_peer(creds["node_id"])
        thread.join(30)
    assert set(seen) <= {"tokens", "peers"} and ended == ["CREDENTIAL_ENDED"]
