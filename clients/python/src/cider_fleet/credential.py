"""How a client proves who is asking. A credential makes the header fields of one request; printing it shows no secret."""

from __future__ import annotations

import secrets
from typing import Callable, Dict, Optional, Protocol

from .encoding import to_base64url
from .errors import FleetError
from .keys import SecretKey
from .signing import Signable, sign_request
from .tokens import SHOWN_CHARACTERS

Clock = Callable[[], float]
"""Returns Unix seconds, as `time.time` does."""

# Bytes of a nonce; its 22 base64url characters are the least the profile takes.
_NONCE_BYTES = 16


class Credential(Protocol):
    """Makes the fields of a request, and learns from a refusal."""

    @property
    def token_prefix(self) -> Optional[str]:
        """What lists show of a token, to tell it from others; None where the credential is none."""

    def headers(self, request: Signable, node: str) -> Dict[str, str]:
        """Returns the fields that carry the credential to `node`, in lower case."""

    def learn(self, error: FleetError) -> bool:
        """Takes the node's time from a refusal; returns whether the request is worth sending again."""


class Bearer:
    """The credential of an API token."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.token_prefix: Optional[str] = token[:SHOWN_CHARACTERS]

    def headers(self, request: Signable, node: str) -> Dict[str, str]:
        """Returns the field of RFC 6750."""
        return {"authorization": f"Bearer {self._token}"}

    def learn(self, error: FleetError) -> bool:
        """A refused token stays refused."""
        return False


class Signature:
    """The credential of a paired key. It keeps what a node told of its time, so that a wrong clock costs one refusal."""

    token_prefix: Optional[str] = None

    def __init__(self, key: SecretKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._offset = 0
        self._earliest = 0

    def headers(self, request: Signable, node: str) -> Dict[str, str]:
        """Returns the fields of RFC 9421."""
        created = max(int(self._clock()) + self._offset, self._earliest)
        return sign_request(request, self._key, node, created, to_base64url(secrets.token_bytes(_NONCE_BYTES)))

    def learn(self, error: FleetError) -> bool:
        """Takes `serverTime` and `earliest` of a clock error."""
        if error.code not in ("CLOCK_SKEW", "SIGNATURE_EXPIRED"):
            return False
        server_time, earliest = error.details.get("serverTime"), error.details.get("earliest")
        if not _is_unix_seconds(server_time) or not _is_unix_seconds(earliest):
            return False
        self._offset = int(str(server_time)) - int(self._clock())
        self._earliest = int(str(earliest))
        return True


def _is_unix_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
