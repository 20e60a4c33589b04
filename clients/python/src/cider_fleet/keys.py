"""ECDSA P-256 keys, signatures as r‖s of 64 bytes, made by `cryptography`: the extra `cider-fleet[pairing]`."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from .encoding import from_hex
from .errors import FleetError
from .identity import node_id_of
from .p256 import ORDER, parse_point

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

SIGNATURE_LENGTH = 64


class SecretKey:
    """A private key. Printing it shows its id; only `reveal_hex` gives the secret."""

    def __init__(self, scalar: int) -> None:
        if not 0 < scalar < ORDER:
            raise ValueError("not a private key of P-256")
        require_cryptography()
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._scalar = scalar
        self._key: ec.EllipticCurvePrivateKey = ec.derive_private_key(scalar, ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.node_id = node_id_of(self.public_key)

    @classmethod
    def generate(cls) -> SecretKey:
        """Returns a new key."""
        return cls(secrets.randbelow(ORDER - 1) + 1)

    @classmethod
    def from_hex(cls, text: str) -> SecretKey:
        """Returns the key of 64 lower-case hex characters; ValueError, which does not repeat them, for anything else."""
        data = from_hex(text)
        if len(data) != 32:
            raise ValueError("not 64 hex characters")
        return cls(int.from_bytes(data, "big"))

    def reveal_hex(self) -> str:
        """Returns the secret: 64 lower-case hex characters."""
        return self._scalar.to_bytes(32, "big").hex()

    def sign(self, message: bytes) -> bytes:
        """Returns r‖s over SHA-256 of the message."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"SecretKey(node_id={self.node_id!r})"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not to be pickled; keep it in a store")


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Returns whether `signature` (r‖s, high S included) is the key's over `message`."""
    require_cryptography()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if len(signature) != SIGNATURE_LENGTH:
        return False
    parse_point(public_key)
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key).verify(der, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def require_cryptography() -> None:
    """Raises DEPENDENCY_MISSING, which names the extra, where `cryptography` is not installed."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise FleetError(
            "DEPENDENCY_MISSING",
            'pairing and signing need the package cryptography; run: pip install "cider-fleet[pairing]"',
        ) from None
