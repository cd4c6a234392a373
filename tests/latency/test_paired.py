"""Two endpoints, block by block: what is told apart, what is not, and how often that is wrong."""

import random

import pytest
from shapes import MS, reading

from conformance.latency.audit import audit
from conformance.latency.contest import LOOKS, OUTSIDE, Blocks, contest, decided
from conformance.latency.margin import Answer, Margin, judge
from conformance.latency.paired import THROUGHPUT, USUAL, Figure, Pair, compare
from conformance.latency.truth import Errors

GOOD = Errors(ttft=(900,) * 400, gaps=(300,) * 400, width=(9,), doubted=0, tokens=400)
POOR = Errors(ttft=(9_000_000,) * 400, gaps=(9_000_000,) * 400, width=(9,), doubted=0, tokens=400)
TTFT = Figure("ttft", "p50")


def block(chance, start, *, ttft=100.0, itl=20.0, shift=0.0, count=8, **more):
    return [
        reading(start + n, ttft=ttft + shift + chance.expovariate(0.2), itl=itl, count=6, **more)
        for n in range(count)
    ]


def pairs(seed, count=10, *, drift=0.0, candidate=None, baseline=None):
    """What drifts drifts for both."""
    chance, found = random.Random(seed), []
    for number in range(count):
        shift = drift * number + chance.gauss(0, 0.5)
        found.append(
            Pair(
                candidate=block(chance, 1000 * number, shift=shift, **(candidate or {})),
                baseline=block(chance, 1000 * number + 500, shift=shift, **(baseline or {})),
            )
        )
    return found


def audits(found, errors=GOOD):
    sides = ([one for pair in found for one in getattr(pair, name)] for name in ("candidate", "baseline"))
    return [audit(side, errors, errors) for side in sides]


def answer(found, figure=TTFT, *, margin=None, errors=GOOD, outside=0.01):
    return judge(compare(found, figure, outside), *audits(found, errors), margin).answer


@pytest.mark.parametrize(
    ("candidate", "figure", "margin", "expected"),
    [
        ({"ttft": 130}, TTFT, None, Answer.SLOWER),
        ({"ttft": 80}, TTFT, None, Answer.FASTER),
        ({}, TTFT, None, Answer.EQUIVALENT),
        ({"ttft": 112}, TTFT, 1.2, Answer.EQUIVALENT),
        ({"ttft": 80}, TTFT, 1.2, Answer.FASTER),
        ({"ttft": 130}, TTFT, 1.2, Answer.SLOWER),
        ({"ttft": 120.7}, TTFT, 1.2, Answer.UNDECIDED),
        ({"itl": 20.2}, Figure("itl", "p95"), None, Answer.SLOWER),
        ({"itl": 20.2}, Figure("tpot", "p50"), 1.05, Answer.EQUIVALENT),
        ({"itl": 40}, Figure(THROUGHPUT), None, Answer.SLOWER),
        ({"itl": 40}, Figure(THROUGHPUT), 2.5, Answer.EQUIVALENT),
    ],
)
def test_an_answer_is_given_where_it_is_certain(candidate, figure, margin, expected):
    assert answer(pairs(1, candidate=candidate), figure, margin=margin) is expected


def test_what_drifts_for_both_is_no_difference():
    assert answer(pairs(2, drift=6.0), margin=1.2) is Answer.EQUIVALENT


def test_where_the_instrument_is_poorer_than_the_difference_it_says_so():
    slower = pairs(3, candidate={"ttft": 104})

    assert answer(slower) is Answer.SLOWER
    assert answer(slower, errors=POOR) is Answer.INSTRUMENT


def test_throughput_is_as_sure_as_the_seconds_it_was_counted_in():
    """Half a second of error is more than a block lasts."""
    coarse = Errors(ttft=(500_000_000,) * 400, gaps=(300,) * 400, width=(9,), doubted=0, tokens=400)
    slower = pairs(3, candidate={"itl": 40})

    assert answer(slower, Figure(THROUGHPUT)) is Answer.SLOWER
    assert answer(slower, Figure(THROUGHPUT), errors=coarse) is Answer.INSTRUMENT


