"""Every vector file of the project that concerns a client: the same answers as in TypeScript."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from conftest import VECTORS, vectors

from cider_fleet import FleetError, require_signed_head
from cider_fleet.audit import head_message
from cider_fleet.encoding import from_base64url, to_base64, to_base64url
from cider_fleet.identity import fingerprint_of, from_spki, node_id_of, to_spki
from cider_fleet.keys import SecretKey, verify
from cider_fleet.p256 import parse_point
from cider_fleet.pairing_profile import (
    Terms,
    agree,
    client_proof_message,
    encode_context,
    node_proof_message,
    prover_scalars,
)
from cider_fleet.parse import is_name
from cider_fleet.shapes import SignedHead
from cider_fleet.signing import Signable, covered_components, sign_request, signature_base, socket_message
from cider_fleet.spake2plus import Transcript, encode_transcript, prover_points, prover_share, shared_keys
from cider_fleet.tokens import holds_token_text, is_token_text, storage_hash, token_lookup, token_proof

Vector = Dict[str, Any]


def every(name: str, member: str = "vectors") -> List[Vector]:
    found: List[Vector] = vectors(name)[member]
    assert found
    return found


def unhex(vector: Vector, *names: str) -> List[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


@pytest.mark.parametrize("v", every("node-id"))
def test_node_id(v: Vector) -> None:
    key = SecretKey.from_hex(v["privateKey"])
    assert key.public_key.hex() == v["publicKey"]
    assert to_spki(key.public_key).hex() == v["spki"]
    assert node_id_of(key.public_key) == key.node_id == v["nodeId"]
    assert fingerprint_of(key.public_key) == v["fingerprint"]


SUITE = "SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256"


@pytest.mark.parametrize("v", [v for v in every("rfc9383-spake2plus") if v["context"].startswith("SPAKE2+-P256-")])
def test_spake2plus(v: Vector) -> None:
    w0, w1, x, share_p, share_v = unhex(v, "w0", "w1", "x", "shareP", "shareV")
    assert prover_share(w0, x) == share_p
    z, point_v = prover_points(w0, w1, x, share_v)
    assert [z, point_v] == unhex(v, "Z", "V")
    transcript = Transcript(v["context"].encode(), v["idProver"], v["idVerifier"], share_p, share_v, z, point_v, w0)
    assert encode_transcript(transcript).hex() == v["TT"]
    if not v["context"].startswith(SUITE):
        return  # the group is the same, what follows is another suite's
    keys = shared_keys(transcript)
    assert keys.confirm_p.hex() == v["HMAC(K_confirmP, shareV)"]
    assert keys.confirm_v.hex() == v["HMAC(K_confirmV, shareP)"]
    assert keys.shared.hex() == v["K_shared"]


@pytest.mark.parametrize("v", every("pairing-profile"))
def test_pairing_profile(v: Vector) -> None:
    w0, w1 = prover_scalars(v["secret"])
    assert [w0, w1] == unhex(v, "w0", "w1")
    x, share_p, share_v, client_key, node_key, sid, versions = unhex(
        v, "x", "shareP", "shareV", "clientKey", "nodeKey", "sid", "versions"
    )
    assert prover_share(w0, x) == share_p
    words = [v[name] for name in ("name", "kind", "way", "channel", "nodeName", "role")]
    terms = Terms(versions, sid, client_key, node_key, *words)
    assert encode_context(terms).hex() == v["context"]
    agreement = agree(terms, (share_p, share_v), prover_points(w0, w1, x, share_v), w0)
    assert agreement.confirm_p.hex() == v["confirmP"]
    assert agreement.confirm_v.hex() == v["confirmV"]
    assert agreement.bind.hex() == v["bind"]
    finish, answer = v["finishRequest"], v["finishAnswer"]
    assert verify(client_key, client_proof_message(agreement.bind), from_base64url(finish["proof"]))
    assert verify(node_key, node_proof_message(agreement.bind), from_base64url(answer["proof"]))
    assert not verify(node_key, client_proof_message(agreement.bind), from_base64url(answer["proof"]))


@pytest.mark.parametrize("v", every("signed-requests"))
def test_signed_requests(v: Vector) -> None:
    file = vectors("signed-requests")
    key = SecretKey.from_hex(file["signerPrivateKey"])
    body = (v["body"] or "").encode()
    request = Signable(v["method"], v["authority"], v["url"], body, v["headers"].get("content-type"))
    components = covered_components(request, file["targetNodeId"])
    parameters = v["signatureInput"].partition("=")[2]
    base = signature_base(components, parameters)
    assert base == v["base"]
    for name in ("signature", "highS"):
        signature = v[name].partition("=")[2].strip(":")
        assert verify(key.public_key, base.encode(), base64.b64decode(signature))
    fields = sign_request(request, key, file["targetNodeId"], 1795300000, "AAECAwQFBgcICQoLDA0ODw")
    assert fields["signature-input"] == v["signatureInput"]
    assert fields.get("content-digest") == v["headers"].get("content-digest")


def test_a_line_break_cannot_forge_a_line_of_the_base() -> None:
    with pytest.raises(FleetError, match="target"):
        covered_components(Signable("GET", "localhost:9473", '/v1/node\n"@method": DELETE'), "x")


@pytest.mark.parametrize("v", every("websocket-auth"))
def test_websocket_authentication(v: Vector) -> None:
    key = SecretKey.from_hex(v["signerPrivateKey"])
    message = socket_message(from_base64url(v["nonce"]), v["nodeId"], key.node_id)
    assert message.hex() == v["message"]
    assert verify(key.public_key, message, from_base64url(v["signature"]))


@pytest.mark.parametrize("v", every("token-format", "valid"))
def test_token_text(v: Vector) -> None:
    assert is_token_text(v["token"])
    assert storage_hash(v["token"]).hex() == v["storageHash"]


@pytest.mark.parametrize("text", every("token-format", "invalid"))
def test_token_text_refused(text: object) -> None:
    assert not is_token_text(text)


def test_a_token_in_a_name_is_seen_wherever_it_stands() -> None:
    token = every("token-format", "valid")[-1]["token"]
    for text in (token, f"csk_{token}", f"my token {token}, keep it", f"x{token}y"):
        assert holds_token_text(text) and not is_name(text)
    for text in (token[:-1], token.replace("csk_", "csk-"), "csk_", "cst_and csk_", "studio"):
        assert not holds_token_text(text) and is_name(text)


@pytest.mark.parametrize("v", every("token-prove"))
def test_token_proof(v: Vector) -> None:
    token_hash = storage_hash(v["token"])
    assert to_base64url(token_lookup(token_hash)) == v["request"]["lookup"]
    node_key = from_base64url(v["answer"]["nodeKey"])
    assert node_key.hex() == v["nodeKey"]
    assert to_base64url(token_proof(token_hash, from_base64url(v["request"]["nonce"]), node_key)) == v["answer"]["proof"]


def test_the_signed_end_of_a_record() -> None:
    v = vectors("audit-head")
    key = SecretKey.from_hex(v["privateKey"])
    head = v["head"]
    assert head_message(key.public_key, head["seq"], head["hash"]).hex() == v["message"]
    assert require_signed_head(SignedHead(head)).seq == head["seq"]
    for member, wrong in (("seq", 4), ("hash", "0" * 64), ("nodeId", "5a07a723-c795-8830-ae2e-6be0ef71b399"), ("signature", "")):
        with pytest.raises(FleetError):
            require_signed_head(SignedHead({**head, member: wrong}))


def test_the_chain_of_a_record_as_the_documents_describe_it() -> None:
    file = vectors("ledger")
    first, *lines = file["lines"]
    last = json.loads(first)["prev"]
    for line in lines:
        begin, _, rest = line.partition('",')
        assert begin == '{"hash":"' + hashlib.sha256((last + rest).encode()).hexdigest()
        last = json.loads(line)["hash"]
    assert last == file["head"]["hash"]


@pytest.mark.parametrize("v", [v for v in every("rfc9421-signatures") if v["alg"] == "ecdsa-p256-sha256"])
def test_examples_of_rfc9421(v: Vector) -> None:
    spki = base64.b64decode("".join(vectors("rfc9421-signatures")["keys"][v["keyid"]].splitlines()[1:-1]))
    lines = v["signatureBase"].split("\n")[:-1]
    components = {name: value for name, _, value in (line[1:].partition('": ') for line in lines)}
    if not any(";" in name for name in components):  # parameters of components are not part of this profile
        assert signature_base(components, v["signatureParams"]) == v["signatureBase"]
    found = verify(from_spki(spki), v["signatureBase"].encode(), base64.b64decode(v["signatureBase64"]))
    assert found == v["verifies"]


def wycheproof() -> List[Any]:
    return list(vectors("wycheproof-ecdsa_secp256r1_sha256_p1363_test")["testGroups"])


@pytest.mark.parametrize("group", wycheproof())
def test_wycheproof(group: Vector) -> None:
    public_key = bytes.fromhex(group["publicKey"]["uncompressed"])
    for case in group["tests"]:
        found = verify(public_key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
        assert found == (case["result"] == "valid"), case["comment"]


def test_points_off_the_curve_are_refused() -> None:
    point = bytearray(bytes.fromhex(every("node-id")[0]["publicKey"]))
    point[-1] ^= 1
    for data in (bytes(point), b"\x02" + bytes(point[1:33]), b"\x00", b""):
        with pytest.raises(ValueError):
            parse_point(data)


@pytest.mark.parametrize("text", ["=", "AA==", "A", "AB", "A+", "Ä", "AA\n"])
def test_base64url_is_strict(text: str) -> None:
    with pytest.raises(ValueError):
        from_base64url(text)


def test_base64_has_padding() -> None:
    assert to_base64(b"\xff") == "/w=="


def test_every_vector_file_is_used_here() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [path.stem for path in VECTORS.glob("*.json") if f'"{path.stem}"' not in text] == []
