"""Many requests at once, or at given times."""

import asyncio
import itertools
import statistics
from typing import NamedTuple

import pytest
from scripted import BOUNDS, answer, chunked, free_port, serving

from conformance.engine.address import address
from conformance.engine.instrument import load, spool
from conformance.engine.instrument.heed import ROW, Heed
from conformance.engine.instrument.load import TRIES, closed, constant, paced, poisson
from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.wire import Wire
from conformance.latency.reading import measure
from conformance.wire.exchange import Ended


def loaded(script, work):
    async def main():
        async with serving(script) as server:
            wire = Wire()
            place = address(server.url, "/x")
            request = prepare("POST", place, (("Host", "h"), ("Content-Length", "0")), b"")
            try:
                return await work(wire, request), server
            finally:
                await wire.aclose()

    return asyncio.run(main())


def test_a_closed_loop_keeps_so_many_under_way():
    async def work(wire, request):
        return await closed(wire, [request] * 12, BOUNDS, 3)

    ran, server = loaded([0.01, answer()], work)

    assert (len(ran.all), server.connections) == (12, 3)
    assert (ran.stopped, ran.broken, ran.waited) == ("", None, 0)


def test_a_closed_loop_ends_with_its_time_and_waits_for_what_is_under_way():
    async def work(wire, request):
        return await closed(wire, itertools.repeat(request), BOUNDS, 2, seconds=0)

    ran, _ = loaded([0.01, answer()], work)

    assert [take.exchange.response.status for take in ran.takes()] == [200, 200]


def test_an_open_loop_sends_at_its_times_however_slow_the_answers_are():
    async def work(wire, request):
        return await paced(wire, [request] * 4, BOUNDS, [0, 0.02, 0.04, 0.06])

    ran, server = loaded([0.3, answer()], work)
    takes = sorted(ran.takes(), key=lambda take: take.intended)

    assert server.connections == 4  # nobody waited for anybody
    assert [take.intended - takes[0].intended for take in takes] == [0, 20_000_000, 40_000_000, 60_000_000]
    assert all(take.exchange.request.at > take.intended for take in takes)


@pytest.fixture
def waits(monkeypatch):
    """How long streams would have waited; nobody does."""
    asked = []

    async def slept(over, seconds):
        asked.append(seconds)
        await asyncio.sleep(0)
        return seconds

    monkeypatch.setattr(load, "_slept", slept)
    return asked


def test_an_endpoint_that_only_fails_is_not_hammered_and_everything_ends(waits):
    async def work(wire, request):
        return await closed(wire, itertools.repeat(request), BOUNDS, 4, seconds=1000)

    ran, server = loaded([answer(status="500 Oops")], work)

    assert ran.stopped == "every request failed: status 500"
    assert TRIES * 4 <= len(server.requests) == len(ran.all) < TRIES * 4 + 4
    assert set(waits) >= {0.5, 1.0}
    assert {one.failure for one in ran.all} == {"status 500"}


def test_where_nobody_listens_everything_ends(waits):
    async def work(wire, _request):
        place = address(f"http://127.0.0.1:{free_port()}/v1", "/x")
        request = prepare("POST", place, (("Host", "h"), ("Content-Length", "0")), b"")
        return await closed(wire, itertools.repeat(request), BOUNDS, 2, seconds=1000)

    ran, _ = loaded([answer()], work)

    assert "every request failed: unreachable: connection refused" in ran.stopped
    assert all(take.exchange.end.how is Ended.UNREACHABLE for take in ran.takes())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [(["Retry-After: 7"], [7.0, 7.0]), (["retry-after-ms: 1500"], [1.5, 1.5]), (["Retry-After: 9999"], [0.5, 1.0]), ([], [0.5, 1.0])],
)
def test_who_is_turned_away_comes_back_when_he_is_told_to(waits, headers, expected):
    def script(_request, number):
        return [answer(status="429 Slow down", headers=headers) if number in {2, 3} else answer()]

    async def work(wire, request):
        return await closed(wire, [request] * 5, BOUNDS, 1)

    ran, _ = loaded(script, work)

    assert waits == expected
    assert (ran.waited, ran.stopped) == (sum(expected), "")
    assert [one.failure for one in ran.all] == ["", "status 429", "status 429", "", ""]
    told = " with Retry-After" if headers and headers[0].startswith("Retry") else ""
    assert measure(list(ran.all)[1].take()).failure == f"status 429{told}"


def test_nobody_waits_beyond_the_end_of_the_load(waits):
    async def work(wire, request):
        return await closed(wire, itertools.repeat(request), BOUNDS, 1, seconds=5)

    ran, server = loaded([answer(status="429 Slow down", headers=["Retry-After: 30"])], work)

    assert (len(server.requests), waits, ran.stopped) == (1, [], "")


async def at_once(wire, request):
    """An open loop: some quickly, and more long after."""
    return await paced(wire, [request] * 400, BOUNDS, [*(number / 1000 for number in range(40)), *[1000.0] * 360])


AWAY = answer(status="429 Slow down", headers=["Retry-After: 30"])


def test_an_open_loop_ends_where_nobody_is_let_in():
    ran, server = loaded([AWAY], at_once)

    assert ran.stopped == "overloaded: 20 requests in a row got no answer (status 429)"
    assert ROW <= len(server.requests) == len(ran.all) <= 40
    assert ran.waited == 0  # nobody came later because of an answer


