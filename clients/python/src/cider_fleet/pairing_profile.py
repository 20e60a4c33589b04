"""What turns SPAKE2+ into pairing: labels, scalars from a secret, the context that binds keys, names, role and channel."""

from __future__ import annotations

from typing import NamedTuple

from .encoding import lp
from .identity import node_id_of
from .spake2plus import Transcript, hkdf, reduce_scalar, shared_keys

_LABEL = "cider-fleet-pair-v1"
_SUITE = "P256-SHA256-HKDF-SHA256-HMAC-SHA256"
# Bytes of each half before it is reduced: 8 more than n, so that the bias vanishes.
_HALF = 40


class Terms(NamedTuple):
    """Everything the two sides must agree on besides the secret; a difference in any part makes the confirmation fail."""

    versions: bytes
    sid: bytes
    client_key: bytes
    node_key: bytes
    name: str
    kind: str
    way: str
    channel: str
    node_name: str
    role: str


class Agreement(NamedTuple):
    """What is left of an exchange once its arithmetic is done; `bind` is what both proofs sign."""

    confirm_p: bytes
    confirm_v: bytes
    bind: bytes


def prover_scalars(secret: str) -> tuple[bytes, bytes]:
    """Returns w0 and w1 of six digits or of a link's secret, both as text."""
    data = hkdf("sha512", secret.encode(), _LABEL.encode(), b"w0w1", 2 * _HALF)
    return reduce_scalar(data[:_HALF]), reduce_scalar(data[_HALF:])


def encode_context(t: Terms) -> bytes:
    """Returns the transcript's Context."""
    words = (t.name, t.kind, t.way, t.channel, t.node_name, t.role)
    return lp(_LABEL, _SUITE, t.versions, t.sid, t.client_key, t.node_key, *words)


def agree(terms: Terms, shares: tuple[bytes, bytes], points: tuple[bytes, bytes], w0: bytes) -> Agreement:
    """Returns both confirmations and what the proofs bind, from the terms, the shares (P, V), the points (Z, V) and w0."""
    ids = (node_id_of(terms.client_key), node_id_of(terms.node_key))
    keys = shared_keys(Transcript(encode_context(terms), *ids, *shares, *points, w0))
    bind = hkdf("sha256", keys.shared, b"", f"{_LABEL} proof".encode(), 32)
    return Agreement(keys.confirm_p, keys.confirm_v, bind)


def client_proof_message(bind: bytes) -> bytes:
    """Returns what the client's key signs."""
    return lp(f"{_LABEL} client", bind)


def node_proof_message(bind: bytes) -> bytes:
    """Returns what the node's key signs."""
    return lp(f"{_LABEL} node", bind)
