"""Which node this is: settled once, by a paired key or by a token, before a credential leaves the program."""

from __future__ import annotations

import hmac
import secrets
from typing import NamedTuple, Optional, Protocol, Sequence

from .answers import read_answer
from .credential import Bearer, Clock, Credential, Signature
from .encoding import to_base64url
from .errors import FleetError, invalid_options
from .identity import node_id_of
from .keys import SecretKey
from .parse import parse_bytes
from .records import NodeRecord, Records
from .tokens import storage_hash, token_lookup, token_proof
from .transport import Transport

_PROVE_PATH = "/v1/tokens/prove"
_NONCE_BYTES = 16
_PROOF_BYTES = 32
# What a stranger's server may answer to the question; each means that nothing was proven.
_NO_PROOF = ("NODE_MISMATCH", "INVALID_ANSWER", "INVALID_REQUEST", "NOT_FOUND", "METHOD_NOT_ALLOWED", "UNKNOWN_CODE")


class Contact(NamedTuple):
    """The node that requests are for, and how they show who is asking."""

    node: str
    credential: Credential


class FindContact(Protocol):
    """Settles the contact over a transport; raises the error that tells why there is none."""

    def __call__(self, transport: Transport, timeout: float) -> Contact: ...


class KeyContact:
    """By a paired key: the caller's id finds the nodes it was paired with, and only their keys are accepted."""

    def __init__(
        self, node_id: str, key: Optional[SecretKey], responder_node_id: Optional[str], records: Records, clock: Clock
    ) -> None:
        self._node_id = node_id
        self._key = key
        self._responder = responder_node_id
        self._records = records
        self._clock = clock

    def __call__(self, transport: Transport, timeout: float) -> Contact:
        key = self._key or self._stored_key()
        return Contact(self._settle(transport, timeout), Signature(key, self._clock))

    def _stored_key(self) -> SecretKey:
        key = self._records.key()
        if key is not None and key.node_id == self._node_id:
            return key
        known = self._records.node(self._node_id) is not None
        hint = "; this is the id of the node itself, pass the node_id that pairing returned" if known else ""
        raise FleetError(
            "NO_KEY_FOR_NODE_ID",
            f"no private key is stored for {self._node_id}: pass private_key, pass a store that has it, or pair{hint}",
        )

    def _settle(self, transport: Transport, timeout: float) -> str:
        known = self._records.paired_with(self._node_id)
        wanted = [record.node_id for record in known] if self._responder is None else [self._responder]
        if not wanted:
            raise invalid_options(
                "no node is stored as paired with this key: pass responder_node_id, pass a store that has it, or pair"
            )
        key = transport.identify(timeout)
        met = node_id_of(key)
        record = next((entry for entry in known if entry.node_id == met), None)
        # The whole key is compared where it is known: an id holds only 122 bits of its hash.
        if met not in wanted or (record is not None and not hmac.compare_digest(record.public_key, key)):
            raise other_node(transport, key, _describe(wanted, known))
        if record is not None:
            _try_learn(self._records, key, address=transport.authority)
        return met


class TokenContact:
    """By a token alone: before it is sent, the node proves that it knows it, and that the connection leads to that node.

    A stranger who answers learns a look-up and nothing of the token; a relay has another chain. What was proven is
    stored, so the proof is asked once per node and token. An id that came with the token is the pin and needs no proof.
    """

    def __init__(self, token: str, responder_node_id: Optional[str], records: Records) -> None:
        self._token = token
        self._responder = responder_node_id
        self._records = records

    def __call__(self, transport: Transport, timeout: float) -> Contact:
        if self._responder is None:
            return Contact(self._prove(transport, timeout), Bearer(self._token))
        key = transport.identify(timeout)
        if node_id_of(key) != self._responder:
            raise other_node(transport, key, self._responder)
        return Contact(self._responder, Bearer(self._token))

    def _prove(self, transport: Transport, timeout: float) -> str:
        token_hash = storage_hash(self._token)
        lookup = to_base64url(token_lookup(token_hash))
        try:
            key = transport.identify(timeout)
            record = self._records.node(node_id_of(key))
            proven = record is not None and lookup in record.tokens and hmac.compare_digest(record.public_key, key)
            if not proven:
                _ask_proof(transport, key, token_hash, timeout)
        except FleetError as error:
            if error.code in _NO_PROOF:
                raise _unproven(transport) from error
            raise
        _try_learn(self._records, key, token=lookup, address=transport.authority)
        return node_id_of(key)


def other_node(transport: Transport, key: bytes, expected: str) -> FleetError:
    """Returns NODE_MISMATCH that names who answered instead."""
    met = node_id_of(key)
    return FleetError(
        "NODE_MISMATCH",
        f"{transport.authority} is node {met}, not {expected}; check the address, or pair with it",
        {"met": met},
    )


def _ask_proof(transport: Transport, key: bytes, token_hash: bytes, timeout: float) -> None:
    """Question, proof and token all travel to the one key that was met."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    body = f'{{"lookup":"{to_base64url(token_lookup(token_hash))}","nonce":"{to_base64url(nonce)}"}}'.encode()
    headers = {"content-type": "application/json"}
    answer = read_answer(transport.request("POST", _PROVE_PATH, headers, body, node_id_of(key), timeout))
    node_key = parse_bytes(answer, "nodeKey", len(key))
    proof = parse_bytes(answer, "proof", _PROOF_BYTES)
    # The proof is computed with the key of the chain, not the one announced: a relayed proof then fails by itself.
    expected = token_proof(token_hash, nonce, key)
    if not (hmac.compare_digest(node_key, key) and hmac.compare_digest(proof, expected)):
        raise _unproven(transport)


def _unproven(transport: Transport) -> FleetError:
    return FleetError(
        "NODE_UNPROVEN",
        f"the node at {transport.authority} did not prove that it knows the token; check the address: the token was not sent",
    )


def _try_learn(records: Records, key: bytes, *, address: str, token: Optional[str] = None) -> None:
    """Only saves the next run a round trip: a store that cannot be written is no reason to refuse."""
    try:
        records.learn(key, token=token, address=address)
    except FleetError as error:
        if error.code != "STORE_UNUSABLE":
            raise


def _describe(wanted: Sequence[str], known: Sequence[NodeRecord]) -> str:
    names = {record.node_id: record.name for record in known}
    if len(wanted) > 3:
        return f"one of the {len(wanted)} nodes this key is paired with"
    return " or ".join(node if names.get(node) is None else f'{node} ("{names[node]}")' for node in wanted)
