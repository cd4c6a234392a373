"""Stage 2: short answers, looked at five times."""

import dataclasses

import numpy as np
import pytest
from said import run, text

from conformance.parity.model import Answer, Ask, Layer, Says, StageName
from conformance.parity.pools import pooled, silent
from conformance.parity.sampled import SHORT, TAIL, Sampled
from conformance.parity.simulated import Sampler, endpoint, world

WORLD = world(2)
BASELINE = endpoint(WORLD, "a", 1)
CHOSEN = [p for p, g in zip(WORLD.prompts, WORLD.groups, strict=True) if g == "mid"][:16]
CHOSEN += [p for p, g in zip(WORLD.prompts, WORLD.groups, strict=True) if g == "high"][:4]


def collected(each=128, seed=1):
    rng = np.random.default_rng(seed)
    asks = [Ask(stage=StageName.SAMPLED, prompt=p, order=n) for p in CHOSEN for n in range(each)]
    return pooled(BASELINE.answer(a, rng) for a in asks)


LOOKS = SHORT.looks
STAGE = Sampled(collected(), seed=3)


def audit(other, seed=1, stage=STAGE):
    rng = np.random.default_rng(seed)
    return run(stage, lambda each: other.answer(each, rng))


CHANGES = {
    "same weights": ({}, Says.SAME_COARSE, 960, None),
    "int4": ({"change": 1.3}, Says.DIFFERENT, 480, Layer.WEIGHTS),
    "temperature 0.7": ({"sampler": Sampler(temperature=0.7)}, Says.DIFFERENT, 240, Layer.SAMPLER),
    "temperature 0.9": ({"sampler": Sampler(temperature=0.9)}, Says.DIFFERENT, 960, Layer.SAMPLER),
}


@pytest.mark.parametrize(("about", "says", "within", "layer"), CHANGES.values(), ids=CHANGES)
def test_the_study_s_endpoints(about, says, within, layer):
    decision, seen = audit(endpoint(WORLD, "b", 9, **about))

    assert (decision.says, decision.layer) == (says, layer), decision.detail
    assert decision.tokens == len(seen) <= within
    assert len(seen) in [each * len(CHOSEN) for each in LOOKS]
    assert decision.ratio.low <= decision.ratio.value <= decision.ratio.high


def test_a_record_cut_between_looks_is_judged_at_the_last_complete_one():
    _, seen = audit(endpoint(WORLD, "b", 9))
    cut = sorted(seen, key=lambda each: each.ask.order)[: 13 * len(CHOSEN)]
    decision = STAGE.judge(cut)

    assert decision.requests == LOOKS[2] * len(CHOSEN)
    assert decision == dataclasses.replace(STAGE.judge(cut[: LOOKS[2] * len(CHOSEN)]), troubled=decision.troubled)


def test_a_hole_in_the_plan_ends_what_is_complete():
    _, seen = audit(endpoint(WORLD, "b", 9))
    holed = [each for each in seen if each.ask.order != 70]

    assert STAGE.judge(holed).requests == LOOKS[0] * len(CHOSEN)


def test_what_was_said_at_a_look_stands():
    """The p-values of the looks are the same whether one stopped there or not."""
    _, seen = audit(endpoint(WORLD, "b", 9))
    paths = [STAGE.judge([a for a in seen if a.ask.order < n * len(CHOSEN)]).p_values for n in LOOKS]

    assert all(path == paths[-1][: len(path)] for path in paths)


def test_undecided_says_what_would_have_been_found_and_what_is_needed():
    _, seen = audit(endpoint(WORLD, "b", 9))
    decision = STAGE.judge([each for each in seen if each.ask.order < 240])

    assert decision.says is Says.INCONCLUSIVE
    assert "temperature" in " ".join(decision.missed)
    assert decision.needed > 0


def test_each_look_keeps_what_it_saw():
    decision, _ = audit(endpoint(WORLD, "b", 9))

    assert len(decision.ratios) == len(decision.p_values) == len(LOOKS)
    assert decision.ratios[-1] == decision.ratio
    assert decision.ratios[0].high - decision.ratios[0].low > decision.ratio.high - decision.ratio.low


