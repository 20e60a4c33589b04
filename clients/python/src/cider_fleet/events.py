"""Events of a node: one WebSocket, one set of topics, events in the order in which the node sends them."""

from __future__ import annotations

import json
import ssl
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from .answers import read_error
from .backoff import Backoff, wait_after
from .errors import FleetError, invalid_answer
from .parse import JsonObject
from .place import Place
from .result import Result
from .web_socket import WebSocket

SOCKET_PATH = "/v1/ws"
_SUBPROTOCOL = "cider-fleet.v1"
_PROTOCOL = 1
# Seconds without a word after which the connection is taken for lost: three of the node's pings.
_SILENCE = 90.0
_ONLY_CALL = 1
# After a loss. The longest is short for a LAN, where a node costs nothing to ask.
_RECONNECTING = Backoff(first=0.5, longest=15.0)
# What may pass by itself. Everything else is for a person: a credential that ended, another node, RESUME_GONE.
_PASSING = (
    "CONNECTION_CLOSED",
    "CONNECTION_FAILED",
    "NOT_READY",
    "RATE_LIMITED",
    "REPLAY_MEMORY_FULL",
    "SHUTTING_DOWN",
    "TIMEOUT",
)
# Why a node closes the sockets of a peer that paired anew: its key is as good as before.
_PAIRED_AGAIN = "re-registered"
_REFUSED = 4403


class Event(Result):
    """What happened. `seq` is the record's number; momentary events have none. `at` is the node's time."""

    topic: str
    at: str
    data: Result
    seq: Optional[int]

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__({"seq": None, **members})


# What a subscriber is told: an event, or that everything up to a number of the record was sent.
Notice = Union[Event, int]


class Subscription:
    """The events of some topics from now on, or from where an earlier subscription stood.

    Iterating ends quietly after `close`, else with the error that tells why: CREDENTIAL_ENDED (revoked, expired or
    removed), SHUTTING_DOWN, CONNECTION_CLOSED (a lost network, or read too slowly). It does not connect again by itself, as
    `FleetClient.events` does: subscribe anew with `since=subscription.seq`; RESUME_GONE says that it was too long ago. An
    entry of the record may make several events of one `seq`; a break between two of them is what `events` also outlasts.
    """

    def __init__(
        self, connection: ssl.SSLSocket, node: str, headers: Mapping[str, str], request: Mapping[str, Any], timeout: float
    ) -> None:
        self.topics: List[str] = []
        self.seq = 0
        self._unread: Deque[Notice] = deque()
        self._closed = False
        self._socket = WebSocket(connection)
        try:
            self._socket.upgrade(SOCKET_PATH, headers, _SUBPROTOCOL)
            self._greet(node, timeout)
            self._subscribe(request, timeout)
        except BaseException:
            self._socket.close()
            raise

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        for notice in self.notices():
            if isinstance(notice, Event):
                return notice
        raise StopIteration

    def notices(self) -> Iterator[Notice]:
        """Yields the events, and between them how far the record was told; ends as iterating does."""
        while self._hear():
            notice = self._unread.popleft()
            seq = notice.seq if isinstance(notice, Event) else notice
            self.seq = max(self.seq, seq or 0)
            yield notice

    def _hear(self) -> bool:
        """Waits until there is something to take; returns False once it was closed on this side and all is taken."""
        while not self._unread and not self._closed:
            try:
                self._notice(self._receive(_SILENCE))
            except FleetError:
                self._socket.close()
                if not self._closed:
                    raise
        return bool(self._unread)

    def close(self) -> None:
        """Ends the subscription; may be called by another thread."""
        self._closed = True
        self._socket.close()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _greet(self, node: str, timeout: float) -> None:
        """The greeting must be in a version spoken here, and of the node this connection was pinned to."""
        frame = self._receive(timeout)
        hello = _object(frame.get("params"))
        spoken = _object(hello.get("protocol"))
        low, high = spoken.get("min"), spoken.get("max")
        if frame.get("method") != "hello" or not (isinstance(low, int) and isinstance(high, int) and low <= _PROTOCOL <= high):
            raise invalid_answer("the socket speaks no version of the protocol that this client speaks; update the older side")
        if hello.get("nodeId") != node:
            raise FleetError("NODE_MISMATCH")

    def _subscribe(self, request: Mapping[str, Any], timeout: float) -> None:
        call = {"jsonrpc": "2.0", "id": _ONLY_CALL, "method": "subscribe", "params": request}
        self._socket.send(json.dumps(call, ensure_ascii=False))
        while True:
            frame = self._receive(timeout)
            if "error" in frame:
                raise _frame_error(_object(frame["error"]))
            if frame.get("id") == _ONLY_CALL:
                answer = _object(frame.get("result"))
                self.topics = list(answer.get("topics", []))
                # What came since is still to be sent: until it is here, this subscription stands where it began.
                self.seq = int(request.get("since", answer.get("seq", 0)))
                return
            self._notice(frame)

    def _receive(self, silence: float) -> JsonObject:
        try:
            return _object(json.loads(self._socket.receive(silence)))
        except ValueError:
            raise invalid_answer("a frame that is not JSON") from None

    def _notice(self, frame: JsonObject) -> None:
        """Notifications nobody here knows are passed over: newer nodes may send some."""
        method, params = frame.get("method"), _object(frame.get("params", {}))
        if method == "event" and isinstance(params.get("topic"), str) and isinstance(params.get("data"), dict):
            self._unread.append(Event(params))
        if method == "position" and isinstance(params.get("seq"), int):
            self._unread.append(params["seq"])


def follow(
    subscribe: Callable[[Optional[int]], Subscription], since: Optional[int], wait: Callable[[float], None] = time.sleep
) -> Iterator[Event]:
    """Yields events of one subscription after the other, each from where the one before stopped: none lost, none twice.

    What ended for a time is tried again, with pauses that grow: a node that stops, a network that is gone. The first
    subscription must succeed, and every other error is the caller's.
    """
    place, failures, met = Place(since), 0, False
    while True:
        try:
            stood = place.resume()
            with subscribe(stood) as subscription:
                if stood is None:
                    place.reach(subscription.seq)
                met = True
                for notice in subscription.notices():
                    failures = 0
                    if not isinstance(notice, Event):
                        place.reach(notice)
                    elif place.take(notice.seq, notice.topic):
                        yield notice
        except FleetError as error:
            if not met or not _may_pass(error):
                raise
            failures += 1
            wait(wait_after(error, failures, _RECONNECTING))


def _may_pass(error: FleetError) -> bool:
    if error.code == "CREDENTIAL_ENDED":
        return error.details.get("reason") == _PAIRED_AGAIN
    return error.code in _PASSING and error.details.get("closeCode") != _REFUSED


def subscription_request(topics: Sequence[str], interval: Optional[int], since: Optional[int]) -> Dict[str, Any]:
    """Returns the input of `Subscribe`, without what was not given."""
    optional = {"interval": interval, "since": since}
    return {"topics": list(topics), **{name: value for name, value in optional.items() if value is not None}}


def _object(value: Any) -> JsonObject:
    if not isinstance(value, dict):
        raise invalid_answer("a frame that is no JSON object")
    return value


def _frame_error(error: JsonObject) -> FleetError:
    """The node's own code travels in the data of JSON-RPC's error object."""
    data = _object(error.get("data", {}))
    status = data.get("status")
    return read_error(data, status if isinstance(status, int) else 0, str(error.get("message")))
