"""Host and port as people give them, as sockets take them, and as the Host field names them."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import invalid_options

DEFAULT_PORT = 9473
"""The port of a node unless it is told otherwise."""

# The port that the Host field leaves out (RFC 9110 §4.2.2).
_HTTPS_PORT = 443
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?\Z")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9A-Fa-f:.]{2,45}\Z")
_ZONE = re.compile(r"%[A-Za-z0-9_.-]+\Z")


class Address(NamedTuple):
    """Name or address, IPv6 without brackets and with its zone where it has one; and port."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """What stands in the Host field and is signed: lower case, IPv6 in brackets and without zone."""
        bare = _without_zone(self.host).lower()
        name = f"[{bare}]" if ":" in bare else bare
        return name if self.port == _HTTPS_PORT else f"{name}:{self.port}"


def is_host(text: str) -> bool:
    """Returns whether `text` is a name, an IPv4 address, or an IPv6 address without brackets and zone."""
    return _NAME.match(text) is not None or _IPV6.match(text) is not None


def parse_address(host: str, port: int = DEFAULT_PORT) -> Address:
    """Returns the address; raises INVALID_OPTIONS for a URL, a host with a port in it, or a port out of range."""
    bare = host[1:-1] if isinstance(host, str) and host.startswith("[") and host.endswith("]") else host
    if not isinstance(bare, str) or not is_host(_without_zone(bare)):
        raise invalid_options("host must be a name or an IP address, without scheme, port or path")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise invalid_options("port must be a whole number from 1 to 65535")
    return Address(bare, port)


def _without_zone(host: str) -> str:
    return _ZONE.sub("", host) if ":" in host else host
