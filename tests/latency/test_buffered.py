"""An answer that is kept back and let go at its end is told from one that is streamed."""

import pytest
from shapes import MS, arrival, reading

from conformance.latency.buffered import bursts
from conformance.latency.summary import summarize
from conformance.report.latency import remarks

BURST = reading(ttft=1000, itl=0.01, count=50)
ONE_PIECE = reading(arrivals=(arrival(1000 * MS, tokens=50.0),), count=50)
STREAMED = reading(ttft=300, itl=20, count=50)


@pytest.mark.parametrize(
    ("readings", "found"),
    [
        ([BURST] * 3, True),
        ([ONE_PIECE] * 3, True),
        ([BURST] * 4 + [STREAMED] * 3, True),
        ([BURST] * 3 + [STREAMED] * 3, False),
        ([BURST] * 2, False),
        ([STREAMED] * 9, False),
        ([reading(ttft=1000, itl=0.5, count=50)] * 9, False),  # 2,000 tokens a second
        ([reading(ttft=1000, itl=0.01, count=4)] * 9, False),  # too short to tell
        ([reading(ttft=90, itl=0.01, count=50)] * 9, False),  # too quick to tell
        ([reading(arrivals=(arrival(1000 * MS, tokens=None),), count=None)] * 9, False),
        ([], False),
    ],
)
def test_most_answers_come_in_one_burst(readings, found):
    assert bursts(readings).found is found


def test_it_is_said():
    (said,) = remarks(summarize([BURST] * 3))

    assert said.startswith("not streamed: 3 of 3 answers came in one burst at their end (TRANS-007)")


def test_thoughts_that_are_kept_back_make_no_burst_of_what_comes_after_them():
    """A thousand tokens that nobody saw, then ten in 25 ms."""
    arrivals = tuple(arrival((1000 + n * 2) * MS) for n in range(10))

    assert bursts([reading(arrivals=arrivals, count=1010)] * 3).bursts == 0
