"""Arguments that were not given, told apart from None where None means something (`expires_at=None`: never)."""

from __future__ import annotations

from typing import Any, Dict, Final, Mapping, Optional


class Unset:
    """The type of UNSET."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


def given(members: Mapping[str, Any], nullable: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
    """Returns the members that were given; None counts as given only among `nullable`."""
    found = {name: value for name, value in members.items() if value is not None}
    found.update({name: value for name, value in (nullable or {}).items() if not isinstance(value, Unset)})
    return found
