"""Other people's implementations of RFC 9421, both ways: what they sign the node takes, what we sign they take.

`http-message-signatures` is from PyPI; the two from npm are asked by the project's `test/clients/npm-partners.ts`.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import time
from typing import Any, Dict, List, NamedTuple

import pytest
import requests
from conftest import ROOT, Node, vectors
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from cider_fleet import FileStore, FleetClient
from cider_fleet.credential import Signature
from cider_fleet.keys import SecretKey
from cider_fleet.signing import Signable

HOST = "127.0.0.1"
NODE = "5a07a723-c795-8830-ae2e-6be0ef71b399"
COVER = ("@method", "@authority", "@path", "@query", "cider-node")
WITH_BODY = (*COVER, "content-digest", "content-type")
AUTHORITY = "studio.local:9473"
BODY = b'{"name":"ci-pipeline"}'
REQUESTS = [
    Signable("GET", AUTHORITY, "/v1/node"),
    Signable("GET", AUTHORITY, "/v1/audit?limit=10&actor=a%2Fb"),
    Signable("POST", AUTHORITY, "/rpc/GenerateAPIToken", BODY, "application/json"),
]


class Message(NamedTuple):
    """What the partner reads of a request."""

    method: str
    url: str
    headers: Dict[str, str]


class Keys(HTTPSignatureKeyResolver):
    """One key, for signing or verifying."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        return self._key

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def accepts(message: Message, point: bytes, years: int = 0) -> bool:
    """Returns whether the partner from PyPI takes the signature; `years` is how wrong a clock may be."""
    verifier = HTTPMessageVerifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=Keys(public_key(point)))
    verifier.max_clock_skew = datetime.timedelta(seconds=5, days=365 * years)
    try:
        (result,) = verifier.verify(message, expect_tag="cider-fleet-v1")
    except InvalidSignature:
        return False
    return {f'"{name}"' for name in COVER} <= set(result.covered_components)


def signed_by_us(request: Signable, key: SecretKey) -> Message:
    fields = Signature(key, time.time).headers(request, NODE)
    own = {} if request.content_type is None else {"content-type": request.content_type}
    return Message(request.method, f"https://{request.authority}{request.target}", {**own, **fields})


def changed(message: Message) -> List[Message]:
    """Returns the message with one thing of it changed, for each of them."""
    headers = message.headers
    return [
        message._replace(method="PATCH"),
        message._replace(url=f"{message.url}x"),
        message._replace(url=message.url.replace("studio", "mini")),
        message._replace(headers={**headers, "cider-node": "6f3ed7c1-9f02-8b1c-a2a4-1c3e5f708192"}),
        message._replace(headers={**headers, "signature-input": headers["signature-input"].replace('nonce="', 'nonce="x')}),
    ]


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_we_sign_is_taken_and_a_change_is_not(request_: Signable) -> None:
    key = SecretKey.generate()
    message = signed_by_us(request_, key)
    assert accepts(message, key.public_key)
    assert [accepts(other, key.public_key) for other in changed(message)] == [False] * 5
    assert not accepts(message, SecretKey.generate().public_key)


def test_what_we_sign_is_taken_by_both_from_npm_and_a_change_is_not() -> None:
    key = SecretKey.generate()
    messages = [signed_by_us(request, key) for request in REQUESTS]
    asked = [*messages, *(other for message in messages for other in changed(message))]
    words = ["node", "--import", "tsx", "test/clients/npm-partners.ts"]
    given = json.dumps([{**message._asdict(), "publicKey": key.public_key.hex()} for message in asked])
    said = subprocess.run(words, cwd=ROOT, input=given, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [[True, True]] * 3 + [[False, False]] * 15


@pytest.mark.parametrize("v", vectors("signed-requests")["vectors"])
def test_what_the_other_sdk_signed_is_taken(v: Any) -> None:
    """Both forms of s, and years later: these vectors are older than a minute."""
    point = SecretKey.from_hex(vectors("signed-requests")["signerPrivateKey"]).public_key
    fields = {**v["headers"], "signature-input": v["signatureInput"]}
    for signature in (v["signature"], v["highS"]):
        message = Message(v["method"], f"https://{v['authority']}{v['url']}", {**fields, "signature": signature})
        assert accepts(message, point, years=100)
        assert not accepts(message._replace(url=f"{message.url}x"), point, years=100)


class Peer(NamedTuple):
    """A paired key in the partner's hands."""

    node: Node
    node_id: str
    key: ec.EllipticCurvePrivateKey

    def sign(self, what: str, body: bytes = b"", *, cover: Any = None, meant: str = "", created: int) -> Any:
        """Returns a request with the partner's signature."""
        method, target = what.split(" ")
        headers = {"Cider-Node": meant or self.node.node_id, **({"Content-Type": "application/json"} if body else {})}
        url = f"https://{HOST}:{self.node.port}{target}"
        request = requests.Request(method, url, headers=headers, data=body or None).prepare()
        HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=Keys(self.key)).sign(
            request,
            key_id=self.node_id,
            created=datetime.datetime.fromtimestamp(created, datetime.timezone.utc),
            expires=datetime.datetime.fromtimestamp(created + 60, datetime.timezone.utc),
            nonce=SecretKey.generate().reveal_hex(),
            tag="cider-fleet-v1",
            label="theirs",
            covered_component_ids=cover or (WITH_BODY if body else COVER),
            body=body or None,
        )
        return request

    def send(self, request: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.send(request, verify=str(self.node.folder / "data" / "ca.pem"), timeout=30)

    def outcomes(self, what: str, body: bytes = b"", *, sent: bytes = b"", **signing: Any) -> List[str]:
        """Sends one signed request twice; `sent` is another body than was signed."""
        told = self.send(self.sign("GET /v1/self", created=1)).json()
        request = self.sign(what, body, created=max(told["serverTime"], told["earliest"]), **signing)
        if sent:
            request.body = sent
        answers = [self.send(request) for _ in range(2)]
        return ["OK" if answer.ok else f"{answer.status_code} {answer.json()['code']}" for answer in answers]


@pytest.fixture
def peer(node: Node, store: FileStore) -> Peer:
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "partner", node.port, store=store)
    return Peer(node, creds["node_id"], ec.derive_private_key(int(creds["private_key_hex"], 16), ec.SECP256R1()))


def test_what_the_partner_signs_is_answered_once(peer: Peer) -> None:
    replayed = ["OK", "401 SIGNATURE_REPLAYED"]
    assert peer.outcomes("GET /v1/node") == replayed
    assert peer.outcomes("GET /v1/audit?limit=1&operation=FinishPairing") == replayed
    assert peer.outcomes("POST /rpc/GenerateAPIToken", BODY) == replayed


def test_what_was_changed_or_left_out_is_refused(peer: Peer) -> None:
    assert peer.outcomes("POST /rpc/GenerateAPIToken", BODY, sent=BODY.replace(b"ci", b"di"))[0] == "401 DIGEST_MISMATCH"
    assert peer.outcomes("GET /v1/node", cover=COVER[:-1])[0] == "400 SIGNATURE_MALFORMED"
    assert peer.outcomes("GET /v1/node", meant=NODE)[0] == "421 WRONG_NODE"
    stranger = peer._replace(key=ec.generate_private_key(ec.SECP256R1()))
    assert stranger.outcomes("GET /v1/node")[0] == "401 SIGNATURE_INVALID"
