"""Stage 3 at temperature 0."""

import pytest
from said import run, text

from conformance.parity.greedy import Greedy, departures
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


@pytest.mark.parametrize(
    ("left", "answers", "floor", "different"),
    [(12, 32, 0.30, False), (31, 32, 0.30, True), (14, 32, 0.10, True), (0, 32, 0.3, False)],
)
def test_the_binomial(left, answers, floor, different):
    assert (departures(left, answers, floor) <= 0.01) is different
