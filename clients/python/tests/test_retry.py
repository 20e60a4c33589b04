"""Which failures a call outlasts, and how long it waits."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest
from conftest import Node

from cider_fleet import FileStore, FleetClient, FleetError
from cider_fleet.answers import Answer, read_answer
from cider_fleet.backoff import Backoff, wait_after
from cider_fleet.retry import retrying

HOST = "127.0.0.1"


def after(failures: List[FleetError], timeout: float = 30, retries: int = 2) -> Dict[str, Any]:
    """Returns what becomes of a call whose first attempts fail so: its answer or code, its attempts, its waits."""
    left: List[float] = []
    waits: List[float] = []

    def attempt(seconds: float) -> str:
        left.append(seconds)
        if len(left) <= len(failures):
            raise failures[len(left) - 1]
        return "answered"

    try:
        outcome = retrying(attempt, timeout, retries, waits.append)
    except FleetError as error:
        outcome = error.code
    assert all(seconds <= timeout for seconds in left)
    return {"outcome": outcome, "attempts": len(left), "waits": waits}


def error(code: str, retry_after: Optional[float] = None) -> FleetError:
    return FleetError(code, None, {} if retry_after is None else {"retryAfter": retry_after})


@pytest.mark.parametrize("code", ["CONNECTION_FAILED", "RATE_LIMITED", "REPLAY_MEMORY_FULL", "SHUTTING_DOWN"])
def test_what_may_pass_is_tried_again(code: str) -> None:
    assert {**after([error(code)] * 2), "waits": 2} == {"outcome": "answered", "attempts": 3, "waits": 2}
    assert {**after([error(code)] * 3), "waits": 2} == {"outcome": code, "attempts": 3, "waits": 2}
    assert after([error(code)], retries=0) == {"outcome": code, "attempts": 1, "waits": []}


@pytest.mark.parametrize("code", ["NOT_READY", "TIMEOUT", "NODE_MISMATCH", "TOKEN_REVOKED", "INTERNAL", "INVALID_ANSWER"])
def test_what_is_for_a_person_is_not(code: str) -> None:
    assert after([error(code)]) == {"outcome": code, "attempts": 1, "waits": []}


def test_a_newer_node_s_429_and_503_count_too() -> None:
    unknown = FleetError("UNKNOWN_CODE", None, {"code": "LATER", "status": 503})
    assert after([unknown])["outcome"] == "answered"
    assert after([FleetError("UNKNOWN_CODE", None, {"code": "LATER", "status": 500})])["attempts"] == 1


def test_the_node_s_retry_after_is_waited_for_but_never_past_the_time_out() -> None:
    (wait,) = after([error("RATE_LIMITED", 7)])["waits"]
    assert 7 <= wait <= 7.5
    assert after([error("RATE_LIMITED", 7)], timeout=7) == {"outcome": "RATE_LIMITED", "attempts": 1, "waits": []}


def test_waits_grow_by_chance_up_to_a_bound() -> None:
    backoff = Backoff(first=0.5, longest=8)
    lost = error("CONNECTION_FAILED")
    assert [wait_after(lost, n, backoff, lambda: 1.0) for n in (1, 2, 3, 5, 6, 2000)] == [0.5, 1, 2, 8, 8, 8]
    assert wait_after(lost, 3, backoff, lambda: 0.0) == 0


@pytest.mark.parametrize("seconds", [30, 3601, 1e300, float("inf"), 10**400])
def test_a_node_s_wait_is_given_and_at_most_an_hour_of_it(seconds: float) -> None:
    assert wait_after(error("RATE_LIMITED", seconds), 1, Backoff(0.5, 8), lambda: 0.5) == min(seconds, 3600) + 0.25


def test_a_wait_in_more_digits_than_a_number_takes_is_none() -> None:
    refusal = Answer(503, {"retry-after": "9" * 5000}, b'{"code": "SHUTTING_DOWN", "error": "later"}')
    with pytest.raises(FleetError) as raised:
        read_answer(refusal)
    assert "retryAfter" not in raised.value.details


def test_a_token_s_limit_is_waited_for_where_there_is_time(node: Node, store: FileStore) -> None:
    """The node says 60 s or less, which a time-out of 30 s does not hold: the caller is told instead of kept waiting."""
    with node.open_window() as window:
        creds = FleetClient.pair(HOST, window.code, "limits", node.port, store=store)
    with FleetClient(HOST, node_id=creds["node_id"], port=node.port, store=store) as admin:
        token = admin.generate_api_token("limited", requests_per_minute=1).token
    with FleetClient(HOST, api_token=token, port=node.port, store=store) as script:
        script.get_node_info()
        with pytest.raises(FleetError) as caught:
            script.get_node_info()
    assert caught.value.code == "RATE_LIMITED"
    assert 30 < caught.value.details["retryAfter"] <= 60


def test_a_begin_is_never_sent_again(node: Node, store: FileStore, short_waits: None) -> None:
    """Each spends an attempt on a code that a person gave."""
    sent: List[str] = []

    def request(method: str, path: str, *_: object) -> None:
        sent.append(path)
        raise FleetError("CONNECTION_FAILED")

    with FleetClient(HOST, api_token=node.token("gone"), port=node.port, store=store) as gone:
        gone.get_node_info()
        setattr(gone._caller.transport, "request", request)  # noqa: B010
        for operation in ("BeginPairing", "GetNodeInfo"):
            with pytest.raises(FleetError):
                gone.call(operation)
    assert sent == ["/rpc/BeginPairing"] + ["/rpc/GetNodeInfo"] * 3
