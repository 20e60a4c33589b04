"""Answers with attributes: `token.token_prefix` for what travels as `tokenPrefix`."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any, ClassVar, Iterator, Mapping, Tuple, Type

_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def snake_case(name: str) -> str:
    """Returns `total_memory_gb` for `totalMemoryGB`, `list_vms` for `ListVMs`, `except_` for a keyword of the language."""
    snake = _WORD.sub(lambda match: _separator(name, match.start()) + match[0].lower(), name)
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def _separator(name: str, start: int) -> str:
    return "_" if start > 0 and name[start - 1] != "_" else ""


class Result:
    """One JSON object of an answer. Members are attributes in snake_case; `to_dict()` has it as it was sent.

    Members that a newer node sends are attributes as well. Secrets are left out of `repr`.
    """

    _shapes: ClassVar[Mapping[str, Type["Result"]]] = {}
    _secrets: ClassVar[Tuple[str, ...]] = ()

    def __init__(self, members: Mapping[str, Any]) -> None:
        self.__dict__["_members"] = dict(members)
        for name, value in members.items():
            if not name.startswith("_"):
                self.__dict__[snake_case(name)] = _wrap(value, self._shapes.get(name, Result))

    def to_dict(self) -> dict[str, Any]:
        """Returns the members under the names they were sent with."""
        return dict(self.__dict__["_members"])

    def __getitem__(self, name: str) -> Any:
        """Returns a member by its snake_case name."""
        if name.startswith("_") or name not in self.__dict__:
            raise KeyError(name)
        return self.__dict__[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.__dict__ if not name.startswith("_"))

    if not TYPE_CHECKING:  # a type checker knows the members of each shape

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"the node's answer has no member {name!r}; it has {', '.join(self)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an answer cannot be changed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        shown = (f"{name}={'…' if name in self._secrets else repr(self[name])}" for name in self)
        return f"{type(self).__name__}({', '.join(shown)})"


def _wrap(value: Any, shape: Type[Result]) -> Any:
    if isinstance(value, dict):
        return shape(value)
    if isinstance(value, list):
        return [_wrap(entry, shape) for entry in value]
    return value
