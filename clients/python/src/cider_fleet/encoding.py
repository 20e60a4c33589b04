"""Byte strings and their text forms. Decoders are strict: what they accept has exactly one spelling, else ValueError."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Union

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")


def lp(*parts: Union[bytes, str]) -> bytes:
    """Returns each part behind its length as a big-endian uint16."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(2, "big") + part for part in encoded)


def to_base64url(data: bytes) -> str:
    """Returns base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Returns the bytes of base64url without padding; padding, foreign characters and stray bits are ValueError."""
    if not _BASE64URL.match(text):
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url: impossible length") from None
    if to_base64url(data) != text:
        raise ValueError("not base64url: stray bits at the end")
    return data


def to_base64(data: bytes) -> str:
    """Returns base64 with padding, as structured fields use it (RFC 9651 §3.3.5)."""
    return base64.b64encode(data).decode("ascii")


def from_hex(text: str) -> bytes:
    """Returns the bytes of lower-case hex."""
    if not _HEX.match(text):
        raise ValueError("not lower-case hex")
    return bytes.fromhex(text)
