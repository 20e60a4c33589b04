"""The words that travel: roles, weakest first, kinds of peers, ways and channels of pairing."""

from __future__ import annotations

from typing import Literal, Tuple, get_args

Role = Literal["viewer", "operator", "admin"]
PeerKind = Literal["app", "sdk", "cli", "browser", "node"]
Way = Literal["code", "link"]

ROLES: Tuple[str, ...] = get_args(Role)
PEER_KINDS: Tuple[str, ...] = get_args(PeerKind)
