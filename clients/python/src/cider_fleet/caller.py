"""Sends the calls of one client: settles the contact once, adds its credential, signs again once when told the time, and
sends a call again that a broken connection or a busy node kept from its answer."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from typing import Any, Callable, Mapping, Optional, TypeVar

from .answers import read_answer
from .contact import Contact, FindContact
from .errors import FleetError, invalid_options
from .retry import DEFAULT_RETRIES, retrying
from .signing import Signable
from .token_warning import warn_of_end
from .transport import Transport

_JSON = "application/json"
# Bytes of chance in a key that the client makes.
_KEY_BYTES = 16
_KEY = re.compile(r"[!#-~]{1,255}\Z")
# Never sent again by itself: each `begin` spends one of the few attempts on a code.
_SENT_ONCE = ("BeginPairing",)

T = TypeVar("T")


class Caller:
    """May be used by several threads at once; their first calls share one search for the node."""

    def __init__(self, transport: Transport, find: FindContact, timeout: float, retries: int = DEFAULT_RETRIES) -> None:
        self.transport = transport
        self.timeout = timeout
        self._find = find
        self._retries = retries
        self._contact: Optional[Contact] = None
        self._lock = threading.Lock()

    def call(
        self, operation: str, members: Mapping[str, Any], timeout: Optional[float] = None, idempotency_key: Optional[str] = None
    ) -> Mapping[str, Any]:
        """Calls one operation over RPC and returns the members of its answer, within `timeout` seconds."""
        path, seconds = f"/rpc/{operation}", self.timeout if timeout is None else timeout
        body = _encode(members)
        key = secrets.token_urlsafe(_KEY_BYTES) if idempotency_key is None else idempotency_key
        if _KEY.match(key) is None:
            raise invalid_options("idempotency_key must be 1 to 255 visible ASCII characters without quotes")
        own = {"content-type": _JSON, "idempotency-key": key}

        request = Signable("POST", self.transport.authority, path, body, _JSON)

        def attempt(left: float) -> Mapping[str, Any]:
            def send(headers: Mapping[str, str], contact: Contact) -> Mapping[str, Any]:
                answer = self.transport.request("POST", path, {**headers, **own}, body, contact.node, left)
                if contact.credential.token_prefix is not None:
                    warn_of_end(contact.credential.token_prefix, answer.headers, time.time())
                return read_answer(answer)

            return self.authorized(request, send, left)

        return retrying(attempt, seconds, 0 if operation in _SENT_ONCE else self._retries)

    def authorized(self, request: Signable, send: Callable[[Mapping[str, str], Contact], T], timeout: float) -> T:
        """Sends a request with the credential's fields; when a refusal tells the node's time, signs again, once."""
        contact = self._settled(timeout)
        try:
            try:
                return send(contact.credential.headers(request, contact.node), contact)
            except FleetError as error:
                if not contact.credential.learn(error):
                    raise
            return send(contact.credential.headers(request, contact.node), contact)
        except FleetError as error:
            # Another node took the address: the next call settles anew who that is, by the same rules.
            if error.code in ("NODE_MISMATCH", "NODE_UNPROVEN"):
                self.close()
            raise

    def close(self) -> None:
        """Closes idle connections. A later call connects again."""
        with self._lock:
            self._contact = None
            self.transport.close()

    def _settled(self, timeout: float) -> Contact:
        with self._lock:
            if self._contact is None:
                try:
                    self._contact = self._find(self.transport, timeout)
                except FleetError:
                    self.transport.close()
                    raise
            return self._contact


def _encode(members: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError):
        raise invalid_options("the input holds what JSON cannot") from None
