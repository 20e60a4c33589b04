"""One WebSocket (RFC 6455) over a connection that is made and checked already. Blocking; no extensions, text only."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import ssl
from contextlib import contextmanager, suppress
from typing import Iterator, Mapping, NamedTuple

from .answers import Answer, read_answer
from .error_table import ERRORS
from .errors import FleetError, invalid_answer, is_answer_code

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_HEAD = 16_384
_MAX_MESSAGE = 16 * 1024 * 1024
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_NORMAL, _PROTOCOL_ERROR = 1000, 1002
# What the node's close codes mean (docs/websocket.md); others are CONNECTION_CLOSED.
_ENDINGS = {1001: "SHUTTING_DOWN", 4401: "CREDENTIAL_ENDED", 4429: "RATE_LIMITED"}


class _Frame(NamedTuple):
    final: bool
    opcode: int
    data: bytes


class WebSocket:
    """Frames of one connection. Every method raises a FleetError that says why the connection ended."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self._unread = b""

    def upgrade(self, path: str, headers: Mapping[str, str], subprotocol: str) -> None:
        """Asks for the upgrade; raises the node's error when it refuses."""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        fields = {
            **headers,
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": key,
            "sec-websocket-protocol": subprotocol,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        self._send_all("\r\n".join([*lines, "", ""]).encode("latin-1"))
        status, found = self._read_head()
        if status != 101:
            raise self._refusal(status, found)
        accept = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        if found.get("sec-websocket-accept") != accept or found.get("sec-websocket-protocol") != subprotocol:
            raise invalid_answer("the upgrade is not the one that was asked for")

    def send(self, text: str) -> None:
        """Sends one text frame."""
        self._send_frame(_TEXT, text.encode("utf-8"))

    def receive(self, silence: float) -> str:
        """Returns the next text; pings are answered meanwhile. More seconds of silence than given are a lost connection."""
        self._connection.settimeout(silence)
        parts = b""
        while True:
            frame = self._read_frame()
            if frame.opcode == _CLOSE:
                raise self._closed(frame.data)
            if frame.opcode == _PING:
                self._send_frame(_PONG, frame.data)
            elif frame.opcode in (_TEXT, _CONTINUATION):
                if (frame.opcode == _TEXT) == bool(parts) or len(parts) + len(frame.data) > _MAX_MESSAGE:
                    raise self._broken("frames are out of order or too large")
                parts += frame.data
                if frame.final:
                    return self._text(parts)
            elif frame.opcode != _PONG:
                raise self._broken("a frame of unknown kind")

    def close(self, code: int = _NORMAL) -> None:
        """Says goodbye, if anybody listens, and closes."""
        with suppress(FleetError):
            self._send_frame(_CLOSE, code.to_bytes(2, "big"))
        self._connection.close()

    def _read_head(self) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._unread:
            if len(self._unread) > _MAX_HEAD:
                raise invalid_answer("header fields without an end")
            self._unread += self._receive_some()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[1].isdigit():
            raise invalid_answer("no HTTP answer")
        pairs = (line.partition(":") for line in lines)
        return int(words[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _refusal(self, status: int, fields: Mapping[str, str]) -> FleetError:
        length = fields.get("content-length", "0")
        body = self._take(min(int(length), _MAX_HEAD)) if length.isdigit() else b""
        try:
            read_answer(Answer(status, fields, body))
        except FleetError as error:
            return error
        return invalid_answer(f"status {status} to an upgrade")

    def _read_frame(self) -> _Frame:
        first, second = self._take(2)
        if first & 0x70 or second & 0x80:
            raise self._broken("a frame with an extension, or masked")
        length = second & 0x7F
        if first & 0x08 and (length > 125 or not first & 0x80):
            raise self._broken("a control frame that is long or in parts")
        if length > 125:
            length = int.from_bytes(self._take(2 if length == 126 else 8), "big")
        if length > _MAX_MESSAGE:
            raise self._broken("a frame that is too large")
        return _Frame(bool(first & 0x80), first & 0x0F, self._take(length))

    def _send_frame(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 65_536:
            length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
        mask = secrets.token_bytes(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self._send_all(bytes([0x80 | opcode]) + length + mask + masked)

    def _take(self, length: int) -> bytes:
        while len(self._unread) < length:
            self._unread += self._receive_some()
        taken, self._unread = self._unread[:length], self._unread[length:]
        return taken

    def _receive_some(self) -> bytes:
        with _on_connection():
            data = self._connection.recv(65_536)
        if not data:
            raise _lost("the connection was cut")
        return data

    def _send_all(self, data: bytes) -> None:
        with _on_connection():
            self._connection.sendall(data)

    def _text(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise self._broken("text that is not UTF-8") from None

    def _broken(self, what: str) -> FleetError:
        self.close(_PROTOCOL_ERROR)
        return invalid_answer(what)

    def _closed(self, data: bytes) -> FleetError:
        code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
        self.close(code if len(data) >= 2 else _NORMAL)
        return close_error(code, data[2:].decode("utf-8", "replace"))


@contextmanager
def _on_connection() -> Iterator[None]:
    try:
        yield
    except socket.timeout:
        raise _lost("the node has been silent for too long") from None
    except (OSError, ValueError) as error:
        raise _lost(getattr(error, "strerror", None) or "the connection was cut") from error


def close_error(code: int, reason: str) -> FleetError:
    """Returns the error of a close frame; a node that gives a code of the error table as reason is taken by it."""
    details = {"closeCode": code, "reason": reason}
    if code != _NORMAL and is_answer_code(reason):
        return FleetError(reason, None, details)
    meant = _ENDINGS.get(code, "CONNECTION_CLOSED")
    meaning = ERRORS[meant].meaning
    return FleetError(meant, f"{meaning}: {reason}" if reason else meaning, details)


def _lost(why: str) -> FleetError:
    return FleetError("CONNECTION_CLOSED", why)
