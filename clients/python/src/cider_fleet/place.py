"""Where in a node's record a reader of events stands, so that it can go on behind a break.

An entry with several changes makes several events of one number, and a connection may end between them: who took some of
an entry asks for the whole of it again, and passes by what it has.
"""

from __future__ import annotations

from typing import Dict, Optional


class Place:
    """`since` is the last entry taken; without it, whatever is subscribed to first begins it."""

    def __init__(self, since: Optional[int]) -> None:
        self._seq = since
        # How many events of that entry were taken, by topic; none when there is nothing more of it to come.
        self._taken: Dict[str, int] = {}
        # How many of them are still to be passed by.
        self._repeated: Dict[str, int] = {}

    def resume(self) -> Optional[int]:
        """Returns what to subscribe with; from here on what was taken of the last entry comes again."""
        self._repeated = dict(self._taken)
        return self._seq if self._seq is None or not self._taken else self._seq - 1

    def reach(self, seq: int) -> None:
        """Notes that everything up to `seq` was sent."""
        if self._seq is not None and seq < self._seq:
            return
        self._seq = seq
        self._taken.clear()

    def take(self, seq: Optional[int], topic: str) -> bool:
        """Returns whether the event is new, and counts it as taken."""
        if seq is None:
            return True
        if self._seq is None or seq > self._seq:
            self._enter(seq)
        elif seq < self._seq or not self._taken:
            return False
        repeated = self._repeated.get(topic, 0)
        if repeated > 0:
            self._repeated[topic] = repeated - 1
            return False
        self._taken[topic] = self._taken.get(topic, 0) + 1
        return True

    def _enter(self, seq: int) -> None:
        self._seq = seq
        self._taken.clear()
        self._repeated.clear()
