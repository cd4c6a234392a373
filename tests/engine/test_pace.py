"""Politeness: requests per second, and pauses that the endpoint asks for."""

import asyncio

import pytest
from running import captured, case, completion, heard
from scripted import answer, quick

from conformance.engine.limits import Terms
from conformance.engine.pace import Pace
from conformance.wire.exchange import Ended


def begun(trials):
    """When each request was sent, in seconds from the first."""
    times = sorted(each.request.at for each in trials)
    return [(at - times[0]) / 1e9 for at in times]


@pytest.mark.parametrize(
    ("limits", "terms"),
    [({"requests_per_second": 20.0}, Terms()), ({"requests_per_second": 1.0}, Terms(rate=20.0))],
)
def test_requests_begin_no_faster_than_allowed(limits, terms):
    cases = [case(f"chat/{number}") for number in range(8)]

    sink, _ = captured([completion()], *cases, limits=quick(**limits), engine={"terms": terms})

    gaps = begun(sink.exchanges)
    # Each begins no earlier than its turn; a machine that is late is late for all that follow.
    assert all(at >= number * 0.05 - 0.04 for number, at in enumerate(gaps))
    assert len(gaps) == 8


def test_everybody_pauses_when_the_endpoint_has_had_enough():
    def script(_request, number):
        busy = answer(status="429 Slow", headers=["Retry-After: 1"])
        return [busy] if number == 1 else [completion()]

    cases = [case(f"chat/{number}") for number in range(4)]

    sink, server = captured(script, *cases, limits=quick(concurrency=1, retries=1))

    assert len(server.requests) == 5
    assert all(at >= 0.99 for at in begun(sink.exchanges)[1:])
    assert not any(each.error for each in sink.trials)


@pytest.mark.parametrize(
    ("head", "waits"),
    [
        ("HTTP/1.1 429 Slow\r\nRetry-After: 5\r\n", True),
        ("HTTP/1.1 429 Slow\r\nretry-after-ms: 5000\r\n", True),
        ("HTTP/1.1 429 Slow\r\nRetry-After: soon\r\n", False),
        ("HTTP/1.1 429 Slow\r\nRetry-After: 86400\r\n", False),
        ("HTTP/1.1 429 Slow\r\n", False),
        ("HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n", False),
    ],
)
def test_only_a_pause_that_can_be_kept_is_kept(head, waits):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)  # comes back at once, as it does when the run is stopped

    async def main():
        pace = Pace(per_second=None, sleep=sleep)
        pace.note(heard(head.encode() + b"Content-Length: 0\r\n\r\n"))
        await pace.turn()

    asyncio.run(main())

    assert bool(slept) is waits


def test_the_answer_may_begin_later_than_the_pauses_within_it():
    late = [0.6, completion()]

    sink, _ = captured(late, limits=quick(read_seconds=0.2, first_byte_seconds=5))
    assert not sink.trials[0].error
    assert sink.exchanges[0].end.how is Ended.COMPLETE

    sink, _ = captured(late, limits=quick(read_seconds=5, first_byte_seconds=0.2))
    assert sink.exchanges[0].end.how is Ended.TIMED_OUT
    assert sink.exchanges[0].end.detail == "nothing came for 0.2 s"


def test_an_endpoint_that_is_not_up_yet_is_waited_for():
    def script(request, number):
        return [answer(status="503 Loading")] if number < 3 else [completion()]

    sink, server = captured(script, engine={"terms": Terms(wait=30.0)})

    assert server.requests[0].startswith(b"GET /v1/models ")
    assert [each.error for each in sink.trials] == [""]
    assert len(sink.exchanges) == 1, "looking whether it is up is no part of the record"


def test_waiting_ends_with_the_reason():
    sink, _ = captured([answer(status="503 Loading")], engine={"terms": Terms(wait=0.05)})

    assert "no answer within 0.05 s (status 503)" in sink.trials[0].error
