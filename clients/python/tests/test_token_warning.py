"""A token's holder is told before it ends, once, and never by its text."""

from __future__ import annotations

import warnings
from typing import List

import pytest
from conftest import Node

from cider_fleet import FileStore, FleetClient, TokenEndingWarning
from cider_fleet.token_warning import warn_of_end

HOST = "127.0.0.1"


def warned(*clients: FleetClient) -> List[warnings.WarningMessage]:
    """Returns what calls of these clients warn of, filters aside."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for client in clients:
            with client:
                client.get_node_info()
                client.get_node_info()
    return caught


def test_from_fourteen_days_on_and_once(node: Node, store: FileStore) -> None:
    def client(token: str) -> FleetClient:
        return FleetClient(HOST, api_token=token, port=node.port, store=store)

    later, soon = (node.token(f"ends in {days} days", "--expires", f"{days}d") for days in (20, 10))
    assert warned(client(later)) == []
    (warning,) = warned(client(soon), client(soon))
    text = str(warning.message)
    assert warning.category is TokenEndingWarning and issubclass(warning.category, UserWarning)
    assert warning.filename == __file__
    assert text.startswith(f"API token {soon[:12]}… ends at 20") and "in 9 days; rotate it" in text
    assert soon not in text


def test_of_a_successor(node: Node, store: FileStore) -> None:
    issued = node.cli("token", "generate", "--name", "rotated")
    rotated = node.cli("token", "rotate", issued["id"])
    (warning,) = warned(FleetClient(HOST, api_token=issued["token"], port=node.port, store=store))
    text = str(warning.message)
    assert f"was rotated: token {rotated['id']} takes its place and ends at" in text and "give this program the new text" in text
    assert issued["token"] not in text and rotated["token"] not in text
    assert warned(FleetClient(HOST, api_token=rotated["token"], port=node.port, store=store)) == []


@pytest.mark.parametrize("name", ["cider-token-expires", "cider-token-rotated"])
def test_not_of_what_is_no_time_and_no_id(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("", "soon", "\x1b[2J", "2026-13-01T00:00:00.000Z"):
            warn_of_end("csk_AAAAAAAA", {name: text}, 0)
