"""What is told of many readings, and how far it can be trusted."""

import json
import math

import pytest
from shapes import MS, arrival, reading

from conformance.latency.audit import audit
from conformance.latency.spoken import Kind, spoken
from conformance.latency.summary import Objective, blocked, summarize
from conformance.latency.truth import Errors, compare, read_log


def chunk(**delta):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (chunk(content="a"), [Kind.CONTENT]),
        (chunk(reasoning_content="a", content=None), [Kind.REASONING]),
        (chunk(reasoning="a"), [Kind.REASONING]),
        (chunk(tool_calls=[{"index": 0, "function": {"arguments": "{"}}]), [Kind.TOOL]),
        (chunk(function_call={"arguments": "{"}), [Kind.TOOL]),
        (chunk(refusal="no"), [Kind.CONTENT]),
        ({"choices": [{"text": "a"}]}, [Kind.CONTENT]),
        ({"type": "response.output_text.delta", "delta": "a"}, [Kind.CONTENT]),
        ({"type": "response.reasoning_text.delta", "delta": "a"}, [Kind.REASONING]),
        ({"type": "response.function_call_arguments.delta", "delta": "{"}, [Kind.TOOL]),
        (chunk(role="assistant", content=""), []),
        (chunk(content=""), []),
        (chunk(), []),
        (chunk(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]), []),
        ({"choices": [], "usage": {"completion_tokens": 3}}, []),
        ({"type": "response.output_text.done", "text": "a"}, []),
        ({"choices": [{"delta": None}]}, []),
        ({"choices": {"delta": {"content": "a"}}}, []),
        ([1], []),
        (None, []),
    ],
)
def test_what_counts_as_said(value, kinds):
    assert [kind for kind, _ in spoken(value)] == kinds


def test_times_of_a_reading():
    one = reading(
        sent=10, ttft=100, itl=20, count=5, intended=4 * MS, begun=9 * MS, first_byte=50 * MS
    )

    assert (one.queueing, one.ttfb, one.ttft, one.response_time) == (6 * MS, 40 * MS, 100 * MS, 106 * MS)
    assert [gap.ns for gap in one.gaps] == [20 * MS] * 4
    assert (one.tpot, one.e2e) == (20 * MS, 180 * MS)
    assert one.tokens_per_second == pytest.approx(5 / 0.18)


def test_a_connection_that_was_there_beforehand_took_no_time_of_the_queue():
    times = {"connect": 3 * MS, "tls": 1 * MS, "intended": 4 * MS}

    assert reading(sent=10, **times).queueing == 2 * MS
    assert reading(sent=10, ahead=True, **times).queueing == 6 * MS


def test_tokens_that_come_together_share_their_gap():
    one = reading(
        arrivals=(arrival(0, tokens=4.0), arrival(40 * MS, tokens=4.0), arrival(60 * MS, tokens=2.0)),
        count=10,
    )

    assert [gap.per_token for gap in one.gaps] == [10 * MS, 10 * MS]
    assert one.tpot == 10 * MS


def test_what_came_merged_puts_the_gaps_beside_it_in_doubt():
    one = reading(
        arrivals=(arrival(0), arrival(60 * MS, doubtful=True), arrival(80 * MS), arrival(100 * MS))
    )

    assert [gap.doubtful for gap in one.gaps] == [True, True, False]


def test_a_stall_is_long_for_its_stream():
    times = [0, 20, 40, 240, 260]
    one = reading(arrivals=tuple(arrival(at * MS) for at in times))

    assert [gap.stalled for gap in one.gaps] == [False, False, True, False]
    assert not any(gap.stalled for gap in reading(itl=200, count=6).gaps)


def test_failures_stand_apart():
    bad = reading(500, arrivals=(), ttft=30, failure="status 429")
    found = summarize([reading(0), reading(200), bad])

    assert (found.good, found.failures) == (2, {"status 429": 1})
    assert found.metrics["ttft"].count == 2
    assert found.to_error.quantiles["p50"].value == 30
    assert found.requests_per_second == pytest.approx(2 / 0.53)


def test_goodput_is_what_was_served_as_it_should_be():
    many = [reading(0, ttft=100), reading(0, ttft=300), reading(0, ttft=100, failure="closed")]
    found = summarize(many, Objective(ttft=200, tpot=25))

    assert found.goodput.share == pytest.approx(1 / 3)
    assert found.goodput.tokens_per_second == pytest.approx(10 / found.seconds)


