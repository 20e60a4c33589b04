"""Where scripts find their node: one URL, or its parts, in the environment."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional

from .address import DEFAULT_PORT
from .errors import invalid_options
from .identity import is_node_id
from .links import parse_fleet_url

_URL = "CIDER_FLEET_URL"


class Access(NamedTuple):
    """Where to connect and with what; `responder_node_id` is the pin."""

    host: str
    port: int
    api_token: str
    responder_node_id: Optional[str]

    def __repr__(self) -> str:
        return f"Access(host={self.host!r}, port={self.port}, responder_node_id={self.responder_node_id!r})"


def access_of_url(text: str) -> Access:
    """Returns what a `cider-fleet://` URL holds; raises LINK_INVALID, without repeating it."""
    url = parse_fleet_url(text)
    return Access(url.host, url.port, url.token, url.node_id)


def access_of_environment(env: Mapping[str, str]) -> Access:
    """Returns what the environment holds: `CIDER_FLEET_URL`, else `_HOST`, `_TOKEN` and, where given, `_PORT` and `_NODE_ID`."""
    url = _given(env, _URL)
    if url is not None:
        return access_of_url(url)
    host, token = _given(env, "CIDER_FLEET_HOST"), _given(env, "CIDER_FLEET_TOKEN")
    if host is None or token is None:
        raise invalid_options(f"set {_URL}, or CIDER_FLEET_HOST and CIDER_FLEET_TOKEN")
    port = _given(env, "CIDER_FLEET_PORT")
    if port is not None and not (port.isascii() and port.isdigit()):
        raise invalid_options("CIDER_FLEET_PORT must be a whole number from 1 to 65535")
    node_id = _given(env, "CIDER_FLEET_NODE_ID")
    if node_id is not None and not is_node_id(node_id):
        raise invalid_options("CIDER_FLEET_NODE_ID is not a node id")
    return Access(host, DEFAULT_PORT if port is None else int(port), token, node_id)


def _given(env: Mapping[str, str], name: str) -> Optional[str]:
    """An empty variable is one that is not set."""
    return env.get(name, "").strip() or None
