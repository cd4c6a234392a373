"""Stage 1: same, different, mixed, undecided; and when nothing can be compared."""

import dataclasses
import math

import numpy as np
import pytest
from said import listed, ranked, run

from conformance.parity.floor import Floor, Source, own_floor
from conformance.parity.logprobs import SAME_AFTER, Logprobs, read, stop
from conformance.parity.model import (
    Answer,
    Ask,
    Build,
    Layer,
    Position,
    Ranked,
    Says,
    Settings,
    StageName,
)
from conformance.parity.simulated import endpoint, fleet, world

WORLD = world(1)
BASELINE = endpoint(WORLD, "a", 1)


def cached(width=20):
    rng = np.random.default_rng(1)
    asks = [Ask(stage=StageName.LOGPROBS, prompt=each, order=0, settings=Settings(top_logprobs=width)) for each in WORLD.prompts]
    one_set = [dataclasses.replace(BASELINE, logits=BASELINE.logits[[n]]) for n in range(4)]
    return {each.prompt: [one.answer(each, rng) for one in one_set] for each in asks}


def stage(width=20, seed=5):
    known = cached(width)
    order = np.random.default_rng(seed).permutation(len(WORLD.prompts))[:96]
    return Logprobs(tuple(WORLD.prompts[n] for n in order), known, Floor(own_floor(known), Source.REPLICA), width)


def audit(other, width=20, seed=5):
    rng = np.random.default_rng([seed, 3])
    return run(stage(width, seed), lambda each: other.answer(each, rng))[0]


CHANGES = {  # sizes as the study's: numerics, int8 weights, fp8, int4
    "same weights": (0.0, Says.SAME, None),
    "int8 weights": (0.2, Says.DIFFERENT, Layer.WEIGHTS),
    "fp8": (0.43, Says.DIFFERENT, Layer.WEIGHTS),
    "int4": (1.3, Says.DIFFERENT, Layer.WEIGHTS),
}


@pytest.mark.parametrize(("change", "says", "layer"), CHANGES.values(), ids=CHANGES)
def test_the_study_s_endpoints(change, says, layer):
    decision = audit(endpoint(WORLD, "b", 9, change=change))

    assert (decision.says, decision.layer) == (says, layer), decision.why
    assert decision.ratio.low <= decision.ratio.value <= decision.ratio.high
    assert decision.tokens == decision.requests <= 96
    assert len(decision.path) == decision.requests


def test_large_changes_are_seen_in_a_few_tokens():
    assert audit(endpoint(WORLD, "b", 9, change=1.3)).tokens <= 20


def test_five_logprobs_are_enough_for_fp8():
    assert audit(endpoint(WORLD, "b", 9, change=0.43), width=5).says is Says.DIFFERENT
    assert audit(endpoint(WORLD, "b", 9), width=5).says is Says.SAME


def test_a_fleet_with_another_build_in_it_is_found_and_named():
    mixed = fleet("mixed", [(endpoint(WORLD, "b", 9), 4), (endpoint(WORLD, "c", 8, change=1.3), 1)])
    decision = audit(mixed)

    assert (decision.says, decision.layer) == (Says.DIFFERENT, Layer.FLEET)
    assert "another build" in decision.why


RATIOS = {
    "quiet": ([1.0] * 96, Says.SAME, SAME_AFTER, None),
    "far": ([9.0] * 96, Says.DIFFERENT, 8, Layer.WEIGHTS),
    "just over the margin": ([1.9] * 96, Says.DIFFERENT, 26, Layer.WEIGHTS),
    "at the margin": ([1.5] * 96, Says.INCONCLUSIVE, 96, None),
    "one in ten far": (([1.0] * 9 + [9.0]) * 9, Says.DIFFERENT, None, Layer.FLEET),
    "one far is noise": ([1.0] * 20 + [9.0] + [1.0] * 75, Says.SAME, SAME_AFTER, None),
    "nothing": ([], Says.INCONCLUSIVE, 0, None),
}


