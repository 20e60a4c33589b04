"""Options, links and variables, checked before anything is sent; and the package itself."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import traceback
from pathlib import Path
from typing import Any, Dict

import pytest
from conftest import Node

import cider_fleet
from cider_fleet import FileStore, FleetClient, FleetError, shapes
from cider_fleet.links import parse_fleet_url, parse_pairing_link

HOST = "127.0.0.1"
TOKEN = "csk_ExampleExampleExampleExample00001VCqge"
NODE = "5a07a723-c795-8830-ae2e-6be0ef71b399"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "INVALID_OPTIONS"),
        ({"node_id": NODE, "api_token": TOKEN}, "INVALID_OPTIONS"),
        ({"node_id": "laptop"}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN[:-1] + "x"}, "TOKEN_INVALID"),
        ({"api_token": TOKEN, "port": 0}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "port": "9473"}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "timeout": 0}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "host": "https://x"}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "host": "x:9473"}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "private_key": "00" * 32}, "INVALID_OPTIONS"),
        ({"node_id": NODE, "private_key": "01" * 32}, "INVALID_OPTIONS"),
        ({"node_id": NODE, "private_key": "secret"}, "INVALID_OPTIONS"),
        ({"api_token": TOKEN, "responder_node_id": "mini01"}, "INVALID_OPTIONS"),
    ],
)
def test_options_that_cannot_be_used(options: Dict[str, Any], code: str) -> None:
    with pytest.raises(FleetError) as caught:
        FleetClient(**{"host": HOST, **options})
    assert caught.value.code == code
    for secret in (TOKEN, "01" * 32):
        assert secret not in str(caught.value) and secret not in repr(caught.value)


@pytest.mark.parametrize(
    ("host", "authority"), [("fe80::1%eth0", "[fe80::1]:9473"), ("[::1]", "[::1]:9473"), ("Mini.local", "mini.local:9473")]
)
def test_hosts_as_people_give_them(host: str, authority: str) -> None:
    assert repr(FleetClient(host, api_token=TOKEN)) == f"FleetClient({authority})"


def test_urls() -> None:
    url = parse_fleet_url(f"cider-fleet://{TOKEN}@[::1]:9474?n={NODE}\n")
    assert (url.host, url.port, url.token, url.node_id) == ("::1", 9474, TOKEN, NODE)
    assert TOKEN not in repr(url)
    assert parse_fleet_url(f"cider-fleet://{TOKEN}@mini.local").port == 9473
    link = parse_pairing_link(f"cider-fleet://pair?v=1&h=10.0.0.1&h=fd00%3A%3A1&p=9473&n={NODE}&s=p6enp6enp6enp6enp6enpw&x=1")
    assert link.hosts == ["10.0.0.1", "fd00::1"] and link.secret not in repr(link)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"http://{TOKEN}@x:9473",
        f"cider-fleet://{TOKEN[:-1]}@x:9473",
        f"cider-fleet://{TOKEN}@x:99999",
        f"cider-fleet://{TOKEN}@x:9473?n=1",
        f"cider-fleet://{TOKEN}@x:9473?n={NODE}&n={NODE}",
        f"cider-fleet://{TOKEN}@[x]:9473",
    ],
)
def test_urls_refused(text: str) -> None:
    with pytest.raises(FleetError) as caught:
        parse_fleet_url(text)
    assert caught.value.code == "LINK_INVALID"
    assert TOKEN not in str(caught.value)


def test_the_environment_names_the_node(node: Node, store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    token = node.token("from-environment")
    monkeypatch.setenv("CIDER_FLEET_URL", f"cider-fleet://{token}@{HOST}:{node.port}?n={node.node_id}")
    with FleetClient.from_url(store=store) as client:
        assert client.get_node_info().node_id == node.node_id
    monkeypatch.setenv("CIDER_FLEET_URL", "")
    with pytest.raises(FleetError, match="CIDER_FLEET_URL"):
        FleetClient.from_url(store=store)
    for name, value in {"HOST": HOST, "TOKEN": token, "PORT": str(node.port), "NODE_ID": node.node_id}.items():
        monkeypatch.setenv(f"CIDER_FLEET_{name}", value)
    with FleetClient.from_url(store=store) as client:
        assert client.get_node_info().node_id == node.node_id


def test_a_file_that_only_this_account_reads_names_the_node(
    node: Node, store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = node.token("from-file")
    path = tmp_path / "url of the node"
    path.write_text(f"cider-fleet://{token}@{HOST}:{node.port}?n={node.node_id}\n")
    monkeypatch.setenv("CIDER_FLEET_URL_FILE", str(path))
    for mode in (0o600, 0o400):
        path.chmod(mode)
        with FleetClient.from_url(store=store) as client:
            assert client.get_node_info().node_id == node.node_id
    monkeypatch.setenv("CIDER_FLEET_URL", f"cider-fleet://{TOKEN}@{HOST}:1")
    assert repr(FleetClient.from_url(store=store)) == f"FleetClient({HOST}:1)"


@pytest.mark.parametrize("wrong", ["open", "someone else's", "folder", "pipe", "missing", "cut"])
def test_a_file_that_others_could_read_or_change_does_not(
    wrong: str, store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "url"
    path.write_text(f"cider-fleet://{TOKEN[:-1] if wrong == 'cut' else TOKEN}@{HOST}:1")
    path.chmod(0o640 if wrong == "open" else 0o600)
    if wrong == "someone else's":
        monkeypatch.setattr("os.geteuid", lambda: 12345)
        if os.getuid() == 0:
            os.chown(path, 54321, -1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    named = {"folder": tmp_path, "pipe": pipe, "missing": tmp_path / "nowhere"}.get(wrong, path)
    monkeypatch.setenv("CIDER_FLEET_URL_FILE", str(named))
    with pytest.raises(FleetError) as caught:
        FleetClient.from_url(store=store)
    assert caught.value.code == ("LINK_INVALID" if wrong == "cut" else "INVALID_OPTIONS")
    assert TOKEN[:-1] not in str(caught.value) and TOKEN[:-1] not in repr(caught.value.__cause__)
    if wrong == "open":
        assert f"chmod 600 {path}" in str(caught.value)


def test_without_cryptography_a_token_works_and_pairing_names_the_extra(
    node: Node, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with FleetClient(HOST, api_token=node.token("bare"), port=node.port, store=store) as script:
        assert script.get_node_info().node_id == node.node_id
    for work in (
        lambda: FleetClient.pair(HOST, "123456", "laptop", node.port, store=store),
        lambda: FleetClient(HOST, node_id=NODE, store=store),
    ):
        with pytest.raises(FleetError, match=r"cider-fleet\[pairing\]") as caught:
            work()
        assert caught.value.code == "DEPENDENCY_MISSING"


def test_old_imports_give_the_same_client() -> None:
    old = importlib.import_module("ciderstack")
    assert old.FleetClient is FleetClient and old.FleetError is FleetError
    assert set(old.__all__) == set(cider_fleet.__all__)


def test_errors_are_those_of_the_table() -> None:
    error = FleetError("TOKEN_REVOKED")
    assert (error.code, error.status) == ("TOKEN_REVOKED", 401) and "revoked" in error.message and error.remedy
    assert FleetError("OF_A_NEWER_NODE").code == "UNKNOWN_CODE"
    other = pickle.loads(pickle.dumps(FleetError("CLOCK_SKEW", "late", {"serverTime": 5})))
    assert (other.code, other.message, other.details) == ("CLOCK_SKEW", "late", {"serverTime": 5})


def test_answers_show_no_secret_and_keep_what_a_newer_node_sends() -> None:
    issued = shapes.IssuedToken({"id": "1", "tokenPrefix": "csk_", "token": TOKEN, "ofANewerNode": {"usedGB": 1}})
    assert TOKEN not in repr(issued) and issued.token == TOKEN
    assert issued["of_a_newer_node"].used_gb == 1 and issued.to_dict()["ofANewerNode"] == {"usedGB": 1}
    assert repr(shapes.ExchangedToken({"access_token": TOKEN})) == "ExchangedToken(access_token=…)"
    with pytest.raises(AttributeError, match="token_prefix"):
        getattr(issued, "tokenPrefix")  # noqa: B009
    with pytest.raises(AttributeError):
        issued.token = "another"


def test_an_error_that_nobody_caught_says_its_code_and_what_to_do() -> None:
    error = FleetError("TOKEN_REVOKED", 'token "ci" was revoked')
    shown = "".join(traceback.format_exception(type(error), error, None))
    assert 'token "ci" was revoked' in shown
    if sys.version_info >= (3, 11):
        assert f"TOKEN_REVOKED: {error.remedy}" in shown
