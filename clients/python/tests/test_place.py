"""Nothing is lost and nothing comes twice, wherever between two events a connection ends."""

from __future__ import annotations

import random
from typing import List, Optional, Tuple

import pytest

from cider_fleet.place import Place

Told = Tuple[int, str, int]
"""Number of the entry, topic, and which of its events."""

RECORD: List[Told] = [
    (1, "peers", 0),
    (1, "tokens", 0),
    (1, "tokens", 1),
    (2, "tokens", 0),
    (4, "peers", 0),
    (4, "peers", 1),
    (4, "tokens", 0),
    (7, "peers", 0),
]


def read(place: Place, stop: int) -> List[Told]:
    """One connection: what is taken of the record until `stop` of its events came."""
    since = place.resume()
    assert since is not None
    return [event for event in [one for one in RECORD if one[0] > since][:stop] if place.take(event[0], event[1])]


@pytest.mark.parametrize("seed", range(50))
def test_any_breaks(seed: int) -> None:
    chance, place = random.Random(seed), Place(0)
    taken: List[Told] = []
    for _ in range(60):
        taken += read(place, chance.randint(0, 5))
    assert taken == RECORD


def test_a_position_ends_what_is_still_to_come_of_an_entry() -> None:
    place = Place(None)
    resumed: List[Optional[int]] = [place.resume()]
    place.reach(5)
    assert place.take(6, "tokens") and place.take(None, "node.stats")
    resumed.append(place.resume())
    place.reach(6)
    resumed.append(place.resume())
    assert resumed == [None, 5, 6]
    assert not place.take(6, "tokens") and not place.take(5, "tokens")
    place.reach(3)
    assert place.resume() == 6
