"""The text of an API token, and how a node proves that it knows one before it is sent (docs/protocol/05-tokens.md)."""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib

from .encoding import lp

_TOKEN = re.compile(r"(csk_|cst_)([0-9A-Za-z]{32})([0-9A-Za-z]{6})")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHOWN_CHARACTERS = 12
"""What lists show of a token's text."""

_LOOKUP_LABEL = "cider-fleet-token-lookup-v1"
_PROVE_LABEL = "cider-fleet-token-prove-v1"


TOKEN_PREFIX = "csk_"

BEARER_PREFIX = "cst_"
"""A bearer of minutes, for which a token or key was exchanged; it is presented and proved as a token is."""


def is_token_text(text: object, prefix: str = TOKEN_PREFIX) -> bool:
    """Returns whether `text` has the form and checksum of a token; says nothing of whether it was ever issued."""
    match = _TOKEN.fullmatch(text) if isinstance(text, str) else None
    return match is not None and match[1] == prefix and _is_whole(match)


def holds_token_text(text: str) -> bool:
    """Returns whether the text of a token or bearer stands anywhere in `text`, as when one was pasted into the wrong field."""
    starts = (found.start() for found in re.finditer("cs[kt]_", text))
    return any(match is not None and _is_whole(match) for match in (_TOKEN.match(text, start) for start in starts))


def storage_hash(token: str) -> bytes:
    """Returns SHA-256 of the token's text."""
    return hashlib.sha256(token.encode()).digest()


def token_lookup(token_hash: bytes) -> bytes:
    """Returns the 16 bytes by which a client asks a node to prove itself; they tell a stranger nothing of the token."""
    return hashlib.sha256(lp(_LOOKUP_LABEL) + token_hash).digest()[:16]


def token_proof(token_hash: bytes, nonce: bytes, node_key: bytes) -> bytes:
    """Returns the 32-byte proof that whoever holds `node_key` knows the token behind the hash."""
    return hmac.new(token_hash, lp(_PROVE_LABEL, nonce, node_key), "sha256").digest()


def _is_whole(match: re.Match[str]) -> bool:
    return match[3] == _checksum(match[2])


def _checksum(body: str) -> str:
    number, text = zlib.crc32(body.encode("ascii")), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text = _ALPHABET[digit] + text
    return text
