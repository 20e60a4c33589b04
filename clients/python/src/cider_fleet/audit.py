"""The end of a node's record, as the node signs it.

The chain of a record proves nothing against whoever can write the node's folder; a head that was kept elsewhere does. Keep
what `get_audit_head` answers, and hand it to `verify_audit(head.to_dict())` later: a record that was cut or rewritten since
does not fit it any more.
"""

from __future__ import annotations

import re

from .encoding import from_base64url, lp
from .errors import FleetError
from .identity import node_id_of
from .keys import verify
from .p256 import parse_point
from .shapes import SignedHead

_LABEL = "cider-fleet-head-v1"
_HASH = re.compile(r"[0-9a-f]{64}\Z")


def head_message(node_key: bytes, seq: int, line_hash: str) -> bytes:
    """Returns the bytes that are signed; the hash as 64 hex characters, the number as eight bytes."""
    return lp(_LABEL, node_key, seq.to_bytes(8, "big"), bytes.fromhex(line_hash))


def require_signed_head(head: SignedHead) -> SignedHead:
    """Returns the head if the node it names signed it; raises INVALID_ANSWER otherwise. Needs the extra `pairing`."""
    if not _is_signed(head):
        raise FleetError("INVALID_ANSWER", "this head of a record is not signed by the node it names")
    return head


def _is_signed(head: SignedHead) -> bool:
    try:
        key = from_base64url(head.node_key)
        parse_point(key)
        if node_id_of(key) != head.node_id or not _HASH.match(head.hash):
            return False
        return verify(key, head_message(key, head.seq, head.hash), from_base64url(head.signature))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return False