@pytest.mark.parametrize(("ratios", "says", "at", "layer"), RATIOS.values(), ids=RATIOS)
def test_when_a_bet_has_won(ratios, says, at, layer):
    found = stop(read(ratios))

    assert found[0] is says
    assert at in (None, found[1])
    assert found[2] is layer


def test_what_comes_later_changes_no_answer_that_was_given():
    """Stopping at every request: the first answer of every prefix is the answer of the whole."""
    rng = np.random.default_rng(11)
    for scale in (0.9, 1.5, 2.2):
        ratios = list(rng.gamma(4, scale / 4, 96))
        said = [stop(read(ratios[:n])) for n in range(1, 97)]
        first = next((each for each in said if each[0] is not Says.INCONCLUSIVE), said[-1])

        assert said[-1][:2] == first[:2]


def test_answers_count_in_the_plan_s_order_not_in_that_of_their_coming():
    rng = np.random.default_rng(4)
    other = endpoint(WORLD, "b", 9, change=0.2)
    the = stage()
    _, seen = run(the, lambda each: other.answer(each, rng))

    assert the.judge(seen[::-1]) == the.judge(seen)


def test_errors_are_counted_apart():
    rng = np.random.default_rng(5)
    same = endpoint(WORLD, "b", 9)

    def reply(each):
        return Answer(ask=each, trouble="429") if each.order % 10 == 0 else same.answer(each, rng)

    decision, _ = run(stage(), reply)

    assert decision.says is Says.SAME
    assert decision.troubled >= 6


def test_no_logprobs_is_no_witness():
    decision, seen = run(stage(), lambda each: Answer(ask=each, text="x"))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.requests == 0
    assert len(seen) == 96


@pytest.mark.parametrize(
    ("written", "notice"), [(lambda n: b"%d" % n, "ids"), (lambda n: b"z%d" % n, "not one token")]
)
def test_tokens_that_cannot_be_joined_say_nothing(written, notice):
    """They would look like another model on every prompt."""
    rng = np.random.default_rng(6)
    same = endpoint(WORLD, "b", 9)

    def reply(each):
        answer = same.answer(each, rng)
        top = tuple(Ranked(written(n), one.logprob) for n, one in enumerate(answer.positions[0].top))
        return dataclasses.replace(answer, positions=(Position(top[0].token, top[0].logprob, top),))

    decision, seen = run(stage(), reply)

    assert decision.says is Says.INCONCLUSIVE
    assert notice in decision.notices[0]
    assert len(seen) <= 16


def test_undecided_says_what_would_have_been_found_and_what_is_needed():
    known = {f"p{n}": [listed(ranked(a=0.5, b=0.5), f"p{n}")] for n in range(96)}
    the = Logprobs(tuple(known), known, Floor(0.07, Source.FAMILY))
    gap = 1.55 * 0.07  # two tokens at p = 1/2 each: sigma is half the change of their gap
    top = tuple(Ranked(t, math.log(0.5) + s * gap) for t, s in ((b"a", 1), (b"b", -1)))
    decision, _ = run(the, lambda each: listed(top, each.prompt, each.order))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.needed > 0
    assert "int4 weights" in decision.found
    assert "temperature 0.9 for 1" in decision.missed
    assert "assumed" in decision.why


def test_lists_that_stage_1b_distrusts_are_not_judged():
    decision, seen = run(dataclasses.replace(stage(), distrust="a shortcut"), lambda each: Answer(ask=each))

    assert (decision.says, seen) == (Says.INCONCLUSIVE, [])
    assert "a shortcut" in decision.why


def test_each_build_has_a_ratio_of_its_own():
    rng = np.random.default_rng(7)
    mixed = {"x": endpoint(WORLD, "b", 9), "y": endpoint(WORLD, "c", 8, change=1.3)}

    def reply(each):
        name = "y" if each.order % 5 == 0 else "x"
        return dataclasses.replace(mixed[name].answer(each, rng), build=Build("m", name))

    decision, _ = run(stage(), reply)

    assert [each.split(":")[0] for each in decision.remarks] == ["model m, fingerprint x", "model m, fingerprint y"]
