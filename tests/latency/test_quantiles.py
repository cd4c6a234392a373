"""Quantiles and their intervals: exact where they can be reckoned, and as wide as they say."""

import itertools
import random
import statistics

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.latency.quantiles import draws, estimate, mean, quantile, weighted

BLOCKS = st.lists(
    st.lists(st.integers(0, 20).map(float), min_size=1, max_size=6), min_size=1, max_size=6
)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5], 0.5, 5), ([1, 2], 0.5, 1.5), ([1, 2, 3, 4, 5], 0.25, 2), ([1, 2, 4], 1.0, 4), ([1, 9], 0, 1)],
)
def test_a_quantile_lies_between_its_neighbours(values, share, expected):
    assert quantile(values, share) == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(BLOCKS, st.floats(0, 1), st.data())
def test_a_drawn_quantile_is_that_of_the_values_written_out(blocks, share, data):
    weights = data.draw(
        st.lists(st.integers(0, 3), min_size=len(blocks), max_size=len(blocks)).filter(any)
    )
    blocks = [sorted(block) for block in blocks]
    merged = sorted(itertools.chain(*blocks))
    written_out = sorted(
        itertools.chain(*(block * weight for block, weight in zip(blocks, weights, strict=True)))
    )

    drawn = weighted(blocks, weights, merged, share)

    assert drawn == pytest.approx(quantile(written_out, share))


def test_the_same_values_have_the_same_interval():
    blocks = [[float(number * block % 7) for number in range(5)] for block in range(8)]

    assert estimate(blocks, 0.5) == estimate(blocks, 0.5)


def test_nothing_has_no_quantile_and_few_blocks_have_no_interval():
    assert (estimate([], 0.5), mean([[]])) == (None, None)
    assert estimate([[1.0, 2.0], [3.0]], 0.5).low is None


def test_blocks_are_drawn_with_replacement_as_many_as_there_are():
    assert {sum(weights) for weights in draws(7)} == {7}
    assert statistics.mean(weights[0] for weights in draws(7, 2000)) == pytest.approx(1, abs=0.1)


def test_intervals_cover_the_truth_about_as_often_as_they_say_although_blocks_are_alike():
    """Values of one block share a shift: an interval over single values would be far too narrow."""
    covered = 0
    for seed in range(200):
        chance = random.Random(seed)
        shifts = [chance.gauss(0, 1) for _ in range(20)]
        found = mean([[shift + chance.gauss(0, 0.1) for _ in range(20)] for shift in shifts])
        covered += found.low <= 0 <= found.high

    assert covered >= 176  # 95 % of 200 by name; the percentile bootstrap gives a little less
