"""Events of a node: one WebSocket, one set of topics, events in the order in which the node sends them."""

from __future__ import annotations

import json
import random
import ssl
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, Optional, Sequence

from .answers import read_error
from .errors import FleetError, invalid_answer
from .parse import JsonObject
from .result import Result
from .web_socket import WebSocket

SOCKET_PATH = "/v1/ws"
_SUBPROTOCOL = "cider-fleet.v1"
_PROTOCOL = 1
# Seconds without a word after which the connection is taken for lost: three of the node's pings.
_SILENCE = 90.0
_ONLY_CALL = 1
# Seconds before a lost connection is tried again, give or take a half; doubled each time.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_FOR_A_TIME = ("CONNECTION_CLOSED", "CONNECTION_FAILED", "RATE_LIMITED", "SHUTTING_DOWN", "TIMEOUT")


class Event(Result):
    """What happened. `seq` is the record's number; momentary events have none. `at` is the node's time."""

    topic: str
    at: str
    data: Result
    seq: Optional[int]

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__({"seq": None, **members})


class Subscription:
    """The events of some topics from now on, or from where an earlier subscription stood.

    Iterating ends quietly after `close`, else with the error that tells why: CREDENTIAL_ENDED (revoked, expired or
    removed), SHUTTING_DOWN, CONNECTION_CLOSED (a lost network, or read too slowly). It does not connect again by itself, as
    `FleetClient.events` does: subscribe anew with `since=subscription.seq`; RESUME_GONE says that it was too long ago.
    """

    def __init__(
        self, connection: ssl.SSLSocket, node: str, headers: Mapping[str, str], request: Mapping[str, Any], timeout: float
    ) -> None:
        self.topics: List[str] = []
        self.seq = 0
        self._unread: Deque[Event] = deque()
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
        while not self._unread:
            if self._closed:
                raise StopIteration
            try:
                self._notice(self._receive(_SILENCE))
            except FleetError:
                self._socket.close()
                if self._closed:
                    raise StopIteration from None
                raise
        event = self._unread.popleft()
        if event.seq is not None:
            self.seq = max(self.seq, event.seq)
        return event

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
        event = _object(frame.get("params", {}))
        if frame.get("method") == "event" and isinstance(event.get("topic"), str) and isinstance(event.get("data"), dict):
            self._unread.append(Event(event))


def follow(subscribe: Callable[[Optional[int]], Subscription], since: Optional[int]) -> Iterator[Event]:
    """Yields events of one subscription after the other, each from where the one before stood.

    What ended for a time is tried again, with pauses that grow: a node that stops, a network that is gone. The first
    subscription must succeed, and every other error is the caller's.
    """
    stood, pause, met = since, _FIRST_PAUSE, False
    while True:
        try:
            with subscribe(stood) as events:
                stood, pause, met = events.seq, _FIRST_PAUSE, True
                for event in events:
                    stood = events.seq
                    yield event
        except FleetError as error:
            if not met or error.code not in _FOR_A_TIME:
                raise
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(2 * pause, _LONGEST_PAUSE)


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
