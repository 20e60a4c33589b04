"""SPAKE2+ (RFC 9383), P256-SHA256-HKDF-SHA256-HMAC-SHA256, the prover's side.

Only the group arithmetic, the transcript and the key schedule; how w0 and w1 come from a code, and what stands in the
context, is `pairing_profile`. Points are 65 bytes 04‖x‖y on the curve, nothing else is accepted; scalars are 32 bytes
big-endian in 1…n−1. P-256 has cofactor 1, so the RFC's factor h is left out. Of timing, see `p256`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import NamedTuple

from .p256 import ORDER, G, Point, decompress, parse_point, parse_scalar

# RFC 9383 §4: points nobody knows the logarithm of.
M = decompress(bytes.fromhex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f"))
N = decompress(bytes.fromhex("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49"))


class Transcript(NamedTuple):
    """What the transcript is made of (RFC 9383 §3.3)."""

    context: bytes
    id_prover: str
    id_verifier: str
    share_p: bytes
    share_v: bytes
    z: bytes
    v: bytes
    w0: bytes


class SharedKeys(NamedTuple):
    """What both sides end with; equal on both only if they meant the same secret and saw the same transcript."""

    confirm_p: bytes
    confirm_v: bytes
    shared: bytes


def hkdf(digest: str, ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """Returns `length` bytes of HKDF (RFC 5869) with the hash that `digest` names."""
    key = hmac.new(salt or bytes(hashlib.new(digest).digest_size), ikm, digest).digest()
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([counter]), digest).digest()
        out += block
        counter += 1
    return out[:length]


def random_scalar() -> bytes:
    """Returns a scalar uniform in 1…n−1."""
    return (secrets.randbelow(ORDER - 1) + 1).to_bytes(32, "big")


def reduce_scalar(data: bytes) -> bytes:
    """Returns a long big-endian number mod n as a scalar (RFC 9383 §3.2); 40 bytes leave a bias below 2^-64."""
    return (int.from_bytes(data, "big") % ORDER).to_bytes(32, "big")


def prover_share(w0: bytes, x: bytes) -> bytes:
    """Returns the prover's share X = x·G + w0·M."""
    return (G * parse_scalar(x) + M * parse_scalar(w0)).to_bytes()


def prover_points(w0: bytes, w1: bytes, x: bytes, share_v: bytes) -> tuple[bytes, bytes]:
    """Returns Z = x·(Y − w0·N) and V = w1·(Y − w0·N); ValueError when the share is no point or cancels out."""
    base: Point = parse_point(share_v) - N * parse_scalar(w0)
    # RFC 9383 §6: with cofactor 1 this is the one way to reach the identity, and Z would be known to everybody.
    if base.is_identity:
        raise ValueError("share cancels out")
    return (base * parse_scalar(x)).to_bytes(), (base * parse_scalar(w1)).to_bytes()


def encode_transcript(t: Transcript) -> bytes:
    """Returns TT (RFC 9383 §3.3): each part behind its length as eight bytes, little-endian."""
    ids = (t.id_prover.encode(), t.id_verifier.encode())
    parts = (t.context, *ids, M.to_bytes(), N.to_bytes(), t.share_p, t.share_v, t.z, t.v, t.w0)
    return b"".join(len(part).to_bytes(8, "little") + part for part in parts)


def shared_keys(t: Transcript) -> SharedKeys:
    """Returns the MACs and K_shared (RFC 9383 §3.4). K_main = SHA-256(TT) serves nothing else and never leaves here."""
    main = hashlib.sha256(encode_transcript(t)).digest()
    confirmation = hkdf("sha256", main, b"", b"ConfirmationKeys", 64)
    return SharedKeys(
        confirm_p=hmac.new(confirmation[:32], t.share_v, "sha256").digest(),
        confirm_v=hmac.new(confirmation[32:], t.share_p, "sha256").digest(),
        shared=hkdf("sha256", main, b"", b"SharedKey", 32),
    )
