"""Requests over pinned connections: a `requests` session whose one adapter makes TLS itself, by node id.

`requests` and urllib3 never see a certificate: they are handed connections that have passed `connection.connect`. So
neither their options nor `REQUESTS_CA_BUNDLE`, `HTTPS_PROXY` or `.netrc` can change whom a request reaches.
"""

from __future__ import annotations

import ssl
import time
from typing import Any, Mapping, Optional

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from .address import Address
from .answers import Answer
from .connection import Authority, DeadlineSocket, ask_authority, connect, connection_error
from .errors import FleetError, invalid_answer
from .version import VERSION

# Bytes of the largest answer a client takes: a thousandfold of the largest that exists today.
_MAX_ANSWER = 16 * 1024 * 1024
_CHUNK = 65_536
# Seconds, for callers of the pool that name none; this client always names some.
_NO_TIMEOUT = 30.0


class Transport:
    """Reaches one address, and there one node: the one that `identify` met last."""

    channel = "pinned"

    def __init__(self, address: Address) -> None:
        self.address = address
        self.authority = address.authority
        self._met: Optional[Authority] = None
        self._session: Optional[requests.Session] = None

    def identify(self, timeout: float) -> bytes:
        """Returns the key of whoever answers, proved by a handshake; later requests reach that key or nobody."""
        self.close()
        met = ask_authority(self.address, timeout)
        connection = connect(self.address, met, timeout)
        self._met = met
        self._session = _session(_PinnedPool(self.address, met, spare=connection))
        return met.key

    @property
    def node_id(self) -> Optional[str]:
        """The id of the node that was met."""
        return None if self._met is None else self._met.node_id

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes, node: str, timeout: float) -> Answer:
        """Sends a request to `node` and to nobody else; raises CONNECTION_FAILED, TIMEOUT or NODE_MISMATCH."""
        session = self._require(node)
        fields = {**headers, "host": self.authority, "accept-encoding": "identity", "user-agent": f"cider-fleet-python/{VERSION}"}
        try:
            with session.request(
                method,
                f"https://{self.authority}{path}",
                data=body,
                headers=fields,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, found, self._read(response))
        except requests.exceptions.Timeout as error:
            raise FleetError("TIMEOUT", f"the node at {self.authority} did not answer within {timeout:g} s") from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise connection_error(self.address, _cause(error)) from error

    def open(self, node: str, timeout: float) -> ssl.SSLSocket:
        """Returns a connection of its own to the node, for a WebSocket."""
        self._require(node)
        if self._met is None:
            raise FleetError("NODE_UNPROVEN")
        return connect(self.address, self._met, timeout)

    def close(self) -> None:
        """Closes idle connections; the node has to be met again."""
        if self._session is not None:
            self._session.close()
        self._session = None
        self._met = None

    def _require(self, node: str) -> requests.Session:
        if self._session is None or self._met is None or self._met.node_id != node:
            raise FleetError("NODE_UNPROVEN", "no node was met for this request; it was not sent")
        return self._session

    def _read(self, response: requests.Response) -> bytes:
        data = b""
        for chunk in response.iter_content(_CHUNK):
            data += chunk
            if len(data) > _MAX_ANSWER:
                raise invalid_answer(f"it is larger than {_MAX_ANSWER} bytes")
        return data


class _PinnedConnection(HTTPConnection):
    """Plain HTTP to urllib3; the socket below it is TLS to the one node."""

    pool: _PinnedPool

    def connect(self) -> None:
        self.sock = self.pool.take_connection(self.timeout)

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Sends a request; its whole answer is due when the time-out is over."""
        if self.sock is None:
            self.connect()
        if isinstance(self.sock, DeadlineSocket):
            self.sock.until = time.monotonic() + _seconds(self.timeout)
        super().request(*args, **kwargs)


class _PinnedPool(HTTPConnectionPool):
    """Keep-alive connections to one address, each checked against one authority."""

    def __init__(self, address: Address, authority: Authority, spare: Any) -> None:
        super().__init__("node", maxsize=4, retries=False)
        self._address = address
        self._authority = authority
        self._spare = spare

    def _new_conn(self) -> Any:
        connection = _PinnedConnection("node")
        connection.pool = self
        return connection

    def take_connection(self, timeout: Any) -> Any:
        """Returns the connection made when the node was met, or a new one."""
        spare, self._spare = self._spare, None
        seconds = _seconds(timeout)
        if spare is not None:
            spare.settimeout(seconds)
            return spare
        try:
            return connect(self._address, self._authority, seconds)
        except FleetError as error:
            if error.code != "NODE_MISMATCH":
                raise
            return connect(self._address, self._renewed(seconds), seconds)

    def close(self) -> None:
        if self._spare is not None:
            self._spare.close()
            self._spare = None
        super().close()

    def _renewed(self, seconds: float) -> Authority:
        """A node may issue its authority anew, with the same key, when its names change: only the key is held to."""
        met = ask_authority(self._address, seconds)
        if met.key != self._authority.key:
            raise FleetError(
                "NODE_MISMATCH",
                f"{self._address.authority} is node {met.node_id}, not {self._authority.node_id}; check the address",
                {"met": met.node_id},
            )
        self._authority = met
        return met


class _PinnedAdapter(HTTPAdapter):
    def __init__(self, pool: _PinnedPool) -> None:
        super().__init__(max_retries=0)
        self._pool = pool

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        """What requests before 2.32 asks for."""
        return self._pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """What requests since 2.32 asks for; its TLS settings are not wanted."""
        return self._pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Sets nothing: the connection is checked already."""

    def close(self) -> None:
        """Closes the one pool; the adapter's own was never used."""
        self._pool.close()


def _seconds(timeout: Any) -> float:
    return float(timeout) if isinstance(timeout, (int, float)) else _NO_TIMEOUT


def _session(pool: _PinnedPool) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.adapters.clear()
    session.mount("https://", _PinnedAdapter(pool))
    return session


def _cause(error: BaseException) -> BaseException:
    """The system's error behind the wrappers of requests and urllib3."""
    seen: BaseException = error
    for _ in range(6):
        inner = getattr(seen, "reason", None) or next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        if not isinstance(inner, BaseException):
            break
        seen = inner
    return seen
