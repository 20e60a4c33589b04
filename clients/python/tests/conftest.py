"""A built node in a process of its own, on 127.0.0.1, and what its owner does beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence

import pytest

from cider_fleet import FileStore
from cider_fleet.backoff import Backoff

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "test" / "vectors"
# The partner from PyPI runs on Python 3.10 and newer.
collect_ignore = ["test_partners.py"] if sys.version_info < (3, 10) else []
# Seconds the machine is given to start a node; none waits for them when all is well.
PATIENCE = 60


def vectors(name: str) -> Any:
    """Returns one of the project's vector files."""
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


class Node:
    """A node whose folder is removed with the test."""

    def __init__(self, folder: Path, *, before: Sequence[str] = (), port: int = 0, address: str = "127.0.0.1") -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        words = ["up", "--data-dir", str(folder / "data"), "--port", str(port), "--listen", address]
        self._process = subprocess.Popen(
            [*before, *self._command(*words)],
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        started = self._first_line("node started")
        self.port: int = started["port"]
        self.node_id: str = started["nodeId"]

    def cli(self, *words: str) -> Dict[str, Any]:
        """Runs a command beside the node and returns the JSON it answers."""
        command = self._command(*words, "--json", "--data-dir", str(self.folder / "data"))
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        answer: Dict[str, Any] = json.loads(done.stdout)
        return answer

    def token(self, name: str, *options: str) -> str:
        """Issues a token and returns its text."""
        return str(self.cli("token", "generate", "--name", name, *options)["token"])

    def open_window(self, *options: str) -> Window:
        """Shows a code and a link."""
        command = self._command("pair", "--json", "--data-dir", str(self.folder / "data"), *options)
        return Window(
            subprocess.Popen(command, env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )

    def stop(self) -> None:
        """Asks the node to end, and waits."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def kill(self) -> None:
        """Ends the node as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _first_line(self, message: str) -> Dict[str, Any]:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            entry: Dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            if entry.get("msg") == message:
                threading.Thread(target=self._drain, daemon=True).start()
                return entry
        raise AssertionError("the node did not start")

    def _drain(self) -> None:
        """A node whose words nobody reads would stop at a full pipe."""
        try:
            while self._process.stderr is not None and self._process.stderr.read(65536):
                pass
        except ValueError:
            pass

    def _command(self, *words: str) -> List[str]:
        return ["node", os.environ.get("CIDER_FLEET_PROGRAM", str(ROOT / "bin" / "cider-fleet.cjs")), *words]

    def _environment(self) -> Dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "NO_COLOR": "1",
            "LANG": "C.UTF-8",
            "CIDER_DISCOVERY": "off",
        }


class Window:
    """An open pairing window."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        opened = self._event("open")
        self.code: str = opened.get("code", "")
        self.link: str = opened.get("link", "")

    def wrong_code(self) -> str:
        """Returns six other digits."""
        return f"{(int(self.code) + 1) % 1_000_000:06}"

    def paired(self) -> Dict[str, Any]:
        """Waits until somebody paired and returns who."""
        return self._event("paired")

    def close(self) -> None:
        """Ends the command, and the window with it."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _event(self, name: str) -> Dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event: Dict[str, Any] = json.loads(line)
            if event.get("event") == name:
                return event
        raise AssertionError(f"no event {name!r}")


class Host:
    """A network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.before = ["ip", "netns", "exec", name]


@contextmanager
def two_hosts(*addresses: str) -> Iterator[List[Host]]:
    """Two hosts joined by a wire, with these addresses and nothing but each other."""
    hosts = [Host(f"cider-py-{os.getpid()}-{index}") for index in range(2)]
    here, there = hosts
    try:
        for host in hosts:
            _ip("netns", "add", host.name)
        _ip("link", "add", "wire", "netns", here.name, "type", "veth", "peer", "name", "wire", "netns", there.name)
        for host, address in zip(hosts, addresses):
            _ip("-n", host.name, "address", "add", address, "dev", "wire")
            for link in ("lo", "wire"):
                _ip("-n", host.name, "link", "set", link, "up")
        yield hosts
    finally:
        for host in hosts:
            subprocess.run(["ip", "netns", "del", host.name], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class MemoryStore:
    """A store that cannot tell its names."""

    def __init__(self) -> None:
        self.texts: Dict[str, str] = {}

    def get(self, name: str) -> Optional[str]:
        return self.texts.get(name)

    def set(self, name: str, text: str) -> None:
        if name != "key" or name not in self.texts:
            self.texts[name] = text


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """One node for tests that change nothing others rely on."""
    with tempfile.TemporaryDirectory(prefix="cider-py-") as folder:
        running = Node(Path(folder))
        yield running
        running.stop()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Node]:
    """Another node: the one that is not meant."""
    running = Node(tmp_path / "other")
    yield running
    running.stop()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """An empty store as files."""
    return FileStore(tmp_path / "config")


@pytest.fixture(autouse=True)
def nobody_s_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this account is read or written."""
    monkeypatch.setenv("CIDER_CONFIG_DIR", str(tmp_path / "account"))
    for name in (
        "CIDER_FLEET_URL",
        "CIDER_FLEET_URL_FILE",
        "CIDER_FLEET_HOST",
        "CIDER_FLEET_TOKEN",
        "CIDER_FLEET_PORT",
        "CIDER_FLEET_NODE_ID",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are sent again at once."""
    monkeypatch.setattr("cider_fleet.retry._RETRYING", Backoff(0.001, 0.001))
