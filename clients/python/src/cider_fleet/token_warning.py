"""Tells the holder of a token in time that it ends: nodes say so with every answer in a token's last 14 days."""

from __future__ import annotations

import re
import sys
import warnings
from datetime import datetime, timezone
from typing import Mapping, Optional, Set

_UUID = re.compile(r"[0-9a-f-]{36}\Z")
_DAY = 86_400
# What was warned of in this process, by what lists show of a token.
_warned: Set[str] = set()


class TokenEndingWarning(UserWarning):
    """The API token of a client ends within 14 days, or another took its place."""


def warn_of_end(token_prefix: str, headers: Mapping[str, str], now: float) -> None:
    """Warns once per token and process when the answer says that the token ends, or that another took its place."""
    if token_prefix in _warned:
        return
    end = _time_in(headers.get("cider-token-expires", ""))
    successor = _UUID.match(headers.get("cider-token-rotated", ""))
    if end is None and successor is None:
        return
    _warned.add(token_prefix)
    said = []
    if successor is not None:
        said.append(f"was rotated: token {successor[0]} takes its place")
    if end is not None:
        said.append(f"ends at {end.strftime('%Y-%m-%dT%H:%M:%SZ')}, in {_say(end.timestamp() - now)}")
    remedy = 'rotate it with "cider fleet token rotate"' if successor is None else "give this program the new text"
    message = f"API token {token_prefix}… {' and '.join(said)}; {remedy}"
    warnings.warn(message, TokenEndingWarning, stacklevel=_caller_of_this_package())


def _time_in(text: str) -> Optional[datetime]:
    """What is no time is nothing: it would go into a terminal."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _say(seconds: float) -> str:
    left = max(0, int(seconds))
    return f"{left // _DAY} days" if left >= 2 * _DAY else f"{left // 3600} hours" if left >= 7200 else f"{left // 60} minutes"


def _caller_of_this_package() -> int:
    """The line to name is the program's, not one of this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(f"{__package__}."):
        level, frame = level + 1, frame.f_back
    return level
