"""Two pools of short answers: exact under relabelling, and a distance without bias."""

import math

import numpy as np
import pytest
from said import text

from conformance.parity.cut import cut
from conformance.parity.permutation import distance, p_value
from conformance.parity.pools import Table, agreement, pooled, spaced, spoken, tables


def drawn(rng, chances, n):
    return [f"t{token}" for token in rng.choice(len(chances), n, p=chances)]


def pools(rng, one, other, m=64, n=24, prompts=10):
    return tables(
        {f"p{k}": drawn(rng, one, m) for k in range(prompts)},
        {f"p{k}": drawn(rng, other, n) for k in range(prompts)},
    )


EVEN, TILTED, FLAT = (0.5, 0.3, 0.15, 0.05), (0.35, 0.35, 0.2, 0.1), (0.27, 0.25, 0.25, 0.23)


def test_one_distribution_is_called_two_no_more_often_than_allowed():
    """At 5 %, 150 pairs of pools: 7.5 expected; over 15 has a chance under 0.5 %."""
    rng = np.random.default_rng(2)
    wrong = sum(p_value(pools(rng, EVEN, EVEN), seed, 0.05) <= 0.05 for seed in range(150))

    assert 1 <= wrong <= 15


def test_two_distributions_are_told_apart():
    rng = np.random.default_rng(3)

    assert all(p_value(pools(rng, EVEN, FLAT), seed, 0.01) <= 0.01 for seed in range(10))


def test_drawing_stops_once_the_level_is_out_of_reach():
    """What is returned then is the p-value of a smaller experiment, and over the level."""
    rng = np.random.default_rng(4)
    same = pools(rng, EVEN, EVEN)
    early, late = p_value(same, 1, 0.002), p_value(same, 1, 1.0)

    assert early > 0.002
    assert late > 0.002
    assert (early * 51) == pytest.approx(round(early * 51))  # 50 permutations and the seen one


TAIL = np.array([0.5] + [0.45 / 9] * 9 + [0.05 / 50] * 50)
CUT = np.where(np.arange(60) < 10, TAIL, 0) / 0.95


@pytest.mark.parametrize(("one", "other"), [(TAIL, CUT), (CUT, TAIL)], ids=["the candidate's", "the baseline's"])
def test_a_cut_tail_shows_in_rare_answers_of_which_one_gives_none(one, other):
    """A long tail, cut at 5 %: seen where that is what is asked."""
    rng = np.random.default_rng(9)
    found = [pools(rng, one, other, 128, 48, 10) for _ in range(6)]

    assert sum(p_value(each, 1, 0.005, cut) <= 0.005 for each in found) >= 5
    assert sum(p_value(each, 1, 0.005) <= 0.005 for each in found) <= 4


def test_whole_tails_are_called_cut_no_more_often_than_allowed():
    """At 5 %, 150 pairs of pools: 7.5 expected; over 15 has a chance under 0.5 %."""
    rng = np.random.default_rng(11)
    wrong = sum(p_value(pools(rng, TAIL, TAIL, 48, 24), seed, 0.05, cut) <= 0.05 for seed in range(150))

    assert wrong <= 15


def test_the_likelihood_ratio_of_a_cut_tail_by_hand():
    """20 answers, 10 of each: one string came 19 times, the other once, from the baseline.

    The other is all of a tail of 5 %: the ratio is near 1 / q = 2 for the candidate that lacks it,
    and near 0 for the baseline that doesn't; the shares of 10, 20 and 40 % go on into the first.
    """
    statistic = cut([Table(np.array([9.0, 1.0]), np.array([10.0, 0.0]))])
    share, leak = np.array([0.03, 0.05, 0.1, 0.2, 0.4]), 0.02
    rare = np.clip(share / 0.05, 0, 1 - leak)
    often = np.clip((share - 0.05) / 0.95, 0, 1)
    lacks, has = (1 - often) * (1 - rare + rare * 2), (1 - often) * (1 - rare)

    assert statistic([np.array([[10.0, 0.0]])])[0] == pytest.approx(np.log(np.mean([lacks, has])))


def test_the_smallest_p_value_is_that_of_one_in_all():
    rng = np.random.default_rng(5)

    assert p_value(pools(rng, (1.0, 0), (0, 1.0)), 1, 0.01) == 1 / 500


def test_a_seed_repeats_itself():
    rng = np.random.default_rng(6)
    two = pools(rng, EVEN, TILTED)

    assert p_value(two, 7, 0.5) == p_value(two, 7, 0.5)


def test_answers_that_never_vary_decide_nothing():
    rng = np.random.default_rng(7)

    assert p_value(pools(rng, (1.0,), (1.0,)), 1, 0.01) == 1.0


def test_the_distance_by_hand():
    """Baseline a a b, candidate a b b: 1/3 + 1/3 - 2 * (2*1 + 1*2) / 9."""
    found = distance(tables({"p": ["a", "a", "b"]}, {"p": ["a", "b", "b"]}))

    assert found.squared == pytest.approx(2 / 3 - 8 / 9)


def test_the_distance_has_no_bias_and_knows_its_error():
    rng = np.random.default_rng(8)
    true = sum((a - b) ** 2 for a, b in zip(EVEN, TILTED, strict=True))
    found = [distance(pools(rng, EVEN, TILTED, 128, 48)) for _ in range(300)]
    seen = np.array([each.squared for each in found])

    assert seen.mean() == pytest.approx(true, abs=3 * seen.std() / math.sqrt(300))
    assert np.mean([each.error for each in found]) == pytest.approx(seen.std(), rel=0.15)
    assert found[0].below(2) == pytest.approx(found[0].squared + 2 * found[0].error)


def test_whitespace_is_not_compared_and_silence_is_no_witness():
    said = [text(" Yes"), text("Yes\n", order=1), text("", order=2), text("  ", order=3), text("No", order=4, trouble="500")]

    assert pooled(said) == {"p": ("Yes", "Yes")}
    assert [spoken(each) for each in said] == ["Yes", "Yes", "", "", ""]
    assert spaced(said) == pytest.approx(3 / 5)


def test_only_prompts_that_both_answered_are_compared():
    assert len(tables({"p": ["a", "b"], "q": ["a", "b"], "r": ["a"]}, {"p": ["a", "a"], "r": ["a", "b"]})) == 1


@pytest.mark.parametrize(("texts", "rate"), [("aab", 1 / 3), ("aaa", 1), ("abc", 0), ("a", 0)])
def test_how_often_answers_agree(texts, rate):
    assert agreement(tuple(texts)) == pytest.approx(rate)
