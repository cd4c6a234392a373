"""Stage 3 at temperature 0."""

import numpy as np
import pytest
from said import run, text

from conformance.parity.greedy import Greedy, departures, parted
from conformance.parity.model import Answer, Layer, Says

PROMPTS = [f"p{n:02}" for n in range(32)]
STAGE = Greedy({p: ("the same", "the same" if n % 3 else "another end") for n, p in enumerate(PROMPTS)})


def test_the_floor_is_what_the_baseline_leaves_itself():
    assert STAGE.floor == pytest.approx(11 / 32)


@pytest.mark.parametrize(("leaves", "says"), [(0, Says.INCONCLUSIVE), (14, Says.INCONCLUSIVE), (30, Says.DIFFERENT)])
def test_as_many_as_numerics_make_are_no_difference(leaves, says):
    def reply(each):
        return Answer(ask=each, text="something else" if each.order < leaves else "the same ")

    decision, seen = run(STAGE, reply)

    assert decision.says is says
    assert decision.layer is (Layer.WEIGHTS if says is Says.DIFFERENT else None)
    assert decision.ratio.low <= leaves / 32 <= decision.ratio.high
    assert {each.ask.settings.temperature for each in seen} == {0.0}


def test_errors_are_no_departures_and_half_a_plan_decides_nothing():
    decision, _ = run(STAGE, lambda each: Answer(ask=each, trouble="429"))
    half = [text("else", p, n) for n, p in enumerate(PROMPTS[:20])]

    assert (decision.says, decision.troubled) == (Says.INCONCLUSIVE, 32)
    assert STAGE.judge(half).says is Says.INCONCLUSIVE


def test_a_baseline_that_repeats_itself_exactly_knows_nothing_of_other_machines():
    quiet = Greedy(dict.fromkeys(PROMPTS, ("the same", "the same")))
    decision, _ = run(quiet, lambda each: Answer(ask=each, text="else" if each.order % 5 < 2 else "the same"))

    assert decision.says is Says.INCONCLUSIVE
    assert "14 of 32" in decision.why


@pytest.mark.parametrize(
    ("left", "answers", "alone", "second", "different"),
    [
        (12, 32, 7, 5, False),
        (31, 32, 20, 0, True),
        (31, 32, 3, 0, False),  # a noisy baseline: the second run leaves nearly as often
        (14, 32, 14, 0, False),  # a quiet one
        (0, 32, 0, 0, False),
    ],
)
def test_two_excuses_of_which_each_is_enough(left, answers, alone, second, different):
    assert (departures(left, answers, alone, second) <= 0.0025) is different


def test_other_numerics_are_called_different_no_more_often_than_allowed():
    """Second run and candidate leave a third each, prompt by prompt at chance: 2000 audits, 5 expected at most."""
    rng = np.random.default_rng(5)
    second, left = rng.random((2, 2000, 24)) < 0.35
    counts = zip(left.sum(1), (left & ~second).sum(1), (second & ~left).sum(1), strict=True)

    assert sum(departures(n, 24, alone, again) <= 0.0025 for n, alone, again in counts) <= 5


@pytest.mark.parametrize(("other", "seen"), [(0, False), (14, False), (30, True)])
def test_a_penalty_that_is_off_changes_more_answers_than_numerics_do(other, seen):
    on = [text("the same", p, 0) for p in PROMPTS]
    off = [text("else" if n < other else "the same", p, 0) for n, p in enumerate(PROMPTS)]

    assert parted(on, off) is seen
    assert not parted(on, ())
