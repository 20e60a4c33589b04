"""The key inside a node's authority certificate, read from its DER (RFC 5280 §4.1), which is all that must be read.

OpenSSL checks certificates; this only says whose key one holds, so that its hash can be compared with a node id before
OpenSSL is told to trust it. Both must see the same key: the encoding is therefore taken apart strictly, every length
minimal and definite, nothing left over, and the key must be the one encoding a P-256 key has.
"""

from __future__ import annotations

import re
import ssl

from .errors import FleetError
from .identity import from_spki

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*\Z")
_SEQUENCE = 0x30
_INTEGER = 0x02
_VERSION = 0xA0


def read_authority(pem: bytes) -> bytes:
    """Returns the DER of the one certificate in a PEM text; raises NODE_MISMATCH for anything else."""
    try:
        text = pem.decode("ascii")
        if not _PEM.match(text):
            raise ValueError("not one certificate")
        return ssl.PEM_cert_to_DER_cert(text.strip())
    except ValueError:
        raise _no_node() from None


def key_of(der: bytes) -> bytes:
    """Returns the P-256 key of a certificate, 65 bytes; raises NODE_MISMATCH when it holds none."""
    try:
        certificate, rest = _take(der, _SEQUENCE)
        _require_empty(rest)
        fields, _ = _take(certificate, _SEQUENCE)
        _, fields = _take(fields, _VERSION)
        _, fields = _take(fields, _INTEGER)  # serialNumber
        for _ in ("signature", "issuer", "validity", "subject"):
            _, fields = _take(fields, _SEQUENCE)
        _, after = _take(fields, _SEQUENCE)
        return from_spki(fields[: len(fields) - len(after)])
    except ValueError:
        raise _no_node() from None


def _take(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Returns the content of the first element, which must have this tag, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("unexpected element")
    length, start = data[1], 2
    if length >= 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start], "big")
        if not 2 < start <= 5 or data[2] == 0 or length < 0x80:
            raise ValueError("length is not in its one shortest form")
    if start + length > len(data):
        raise ValueError("element is cut")
    return data[start : start + length], data[start + length :]


def _require_empty(rest: bytes) -> None:
    if rest:
        raise ValueError("bytes are left over")


def _no_node() -> FleetError:
    return FleetError("NODE_MISMATCH", "what listens at this address shows no certificate of a node")
