"""Small parsers for answers of a node: a JSON object in, typed values out, or INVALID_ANSWER that names the member."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, Mapping, Optional, Sequence

from .encoding import from_base64url
from .errors import invalid_answer
from .identity import is_node_id
from .tokens import holds_token_text

_MAX_NAME_BYTES = 64
# The bidirectional formatting characters of UAX #9.
_DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

JsonObject = Mapping[str, Any]


def parse_json(data: bytes, status: int) -> JsonObject:
    """Returns the JSON object of an answer's body."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise invalid_answer(f"status {status} without a JSON object", {"status": status})
    return value


def parse_integer(answer: JsonObject, member: str, low: int, high: int) -> int:
    """Returns the member as a whole number between `low` and `high`."""
    value = answer.get(member)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _wrong(member, f"a whole number from {low} to {high}")
    return value


def parse_word(answer: JsonObject, member: str, words: Sequence[str]) -> str:
    """Returns the member as one of `words`."""
    value = answer.get(member)
    if not isinstance(value, str) or value not in words:
        raise _wrong(member, f"one of {', '.join(words)}")
    return value


def parse_bytes(answer: JsonObject, member: str, length: int) -> bytes:
    """Returns the member's bytes from base64url without padding, exactly `length` of them."""
    value = answer.get(member)
    try:
        data = from_base64url(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != length:
        raise _wrong(member, f"{length} bytes in base64url without padding")
    return data


def parse_node_id(answer: JsonObject, member: str) -> str:
    """Returns the member as a node id."""
    value = answer.get(member)
    if not isinstance(value, str) or not is_node_id(value):
        raise _wrong(member, "a node id")
    return value


def is_name(text: object) -> bool:
    """Returns whether `text` can be a name: see `name_fault`. Nothing is trimmed."""
    return name_fault(text) is None


def name_fault(text: object) -> Optional[str]:
    """Returns what a name must be that `text` is not, as "must be …" goes on; None for a name.

    A name is 1–64 bytes of UTF-8 without characters that could disguise it, and no secret, because names are shown and
    recorded. What was given is not repeated.
    """
    if not isinstance(text, str) or not text or any(map(_is_refused, text)) or len(text.encode()) > _MAX_NAME_BYTES:
        return f"1 to {_MAX_NAME_BYTES} bytes of UTF-8 without control or direction characters"
    if holds_token_text(text):
        return "free of secrets: this one holds the text of a token, and names are shown and recorded"
    return None


def _is_refused(character: str) -> bool:
    return character in _DIRECTION or unicodedata.category(character) in ("Cc", "Cs")


def parse_name(answer: JsonObject, member: str) -> str:
    """Returns the member as a name, unchanged."""
    value = answer.get(member)
    if not isinstance(value, str) or not is_name(value):
        raise _wrong(member, name_fault(value) or "a text")
    return value


def _wrong(member: str, expected: str) -> Exception:
    return invalid_answer(f"{member} must be {expected}", {"field": member})
