"""Sends a call again where that is safe and may help: the node was not reached, or said that it is busy.

Reads change nothing, and a change carries a key by which the node carries it out once, however often it arrives.
"""

from __future__ import annotations

import time
from typing import Callable, TypeVar

from .backoff import Backoff, wait_after
from .errors import FleetError

DEFAULT_RETRIES = 2
"""How often a call is sent again unless told otherwise."""

MAX_RETRIES = 10
"""Most retries; their waits grow to 8 s each."""

_RETRYING = Backoff(first=0.5, longest=8.0)
_BUSY = (429, 503)

T = TypeVar("T")


def retrying(attempt: Callable[[float], T], timeout: float, retries: int, wait: Callable[[float], None] = time.sleep) -> T:
    """Returns what the first attempt that succeeds does; raises the error of the last one.

    `attempt` is given the seconds that are left of `timeout`; no wait goes past it.
    """
    deadline, failures = time.monotonic() + timeout, 0
    left = timeout
    while True:
        try:
            return attempt(left)
        except FleetError as error:
            failures += 1
            if failures > retries or not _may_pass(error):
                raise
            seconds = wait_after(error, failures, _RETRYING)
            if time.monotonic() + seconds >= deadline:
                raise
        wait(seconds)
        left = max(deadline - time.monotonic(), 0.001)


def _may_pass(error: FleetError) -> bool:
    """Not reached, 429 and 503. NOT_READY is what a node was asked for, and its disk is not freed by asking again."""
    if error.code == "CONNECTION_FAILED":
        return True
    status = error.details.get("status") if error.code == "UNKNOWN_CODE" else error.status
    return error.code != "NOT_READY" and status in _BUSY
