"""Facts of answers: what is kept, and of what nothing is."""

from dataclasses import replace

import pytest
from bench import BENCH, exchange, ref, step, trial, variant
from views import provider

from conformance.verdict.cases import judge_case
from conformance.verdict.judge import judge_trial
from conformance.verdict.observe import constant
from conformance.wire.exchange import Ended

USAGE = {"usage": {"prompt_tokens": 10}, "text": "hé", "none": None}
OBSERVE = {"tokens": "$.usage.prompt_tokens", "text": "$.text", "none": "$.none", "tier": "$.tier"}


def watching(*steps, observe):
    one = variant(*steps)
    return replace(one, case=replace(one.case, observe=observe))


def facts(*answers, steps=None, observe=OBSERVE):
    steps = steps or [step(expect=())]
    return judge_trial(watching(*steps, observe=observe), trial(*answers), BENCH).facts


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (exchange(body=USAGE), {"tokens": "10", "text": '"hé"', "none": "null", "tier": ""}),
        (exchange(status=400, body={"text": "no"}), {"text": '"no"'}),
        (exchange(body=[1]), dict.fromkeys(OBSERVE, "")),
        (exchange(body=USAGE, how=Ended.RESET), {}),
        (exchange(how=Ended.UNREACHABLE), {}),
    ],
    ids=["an answer", "a refusal lacks what answers have", "another body", "cut off", "no answer"],
)
def test_what_is_kept_of_an_answer(answer, kept):
    assert facts(answer) == kept


def test_the_last_step_is_looked_at():
    steps = [step("one", expect=()), step("two", expect=())]

    assert facts(exchange("one", body=USAGE), steps=steps) == {}
    assert facts(exchange("one", body={}), exchange("two", body=USAGE), steps=steps)["tokens"] == "10"


def test_long_values_are_cut():
    (value,) = facts(exchange(body={"text": "x" * 500}), observe={"text": "$.text"}).values()

    assert len(value) == 200
    assert value.endswith("…")


def test_an_assumption_that_does_not_hold_keeps_no_fact_back():
    refuted = [step(assume=(ref("says", word="never"),))]

    assert facts(exchange(body=USAGE), steps=refuted)["tokens"] == "10"


def test_a_case_has_the_distinct_values_of_its_samples_and_a_few_at_most():
    one = watching(step(expect=()), observe={"tokens": "$.n"})
    trials = [judge_trial(one, trial(exchange(body={"n": n}), sample=k), BENCH) for k, n in enumerate([1, 1, 2, 3, 4])]

    case = judge_case(one, provider(), trials, {}, seconds=0.0)

    assert case.facts == {"tokens": ("1", "2", "3")}
    assert constant(case.facts) == {}
