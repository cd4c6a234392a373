"""Bounds on a rate hold wherever sampling stops."""

import math
import random

import pytest

from conformance.stats.rates import rate_bounds


def test_of_no_samples_everything_is_possible():
    bounds = rate_bounds(0, 0)

    assert (bounds.low, bounds.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("successes", "failures", "low_at_most", "high_at_least"),
    [
        (1, 0, 0.05, 1.0),
        (33, 0, 0.86, 1.0),
        (0, 33, 0.0, 0.14),
        (57, 3, 0.81, 0.99),
        (500, 500, 0.46, 0.54),
    ],
)
def test_bounds_enclose_what_was_seen_and_no_less_than_they_must(
    successes, failures, low_at_most, high_at_least
):
    bounds = rate_bounds(successes, failures)
    seen = successes / (successes + failures)

    assert bounds.low <= seen <= bounds.high
    assert bounds.low <= low_at_most
    assert bounds.high >= high_at_least


@pytest.mark.parametrize(("successes", "failures"), [(3, 1), (40, 2), (120, 0), (7, 90)])
def test_an_edge_is_where_the_mixture_ratio_reaches_the_limit(successes, failures):
    bounds = rate_bounds(successes, failures, 0.95)

    def ratio(rate):
        beta = math.lgamma(0.5 + successes) + math.lgamma(0.5 + failures)
        beta -= math.lgamma(1.0 + successes + failures)
        beta -= 2 * math.lgamma(0.5) - math.lgamma(1.0)
        return beta - successes * math.log(rate) - (failures * math.log1p(-rate) if failures else 0)

    if successes:
        assert ratio(bounds.low) == pytest.approx(math.log(20), abs=1e-6)
    if failures:
        assert ratio(bounds.high) == pytest.approx(math.log(20), abs=1e-6)


def test_more_confidence_gives_wider_bounds():
    narrow, wide = rate_bounds(30, 5, 0.9), rate_bounds(30, 5, 0.99)

    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_looking_after_every_sample_misses_the_true_rate_in_at_most_five_percent_of_runs():
    """Ville's inequality, simulated: a fixed-sample interval fails this by far."""
    chance = random.Random(20261125)
    missed = 0
    for _ in range(400):
        won = 0
        for asked in range(1, 121):
            won += chance.random() < 0.9
            bounds = rate_bounds(won, asked - won, 0.95)
            if not bounds.low <= 0.9 <= bounds.high:
                missed += 1
                break

    assert missed <= 0.05 * 400 + 2.6 * math.sqrt(400 * 0.05 * 0.95)


@pytest.mark.parametrize("arguments", [(-1, 0), (0, -1), (1, 1, 0.0), (1, 1, 1.0)])
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match="confidence"):
        rate_bounds(*arguments)