def test_not_calibrated_nothing_is_judged():
    found = pairs(3)
    plain = audit([one for pair in found for one in pair.candidate])

    judged = judge(compare(found, TTFT, 0.01), plain, plain)

    assert judged.answer is Answer.INSTRUMENT
    assert "not calibrated" in judged.words


def test_few_pairs_and_missing_figures_decide_nothing():
    assert answer(pairs(4, count=3, candidate={"ttft": 300})) is Answer.UNDECIDED
    assert answer(pairs(4), Figure("tls", "p50")) is Answer.UNDECIDED


def test_failures_are_in_no_figure_and_a_pair_of_failures_is_none():
    found = pairs(5)
    bad = Pair(candidate=block(random.Random(1), 0, ttft=1, failure="status 500"), baseline=found[0].baseline)

    assert compare([*found, bad], TTFT, 0.01) == compare(found, TTFT, 0.01)


def test_where_only_one_side_answered_nothing_is_compared():
    gone = [Pair(candidate=found.candidate, baseline=[]) for found in pairs(6)]

    assert [compare(gone, figure, 0.01) for figure in USUAL] == [None] * len(USUAL)


def test_the_same_endpoint_is_seldom_called_another():
    """All usual figures together: a wrong answer in 5 of 100 at most, by name."""
    wrong, outside = 0, OUTSIDE / len(USUAL)
    for seed in range(60):
        found = pairs(seed, 6)
        mine, yours = audits(found)
        answers = {judge(compare(found, each, outside), mine, yours).answer for each in USUAL}
        wrong += bool(answers & {Answer.FASTER, Answer.SLOWER})

    assert wrong <= 6  # of 60 at 5 %: more has a chance of 3 in 1000


def test_an_interval_covers_the_truth_as_often_as_it_says_of_few_pairs():
    """The true ratio of two equal endpoints is 1."""
    covered = 0
    for seed in range(200):
        ratio = compare(pairs(seed, 5), TTFT, 0.1).ratio
        covered += ratio.low <= 1 <= ratio.high

    assert covered >= 168  # 90 % of 200 by name; fewer has a chance of 1 in 300


def test_all_looks_together_err_no_oftener_than_is_said():
    assert sum(look.outside for look in LOOKS) == pytest.approx(OUTSIDE)
    assert LOOKS[-1].after == 1
    assert sorted(LOOKS, key=lambda look: look.after) == list(LOOKS)


def test_it_is_over_when_all_is_decided():
    blocks = Blocks(
        candidate=("a", "m"),
        baseline=("b", "m"),
        streams=8,
        pairs=pairs(6, candidate={"ttft": 130}),
        before=GOOD,
        after=GOOD,
    )
    margin = Margin(figure=TTFT, most=1.2)

    assert decided(blocks, [margin, TTFT], LOOKS[-1])
    assert not decided(blocks, [margin, Figure("tls", "p50")], LOOKS[-1])
    assert [str(each.judged.answer) for each in contest(blocks, [margin], 1.0).findings] == ["slower"]
    assert contest(blocks, [margin], 1.0).findings[0].compared.difference.value * MS > 20 * MS


LONGER = {
    "below the limit": (119.5, 1.2, "about 2 times as long would tell"),
    "just below the limit": (120.2, 1.2, "about 5 times as long would tell"),
    "at the limit": (121.05, 1.2, "too near to tell"),
    "above the limit": (121.5, 1.2, "times as long would tell"),
}


@pytest.mark.parametrize(("ttft", "margin", "words"), LONGER.values(), ids=LONGER)
def test_an_undecided_one_says_how_much_longer_would_tell(ttft, margin, words):
    found = pairs(1, candidate={"ttft": ttft})
    judged = judge(compare(found, TTFT, 0.01), *audits(found), margin)

    assert judged.answer is Answer.UNDECIDED
    assert words in judged.words, judged.words
