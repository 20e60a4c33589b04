"""What a client keeps between runs: one key per user and machine, and one record per node (docs/decisions/0005).

They are JSON texts under names in a `Store`, so that files, a keychain or a test hold them alike, and the same texts
that the TypeScript SDK writes.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Iterator, List, Optional, Protocol, Sequence, TypeVar

from .encoding import from_hex
from .errors import FleetError
from .identity import is_node_id, node_id_of
from .keys import SecretKey
from .p256 import parse_point
from .vocabulary import ROLES

_VERSION = 1
_KEY = "key"
_INDEX = "nodes"
_PREFIX = "nodes/"
# Tokens and addresses a record remembers; the oldest are forgotten, which costs one more proof or nothing.
_MAX_TOKENS = 64
_MAX_ADDRESSES = 8

T = TypeVar("T")


class Store(Protocol):
    """Where a client keeps what it learns. Values are secret texts; names are `key`, `nodes` and `nodes/<node id>`.

    A store that can tell its names also has `list() -> Sequence[str]`, the names of all `nodes/…`; else an index is
    kept under `nodes`.
    """

    def get(self, name: str) -> Optional[str]:
        """Returns the text under the name, or None."""

    def set(self, name: str, text: str) -> None:
        """Keeps the text before it returns. A `key` that is there already stays: who writes second reads it again."""


@dataclass(frozen=True)
class Registration:
    """This client as the node knows it."""

    node_id: str
    role: str


@dataclass(frozen=True)
class NodeRecord:
    """One node: its key, the ids we paired it with, look-ups of the tokens it proved to know, where it was met."""

    node_id: str
    public_key: bytes
    name: Optional[str] = None
    registrations: Sequence[Registration] = field(default=())
    tokens: Sequence[str] = field(default=())
    addresses: Sequence[str] = field(default=())


class Records:
    """The key and the nodes of a store. Everything raises STORE_UNUSABLE for a damaged text, and FORMAT_NEWER."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def key(self) -> Optional[SecretKey]:
        """Returns the key of this user and machine, or None before the first pairing."""
        text = self._store.get(_KEY)
        if text is None:
            return None
        with _reading(_KEY):
            return SecretKey.from_hex(_string(_versioned(text), "privateKey"))

    def key_or_new(self) -> SecretKey:
        """Returns that key, made now if there is none. Of two programs that make one at once, both get the same."""
        present = self.key()
        if present is not None:
            return present
        made = SecretKey.generate()
        self._store.set(_KEY, _write({"nodeId": made.node_id, "privateKey": made.reveal_hex()}))
        kept = self.key()
        if kept is None:
            raise FleetError("STORE_UNUSABLE", "the store did not keep the key it was given")
        return kept

    def node(self, node_id: str) -> Optional[NodeRecord]:
        """Returns the record of one node, or None."""
        text = self._store.get(_PREFIX + node_id)
        if text is None:
            return None
        with _reading(_PREFIX + node_id):
            return _parse_record(_versioned(text))

    def paired_with(self, own: str) -> List[NodeRecord]:
        """Returns all nodes that know the key of `own`."""
        records = [self.node(node_id) for node_id in self._nodes()]
        return [r for r in records if r is not None and any(entry.node_id == own for entry in r.registrations)]

    def learn(
        self,
        public_key: bytes,
        *,
        name: Optional[str] = None,
        registration: Optional[Registration] = None,
        token: Optional[str] = None,
        address: Optional[str] = None,
    ) -> None:
        """Adds what was learnt about a node to its record, newest first."""
        node_id = node_id_of(public_key)
        known = self.node(node_id)
        old = known or NodeRecord(node_id, public_key)
        record = replace(
            old,
            public_key=public_key,
            name=old.name if name is None else name,
            registrations=_with_newest(registration, old.registrations, lambda a, b: a.node_id == b.node_id),
            tokens=_with_newest(token, old.tokens)[:_MAX_TOKENS],
            addresses=_with_newest(address, old.addresses)[:_MAX_ADDRESSES],
        )
        if known is not None and _write_record(known) == _write_record(record):
            return
        self._store.set(_PREFIX + node_id, _write_record(record))
        if self._listed() is None:
            self._index(node_id)

    def _index(self, node_id: str) -> None:
        known = self._nodes()
        if node_id not in known:
            self._store.set(_INDEX, _write({"nodes": [*known, node_id]}))

    def _nodes(self) -> List[str]:
        names = self._listed()
        if names is not None:
            return [node_id for node_id in (name[len(_PREFIX) :] for name in names) if is_node_id(node_id)]
        text = self._store.get(_INDEX)
        if text is None:
            return []
        with _reading(_INDEX):
            return [entry for entry in _list(_versioned(text), "nodes") if is_node_id(entry)]

    def _listed(self) -> Optional[Sequence[str]]:
        lister = getattr(self._store, "list", None)
        return None if lister is None else list(lister())


def _with_newest(newest: Optional[T], known: Sequence[T], same: Callable[[T, T], bool] = lambda a, b: a == b) -> List[T]:
    if newest is None:
        return list(known)
    return [newest, *(entry for entry in known if not same(entry, newest))]


def _write(members: dict[str, Any]) -> str:
    return json.dumps({"version": _VERSION, **members}, indent=2, ensure_ascii=False) + "\n"


def _write_record(record: NodeRecord) -> str:
    return _write(
        {
            "nodeId": record.node_id,
            "publicKey": record.public_key.hex(),
            **({} if record.name is None else {"name": record.name}),
            "registrations": [{"nodeId": entry.node_id, "role": entry.role} for entry in record.registrations],
            "tokens": list(record.tokens),
            "addresses": list(record.addresses),
        }
    )


def _parse_record(members: dict[str, Any]) -> NodeRecord:
    public_key = from_hex(_string(members, "publicKey"))
    parse_point(public_key)
    node_id = _node_id(members)
    if node_id_of(public_key) != node_id:
        raise ValueError("the key is not the node's")
    return NodeRecord(
        node_id=node_id,
        public_key=public_key,
        name=None if members.get("name") is None else _string(members, "name"),
        registrations=[_parse_registration(entry) for entry in _list(members, "registrations")],
        tokens=[entry for entry in _list(members, "tokens") if isinstance(entry, str)],
        addresses=[entry for entry in _list(members, "addresses") if isinstance(entry, str)],
    )


def _parse_registration(entry: Any) -> Registration:
    if not isinstance(entry, dict) or entry.get("role") not in ROLES:
        raise ValueError("not a registration")
    return Registration(_node_id(entry), entry["role"])


def _versioned(text: str) -> dict[str, Any]:
    members = json.loads(text)
    if not isinstance(members, dict):
        raise ValueError("not an object")
    version = members.get("version")
    if isinstance(version, int) and version > _VERSION:
        raise FleetError(
            "FORMAT_NEWER", "the client's store was written by a newer version of cider-fleet; use that version or newer"
        )
    if version != _VERSION:
        raise ValueError("not of a known version")
    return members


def _string(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a string")
    return value


def _list(members: dict[str, Any], name: str) -> List[Any]:
    value = members.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return value


def _node_id(members: dict[str, Any]) -> str:
    value = _string(members, "nodeId")
    if not is_node_id(value):
        raise ValueError("not a node id")
    return value


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """A damaged text stops the call and is never replaced silently; it may be a secret and is not repeated."""
    try:
        yield
    except (ValueError, RecursionError):
        raise FleetError(
            "STORE_UNUSABLE", f'"{name}" in the client\'s store is damaged; restore it, or remove it and pair again'
        ) from None
