"""Stage 4: good enough, worse, or too few to tell."""

import math

import numpy as np
import pytest

from conformance.parity.model import Says, Settings
from conformance.parity.tasks import PILOT, Paired, Tasks, compare, items_needed, trigger


def pairs(outcomes, families=None):
    """`outcomes`: (baseline, candidate) by item."""
    return [
        Paired(item=f"i{n}", order=n, baseline=a, candidate=b, family=families[n] if families else "")
        for n, (a, b) in enumerate(outcomes)
    ]


def drawn(rng, n, baseline, worse, better):
    """`worse` of the items that the baseline passes fail, `better` of those it fails pass."""
    passed = rng.random(n) < baseline
    turned = rng.random(n)
    return pairs([(float(a), float(a != (t < (worse if a else better)))) for a, t in zip(passed, turned, strict=True)])


@pytest.mark.parametrize(
    ("discordance", "margin", "items"),
    [(0.02, 0.01, 1237), (0.05, 0.02, 773), (0.10, 0.03, 687), (0.20, 0.05, 495)],
)
def test_how_many_items_it_takes(discordance, margin, items):
    assert items_needed(discordance, margin) == items
    assert items_needed(discordance, margin, 2.0) == pytest.approx(2 * items, abs=2)


def test_the_difference_by_hand():
    """80 both pass, 12 worse, 8 better: -4 %, error sqrt((.2 - .04^2) / 99)."""
    found = compare(pairs([(1, 1)] * 80 + [(1, 0)] * 12 + [(0, 1)] * 8))
    error = math.sqrt((0.2 - 0.04**2) / 99)

    assert found.difference.value == pytest.approx(-0.04)
    assert found.difference.low == pytest.approx(-0.04 - 1.6604 * error, abs=1e-3)
    assert (found.worse, found.better, found.discordance) == (12, 8, 0.2)


def test_no_discordant_item_is_no_proof_of_none():
    """The rule of three: of 100 items without a change, 3 % may change."""
    found = compare(pairs([(1, 1)] * 100))

    assert found.difference.low == pytest.approx(-0.0295, abs=5e-4)
    assert found.difference.high == pytest.approx(0.0295, abs=5e-4)


def test_items_of_one_family_count_as_one():
    """Ten families of ten that all do the same: ten items' worth."""
    outcomes, families = [], []
    for family in range(10):
        outcomes += [(1.0, 0.0 if family < 2 else 1.0)] * 10
        families += [f"f{family}"] * 10
    apart, together = compare(pairs(outcomes)), compare(pairs(outcomes, families))

    assert together.design_effect == pytest.approx(10, rel=0.15)
    assert together.difference.low < apart.difference.low


def test_one_family_proves_nothing():
    found = compare(pairs([(1, 1)] * 20 + [(1, 0)] * 20, ["f"] * 40))

    assert found.difference.low == -math.inf


def test_a_wrong_good_enough_is_rare_exactly_at_the_margin():
    """5 % worse with a margin of 5 %: said to be good enough in 5 % at most, of 400."""
    rng = np.random.default_rng(1)
    wrong = sum(compare(drawn(rng, 300, 1.0, 0.05, 0)).difference.low > -0.05 for _ in range(400))

    assert wrong <= 32


def test_the_bounds_cover_under_few_discordant_items():
    rng = np.random.default_rng(2)
    wrong = sum(compare(drawn(rng, 100, 1.0, 0.02, 0)).difference.low > -0.02 for _ in range(400))

    assert wrong <= 20


ANSWERS = {
    "as good": ((0.9, 0.02, 0.2), Says.SAME),
    "much worse": ((0.9, 0.25, 0.0), Says.DIFFERENT),
}


@pytest.mark.parametrize(("rates", "says"), ANSWERS.values(), ids=ANSWERS)
def test_a_pilot_plans_and_one_look_decides(rates, says):
    rng = np.random.default_rng(4)
    stage = Tasks(tuple(f"i{n}" for n in range(2000)), 0.05, Settings(max_tokens=100))
    everything, seen = drawn(rng, 2000, *rates), []
    step = stage.next(seen)
    sizes = []
    while step.asks:
        sizes.append(len(step.asks))
        seen += [everything[each.order] for each in step.asks]
        step = stage.next(seen)

    assert step.decision.says is says, step.decision.why
    assert sizes[0] == PILOT
    assert step.decision.requests == sum(sizes) <= 2000


def test_too_few_items_say_how_many_more():
    rng = np.random.default_rng(5)
    decision = Tasks(tuple(f"i{n}" for n in range(80)), 0.02, Settings(max_tokens=10)).judge(drawn(rng, 80, 0.8, 0.1, 0.4))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.needed > 500
    assert "too few" in decision.why


def test_a_plan_half_asked_decides_nothing():
    decision = Tasks(("a", "b"), 0.02, Settings()).judge(pairs([(1, 1)]))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.ratio is None


def test_tool_calls_by_hand():
    """The baseline calls 10 times, the candidate 9 times, 8 of them in the same items."""
    found = trigger(pairs([(1, 1)] * 8 + [(1, 0)] * 2 + [(0, 1)] * 1 + [(0, 0)] * 9), 1)

    assert found.precision.value == pytest.approx(8 / 9)
    assert found.recall.value == pytest.approx(8 / 10)
    assert found.f1.value == pytest.approx(16 / 19)
    assert found.f1.low < found.f1.value < found.f1.high <= 1


def test_no_calls_at_all():
    found = trigger(pairs([(0, 0)] * 5), 1)

    assert found.f1.value == found.precision.high == 0


def test_items_of_one_family_are_all_asked_and_the_answer_says_what_is_missing():
    pairs = [Paired(item=f"i{n}", order=n, family="sums", baseline=1.0, candidate=float(n % 3 > 0)) for n in range(PILOT + 9)]
    decision = Tasks(tuple(each.item for each in pairs), 0.05, Settings()).judge(pairs)

    assert (decision.says, decision.requests, decision.needed) == (Says.INCONCLUSIVE, len(pairs), None)
    assert "`family`" in decision.why
