"""Many requests at once, or at given times."""

import asyncio
import itertools
import statistics

import pytest
from scripted import BOUNDS, answer, serving

from conformance.engine.address import address
from conformance.engine.instrument.load import closed, constant, paced, poisson
from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.wire import Wire


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

    turns, server = loaded([0.01, answer()], work)

    assert (len(turns), server.connections) == (12, 3)


def test_a_closed_loop_ends_with_its_time_and_waits_for_what_is_under_way():
    async def work(wire, request):
        return await closed(wire, itertools.repeat(request), BOUNDS, 2, seconds=0)

    turns, _ = loaded([0.01, answer()], work)

    assert [turn.take().exchange.response.status for turn in turns] == [200, 200]


def test_an_open_loop_sends_at_its_times_however_slow_the_answers_are():
    async def work(wire, request):
        return await paced(wire, [request] * 4, BOUNDS, [0, 0.02, 0.04, 0.06])

    turns, server = loaded([0.3, answer()], work)
    takes = [turn.take() for turn in turns]

    assert server.connections == 4  # nobody waited for anybody
    assert [take.intended - takes[0].intended for take in takes] == [0, 20_000_000, 40_000_000, 60_000_000]
    assert all(take.exchange.request.at > take.intended for take in takes)


def test_arrivals_may_be_even_or_independent():
    assert constant(10, 3) == [0, 0.1, 0.2]
    offsets = poisson(100, 4000, seed=1)
    gaps = [later - former for former, later in itertools.pairwise(offsets)]

    assert offsets == poisson(100, 4000, seed=1)
    assert statistics.mean(gaps) == pytest.approx(0.01, rel=0.1)
    assert statistics.stdev(gaps) == pytest.approx(0.01, rel=0.1)
