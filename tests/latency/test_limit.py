"""Whether a limit is kept, by figures, their intervals and the instrument's error together."""

import pytest
from shapes import MS, arrival, reading

from conformance.errors import UsageError
from conformance.latency.audit import audit
from conformance.latency.limit import Answer, judge, objective, read
from conformance.latency.summary import Objective, summarize
from conformance.latency.truth import Errors

GOOD = Errors(ttft=(900,) * 400, gaps=(300,) * 400, width=(9,), doubted=0, tokens=400)


def judged(text, readings, before=GOOD, after=GOOD):
    return judge(read(text), summarize(readings), audit(readings, before, after))


def many(count=60, *, doubtful=False):
    """Times to the first token from 100 to 105 ms, gaps of 20 ms."""
    return [
        reading(
            1000 * n,
            arrivals=tuple(
                arrival(int((1000 * n + 100 + n % 6 + 20 * k) * MS), doubtful=doubtful and k == 0)
                for k in range(5)
            ),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("limit", "answer", "said"),
    [
        ("ttft_p95=120", Answer.KEPT, "105.00 ms, certainly within"),
        ("ttft_p95=90", Answer.EXCEEDED, "105.00 ms, certainly within"),
        ("ttft_p50=102.9", Answer.UNDECIDED, "certainly within"),
        ("ttft_p50=102.5000001", Answer.UNDECIDED, "inconclusive: instrument"),
        ("itl_p99=25", Answer.KEPT, "20.00 ms"),
        ("tls_p50=5", Answer.UNDECIDED, "was not measured"),
    ],
)
def test_a_limit_is_kept_or_exceeded_only_where_that_is_certain(limit, answer, said):
    found, words = judged(limit, many())

    assert (found, said in words) == (answer, True), words


def test_few_answers_decide_nothing():
    assert judged("ttft_p95=120", many(3)) == (Answer.UNDECIDED, "3 values are too few for an interval")


def test_times_in_doubt_decide_nothing():
    mixed = [*many(40), *many(20, doubtful=True)]

    assert "inconclusive: instrument" in judged("ttft_p95=120", mixed)[1]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ttft_p95=200", "ttft_p95 <= 200 ms"),
        ("ttft_p95 <= 200 ms", "ttft_p95 <= 200 ms"),
        ("itl_p50<=1.05x", "itl_p50 <= 1.05x"),
        ("throughput>=0.9x", "throughput >= 0.9x"),
    ],
)
def test_limits_are_absolute_or_of_a_baseline(text, meant):
    assert str(read(text)) == meant


@pytest.mark.parametrize("text", ["ttft_p95<=0.9x", "throughput>=1.5x", "throughput>=0x"])
def test_a_margin_that_asks_for_the_impossible_is_refused(text):
    with pytest.raises(UsageError, match="baseline"):
        read(text)


@pytest.mark.parametrize("text", ["ttft=5", "ttft_p95", "speed_p95=5", "ttft_p12=5", "ttft_p95=x"])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(UsageError, match="no limit such as"):
        read(text)


def test_objectives_are_read_together():
    assert objective(["ttft=200", "tpot=30.5"]) == Objective(ttft=200, tpot=30.5)
    assert objective([]) is None


@pytest.mark.parametrize("text", ["itl=5", "ttft", "ttft=soon"])
def test_what_is_no_objective_is_refused(text):
    with pytest.raises(UsageError, match="no objective such as"):
        objective([text])
