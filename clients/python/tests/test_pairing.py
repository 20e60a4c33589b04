"""Pairing with a node by code and by link, and what it refuses."""

from __future__ import annotations

import re

import pytest
from conftest import Node

from cider_fleet import FileStore, FleetClient, FleetError

HOST = "127.0.0.1"


def test_a_code_pairs(node: Node, store: FileStore) -> None:
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, f"{window.code[:3]} {window.code[3:]}", "my-ci-script", node.port, store=store)
        assert window.paired()["nodeId"] == creds["node_id"]
    assert creds["responder_node_id"] == node.node_id
    assert re.fullmatch("[0-9a-f]{64}", creds["private_key_hex"])
    assert re.fullmatch("04[0-9a-f]{128}", creds["public_key_hex"])
    assert creds["role"] == "admin" and creds["responder_name"]


def test_a_link_alone_pairs_and_names_the_node(node: Node, other: Node, store: FileStore) -> None:
    with node.open_window() as window:
        with pytest.raises(FleetError) as caught:
            FleetClient.pair(HOST, window.link, "laptop", other.port, store=store)
        assert caught.value.code == "NODE_MISMATCH"
        link = re.sub(r"h=[^&]+(&h=[^&]+)*", f"h={HOST}", window.link)
        creds = FleetClient.pair(link, name="laptop", store=store, role="viewer")
        assert creds["responder_node_id"] == node.node_id and creds["role"] == "viewer"


def test_a_key_works_without_any_store(node: Node, store: FileStore) -> None:
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "laptop", node.port, store=store)
    client = FleetClient(
        HOST,
        node_id=creds["node_id"],
        port=node.port,
        private_key=creds["private_key_hex"],
        responder_node_id=creds["responder_node_id"],
        store=FileStore(store.folder / "nothing"),
    )
    assert client.get_node_info().node_id == node.node_id
    client.close()


def test_one_key_serves_all_nodes(node: Node, other: Node, store: FileStore) -> None:
    ids = set()
    for one in (node, other):
        with one.open_window() as window:
            ids.add(FleetClient.pair(HOST, window.code, "laptop", one.port, store=store)["node_id"])
    assert len(ids) == 1
    for one in (node, other):
        with FleetClient(HOST, node_id=ids.copy().pop(), port=one.port, store=store) as client:
            assert client.get_node_info().node_id == one.node_id


def test_a_wrong_code_is_found_by_the_client(node: Node, store: FileStore) -> None:
    with node.open_window() as window, pytest.raises(FleetError) as caught:
        FleetClient.pair(HOST, window.wrong_code(), "laptop", node.port, store=store)
    assert caught.value.code == "PAIRING_WRONG_CODE"
    assert caught.value.details == {"attemptsLeft": 4}
    assert store.list() == []


def test_a_token_in_place_of_the_name_is_sent_to_nobody(store: FileStore) -> None:
    token = "csk_ExampleExampleExampleExample00001VCqge"
    with pytest.raises(FleetError, match="free of secrets") as caught:
        FleetClient.pair(HOST, "123456", token, 1, store=store)
    assert caught.value.code == "INVALID_OPTIONS" and token not in str(caught.value)


def test_without_a_window_nothing_pairs(node: Node, store: FileStore) -> None:
    with pytest.raises(FleetError) as caught:
        FleetClient.pair(HOST, "123456", "laptop", node.port, store=store)
    assert (caught.value.code, caught.value.status) == ("PAIRING_CLOSED", 410)


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("12345", "laptop", "INVALID_REQUEST"),
        ("１２３４５６", "laptop", "INVALID_REQUEST"),
        ("123456", "", "INVALID_OPTIONS"),
        ("123456", "a\u202eb", "INVALID_OPTIONS"),
        ("cider-fleet://pair?v=1&h=x&p=9473&n=x&s=x", "laptop", "LINK_INVALID"),
        (None, "laptop", "INVALID_OPTIONS"),
    ],
)
def test_what_cannot_be_sent_is_refused_here(code: str, name: str, expected: str, store: FileStore) -> None:
    with pytest.raises(FleetError) as caught:
        FleetClient.pair(HOST, code, name, 1, store=store)
    assert caught.value.code == expected