def test_an_open_loop_ends_where_nothing_works():
    ran, _ = loaded([answer(status="500 Oops")], at_once)

    assert ran.stopped == "20 requests in a row got no answer (status 500)"


class Became(NamedTuple):
    """What a request comes to."""

    failure: str = ""
    status: int = 200


LET_IN, AWAY_FROM, BROKEN = Became(), Became("status 429", 429), Became("status 500", 500)


@pytest.mark.parametrize(
    ("became", "said"),
    [
        ([LET_IN] * 400, ""),
        ([LET_IN, AWAY_FROM] * 200, ""),
        ([LET_IN, AWAY_FROM, AWAY_FROM] * 100, "overloaded: 26 of 39 requests were turned away (status 429)"),
        ([LET_IN, BROKEN, BROKEN] * 100, ""),
        ([LET_IN] * 300 + [AWAY_FROM] * 19 + [LET_IN] + [AWAY_FROM] * 5, ""),
        ([LET_IN] * 300 + [AWAY_FROM] * 100, "overloaded: 20 requests in a row got no answer (status 429)"),
        ([LET_IN] * 300 + [AWAY_FROM, BROKEN] * 50, "20 requests in a row got no answer (status 500)"),
        ([AWAY_FROM] * 19, ""),
        ([AWAY_FROM, None] * 200, ""),  # None: under way until the end, which is no failure
    ],
)
def test_when_it_is_enough_is_seen_in_the_order_of_sending(became, said):
    heed = Heed(len(became))
    words = (heed.after(number, one) for number, one in enumerate(became) if one is not None)

    assert next(filter(None, words), "") == said


ERROR = b'data: {"error": {"message": "out of memory", "type": "server_error"}}\n\n'


@pytest.mark.parametrize(
    ("events", "failure"),
    [
        (ERROR, "error in the stream"),
        (b'event: error\ndata: {"message": "gone"}\n\n', "error in the stream"),
        (b'data: {"error": {"message": "gone"}, "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}\n\n', "error in the stream"),
        (b'data: {"choices": [{"delta": {"content": "\\"error\\" and event: error"}}], "error": null}\n\n', ""),
    ],
)
def test_an_error_in_the_stream_is_no_answer_and_is_left_alone_as_any(waits, events, failure):
    async def work(wire, request):
        return await closed(wire, [request] * 3, BOUNDS, 1)

    ran, _ = loaded([chunked(events, headers=["Content-Type: text/event-stream"])], work)

    assert [one.failure for one in ran.all] == [failure] * 3
    assert waits == ([0.5, 1.0] if failure else [])
    assert ran.stopped == (f"every request failed: {failure}" if failure else "")


@pytest.mark.parametrize("held", [0, 20_000, 1_000_000_000])
def test_what_was_recorded_is_the_same_in_memory_and_on_disk(held, monkeypatch):
    """Read as often as one likes."""
    monkeypatch.setattr(spool, "HELD", held)

    def script(_request, number):
        return [answer(b"%d" % number * 1000)]

    async def work(wire, request):
        return await closed(wire, [request] * 30, BOUNDS, 1)

    ran, _ = loaded(script, work)
    bodies = [take.exchange.response.body for take in ran.takes()]

    assert bodies == [b"%d" % number * 1000 for number in range(1, 31)]
    assert (len(ran.all), [take.exchange.response.body for take in ran.takes()]) == (30, bodies)
    assert len({take.exchange.request.at for take in ran.takes()}) == 30
    ran.all.settle()
    assert (len(ran.all), [take.exchange.response.body for take in ran.takes()]) == (30, bodies)


class Breaking:
    """A clock that cannot say when the answer to the third request arrived."""

    steps = width = 0

    def __init__(self):
        self.asked = 0

    def arrival(self, _notes, user):
        self.asked += 1
        if self.asked == 3:
            raise ValueError("no such stamp")
        return user

    def close(self):
        """Nothing to close."""


@pytest.mark.parametrize("way", ["closed", "paced"])
def test_where_we_break_it_ends_and_what_was_recorded_is_there(way):
    async def work(wire, request):
        if wire.clock is not None:
            wire.clock.close()
        wire.clock = Breaking()
        if way == "closed":
            return await closed(wire, itertools.repeat(request), BOUNDS, 1, seconds=1000)
        return await paced(wire, [request] * 60, BOUNDS, [0, 0.2, 0.4, *[100.0] * 57])

    ran, _ = loaded([answer()], work)

    assert "the instrument failed in the middle of an answer: ValueError('no such stamp')" in str(ran.broken)
    assert ran.stopped == str(ran.broken)
    ends = [take.exchange.end for take in ran.takes()]
    assert [end.how for end in ends] == [Ended.COMPLETE, Ended.COMPLETE, Ended.CANCELLED]
    assert "no such stamp" in ends[-1].detail


def test_arrivals_may_be_even_or_independent():
    assert constant(10, 3) == [0, 0.1, 0.2]
    offsets = poisson(100, 4000, seed=1)
    gaps = [later - former for former, later in itertools.pairwise(offsets)]

    assert offsets == poisson(100, 4000, seed=1)
    assert statistics.mean(gaps) == pytest.approx(0.01, rel=0.1)
    assert statistics.stdev(gaps) == pytest.approx(0.01, rel=0.1)
