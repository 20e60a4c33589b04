"""Servers that are not the node that is meant. They keep every byte they were sent."""

from __future__ import annotations

import datetime
import socket
import ssl
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Answer = Callable[[bytes], bytes]


class Stranger:
    """A TLS server with a chain of one's own; `answer` gets a whole request and returns what is sent back."""

    def __init__(
        self, chain: Tuple[str, str], answer: Answer, hang_up: Callable[[bytes], bool] = lambda _: False, port: int = 0
    ) -> None:
        self.requests: List[bytes] = []
        self._answer = answer
        self._hang_up = hang_up
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("chain.pem", "key.pem")]
            for path, text in zip(paths, chain):
                path.write_text(text)
            self._context.load_cert_chain(*map(str, paths))
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def lines(self) -> List[str]:
        """The first line of every request."""
        return [request.split(b"\r\n")[0].decode() for request in self.requests]

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(plain,), daemon=True).start()

    def _send(self, tls: ssl.SSLSocket, answer: bytes) -> None:
        if not isinstance(answer, Drip):
            tls.sendall(answer)
            return
        for byte in answer:
            tls.sendall(bytes([byte]))
            time.sleep(0.05)

    def _talk(self, plain: socket.socket) -> None:
        try:
            with plain, self._context.wrap_socket(plain, server_side=True) as tls:
                while True:
                    request = read_message(tls)
                    if request is None:
                        return
                    self.requests.append(request)
                    if self._hang_up(request):
                        return
                    self._send(tls, self._answer(request))
        except OSError:
            pass


class Drip(bytes):
    """An answer that is sent a byte at a time."""


def read_message(connection: socket.socket) -> Optional[bytes]:
    """Returns one HTTP/1.1 message that has its length in its fields."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def response(status: str, body: bytes, content_type: str = "application/json") -> bytes:
    """Returns an HTTP/1.1 answer."""
    return f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def make_chain(
    authority_key: Optional[ec.EllipticCurvePrivateKey] = None, days: int = 30, name: str = "authority"
) -> Tuple[str, str, str]:
    """Returns the PEM of leaf and authority, of the leaf's key, and of the authority alone."""
    root = authority_key or ec.generate_private_key(ec.SECP256R1())
    leaf = ec.generate_private_key(ec.SECP256R1())
    issuer = _name(name)
    root_certificate = _build(issuer, issuer, root.public_key(), root, True, 30)
    leaf_certificate = _build(_name("leaf"), issuer, leaf.public_key(), root, False, days)
    authority = root_certificate.public_bytes(Encoding.PEM).decode()
    key = leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return leaf_certificate.public_bytes(Encoding.PEM).decode() + authority, key, authority


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _build(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    authority: bool,
    days: int,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=40))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return builder.sign(signer, hashes.SHA256())
