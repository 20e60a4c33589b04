"""The two links people copy, both of scheme `cider-fleet:` and both secrets.

    cider-fleet://pair?v=1&h=<host>[&h=…]&p=9473&n=<nodeId>&s=<secret>    pairs once
    cider-fleet://<csk_…>@host:9473?n=<nodeId>                            all a script needs

Read by hand: URL parsers disagree about schemes they do not know. Errors are LINK_INVALID and never repeat the text.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional
from urllib.parse import unquote_to_bytes

from .address import DEFAULT_PORT, is_host
from .encoding import from_base64url
from .errors import FleetError
from .identity import is_node_id
from .tokens import is_token_text

_PAIR = "cider-fleet://pair?"
_VERSION = "1"
_SECRET_BYTES = 16
# More addresses than any host announces.
_MAX_HOSTS = 16
_URL = re.compile(r"cider-fleet://([^@/?#]*)@(?:\[([^\]@/?#]*)\]|([^:@/?#\[\]]*))(?::([^/?#]*))?/?(?:\?([^#]*))?\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

_Query = Dict[str, List[str]]


class PairingLink(NamedTuple):
    """Addresses or names to try in order, and the secret by which to pair with the node of this id."""

    hosts: list[str]
    port: int
    node_id: str
    secret: str

    def __repr__(self) -> str:
        return f"PairingLink(hosts={self.hosts!r}, port={self.port}, node_id={self.node_id!r})"


class FleetUrl(NamedTuple):
    """Where to connect and with what. Without `node_id` the node must prove first that it knows the token."""

    token: str
    host: str
    port: int
    node_id: Optional[str]

    def __repr__(self) -> str:
        return f"FleetUrl(host={self.host!r}, port={self.port}, node_id={self.node_id!r})"


def is_link_secret(text: str) -> bool:
    """Returns whether `text` is the secret of a pairing link: 16 bytes in base64url without padding."""
    try:
        return len(from_base64url(text)) == _SECRET_BYTES
    except ValueError:
        return False


def looks_like_pairing_link(text: object) -> bool:
    """Returns whether `text` means to be a pairing link, so that what is wrong with it can be said."""
    return isinstance(text, str) and text.strip().startswith(_PAIR)


def parse_pairing_link(text: str) -> PairingLink:
    """Returns the link's parts; raises LINK_INVALID naming the part that is wrong, never its value."""
    bare = text.strip()
    if not bare.startswith(_PAIR):
        raise _broken(f"it does not begin with {_PAIR}")
    query = _parse_query(bare[len(_PAIR) :])
    if _single(query, "v") != _VERSION:
        raise _broken("it is of a version this program does not know")
    hosts = query.get("h", [])
    if not 0 < len(hosts) <= _MAX_HOSTS or not all(is_host(host) for host in hosts):
        raise _broken("h is not a host")
    secret = _single(query, "s")
    if secret is None or not is_link_secret(secret):
        raise _broken("its secret is cut or mistyped")
    return PairingLink(hosts, _parse_port(_single(query, "p")), _require_node_id(_single(query, "n")), secret)


def parse_fleet_url(text: str) -> FleetUrl:
    """Returns the URL's parts, port 9473 when none is given; raises LINK_INVALID naming the part that is wrong."""
    match = _URL.match(text.strip())
    if match is None:
        raise _broken("it is not cider-fleet://<token>@<host>:<port>?n=<node id>")
    token, bracketed, plain, port, query = match.groups()
    if not is_token_text(token):
        raise _broken("its token is cut or mistyped")
    host = plain if bracketed is None else bracketed
    if not is_host(host) or (bracketed is not None and ":" not in bracketed):
        raise _broken("its host is not a name or address")
    node_id = None if query is None else _single(_parse_query(query), "n")
    return FleetUrl(
        token=token,
        host=host,
        port=DEFAULT_PORT if port is None else _parse_port(port),
        node_id=None if node_id is None else _require_node_id(node_id),
    )


def _parse_query(text: str) -> _Query:
    """Parameters nobody knows are kept and never asked for, so that later versions may add some."""
    query: _Query = {}
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if not equals or "=" in value:
            raise _broken("its parameters are not name=value")
        query.setdefault(name, []).append(_decode(value))
    return query


def _decode(value: str) -> str:
    try:
        if _BAD_ESCAPE.search(value):
            raise ValueError("stray percent sign")
        return unquote_to_bytes(value).decode("utf-8")
    except ValueError:
        raise _broken("a parameter is not percent-encoded as it should be") from None


def _single(query: _Query, name: str) -> Optional[str]:
    values = query.get(name, [])
    if len(values) > 1:
        raise _broken(f"{name} stands in it twice")
    return values[0] if values else None


def _parse_port(text: Optional[str]) -> int:
    if text is None or _PORT.match(text) is None or int(text) > 65535:
        raise _broken("its port is not a number from 1 to 65535")
    return int(text)


def _require_node_id(text: Optional[str]) -> str:
    if text is None or not is_node_id(text):
        raise _broken("its node id (n) is cut or mistyped")
    return text


def _broken(why: str) -> FleetError:
    return FleetError("LINK_INVALID", f"this is not a link or address that can be used: {why}")