def test_a_tail_is_never_certified_so_nothing_is_needed_for_that():
    stage = dataclasses.replace(STAGE, design=TAIL)
    whole, seen = audit(endpoint(WORLD, "b", 9), stage=stage)
    part = stage.judge([each for each in seen if each.ask.order < TAIL.looks[0] * len(CHOSEN)])

    assert whole.says is part.says is Says.INCONCLUSIVE
    assert whole.needed is part.needed is None
    assert {"top_p 0.95", "min_p 0.05"} <= set(whole.found)
    assert "top_p 0.95" not in part.found


def test_every_prompt_is_asked_equally_often_in_an_order_of_the_seed():
    first, again = STAGE.next([]).asks, dataclasses.replace(STAGE, seed=4).next([]).asks

    rounds = [sorted(each.prompt for each in first[start : start + 20]) for start in (0, 20, 40)]
    assert rounds == [sorted(CHOSEN)] * 3
    assert [each.prompt for each in first] != [each.prompt for each in again]
    assert [each.order for each in first] == list(range(60))
    assert not any(each.salt for each in first)


def test_a_cache_or_a_fixed_seed_is_noticed_and_is_no_difference():
    rng = np.random.default_rng(1)
    same, kept = endpoint(WORLD, "b", 9), {}

    def cache(each):
        kept.setdefault(each.prompt, same.answer(each, rng).text)
        return text(kept[each.prompt], each.prompt, each.order)

    decision, seen = run(STAGE, cache)

    assert decision.says is Says.INCONCLUSIVE
    assert "cache" in decision.notices[0]
    assert len(seen) == 60


@pytest.mark.parametrize("prompts", [4, 7, 20])
@pytest.mark.parametrize("raced", [0, 1], ids=["", "two in flight at once"])
def test_a_cache_is_noticed_before_it_is_called_different(prompts, raced):
    """Of few prompts, and where the second ask of each went past it, as it was on its way."""
    few = CHOSEN[:prompts]
    stage = dataclasses.replace(STAGE, pool={prompt: STAGE.pool[prompt] for prompt in few})
    rng, same, kept = np.random.default_rng(prompts), endpoint(WORLD, "b", 9), {}

    def cache(each):
        past = kept.setdefault(each.prompt, [])
        if len(past) <= raced:
            past.append(same.answer(each, rng).text)
            return text(past[-1], each.prompt, each.order)
        return text(past[0], each.prompt, each.order)

    decision, _ = run(stage, cache)

    assert decision.says is Says.INCONCLUSIVE, decision
    assert "cache" in decision.notices[0]


def test_with_a_prefix_of_its_own_every_ask_is_new():
    salted = dataclasses.replace(STAGE, salted=True)
    decision, seen = audit(endpoint(WORLD, "b", 9), stage=salted)

    assert len({each.ask.salt for each in seen}) == len(seen)
    assert decision.says is Says.SAME_COARSE


def test_trimmed_whitespace_is_said_and_is_no_difference():
    rng = np.random.default_rng(2)
    same = endpoint(WORLD, "b", 9)
    stage = dataclasses.replace(STAGE, spaced=0.9)
    decision, _ = run(stage, lambda each: same.answer(each, rng))

    assert decision.says is Says.SAME_COARSE
    assert "trims whitespace" in decision.remarks[0]


@pytest.mark.parametrize("reply", [lambda each: text("", each.prompt, each.order), lambda each: Answer(ask=each, trouble="503")])
def test_silence_and_errors_are_no_difference(reply):
    """A thinking model has said nothing visible after one token."""
    decision, seen = run(STAGE, reply)

    assert decision.says is Says.INCONCLUSIVE
    assert decision.troubled == len(seen) == 60
    assert "errors or empty" in decision.notices[0]


def test_newlines_that_the_baseline_says_as_well_are_no_silence():
    """A fifth of first tokens is a line break at both endpoints."""
    rng = np.random.default_rng(3)
    same = endpoint(WORLD, "b", 9)

    def reply(each):
        answer = same.answer(each, rng)
        return dataclasses.replace(answer, text="\n") if rng.random() < 0.2 else answer

    baseline = [reply(Ask(stage=StageName.SAMPLED, prompt=p, order=n)) for n, p in enumerate(CHOSEN * 10)]
    stage = dataclasses.replace(STAGE, silent=silent(baseline))

    assert stage.silent == pytest.approx(0.2, abs=0.1)
    assert run(stage, reply)[0].says is Says.SAME_COARSE
    assert "empty" in run(dataclasses.replace(STAGE, silent=0.0), reply)[0].notices[0]
