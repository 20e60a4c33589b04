"""How long to wait before something is tried again.

Full jitter: any moment up to a bound that doubles with each failure is as likely as another, so that the clients of a node
that was restarted do not return in the same moment.
"""

from __future__ import annotations

import random
from typing import Callable, NamedTuple

from .errors import FleetError

# More would say nothing new, and leave what a float holds.
_MOST_DOUBLINGS = 16

# Seconds of the longest wait a node may ask for: a clock refuses to wait for what no clock counts.
_LONGEST_TOLD = 3600


class Backoff(NamedTuple):
    """Bounds in seconds: of the first wait, and of any."""

    first: float
    longest: float


def wait_after(error: FleetError, failures: int, backoff: Backoff, chance: Callable[[], float] = random.random) -> float:
    """Returns seconds to wait after this many failures in a row; behind the node's Retry-After where it named one."""
    bound = min(backoff.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), backoff.longest)
    return _told(error) + bound * chance()


def _told(error: FleetError) -> float:
    seconds = error.details.get("retryAfter")
    return float(min(seconds, _LONGEST_TOLD)) if isinstance(seconds, (int, float)) and seconds > 0 else 0.0
