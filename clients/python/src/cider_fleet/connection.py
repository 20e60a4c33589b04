"""TLS connections whose other end is known: the node's key, whatever names its certificate bears.

Python gives a program the leaf of a chain and, before 3.13, not the authority behind it. So the authority's certificate
is asked for first: `GET /v1/node/ca.pem`, public, over a connection that carries nothing else and that nobody trusts.
Whose key is in it decides who that would be; if it is the node that is meant, a second connection is made for which
this certificate is the only trust anchor. OpenSSL then lets the handshake pass only if the leaf is signed by that key
and within its dates, which is before anybody holds the socket: no byte of a request can have been written to a stranger.
The system's trust store, host names and environment variables play no part. No session is resumed.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import time
from contextlib import suppress
from typing import Any, NamedTuple, Optional

from .address import Address
from .certificate import key_of, read_authority
from .errors import FleetError, is_answer_code
from .identity import UNKNOWN_NODE_NAME, node_id_of, sni_name_of
from .parse import parse_json

_AUTHORITY_PATH = "/v1/node/ca.pem"
# Bytes of the largest certificate taken; a node's has about 800.
_MAX_AUTHORITY = 65_536
# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_DATES = (9, 10)


class Authority(NamedTuple):
    """The certificate by which a node's connections are checked, and the key and id it stands for."""

    der: bytes
    key: bytes
    node_id: str


class DeadlineSocket(ssl.SSLSocket):
    """A TLS connection that can be told when waiting for bytes ends, however slowly they drip."""

    until: Optional[float] = None

    def recv(self, *args: Any, **kwargs: Any) -> bytes:
        self._limit()
        return super().recv(*args, **kwargs)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._limit()
        return super().recv_into(*args, **kwargs)

    def _limit(self) -> None:
        if self.until is None:
            return
        left = self.until - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self.settimeout(left)


def ask_authority(address: Address, timeout: float) -> Authority:
    """Returns what whoever listens there claims to be. A claim only, until `connect` has proved it."""
    with connect_socket(address, timeout) as plain, _wrap(address, plain, _unverified(), UNKNOWN_NODE_NAME) as tls:
        tls.until = time.monotonic() + timeout
        connection = http.client.HTTPConnection("node")
        connection.sock = tls
        try:
            headers = {"host": address.authority, "connection": "close", "accept-encoding": "identity"}
            connection.request("GET", _AUTHORITY_PATH, headers=headers)
            response = connection.getresponse()
            body = response.read(_MAX_AUTHORITY)
        except (OSError, http.client.HTTPException) as error:
            raise connection_error(address, error) from error
        finally:
            connection.close()
    if response.status != 200:
        raise _refusal(address, response.status, body)
    der = read_authority(body)
    key = key_of(der)
    return Authority(der, key, node_id_of(key))


def connect(address: Address, authority: Authority, timeout: float) -> DeadlineSocket:
    """Returns a connection whose other end has proved to be the authority's node; raises NODE_MISMATCH otherwise."""
    plain = connect_socket(address, timeout)
    try:
        return _wrap(address, plain, _verified(authority), sni_name_of(authority.node_id))
    except BaseException:
        plain.close()
        raise


def connect_socket(address: Address, timeout: float) -> socket.socket:
    """Returns a TCP connection; raises CONNECTION_FAILED or TIMEOUT."""
    try:
        connection = socket.create_connection((address.host, address.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    except (OSError, UnicodeError) as error:
        raise connection_error(address, error) from error


def connection_error(address: Address, error: BaseException) -> FleetError:
    """Returns the coded error for a failure of the system or of TLS on the way to the address."""
    if isinstance(error, FleetError):
        return error
    if isinstance(error, socket.timeout):
        return FleetError("TIMEOUT", f"no answer from {address.authority} in time")
    reason = _reason(error)
    details = {} if reason is None else {"reason": reason}
    return FleetError("CONNECTION_FAILED", f"cannot reach {address.authority}: {_words(error)}", details)


def _reason(error: BaseException) -> Optional[str]:
    """The system's name of the failure, as other clients give it."""
    if isinstance(error, socket.gaierror):
        return "ENOTFOUND"
    if isinstance(error, (ConnectionResetError, http.client.HTTPException, ssl.SSLEOFError)):
        return "ECONNRESET"
    return errno.errorcode.get(getattr(error, "errno", None) or 0)


def _words(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror):
        return "no such host name"
    if isinstance(error, (ConnectionResetError, BrokenPipeError, http.client.HTTPException, ssl.SSLEOFError)):
        return "the connection was cut"
    if isinstance(error, ssl.SSLError):
        return f"what listens there does not speak TLS as a node does ({error.reason or 'handshake failed'})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _wrap(address: Address, plain: socket.socket, context: ssl.SSLContext, name: str) -> DeadlineSocket:
    try:
        wrapped = context.wrap_socket(plain, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        raise _mismatch(address, error) from error
    except (OSError, ValueError) as error:
        raise connection_error(address, error) from error
    if not isinstance(wrapped, DeadlineSocket):
        raise TypeError("the context makes sockets of its own class")
    return wrapped


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = DeadlineSocket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.set_alpn_protocols(["http/1.1"])
    # Not lenience: the names in a leaf are hints, the key that signed it is who a node is.
    context.check_hostname = False
    return context


def _unverified() -> ssl.SSLContext:
    context = _context()
    context.verify_mode = ssl.CERT_NONE
    return context


def _verified(authority: Authority) -> ssl.SSLContext:
    context = _context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.der)
    return context


def _mismatch(address: Address, error: ssl.SSLCertVerificationError) -> FleetError:
    if error.verify_code in _DATES:
        return FleetError(
            "NODE_MISMATCH", f"the TLS certificate of {address.authority} is outside its dates; check this machine's clock"
        )
    return FleetError(
        "NODE_MISMATCH", f"the TLS certificate of {address.authority} does not lead to the node's key ({error.verify_message})"
    )


def _refusal(address: Address, status: int, body: bytes) -> FleetError:
    """The node's own code, where it is one, with our words: nobody has proved anything yet, so its text is not shown."""
    code: object = None
    with suppress(FleetError):
        code = parse_json(body, status).get("code")
    if isinstance(code, str) and is_answer_code(code):
        return FleetError(code)
    return FleetError("NODE_MISMATCH", f"what listens at {address.authority} shows no certificate of a node (status {status})")
