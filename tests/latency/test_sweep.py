"""Throughput over the number of requests at once, and where it bends."""

import math
from dataclasses import replace

import pytest
from shapes import MS, arrival, reading

from conformance.latency.audit import audit
from conformance.latency.measured import Measured
from conformance.latency.quantiles import Estimate
from conformance.latency.summary import summarize
from conformance.latency.sweep import REQUESTS, TOKENS, Level, knee, level
from conformance.latency.truth import Errors
from conformance.report.sweep import document, lines

FINE = Errors(ttft=(100,) * 9, gaps=(100,) * 9, width=(9,), doubted=0, tokens=9)


def measured(readings, streams=1, errors=None):
    return Measured(provider="p", model="m", streams=streams, summary=summarize(readings),
                    audit=audit(readings, errors, errors), readings=readings)  # fmt: skip


def at(streams, value, width=0.0, unit=TOKENS):
    rate = Estimate(value, value - width, value + width) if width is not None else Estimate(value)
    return Level(found=measured([reading()], streams), unit=unit, throughput=rate)


@pytest.mark.parametrize(
    ("levels", "streams", "decided", "words"),
    [
        ([at(1, 50), at(4, 200), at(16, 800)], None, True, "not reached with 16"),
        ([at(1, 50), at(4, 190), at(16, 200)], 4, True, "4: from 4 to 16"),
        ([at(1, 50), at(4, 40)], 1, True, "1: from 1 to 4"),
        ([at(1, 50, 10), at(2, 75, 10)], None, False, "undecided: from 1 to 2"),
        ([at(1, 50, None), at(2, 100)], None, False, "too few"),
        ([at(1, 50), at(2, 5, unit=REQUESTS)], None, False, "no common unit"),
        ([at(1, 50), at(2, 100), at(4, 110), at(8, 400)], 2, True, "2: from 2 to 4"),
    ],
)
def test_the_knee_is_the_last_level_before_a_step_that_does_not_pay(levels, streams, decided, words):
    found = knee(levels)

    assert (found.streams, found.decided) == (streams, decided)
    assert words in found.said


def test_what_the_instrument_may_be_off_counts_for_the_knee():
    """Gains of 100 to 100 % by their intervals alone."""
    off = [replace(at(1, 100), bar=30.0), replace(at(2, 200), bar=60.0)]

    assert knee([at(1, 100), at(2, 200)]).decided
    assert knee(off).said == "undecided: from 1 to 2 it gains 8% to 271% of what it could"
    assert knee([replace(at(1, 100), bar=math.inf), at(2, 200)]).said.startswith("undecided")


def test_the_error_bar_of_throughput_is_what_may_lie_on_the_other_side_of_an_end():
    """A token at the first moment, one at the last; of a merged one nobody knows on which side it came."""
    at_the_ends = [reading(ttft=0, itl=20, count=51)]
    merged = [arrival(n * 20 * MS) for n in range(40)]
    merged += [arrival(1100 * MS, doubtful=True, tokens=10.0), arrival(1120 * MS)]

    assert level(measured(at_the_ends, errors=FINE), seconds=1).bar == pytest.approx(2, abs=0.01)
    assert level(measured([reading(arrivals=tuple(merged), count=51)], errors=FINE), seconds=1).bar == pytest.approx(11, abs=0.01)
    assert level(measured(at_the_ends), seconds=1).bar == math.inf


def test_the_end_of_a_load_is_not_counted():
    whole = [reading(sent, ttft=0, itl=20, count=50) for sent in range(0, 5000, 1000)]
    tail = [reading(4000, ttft=0, itl=20, count=500)]

    for readings in (whole, whole + tail):
        found = level(measured(readings), seconds=4)
        assert found.unit == TOKENS
        assert found.throughput.value == pytest.approx(50, rel=0.03)


def test_where_tokens_are_not_known_requests_are_counted():
    readings = [reading(sent, ttft=0, count=5, tokens=None) for sent in range(0, 4000, 100)]
    found = level(measured(readings), seconds=4)

    assert found.unit == REQUESTS
    assert found.throughput.value == pytest.approx(10, rel=0.1)


def test_what_only_fails_has_no_throughput():
    assert level(measured([reading(failure="status 500")]), seconds=1).throughput is None


def test_a_sweep_is_told_to_people_and_programs():
    levels = [at(1, 50), Level(found=measured([reading(failure="status 429")], 4), unit=TOKENS, throughput=None)]
    bend = knee(levels)
    text = "\n".join(lines(levels, bend))

    assert "4 at once: failed: 1 (status 429)" in text
    assert "knee: undecided: too few answers from 1 to 4" in text
    assert [each["throughput"] and each["throughput"]["value"] for each in document(levels, bend)["levels"]] == [50, None]
