"""Reads answers: JSON in, members out, or the error the node sent. Surfaces differ: RPC's text is `error`, REST's `message`."""

from __future__ import annotations

import re
from typing import Mapping, NamedTuple

from .errors import FleetError, invalid_answer, is_answer_code
from .parse import JsonObject, parse_json

# Of Retry-After; Python refuses to make a number of thousands of digits.
_SECONDS = re.compile(r"[1-9][0-9]{0,8}")


class Answer(NamedTuple):
    """One answer; names of header fields in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_answer(answer: Answer) -> JsonObject:
    """Returns the object of a successful answer; raises the node's error, or INVALID_ANSWER when it is neither."""
    members = parse_json(answer.body, answer.status)
    if 200 <= answer.status < 300:
        return members
    text = next((members[name] for name in ("message", "error") if isinstance(members.get(name), str)), None)
    after = answer.headers.get("retry-after", "")
    if "retryAfter" not in members and _SECONDS.fullmatch(after):
        members = {**members, "retryAfter": int(after)}
    raise read_error(members, answer.status, text or f"status {answer.status}")


def read_error(members: JsonObject, status: int, text: str) -> FleetError:
    """Returns the error of a refused call, with every further member the node sent as its details.

    Codes of errors that are raised on this side are not the node's to use: they would be taken for what this program found
    out by itself.
    """
    code = members.get("code")
    details = {name: value for name, value in members.items() if name not in ("code", "success", "error", "message")}
    if not isinstance(code, str):
        return invalid_answer(f"status {status} without a code", {"status": status})
    if not is_answer_code(code):
        return FleetError("UNKNOWN_CODE", f"{code}: {text}", {**details, "code": code, "status": status})
    return FleetError(code, text, details)
