"""A noise floor says where it comes from."""

import pytest
from said import listed, ranked

from conformance.parity.floor import Source, choose, largest, own_floor, past_floor, replica_floor
from conformance.parity.lists import sigma

ONE, TWO, THREE = ranked(a=0.6, b=0.4), ranked(a=0.5, b=0.5), ranked(a=0.55, b=0.45)
CACHED = {"p": [listed(ONE), listed(TWO)], "q": [listed(ONE), listed(ONE)]}


def test_the_own_floor_is_the_mean_over_pairs_of_answers_to_one_prompt():
    assert own_floor(CACHED) == pytest.approx(sigma(ONE, TWO) / 2)
    assert own_floor({"p": [listed(ONE)]}) is None


def test_a_second_machine_is_compared_with_all_that_the_baseline_said():
    assert replica_floor(CACHED, [listed(THREE, "p"), listed(THREE, "unknown")]) == pytest.approx(
        (sigma(THREE, ONE) + sigma(THREE, TWO)) / 2
    )
    assert replica_floor(CACHED, []) is None


@pytest.mark.parametrize(
    ("own", "replica", "configured", "floor", "source"),
    [
        (0.05, 0.08, 0.07, 0.08, Source.REPLICA),
        (0.05, 0.01, None, 0.05, Source.REPLICA),
        (0.05, None, 0.07, 0.07, Source.FAMILY),
        (0.09, None, 0.07, 0.09, Source.OWN),
        (None, None, 0.07, 0.07, Source.FAMILY),
        (0.01, None, 0.03, 0.03, Source.FAMILY),
        (0.01, None, None, 0.07, Source.UNKNOWN),
        (0.09, None, None, 0.09, Source.OWN),
    ],
)
def test_which_floor_counts(own, replica, configured, floor, source):
    chosen = choose(own, replica, configured)

    assert (chosen.sigma, chosen.source, chosen.assumed) == (floor, source, source is not Source.REPLICA)


def test_what_other_nights_showed_counts_where_it_is_the_most():
    """Nights whose answers lie farther apart than those of one night."""
    past = past_floor([1.5] * 24, 0.07)

    assert past == pytest.approx(0.105)
    assert past_floor([1.5] * 23, 0.07) is None
    assert largest(0.01, None, past) == (past, "asked on different nights")
    assert largest(0.01, 0.5, past).which == "asked alone and together"
    assert largest(None, None, None) is None


def test_one_odd_answer_of_other_nights_makes_no_noise():
    assert past_floor([0.2] * 23 + [100.0], 0.07) < 0.07
