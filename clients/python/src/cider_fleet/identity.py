"""The id of a key (docs/protocol/01-identity.md): all a client needs to know of a node. It follows from the key alone."""

from __future__ import annotations

import hashlib
import re

# The SPKI of a P-256 key is always these bytes and then the uncompressed point: one encoding, one id.
_SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_NODE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NODE_DOMAIN = "cider-fleet.internal"

PUBLIC_KEY_LENGTH = 65

UNKNOWN_NODE_NAME = f"node.{_NODE_DOMAIN}"
"""What a client that knows no node id says in the TLS handshake (SNI), so that it is shown the node's own chain."""


def to_spki(public_key: bytes) -> bytes:
    """Returns the 91 bytes of a key's SubjectPublicKeyInfo."""
    if len(public_key) != PUBLIC_KEY_LENGTH or public_key[0] != 4:
        raise ValueError("not an uncompressed P-256 point of 65 bytes")
    return _SPKI_PREFIX + public_key


def from_spki(spki: bytes) -> bytes:
    """Returns the 65 bytes of the point; ValueError for keys of another kind or encoding."""
    if len(spki) != len(_SPKI_PREFIX) + PUBLIC_KEY_LENGTH or not spki.startswith(_SPKI_PREFIX + b"\x04"):
        raise ValueError("not the SPKI of a P-256 key")
    return spki[len(_SPKI_PREFIX) :]


def node_id_of(public_key: bytes) -> str:
    """Returns the UUIDv8 of bytes 0–15 of SHA-256 over the key's SPKI."""
    digest = bytearray(hashlib.sha256(to_spki(public_key)).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def fingerprint_of(public_key: bytes) -> str:
    """Returns bytes 0–19 of the same hash in Crockford base32, in eight groups of four, for people to compare."""
    number = int.from_bytes(hashlib.sha256(to_spki(public_key)).digest()[:20], "big")
    text = "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(155, -1, -5))
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def is_node_id(value: object) -> bool:
    """Returns whether `value` has the form of a node id; says nothing of a key behind it."""
    return isinstance(value, str) and _NODE_ID.match(value) is not None


def sni_name_of(node_id: str) -> str:
    """Returns what a client that knows which node it means says in the TLS handshake."""
    return f"{node_id}.{_NODE_DOMAIN}"
