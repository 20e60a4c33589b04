"""The asking side of pairing: the client, prover of SPAKE2+.

The order of checks is the security: chain, versions, the node's confirmation, and only then is anything sent that proves
knowledge of the secret; afterwards the node's signature, the ids, role and name. One `begin` is made for each secret a
person gave: a second would be a second guess for whoever sits in between.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import Any, NamedTuple, Optional, Sequence

from .address import Address, parse_address
from .answers import read_answer
from .contact import other_node
from .encoding import to_base64url
from .errors import FleetError, invalid_answer, invalid_options
from .identity import node_id_of
from .keys import SecretKey, verify
from .links import looks_like_pairing_link, parse_pairing_link
from .p256 import parse_point
from .pairing_profile import Agreement, Terms, agree, client_proof_message, node_proof_message, prover_scalars
from .parse import JsonObject, name_fault, parse_bytes, parse_integer, parse_name, parse_node_id, parse_word
from .spake2plus import prover_points, prover_share, random_scalar
from .transport import Transport
from .vocabulary import ROLES

_VERSION = 1
_HIGHEST_VERSION = 255
_POINT, _SID, _MAC, _SIGNATURE = 65, 16, 32, 64
# Seconds one of several addresses of a link is given to answer before the next is tried.
_NEXT_ADDRESS_AFTER = 5.0
_TYPED = re.compile(r"[\s-]")
_CODE = re.compile(r"[0-9]{6}\Z")


class Invitation(NamedTuple):
    """Where to pair, addresses in the order to try them, and by what secret; a link also names the node."""

    addresses: Sequence[Address]
    way: str
    secret: str
    node_id: Optional[str] = None


class Introduction(NamedTuple):
    """What we say of ourselves; `role` is the most we want, None for whatever the window grants."""

    key: SecretKey
    name: str
    kind: str
    role: Optional[str]


class Paired(NamedTuple):
    """What both sides know of each other afterwards."""

    role: str
    responder_node_id: str
    responder_name: str
    responder_key: bytes
    address: str


class _Begun(NamedTuple):
    max_version: int
    sid: bytes
    node_key: bytes
    node_name: str
    role: str
    share: bytes
    confirm: bytes
    attempts_left: Any


def normalise_code(typed: str) -> str:
    """Returns the six digits of a code as people type it, with spaces or hyphens; raises INVALID_REQUEST otherwise."""
    digits = _TYPED.sub("", typed)
    if not _CODE.match(digits):
        raise FleetError("INVALID_REQUEST", "a pairing code has 6 digits", {"field": "code"})
    return digits


def read_invitation(host_or_link: str, code: Optional[str], port: Optional[int], default_port: int) -> Invitation:
    """Returns the invitation of a host and code, of a link, or of a link used at another host."""
    if looks_like_pairing_link(host_or_link):
        if code is not None:
            raise invalid_options("a link holds its own secret: pass no code beside it")
        return _link_invitation(host_or_link, None, port)
    if code is None:
        raise invalid_options("code is missing: pass the six digits the node shows, or a link as host")
    if looks_like_pairing_link(code):
        return _link_invitation(code, host_or_link, port)
    return Invitation([parse_address(host_or_link, port or default_port)], "code", normalise_code(code))


def pair(invitation: Invitation, introduction: Introduction, timeout: float) -> Paired:
    """Pairs; returns when the node has recorded our key.

    Raises the node's own code, or PAIRING_WRONG_CODE (nothing that proves the secret was sent), PAIRING_BAD_PROOF,
    PAIRING_VERSION, PAIRING_OWN_KEY, NODE_MISMATCH, INVALID_ANSWER, CONNECTION_FAILED, TIMEOUT.
    """
    fault = name_fault(introduction.name)
    if fault is not None:
        raise invalid_options(f"name must be {fault}")
    transport, key = _reach(invitation, timeout)
    try:
        return _exchange(transport, key, invitation, introduction, timeout)
    finally:
        transport.close()


def _link_invitation(text: str, host: Optional[str], port: Optional[int]) -> Invitation:
    link = parse_pairing_link(text)
    hosts = link.hosts if host is None else [host]
    addresses = [parse_address(one, port or link.port) for one in hosts]
    return Invitation(addresses, "link", link.secret, link.node_id)


def _reach(invitation: Invitation, timeout: float) -> tuple[Transport, bytes]:
    """Connects to the first address where the node answers; of a link, only to the node it names."""
    several = len(invitation.addresses) > 1
    failure = invalid_options("no address to pair with")
    for address in invitation.addresses:
        transport = Transport(address)
        try:
            key = transport.identify(min(timeout, _NEXT_ADDRESS_AFTER) if several else timeout)
            if invitation.node_id is not None and node_id_of(key) != invitation.node_id:
                raise other_node(transport, key, invitation.node_id)
            return transport, key
        except FleetError as error:
            transport.close()
            failure = error
    raise failure


def _exchange(transport: Transport, key: bytes, invitation: Invitation, introduction: Introduction, timeout: float) -> Paired:
    w0, w1 = prover_scalars(invitation.secret)
    x = random_scalar()
    share = prover_share(w0, x)
    message = _begin_message(transport, invitation, introduction, share)
    begun = _parse_begun(_post(transport, key, "/v1/pairing/begin", message, timeout))
    _require_node(transport, key, introduction, begun)
    try:
        points = prover_points(w0, w1, x, begun.share)
    except ValueError:
        raise invalid_answer("share must be a point on P-256", {"field": "share"}) from None
    terms = _terms(transport, invitation, introduction, begun)
    agreement = agree(terms, (share, begun.share), points, w0)
    if not hmac.compare_digest(agreement.confirm_v, begun.confirm):
        raise FleetError("PAIRING_WRONG_CODE", None, {"attemptsLeft": begun.attempts_left})
    finished = _finish(transport, key, introduction, begun, agreement, timeout)
    return _conclude(transport, introduction, begun, finished, agreement)


def _begin_message(transport: Transport, invitation: Invitation, introduction: Introduction, share: bytes) -> JsonObject:
    message = {
        "version": _VERSION,
        "maxVersion": _VERSION,
        "clientKey": to_base64url(introduction.key.public_key),
        "name": introduction.name,
        "kind": introduction.kind,
        "way": invitation.way,
        "channel": transport.channel,
        "share": to_base64url(share),
    }
    return message if introduction.role is None else {**message, "role": introduction.role}


def _parse_begun(answer: JsonObject) -> _Begun:
    # Another version may have other members, so this is asked first.
    version = parse_integer(answer, "version", 1, _HIGHEST_VERSION)
    if version != _VERSION:
        raise FleetError("PAIRING_VERSION", f"pairing version {version} is not spoken here, only {_VERSION}")
    left = answer.get("attemptsLeft")
    return _Begun(
        max_version=parse_integer(answer, "maxVersion", version, _HIGHEST_VERSION),
        sid=parse_bytes(answer, "sid", _SID),
        node_key=parse_bytes(answer, "nodeKey", _POINT),
        node_name=parse_name(answer, "nodeName"),
        role=parse_word(answer, "role", ROLES),
        share=parse_bytes(answer, "share", _POINT),
        confirm=parse_bytes(answer, "confirm", _MAC),
        attempts_left=None if left is None else parse_integer(answer, "attemptsLeft", 0, 2**53),
    )


def _require_node(transport: Transport, key: bytes, introduction: Introduction, begun: _Begun) -> None:
    """The key the node claims is the one the connection's chain leads to, and no more is granted than was asked for."""
    try:
        parse_point(begun.node_key)
    except ValueError:
        raise invalid_answer("nodeKey must be a point on P-256", {"field": "nodeKey"}) from None
    if not hmac.compare_digest(begun.node_key, key):
        raise other_node(transport, key, f"{node_id_of(begun.node_key)}, which it claims to be")
    if hmac.compare_digest(key, introduction.key.public_key):
        raise FleetError("PAIRING_OWN_KEY")
    if introduction.role is not None and ROLES.index(begun.role) > ROLES.index(introduction.role):
        raise FleetError("INVALID_ANSWER", f"the node granted {begun.role}, which is more than was asked for")


