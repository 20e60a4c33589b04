"""Events over a WebSocket, and how they end."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Iterator, List

import pytest
from conftest import Node

from cider_fleet import Event, FileStore, FleetClient, FleetError, Subscription
from cider_fleet.backoff import Backoff
from cider_fleet.web_socket import close_error

HOST = "127.0.0.1"


def paired(node: Node, store: FileStore) -> FleetClient:
    """Returns a client with all rights."""
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "listener", node.port, store=store)
    return FleetClient(HOST, node_id=creds["node_id"], port=node.port, store=store)


def test_events_come_in_order_until_closed(node: Node, store: FileStore) -> None:
    with paired(node, store) as client:
        with client.subscribe(["tokens"]) as events:
            assert events.topics == ["tokens"]
            before = events.seq
            issued = [client.generate_api_token(name) for name in ("one", "two")]
            seen = [next(events), next(events)]
            assert [event.topic for event in seen] == ["tokens", "tokens"]
            assert before < (seen[0].seq or 0) < (seen[1].seq or 0) == events.seq
            assert seen[0].at and issued[0].token not in repr(seen)
        assert list(events) == []


def test_another_thread_may_close(node: Node, store: FileStore) -> None:
    with FleetClient(HOST, api_token=node.token("closing"), port=node.port, store=store) as script:
        events = script.subscribe(["node"])
        threading.Timer(0.1, events.close).start()
        assert list(events) == []


def test_a_revoked_token_ends_its_events(node: Node, store: FileStore) -> None:
    with paired(node, store) as client:
        token = client.generate_api_token("listening")
        with FleetClient(HOST, api_token=token.token, port=node.port, store=store) as script:
            events = script.subscribe(["node"])
            client.revoke_api_token(token.id)
            with pytest.raises(FleetError) as caught:
                next(events)
            assert caught.value.code == "CREDENTIAL_ENDED"
            assert caught.value.details["closeCode"] == 4401
            with pytest.raises(FleetError) as again:
                script.subscribe(["node"])
            assert again.value.code == "TOKEN_REVOKED"


def test_a_node_that_stops_ends_them_too(tmp_path: Path, store: FileStore) -> None:
    node = Node(tmp_path / "stopping")
    with FleetClient(HOST, api_token=node.token("listening"), port=node.port, store=store) as script:
        events: Subscription = script.subscribe(["node"])
        node.stop()
        with pytest.raises(FleetError) as caught:
            next(events)
    assert caught.value.code == "SHUTTING_DOWN"


def test_a_later_subscription_takes_up_where_an_earlier_one_stood(node: Node, store: FileStore) -> None:
    with paired(node, store) as client:
        with client.subscribe(["tokens"]) as events:
            client.generate_api_token("seen")
            next(events)
            stood = events.seq
        client.generate_api_token("missed")
        with client.subscribe(["tokens"], since=stood) as events:
            missed = next(events)
            assert (missed.seq or 0) > stood and "missed" in str(missed.data.to_dict())
        with pytest.raises(FleetError) as caught:
            client.subscribe(["tokens"], since=2**40)
        assert caught.value.code in ("RESUME_GONE", "INVALID_REQUEST")


def test_a_network_that_is_gone_is_noticed(node: Node, store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is all that a pulled cable looks like."""
    monkeypatch.setattr("cider_fleet.events._SILENCE", 0.2)
    with FleetClient(HOST, api_token=node.token("silence"), port=node.port, store=store) as script:
        events = script.subscribe(["node"])
        with pytest.raises(FleetError, match="silent") as caught:
            next(events)
    assert caught.value.code == "CONNECTION_CLOSED"


def test_a_killed_node_ends_events_and_is_found_again(tmp_path: Path, store: FileStore) -> None:
    node = Node(tmp_path / "killed")
    with FleetClient(HOST, api_token=node.token("listening"), port=node.port, store=store) as script:
        events = script.subscribe(["node"])
        node.kill()
        with pytest.raises(FleetError) as caught:
            next(events)
        assert caught.value.code == "CONNECTION_CLOSED"
        with pytest.raises(FleetError, match="nothing listens"):
            script.get_node_info()
        again = Node(tmp_path / "killed", port=node.port)
        assert script.get_node_info().node_id == node.node_id
        again.stop()


def test_following_goes_on_through_a_restart_and_ends_with_the_credential(
    tmp_path: Path, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cider_fleet.events._RECONNECTING", Backoff(0.05, 1))
    node = Node(tmp_path / "restarting")
    with paired(node, store) as client:
        before = client.generate_api_token("before")
        events = client.events(["tokens"], since=0)
        first = next(event for event in events if before.id in str(event.data.to_dict()))
        node.kill()
        node = Node(tmp_path / "restarting", port=node.port)
        client.generate_api_token("after")
        second = next(events)
        assert (second.seq or 0) > (first.seq or 0) and "after" in str(second.data.to_dict())
        client.remove_peer(client.get_self().actor.partition(":")[2])
        with pytest.raises(FleetError) as caught:
            list(events)
        assert caught.value.code == "CREDENTIAL_ENDED"
    node.stop()


def test_following_goes_on_when_the_same_key_pairs_anew(
    tmp_path: Path, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node closes the sockets of a peer that is registered anew; its key is as good as before."""
    monkeypatch.setattr("cider_fleet.events._RECONNECTING", Backoff(0.05, 1))
    node = Node(tmp_path / "pairing-anew")
    with paired(node, store) as client:
        events = client.events(["peers", "tokens"], since=0)
        assert next(events).topic == "peers"
        with paired(node, store) as anew:
            issued = anew.generate_api_token("after pairing anew")
        seen = [(event.seq, event.topic, event.data.to_dict().get("id")) for event in take_until(events, issued.id)]
        assert len(seen) == len(set(seen)) == 2
    node.stop()


def take_until(events: Iterator[Event], about: str) -> List[Event]:
    """Returns the events up to the first that is about this id."""
    taken: List[Event] = []
    for event in events:
        taken.append(event)
        if event.data.to_dict().get("id") == about:
            break
    return taken


def test_following_does_not_wait_for_a_node_that_was_never_there(store: FileStore) -> None:
    with FleetClient(HOST, api_token="csk_ExampleExampleExampleExample00001VCqge", port=1, store=store) as script:
        with pytest.raises(FleetError) as caught:
            next(script.events(["node"]))
    assert caught.value.code == "CONNECTION_FAILED"


def test_topics_must_exist(node: Node, store: FileStore) -> None:
    with FleetClient(HOST, api_token=node.token("reader"), port=node.port, store=store) as script:
        with pytest.raises(FleetError) as caught:
            script.subscribe(["no-such-topic"])
        assert caught.value.code == "INVALID_REQUEST"


def test_close_codes_are_errors() -> None:
    assert close_error(4408, "").code == "CONNECTION_CLOSED"
    assert close_error(4401, "TOKEN_REVOKED").code == "TOKEN_REVOKED"
    assert close_error(1000, "TOKEN_REVOKED").code == "CONNECTION_CLOSED"