def test_an_objective_that_nobody_can_tell_is_not_met():
    assert not Objective(tpot=25).met(reading(arrivals=(arrival(0),)))


def test_neighbours_in_time_are_one_block():
    assert [len(each) for each in blocked([reading(n) for n in range(45)])] == [3] * 15
    assert blocked([]) == []


def test_what_is_in_doubt_is_in_no_distribution():
    doubted = reading(arrivals=(arrival(5 * MS, doubtful=True), arrival(25 * MS), arrival(45 * MS)))
    found = summarize([doubted, reading()])

    assert found.metrics["ttft"].count == 1
    assert found.metrics["icl"].count == 1 + 9


def line(key="r0", arrived=1, writes=((100, 110, 1), (300, 310, 2))):
    written = [[before, after, [["content", count]]] for before, after, count in writes]
    return json.dumps({"id": key, "arrived": arrived, "writes": [[50, 51, []], *written]})


def test_an_error_is_what_lies_outside_of_when_it_happened():
    one = reading(arrivals=(arrival(105), arrival(313, tokens=2.0)), sent=0)
    errors = compare([one], read_log(line()))

    assert (errors.ttft, errors.gaps, errors.width) == ((1,), (3,), (10, 10))
    assert (errors.tokens, errors.doubted, errors.unmatched) == (3, 0, 0)


def test_merged_arrivals_are_matched_with_their_last_write_and_doubted():
    one = reading(arrivals=(arrival(305, tokens=3.0, doubtful=True),))
    errors = compare([one], read_log(line()))

    assert (errors.ttft, errors.gaps, errors.doubted) == ((), (), 3)


@pytest.mark.parametrize(
    "one",
    [
        reading(key="unknown"),
        reading(arrivals=(arrival(105, tokens=2.0), arrival(305))),
        reading(arrivals=(arrival(105, tokens=None),)),
        reading(arrivals=()),
    ],
)
def test_what_the_log_knows_otherwise_is_not_compared(one):
    assert compare([one], read_log(line())).unmatched == 1


def test_a_log_is_read_on_the_clock_of_the_readings():
    played = read_log(line(arrived=101), origin=100)["r0"]

    assert (played.arrived, played.written[0].before) == (1, 0)


def errors(ttft=1000, gap=500, count=400):
    return Errors(ttft=(ttft,) * count, gaps=(gap,) * count, width=(10,), doubted=0, tokens=count)


def many(doubted=0, **how):
    """Readings with spread, some of whose arrivals are in doubt."""
    found = []
    for number in range(100):
        arrivals = tuple(
            arrival(int((100 + number / 10 + 20 * n) * MS), doubtful=0 < n <= doubted)
            for n in range(11)
        )
        found.append(reading(arrivals=arrivals, lags=(1000,) * 11, **how))
    return found


def test_a_quiet_instrument_may_be_believed():
    report = audit(many(), errors(), errors())

    assert (report.kernel, report.calibrated, report.doubted, report.late) == (True, True, 0, 0)
    assert report.objection("itl", "p50", margin=0.2) == ""
    assert report.objection("ttft", "p95", margin=2) == ""
    assert report.bars["itl"]["p50"].widest < 0.02


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (audit(many(), errors(), None), "not calibrated"),
        (audit(many(stepped=True), errors(), errors()), "clock was set"),
        (audit(many(), errors(), errors(gap=3 * MS)), "off by"),
        (audit(many(doubted=3), errors(), errors()), "off by"),
        (audit([], errors(), errors()), "not measured"),
    ],
)
def test_what_speaks_against_it_is_said(report, why):
    assert why in report.objection("itl", "p99", margin=0.2)


def test_what_it_took_to_send_is_in_the_bar_of_what_counts_from_sending():
    report = audit(many(handing=9 * MS), errors(), errors())

    assert "off by" in report.objection("ttft", "p50", margin=2)
    assert report.objection("itl", "p50", margin=0.2) == ""


def test_beyond_what_was_seen_nothing_is_known():
    assert audit(many(doubted=3), errors(), errors()).bars["icl"]["p99"].above == math.inf


def test_late_dispatches_are_counted():
    assert audit(many(begun=50 * MS), errors(), errors()).late == 1
