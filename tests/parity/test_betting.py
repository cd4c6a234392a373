"""Bets keep their word wherever one stops."""

import math

import numpy as np
import pytest

from conformance.parity.betting import Bet, bounds, crossing, still_needed


def test_one_stake_by_hand():
    """Mean 0.5, stake 0.5, seen 1 then 0: 1 + 1 * 0.5 = 1.5, then 1.5 * 0.5."""
    assert Bet(0.5, over=True, stakes=(0.5,)).fortunes([1, 0]) == pytest.approx((math.log(1.5), math.log(0.75)))


def test_several_stakes_share_the_fortune():
    one = Bet(0.5, over=True, stakes=(0.1, 0.9)).fortunes([1])[0]

    assert one == pytest.approx(math.log((1.1 + 1.9) / 2))


def test_the_other_side_wins_by_little():
    assert Bet(0.5, over=False).fortunes([0.1] * 30)[-1] > 0 > Bet(0.5, over=True).fortunes([0.1] * 30)[-1]


def test_a_fortune_may_be_lost_for_good():
    assert Bet(0.5, over=True, stakes=(1.0,)).fortunes([0, 1, 1]) == (-math.inf,) * 3


@pytest.mark.parametrize(
    ("path", "since", "at"),
    [([1, 3, 5], 1, 2), ([1, 3, 5], 3, 3), ([1, 3, 2.9], 3, None), ([], 1, None), ([1, 2], 1, None)],
)
def test_a_crossing_is_where_a_fortune_stands_high_enough(path, since, at):
    assert crossing(path, 0.05, since) == at


@pytest.mark.parametrize("kind", ["coins", "uniform", "rare"])
def test_looking_after_every_observation_errs_no_more_often_than_allowed(kind):
    """2,000 runs of 200 observations exactly at the mean: at most 5 % ever cross."""
    rng = np.random.default_rng(3)
    mean = {"coins": 0.5, "uniform": 0.5, "rare": 0.02}[kind]
    draws = rng.random((2000, 200))
    seen = draws if kind == "uniform" else (draws < mean).astype(float)
    wrong = [sum(crossing(Bet(mean, over).fortunes(row), 0.05) is not None for row in seen[:600]) for over in (True, False)]

    assert max(wrong) <= 600 * 0.05


def test_bounds_enclose_the_mean_and_shrink():
    rng = np.random.default_rng(4)
    seen = list(rng.beta(2, 4, 400))
    few, many = bounds(seen[:40]), bounds(seen)

    assert few[0] < many[0] < 1 / 3 < many[1] < few[1]


def test_of_nothing_everything_is_possible():
    low, high = bounds([])

    assert (low, high) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))


def test_what_is_still_needed_follows_the_growth_so_far():
    assert still_needed([0.1 * n for n in range(1, 11)], 0.05) == math.ceil((math.log(20) - 1.0) / 0.1)
    assert still_needed([0.0, -0.1, -0.2], 0.05) is None
    assert still_needed([], 0.05) is None
