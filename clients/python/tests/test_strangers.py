"""Whoever is not the node that is meant gets nothing: no token, no signature, no code."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from typing import Any, Callable, Dict, List

import pytest
from conftest import Node
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from stranger import Drip, Stranger, make_chain, read_message, response

from cider_fleet import FileStore, FleetClient, FleetError
from cider_fleet.encoding import to_base64url
from cider_fleet.identity import node_id_of

CA = b"GET /v1/node/ca.pem HTTP/1.1"
HOST = "127.0.0.1"
TOKEN = "csk_ExampleExampleExampleExample00001VCqge"


def code_of(work: Callable[[], object]) -> str:
    """Returns the code of the FleetError that `work` raises."""
    with pytest.raises(FleetError) as caught:
        work()
    return caught.value.code


def showing(authority: str, otherwise: bytes = response("200 OK", b"{}")) -> Callable[[bytes], bytes]:
    """Answers with this authority when asked for one."""
    ca = response("200 OK", authority.encode(), "application/x-pem-file")
    return lambda request: ca if request.startswith(CA) else otherwise


def test_another_node_at_the_address_is_refused_by_key(node: Node, other: Node, store: FileStore) -> None:
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "laptop", node.port, store=store)
    with FleetClient(HOST, node_id=creds["node_id"], port=other.port, store=store) as client:
        with pytest.raises(FleetError) as caught:
            client.get_node_info()
    assert caught.value.code == "NODE_MISMATCH"
    assert caught.value.details["met"] == other.node_id
    assert node.node_id in caught.value.message


def test_another_node_at_the_address_gets_no_token(node: Node, other: Node, store: FileStore) -> None:
    token = node.token("elsewhere")
    assert code_of(FleetClient(HOST, api_token=token, port=other.port, store=store).get_node_info) == "NODE_UNPROVEN"
    pinned = FleetClient(HOST, api_token=token, port=other.port, store=store, responder_node_id=node.node_id)
    assert code_of(pinned.get_node_info) == "NODE_MISMATCH"


def test_a_copied_authority_without_its_key_is_refused_in_the_handshake(node: Node, store: FileStore) -> None:
    """The stranger shows the node's own public certificate, and a leaf that another key signed."""
    token = node.token("copied")
    with socket.create_connection((HOST, node.port)) as plain:
        context = ssl._create_unverified_context()
        with context.wrap_socket(plain, server_hostname="node.cider-fleet.internal") as tls:
            tls.sendall(CA + b"\r\nHost: localhost\r\n\r\n")
            message = read_message(tls)
    assert message is not None
    authority = message.partition(b"\r\n\r\n")[2].decode()
    chain, key, _ = make_chain()
    with Stranger((chain, key), showing(authority)) as stranger:
        client = FleetClient(HOST, api_token=token, port=stranger.port, store=store, responder_node_id=node.node_id)
        assert code_of(client.get_node_info) == "NODE_MISMATCH"
        assert set(stranger.lines) == {"GET /v1/node/ca.pem HTTP/1.1"}


def test_a_stranger_learns_a_look_up_and_no_token(node: Node, store: FileStore) -> None:
    token = node.token("stranger")
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    public = root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    false_proof = json.dumps({"nodeKey": to_base64url(public), "proof": to_base64url(bytes(32))}).encode()
    with Stranger((chain, key), showing(authority, response("200 OK", false_proof))) as stranger:
        client = FleetClient(HOST, api_token=token, port=stranger.port, store=store)
        assert code_of(client.get_node_info) == "NODE_UNPROVEN"
        assert stranger.lines[-1] == "POST /v1/tokens/prove HTTP/1.1"
        assert token.encode() not in b"".join(stranger.requests)
        assert b"authorization" not in b"".join(stranger.requests).lower()
    assert store.list() == []


def test_a_relay_cannot_pass_the_proof_of_the_real_node_on(node: Node, store: FileStore) -> None:
    token = node.token("relayed")
    chain, key, authority = make_chain()

    def relay(request: bytes) -> bytes:
        if request.startswith(CA):
            return response("200 OK", authority.encode())
        return forward(node, request)

    with Stranger((chain, key), relay) as stranger:
        assert code_of(FleetClient(HOST, api_token=token, port=stranger.port, store=store).get_node_info) == "NODE_UNPROVEN"
        assert token.encode() not in b"".join(stranger.requests)