def _terms(transport: Transport, invitation: Invitation, introduction: Introduction, begun: _Begun) -> Terms:
    return Terms(
        versions=bytes([_VERSION, begun.max_version]),
        sid=begun.sid,
        client_key=introduction.key.public_key,
        node_key=begun.node_key,
        name=introduction.name,
        kind=introduction.kind,
        way=invitation.way,
        channel=transport.channel,
        node_name=begun.node_name,
        role=begun.role,
    )


def _finish(
    transport: Transport, key: bytes, introduction: Introduction, begun: _Begun, agreement: Agreement, timeout: float
) -> JsonObject:
    proof = introduction.key.sign(client_proof_message(agreement.bind))
    message = {
        "sid": to_base64url(begun.sid),
        "confirm": to_base64url(agreement.confirm_p),
        "proof": to_base64url(proof),
    }
    try:
        return _post(transport, key, "/v1/pairing/finish", message, timeout)
    except FleetError as error:
        # A lost answer may hide a success: the node gives a byte-identical repeat the same answer for a minute.
        if error.code not in ("CONNECTION_FAILED", "CONNECTION_CLOSED", "TIMEOUT"):
            raise
        return _post(transport, key, "/v1/pairing/finish", message, timeout)


def _conclude(
    transport: Transport, introduction: Introduction, begun: _Begun, finished: JsonObject, agreement: Agreement
) -> Paired:
    proof = parse_bytes(finished, "proof", _SIGNATURE)
    if not verify(begun.node_key, node_proof_message(agreement.bind), proof):
        raise FleetError("PAIRING_BAD_PROOF")
    found = {
        "nodeId": parse_node_id(finished, "nodeId"),
        "role": parse_word(finished, "role", ROLES),
        "responderNodeId": parse_node_id(finished, "responderNodeId"),
        "responderName": parse_name(finished, "responderName"),
    }
    agreed = {
        "nodeId": introduction.key.node_id,
        "role": begun.role,
        "responderNodeId": node_id_of(begun.node_key),
        "responderName": begun.node_name,
    }
    for member, value in agreed.items():
        if found[member] != value:
            raise FleetError("INVALID_ANSWER", f"{member} is not what the exchange agreed on", {"field": member})
    return Paired(begun.role, agreed["responderNodeId"], begun.node_name, begun.node_key, transport.authority)


def _post(transport: Transport, key: bytes, path: str, message: JsonObject, timeout: float) -> JsonObject:
    """Both messages are pinned to the key seen first, so nobody can join between them."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json"}
    return read_answer(transport.request("POST", path, headers, body, node_id_of(key), timeout))
