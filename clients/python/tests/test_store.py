"""The store: files, and the same files that the TypeScript SDK reads and writes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, MemoryStore, Node

from cider_fleet import FileStore, FleetClient, FleetError
from cider_fleet.file_store import config_folder
from cider_fleet.records import Records

HOST = "127.0.0.1"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_are_private_and_the_first_key_stays(store: FileStore) -> None:
    os.umask(0o022)
    first = Records(store).key_or_new()
    store.set("key", "another")
    assert Records(store).key_or_new().node_id == first.node_id
    assert mode(store.folder / "key.json") == 0o600
    assert mode(store.folder) == 0o700
    assert os.listdir(store.folder) == ["key.json"]


def test_the_key_is_not_shown(store: FileStore) -> None:
    key = Records(store).key_or_new()
    assert key.reveal_hex() not in repr(key)
    with pytest.raises(TypeError):
        import pickle

        pickle.dumps(key)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version":1}', '{"version":0}', '{"privateKey":"00"}', '{"version":1,"privateKey":"00"}']
)
def test_a_damaged_key_stops_the_call(text: str, store: FileStore) -> None:
    store.set("key", text)
    with pytest.raises(FleetError) as caught:
        Records(store).key_or_new()
    assert caught.value.code == "STORE_UNUSABLE"
    assert (store.folder / "key.json").read_text() == text


def test_a_newer_format_is_refused(store: FileStore) -> None:
    store.set("key", '{"version":2}')
    with pytest.raises(FleetError) as caught:
        Records(store).key()
    assert caught.value.code == "FORMAT_NEWER"


def test_an_open_file_is_refused_with_the_command_that_mends_it(store: FileStore) -> None:
    Records(store).key_or_new()
    (store.folder / "key.json").chmod(0o644)
    with pytest.raises(FleetError, match="chmod 600") as caught:
        Records(store).key()
    assert caught.value.code == "STORE_UNUSABLE"


def test_names_cannot_leave_the_folder(store: FileStore) -> None:
    with pytest.raises(ValueError):
        store.get("nodes/../../etc/passwd")


def test_a_store_that_cannot_list_gets_an_index(node: Node) -> None:
    memory = MemoryStore()
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "laptop", node.port, store=memory)
    assert json.loads(memory.texts["nodes"])["nodes"] == [node.node_id]
    with FleetClient(HOST, node_id=creds["node_id"], port=node.port, store=memory) as client:
        assert client.get_node_info().node_id == node.node_id


def test_without_a_key_the_cures_are_named(node: Node, store: FileStore) -> None:
    with FleetClient(HOST, node_id=node.node_id, port=node.port, store=store) as client:
        with pytest.raises(FleetError, match="private_key") as caught:
            client.get_node_info()
    assert caught.value.code == "NO_KEY_FOR_NODE_ID"


@pytest.mark.parametrize(
    ("env", "platform", "expected"),
    [
        ({}, "linux", "/home/x/.config/cider-fleet"),
        ({"XDG_CONFIG_HOME": "/cfg"}, "linux", "/cfg/cider-fleet"),
        ({"XDG_CONFIG_HOME": "cfg"}, "linux", "/home/x/.config/cider-fleet"),
        ({"CIDER_CONFIG_DIR": "/other"}, "darwin", "/other"),
        ({}, "darwin", "/home/x/Library/Application Support/cider-fleet-client"),
    ],
)
def test_the_folder_is_that_of_the_cli(env: "dict[str, str]", platform: str, expected: str) -> None:
    assert config_folder(env, platform, Path("/home/x")) == Path(expected)


SCRIPT = """
import { FleetClient } from "%s";
const [host, port, code] = process.argv.slice(2);
if (code) {
  const { nodeId } = await FleetClient.pair(host, code, "by-node", Number(port));
  process.stdout.write(nodeId);
} else {
  const client = new FleetClient({ host, port: Number(port), nodeId: process.env.OWN });
  process.stdout.write((await client.getNodeInfo()).nodeId);
  client.close();
}
"""


def in_node(folder: Path, *words: str, own: str = "") -> str:
    """Runs the TypeScript SDK with the same store."""
    program = Path(os.environ.get("CIDER_FLEET_PROGRAM", str(ROOT / "bin" / "cider-fleet.cjs")))
    sdk = (program.parent.parent / "dist" / "index.js").as_uri()
    script = folder / "script.mjs"
    script.write_text(SCRIPT % sdk)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "CIDER_CONFIG_DIR": str(folder / "shared"), "OWN": own}
    done = subprocess.run(["node", str(script), *words], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_python_pairs_typescript_uses(node: Node, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "shared")
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "by-python", node.port, store=store)
    record = store.get(f"nodes/{node.node_id}")
    assert in_node(tmp_path, HOST, str(node.port), own=creds["node_id"]) == node.node_id
    assert store.get(f"nodes/{node.node_id}") == record


def test_what_typescript_pairs_python_uses(node: Node, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "shared")
    with node.open_window() as window:
        own = in_node(tmp_path, HOST, str(node.port), window.code)
    record = store.get(f"nodes/{node.node_id}")
    with FleetClient(HOST, node_id=own, port=node.port, store=store) as client:
        assert client.get_node_info().node_id == node.node_id
    assert store.get(f"nodes/{node.node_id}") == record
