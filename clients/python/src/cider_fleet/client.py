"""`FleetClient`: the one class a program needs."""

from __future__ import annotations

import os
import socket
import time
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Type, TypeVar

from .address import DEFAULT_PORT, parse_address
from .caller import Caller
from .contact import Contact, FindContact, KeyContact, TokenContact
from .credential import Clock
from .environment import access_of_environment, access_of_url
from .errors import FleetError, invalid_options
from .events import SOCKET_PATH, Event, Subscription, follow, subscription_request
from .file_store import FileStore
from .identity import is_node_id
from .keys import SecretKey, require_cryptography
from .operations import Operations
from .pairing import Introduction, pair, read_invitation
from .parse import is_name
from .records import Records, Registration, Store
from .result import Result
from .retry import DEFAULT_RETRIES, MAX_RETRIES
from .signing import Signable
from .tokens import BEARER_PREFIX, is_token_text
from .transport import Transport
from .vocabulary import PEER_KINDS, ROLES, PeerKind, Role

DEFAULT_TIMEOUT = 30.0
"""Seconds a call may take unless told otherwise."""

DEFAULT_EXEC_TIMEOUT_SECONDS = 300
"""Seconds a command may run unless told otherwise, as in the discontinued product."""

Self = TypeVar("Self", bound="FleetClient")


