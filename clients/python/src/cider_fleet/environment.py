"""Where scripts find their node: one URL, in the environment or in a file that only this account reads, or its parts."""

from __future__ import annotations

import os
import shlex
import stat
from typing import Mapping, NamedTuple, Optional

from .address import DEFAULT_PORT
from .errors import invalid_options
from .identity import is_node_id
from .links import parse_fleet_url

_URL = "CIDER_FLEET_URL"
_URL_FILE = "CIDER_FLEET_URL_FILE"
# Bytes; a URL has about 150.
_MAX_FILE = 4096


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
    """Returns what the environment holds: `CIDER_FLEET_URL`, else the file that `CIDER_FLEET_URL_FILE` names, else
    `CIDER_FLEET_HOST`, `_TOKEN` and, where given, `_PORT` and `_NODE_ID`."""
    url, file = _given(env, _URL), _given(env, _URL_FILE)
    if url is not None:
        return access_of_url(url)
    if file is not None:
        return access_of_url(_read_private(file))
    host, token = _given(env, "CIDER_FLEET_HOST"), _given(env, "CIDER_FLEET_TOKEN")
    if host is None or token is None:
        raise invalid_options(f"set {_URL}, {_URL_FILE}, or CIDER_FLEET_HOST and CIDER_FLEET_TOKEN")
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


def _read_private(path: str) -> str:
    """What is checked is what is read: the file is opened first, without waiting for a writer where it is a pipe."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            _require_private(path, os.fstat(file.fileno()))
            return file.read(_MAX_FILE).decode("utf-8", "replace")
    except OSError as error:
        raise invalid_options(f"{_URL_FILE}: {path}: {error.strerror or type(error).__name__}") from error


def _require_private(path: str, found: os.stat_result) -> None:
    """Root's files serve too, as secrets of a service do. POSIX only: Windows has means of its own."""
    if os.name != "posix":
        return
    if not stat.S_ISREG(found.st_mode):
        raise invalid_options(f"{_URL_FILE}: {path} is no file")
    if found.st_uid not in (0, os.geteuid()):
        raise invalid_options(f"{_URL_FILE}: {path} belongs to uid {found.st_uid}, this is uid {os.geteuid()}")
    if found.st_mode & 0o077:
        raise invalid_options(f"{_URL_FILE}: {path} is open to other accounts; run: chmod 600 {shlex.quote(path)}")