def test_a_relay_between_pairing_sides_is_found_before_the_code_is_proved(node: Node, store: FileStore) -> None:
    chain, key, authority = make_chain()

    def relay(request: bytes) -> bytes:
        return response("200 OK", authority.encode()) if request.startswith(CA) else forward(node, request)

    with node.open_window() as window, Stranger((chain, key), relay) as stranger:
        assert code_of(lambda: FleetClient.pair(HOST, window.code, "laptop", stranger.port, store=store)) == "NODE_MISMATCH"
        assert [line for line in stranger.lines if "finish" in line] == []


def test_a_swapped_node_key_is_found_before_the_code_is_proved(node: Node, store: FileStore) -> None:
    """The stranger claims its own key in a real node's answer: nothing that both sides computed fits any more."""
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    public = to_base64url(root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def swap(request: bytes) -> bytes:
        if request.startswith(CA):
            return response("200 OK", authority.encode())
        answer: Dict[str, Any] = json.loads(forward(node, request).partition(b"\r\n\r\n")[2])
        return response("200 OK", json.dumps({**answer, "nodeKey": public}).encode())

    with node.open_window() as window, Stranger((chain, key), swap) as stranger:
        assert code_of(lambda: FleetClient.pair(HOST, window.code, "laptop", stranger.port, store=store)) == "PAIRING_WRONG_CODE"
        assert [line for line in stranger.lines if "finish" in line] == []


def test_a_certificate_outside_its_dates_is_refused(store: FileStore) -> None:
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root, days=-1)
    node_id = node_id_of(root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    with Stranger((chain, key), showing(authority)) as stranger:
        client = FleetClient(HOST, api_token=TOKEN, port=stranger.port, store=store, responder_node_id=node_id)
        with pytest.raises(FleetError, match="clock") as caught:
            client.get_node_info()
    assert caught.value.code == "NODE_MISMATCH"


@pytest.mark.parametrize("shown", ["", "not a certificate", "two"])
def test_what_is_no_certificate_of_a_node_is_refused(shown: str, store: FileStore) -> None:
    chain, key, authority = make_chain()
    text = authority * 2 if shown == "two" else shown
    with Stranger((chain, key), showing(text)) as stranger:
        assert code_of(lambda: FleetClient.pair(HOST, "123456", "laptop", stranger.port, store=store)) == "NODE_MISMATCH"
        assert stranger.lines == ["GET /v1/node/ca.pem HTTP/1.1"]


def test_what_does_not_speak_tls_is_refused(store: FileStore) -> None:
    with socket.create_server((HOST, 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(FleetError, match="TLS") as caught:
            FleetClient.pair(HOST, "123456", "laptop", listener.getsockname()[1], store=store)
    assert caught.value.code == "CONNECTION_FAILED"


def test_nobody_and_silence_have_codes_of_their_own(store: FileStore) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        assert code_of(FleetClient(HOST, api_token=TOKEN, port=port, timeout=0.2, store=store).get_node_info) == "TIMEOUT"
    with pytest.raises(FleetError, match="nothing listens") as caught:
        FleetClient(HOST, api_token=TOKEN, port=port, store=store).get_node_info()
    assert caught.value.code == "CONNECTION_FAILED"


def test_an_answer_that_drips_ends_with_the_time_out(store: FileStore) -> None:
    """Every byte comes in time, the whole does not."""
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    node_id = node_id_of(root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    dripping = Drip(response("200 OK", b"{}" + b" " * 1000))
    with Stranger((chain, key), showing(authority, dripping)) as stranger:
        client = FleetClient(HOST, api_token=TOKEN, port=stranger.port, store=store, responder_node_id=node_id, timeout=0.5)
        began = time.monotonic()
        assert code_of(client.get_node_info) == "TIMEOUT"
        assert time.monotonic() - began < 5
        client.close()


def test_a_call_whose_connection_is_cut_is_sent_again_with_the_same_key(store: FileStore, short_waits: None) -> None:
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    node_id = node_id_of(root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    calls: List[bytes] = []

    def cut(request: bytes) -> bool:
        calls.extend(line for line in request.lower().split(b"\r\n") if line.startswith(b"idempotency-key: "))
        return len(calls) in (1, 3, 4, 6)

    with Stranger((chain, key), showing(authority), cut) as stranger:
        options: Dict[str, Any] = {"port": stranger.port, "store": store, "responder_node_id": node_id}
        with FleetClient(HOST, api_token=TOKEN, **options) as client:
            client.call("RenameNode", {"name": "x"})
            assert len(calls) == 2 and calls[0] == calls[1]
            client.call("RenameNode", {"name": "x"}, idempotency_key="mine")
            assert calls[2:] == [b"idempotency-key: mine"] * 3
        with FleetClient(HOST, api_token=TOKEN, retries=0, **options) as client:
            with pytest.raises(FleetError, match="cut") as caught:
                client.call("RenameNode", {"name": "x"})
    assert (caught.value.code, caught.value.details) == ("CONNECTION_FAILED", {"reason": "ECONNRESET"})
    assert len(calls) == 6


def test_what_a_stranger_says_is_shown_and_not_obeyed(store: FileStore) -> None:
    """Nobody has proved anything yet when somebody pairs; what is answered ends up in a terminal all the same."""
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    said = "\x1b[2J\x1b]0;title\x07line\r\nsecond \u202eline"
    for code in ("PAIRING_BUSY", "LATER\x1b[2J"):
        refusal = response("429 Too Many Requests", json.dumps({"code": code, "message": said}).encode())
        with Stranger((chain, key), showing(authority, refusal)) as stranger:
            with pytest.raises(FleetError) as caught:
                FleetClient.pair(HOST, "123456", "laptop", stranger.port, store=store)
        assert "line  second" in str(caught.value) and str(caught.value).isprintable()


def test_a_code_of_this_side_is_not_a_node_s_to_answer(store: FileStore) -> None:
    root = ec.generate_private_key(ec.SECP256R1())
    chain, key, authority = make_chain(root)
    refusal = response("403 Forbidden", json.dumps({"code": "NODE_MISMATCH", "message": "pair again"}).encode())
    with Stranger((chain, key), showing(authority, refusal)) as stranger:
        assert code_of(lambda: FleetClient.pair(HOST, "123456", "laptop", stranger.port, store=store)) == "UNKNOWN_CODE"


@pytest.mark.parametrize("same_key", [True, False])
def test_an_authority_issued_anew_is_taken_from_the_same_key_alone(same_key: bool, store: FileStore) -> None:
    """A node whose names changed shows another certificate of its key while a client lives."""
    root = ec.generate_private_key(ec.SECP256R1())
    node_id = node_id_of(root.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    once = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
    chain, key, authority = make_chain(root)
    with Stranger((chain, key), showing(authority, once)) as before:
        client = FleetClient(HOST, api_token=TOKEN, port=before.port, store=store, responder_node_id=node_id)
        client.get_node_info()
    chain, key, authority = make_chain(root if same_key else None, name="issued anew")
    with Stranger((chain, key), showing(authority), port=before.port) as after, client:
        if same_key:
            client.get_node_info()
            assert after.lines == ["GET /v1/node/ca.pem HTTP/1.1", "POST /rpc/GetNodeInfo HTTP/1.1"]
        else:
            assert code_of(client.get_node_info) == "NODE_MISMATCH"
            assert after.lines == ["GET /v1/node/ca.pem HTTP/1.1"]


def forward(node: Node, request: bytes) -> bytes:
    """Passes a request on to the real node and returns its answer."""
    context = ssl._create_unverified_context()
    with socket.create_connection((HOST, node.port)) as plain:
        with context.wrap_socket(plain, server_hostname="node.cider-fleet.internal") as tls:
            tls.sendall(request)
            answer = read_message(tls)
    assert answer is not None
    return answer
