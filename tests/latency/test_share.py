"""What several processes measured, put together."""

from dataclasses import replace

from shapes import MS, arrival, reading

from conformance.latency.share import Share, dumps, loads, together
from conformance.latency.summary import summarize
from conformance.latency.truth import Errors

SOME = Errors(ttft=(1, 2), gaps=(3,), width=(4,), doubted=5, tokens=6, unmatched=7)


def share(start, *, errors=SOME, **more):
    readings = [reading(start + 200 * n, **more) for n in range(3)]
    return Share(model="m", readings=readings, before=errors, after=errors)


def test_it_arrives_as_it_was_sent():
    one = share(7, first_byte=None, stop=3, lags=(1, 2), failure="status 500")
    other = replace(
        one, readings=[reading(arrivals=(arrival(5, tokens=None), arrival(6, doubtful=True)))]
    )

    assert loads(dumps(one)) == one
    assert loads(dumps(other)) == other


def test_clocks_of_two_machines_are_not_compared():
    """One counts from a moment long past: times within a request stay, times between them are its own."""
    near, far = share(10, ttft=100), share(9_000_000, ttft=100)
    whole = together([near, far])

    assert len(whole.readings) == 6
    assert {one.ttft for one in whole.readings} == {100 * MS}
    assert {one.e2e for one in whole.readings} == {one.e2e for one in near.readings}
    assert summarize(whole.readings).seconds == summarize(near.readings).seconds


def test_errors_of_one_are_errors_of_all():
    worse = replace(SOME, ttft=(900,))

    assert together([share(0), share(0, errors=worse)]).before == Errors(
        ttft=(1, 2, 900), gaps=(3, 3), width=(4, 4), doubted=10, tokens=12, unmatched=14
    )


def test_of_nothing_there_is_nothing():
    assert together([Share(model="m", readings=[], before=SOME, after=SOME)]).readings == []