class FleetClient(Operations):
    """A client of one node, by a paired key (`node_id`) or a token (`api_token`).

    Nothing is sent before the first call. That one settles which node answers: with `node_id`, one that this key was
    paired with; with `api_token`, one that proves that it knows the token, before the token is sent. It may raise
    NO_KEY_FOR_NODE_ID, NODE_MISMATCH, NODE_UNPROVEN or STORE_UNUSABLE. `responder_node_id` is the node meant, as `pair`
    returned it: a pin that needs no store. `private_key` is the key of `node_id`, instead of the store's. `timeout` is in
    seconds, for connecting and for each answer; nothing is tried anew after it. `retries` is how often a call is sent again
    when the node was not reached or said 429 or 503, 0 to 10: changes are safe too, since the node carries out one key once.

    In the last 14 days of a token its holder is told by `TokenEndingWarning`, once.
    """

    def __init__(
        self,
        host: str,
        node_id: Optional[str] = None,
        api_token: Optional[str] = None,
        port: int = DEFAULT_PORT,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        responder_node_id: Optional[str] = None,
        private_key: Optional[str] = None,
        store: Optional[Store] = None,
        clock: Clock = time.time,
        retries: int = DEFAULT_RETRIES,
    ) -> None:
        address = parse_address(host, port)
        seconds = _parse_timeout(timeout)
        if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= MAX_RETRIES:
            raise invalid_options(f"retries must be a whole number from 0 to {MAX_RETRIES}")
        if (node_id is None) == (api_token is None):
            raise invalid_options("exactly one of node_id (after pairing) and api_token (with a token) must be given")
        if responder_node_id is not None:
            _require_node_id(responder_node_id, "responder_node_id")
        records = Records(FileStore() if store is None else store)
        if api_token is not None:
            find = _by_token(api_token, private_key, responder_node_id, records)
        else:
            find = _by_key(node_id, private_key, responder_node_id, records, clock)
        self._caller = Caller(Transport(address), find, seconds, retries)

    @classmethod
    def pair(
        cls,
        host: str,
        code: Optional[str] = None,
        name: Optional[str] = None,
        port: Optional[int] = None,
        *,
        kind: PeerKind = "sdk",
        role: Optional[Role] = None,
        timeout: float = DEFAULT_TIMEOUT,
        store: Optional[Store] = None,
    ) -> Dict[str, Any]:
        """Pairs this user and machine with a node, by its address and the six digits it shows, or by its link alone.

        The one key of this user and machine is used, and made if there is none; key and node are stored, so that later
        only `node_id` is needed. Returns `node_id`, `private_key_hex` (a secret), `public_key_hex`, `responder_node_id`,
        `responder_name` and `role`. Raises PAIRING_WRONG_CODE, PAIRING_CLOSED, PAIRING_BUSY, CONNECTION_FAILED,
        NODE_MISMATCH and others, all coded.
        """
        require_cryptography()
        invitation = read_invitation(host, code, port, DEFAULT_PORT)
        if kind not in PEER_KINDS or (role is not None and role not in ROLES):
            raise invalid_options(f"kind must be one of {', '.join(PEER_KINDS)}, role one of {', '.join(ROLES)}")
        records = Records(FileStore() if store is None else store)
        key = records.key_or_new()
        introduction = Introduction(key, _machine_name() if name is None else name, kind, role)
        paired = pair(invitation, introduction, _parse_timeout(timeout))
        records.learn(
            paired.responder_key,
            name=paired.responder_name,
            registration=Registration(key.node_id, paired.role),
            address=paired.address,
        )
        return {
            "node_id": key.node_id,
            "private_key_hex": key.reveal_hex(),
            "public_key_hex": key.public_key.hex(),
            "responder_node_id": paired.responder_node_id,
            "responder_name": paired.responder_name,
            "role": paired.role,
        }

    @classmethod
    def from_url(
        cls: Type[Self], url: Optional[str] = None, *, timeout: float = DEFAULT_TIMEOUT, store: Optional[Store] = None
    ) -> Self:
        """Returns a client of the node that a `cider-fleet://` URL names with its token.

        Without one, of the node that the environment names: `CIDER_FLEET_URL`, else the file that `CIDER_FLEET_URL_FILE`
        names and only this account or root may read, else `CIDER_FLEET_HOST`, `CIDER_FLEET_TOKEN` and, where given,
        `CIDER_FLEET_PORT` and `CIDER_FLEET_NODE_ID`. Raises LINK_INVALID or INVALID_OPTIONS, never repeating the secret.
        """
        found = access_of_environment(os.environ) if url is None else access_of_url(url)
        return cls(
            found.host,
            api_token=found.api_token,
            port=found.port,
            timeout=timeout,
            responder_node_id=found.responder_node_id,
            store=store,
        )

    def call(
        self,
        operation: str,
        members: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
        idempotency_key: Optional[str] = None,
    ) -> Result:
        """Calls an operation by its name, with members as they travel; also one of a newer node.

        Of two changes with one `idempotency_key` the node carries out the first and answers both with its answer.
        """
        seconds = None if timeout is None else _parse_timeout(timeout)
        return Result(self._caller.call(operation, members or {}, seconds, idempotency_key))

    def subscribe(self, topics: Sequence[str], *, interval: Optional[int] = None, since: Optional[int] = None) -> Subscription:
        """Opens a WebSocket and returns the events of these topics as an iterator.

        `interval` is seconds between events of `node.stats`; `since` is the `seq` of an earlier subscription: what came
        after it is sent first.
        """
        caller = self._caller
        request = subscription_request(topics, interval, since)

        def send(headers: Mapping[str, str], contact: Contact) -> Subscription:
            fields = {**headers, "host": caller.transport.authority}
            connection = caller.transport.open(contact.node, caller.timeout)
            return Subscription(connection, contact.node, fields, request, caller.timeout)

        return caller.authorized(Signable("GET", caller.transport.authority, SOCKET_PATH), send, caller.timeout)

    def events(self, topics: Sequence[str], *, interval: Optional[int] = None, since: Optional[int] = None) -> Iterator[Event]:
        """Yields events of these topics for as long as the credential is good.

        A node that restarts and a network that is gone for a while cost nothing but time: it connects again and takes up
        where it stood. It raises what ends it for good: CREDENTIAL_ENDED, TOKEN_REVOKED, PEER_UNKNOWN, NODE_MISMATCH …,
        RESUME_GONE when it was away for too long, and whatever keeps the first connection from being made.
        """
        return follow(lambda stood: self.subscribe(topics, interval=interval, since=stood), since)

    def close(self) -> None:
        """Closes idle connections. A later call connects again."""
        self._caller.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.transport.authority})"

    def _call(self, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._caller.call(operation, members)


def _by_token(token: str, private_key: Optional[str], responder: Optional[str], records: Records) -> FindContact:
    if private_key is not None:
        raise invalid_options("private_key belongs to node_id, not to api_token")
    if not is_token_text(token) and not is_token_text(token, BEARER_PREFIX):
        raise FleetError("TOKEN_INVALID", "api_token is cut or mistyped: its checksum is wrong; nothing was sent")
    return TokenContact(token, responder, records)


def _by_key(
    node_id: Optional[str], private_key: Optional[str], responder: Optional[str], records: Records, clock: Clock
) -> FindContact:
    own = _require_node_id(node_id, "node_id")
    require_cryptography()
    key = None if private_key is None else _parse_key(private_key)
    if key is not None and key.node_id != own:
        raise invalid_options("private_key belongs to another node_id; pass the node_id that pairing returned beside it")
    return KeyContact(own, key, responder, records, clock)


def _parse_key(text: str) -> SecretKey:
    try:
        return SecretKey.from_hex(text)
    except (TypeError, ValueError):
        raise invalid_options("private_key must be the 64 lower-case hex characters that pairing returned") from None


def _require_node_id(value: Optional[str], option: str) -> str:
    if value is None or not is_node_id(value):
        raise invalid_options(f"{option} must be a node id, as pairing returned it")
    return value


def _parse_timeout(timeout: object) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < 2**31:
        raise invalid_options("timeout must be a number of seconds above 0")
    return float(timeout)


def _machine_name() -> str:
    """The machine's name, unless it has one that cannot stand on a screen."""
    name = socket.gethostname()
    return name if is_name(name) else "cider-fleet-sdk"
