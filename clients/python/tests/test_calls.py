"""Calls of a paired key and of a token, against a node."""

from __future__ import annotations

import inspect
import json
import subprocess
import threading
import time
from typing import Any, Dict, Iterator, List

import pytest
from conftest import ROOT, Node

from cider_fleet import FileStore, FleetClient, FleetError, Result, require_signed_head

HOST = "127.0.0.1"


@pytest.fixture
def paired(node: Node, store: FileStore) -> Iterator[FleetClient]:
    """A client with all rights."""
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "laptop", node.port, store=store)
    with FleetClient(HOST, node_id=creds["node_id"], port=node.port, store=store) as client:
        yield client


def test_the_story(node: Node, paired: FleetClient, store: FileStore) -> None:
    info = paired.get_node_info()
    assert info.node_id == node.node_id and info.cpu_cores > 0
    assert paired.get_node_stats().memory_total_gb > 0
    token = paired.generate_api_token("ci-pipeline", "fullAccess")
    assert token.token.startswith(token.token_prefix) and token.permissions == "fullAccess"
    assert token.token not in repr(token)
    (listed,) = [t for t in paired.list_api_tokens() if t.id == token.id]
    assert listed.token_prefix == token.token_prefix and not hasattr(listed, "token")

    with FleetClient(HOST, api_token=token.token, port=node.port, store=store) as script:
        assert script.get_node_info().node_id == node.node_id
        with pytest.raises(FleetError) as minting:
            script.generate_api_token("x", "readOnly")
        assert (minting.value.code, minting.value.status) == ("INSUFFICIENT_SCOPE", 403)
        assert paired.revoke_api_token(token.id).status == "revoked"
        with pytest.raises(FleetError) as revoked:
            script.get_node_info()
        assert revoked.value.code == "TOKEN_REVOKED"
    assert paired.delete_api_token(token.id).status == "deleted"
    with pytest.raises(FleetError) as gone:
        paired.get_api_token(token.id)
    assert gone.value.code == "NOT_FOUND"


def test_a_token_is_proved_once_and_then_known(node: Node, store: FileStore) -> None:
    token = node.token("known")
    for _ in range(2):
        with FleetClient(HOST, api_token=token, port=node.port, store=store) as script:
            assert script.get_node_info().node_id == node.node_id
    kept = json.loads((store.folder / "nodes" / f"{node.node_id}.json").read_text())
    assert len(kept["tokens"]) == 1 and kept["addresses"] == [f"{HOST}:{node.port}"]
    assert token not in json.dumps(kept)


def test_a_bearer_is_proved_and_presented_as_a_token_is(node: Node, paired: FleetClient, store: FileStore) -> None:
    token = paired.generate_api_token("exchanged", "fullAccess")
    with FleetClient(HOST, api_token=token.token, port=node.port, store=store) as holder:
        text = holder.exchange_token("client_credentials", "machines:read").access_token
    with FleetClient(HOST, api_token=text, port=node.port, store=store) as bearer:
        assert bearer.get_self().scopes == ["machines:read"]
        with pytest.raises(FleetError) as narrowed:
            bearer.rename_node("x")
        assert narrowed.value.code == "INSUFFICIENT_SCOPE"
        paired.revoke_api_token(token.id)
        with pytest.raises(FleetError) as ended:
            bearer.get_self()
        assert ended.value.code == "TOKEN_INVALID"


def operations() -> List[Dict[str, str]]:
    """The table, as the project prints it."""
    words = ["node", "--import", "tsx", "scripts/python-client.ts", "--names"]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: List[Dict[str, str]] = json.loads(printed)
    return found


def test_every_operation_of_the_table_is_a_method_that_reaches_it(paired: FleetClient) -> None:
    table = operations()
    assert len(table) > 40
    missing = [entry["method"] for entry in table if not callable(getattr(FleetClient, entry["method"], None))]
    assert missing == []
    ended = ("RotateSelf", "RemovePeer", "RevokeAPITokens")
    for entry in table:
        if entry["kind"] == "stream" or entry["name"] in ended:
            continue
        method = getattr(paired, entry["method"])
        needed = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
        try:
            answer = method(**{parameter.name: "wrong" for parameter in needed})
            assert isinstance(answer, (Result, list)), entry["name"]
        except FleetError as error:
            assert "no such method" not in error.message, entry["name"]


def test_what_is_not_built_says_so(paired: FleetClient) -> None:
    with pytest.raises(FleetError) as caught:
        paired.start_vm_recovery({"vmID": "x"})
    assert (caught.value.code, caught.value.status) == ("OPERATION_UNAVAILABLE", 501)


def test_an_operation_by_its_name(paired: FleetClient) -> None:
    assert paired.call("GetNodeInfo")["node_id"] == paired.get_node_info().node_id
    with pytest.raises(FleetError) as caught:
        paired.call("NoSuchThing")
    assert caught.value.code == "NOT_FOUND"


def test_a_key_of_ones_own_makes_a_change_happen_once(paired: FleetClient) -> None:
    issued = [paired.call("GenerateAPIToken", {"name": "once"}, idempotency_key="deploy-7").to_dict()["id"] for _ in range(2)]
    assert issued[0] == issued[1]
    for key in ("", "a\r\nauthorization: x", "x" * 256):
        with pytest.raises(FleetError) as caught:
            paired.call("GenerateAPIToken", {"name": "once"}, idempotency_key=key)
        assert caught.value.code == "INVALID_OPTIONS"


def test_the_end_of_the_record_is_signed_and_still_there_later(node: Node, paired: FleetClient) -> None:
    head = require_signed_head(paired.get_audit_head())
    assert head.node_id == node.node_id
    paired.generate_api_token("later")
    assert paired.verify_audit(head.to_dict()).ok
    with pytest.raises(FleetError, match="does not verify"):
        paired.verify_audit({**head.to_dict(), "hash": "0" * 64})


@pytest.mark.parametrize("wrong", [-3600, 3600])
def test_a_wrong_clock_costs_one_refusal(wrong: int, node: Node, store: FileStore) -> None:
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "laptop", node.port, store=store)
    asked: List[float] = []

    def clock() -> float:
        asked.append(time.time() + wrong)
        return asked[-1]

    with FleetClient(HOST, node_id=creds["node_id"], port=node.port, store=store, clock=clock) as client:
        client.get_node_info()
        once = len(asked)
        client.get_node_info()
        assert (once, len(asked)) == (3, 4)


def test_a_removed_peer_is_told_so(paired: FleetClient) -> None:
    kind, _, own = paired.get_self().actor.partition(":")
    assert kind == "peer"
    paired.remove_peer(own)
    with pytest.raises(FleetError) as caught:
        paired.get_node_info()
    assert caught.value.code == "PEER_UNKNOWN"


def test_threads_share_one_contact(node: Node, store: FileStore) -> None:
    with FleetClient(HOST, api_token=node.token("threads"), port=node.port, store=store) as script:
        found: List[Any] = []
        threads = [threading.Thread(target=lambda: found.append(script.get_node_info().node_id)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [node.node_id] * 8


def test_proxies_and_trust_of_the_environment_play_no_part(node: Node, store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nonexistent/ca.pem")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with FleetClient(HOST, api_token=node.token("proxied"), port=node.port, store=store) as script:
        assert script.get_node_info().node_id == node.node_id


def test_a_restarted_connection_is_made_anew(node: Node, store: FileStore) -> None:
    script = FleetClient(HOST, api_token=node.token("again"), port=node.port, store=store)
    assert script.get_node_info().node_id == node.node_id
    script.close()
    assert script.get_node_info().node_id == node.node_id
    script.close()
