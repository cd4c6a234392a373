"""Stage 2b: parameters honoured or ignored, tails that are cut whatever was asked."""

import dataclasses
import math

import numpy as np
import pytest
from said import run, text

from conformance.parity.lists import first
from conformance.parity.model import Ask, Layer, Says, Settings, StageName
from conformance.parity.pools import pooled
from conformance.parity.sampled import TAIL, Sampled
from conformance.parity.sampler import Honoured, known_from, parameters
from conformance.parity.simulated import endpoint, world
from conformance.parity.tilts import PLAIN, Sampler, softmax

WORLD = world(3)
HIGH = tuple(p for p, g in zip(WORLD.prompts, WORLD.groups, strict=True) if g == "high")


def lists(of, seed=1):
    rng = np.random.default_rng(seed)
    asked = {p: Ask(stage=StageName.LOGPROBS, prompt=p, order=0, settings=Settings(top_logprobs=20)) for p in HIGH}
    return {p: [of.answer(ask, rng) for _ in range(4)] for p, ask in asked.items()}


def stage(of, *, blind=False, **about):
    known = {} if blind else known_from(lists(of))
    return Honoured(parameters(top_k=True, blind=blind), HIGH[:10], known, **about)


@pytest.mark.parametrize("blind", [False, True], ids=["with logprobs", "text only"])
@pytest.mark.parametrize("change", [0.0, 1.3], ids=["same weights", "int4"])
def test_what_is_honoured_is_called_so(blind, change):
    """Another build that honours what it is asked is not called deaf."""
    other = endpoint(WORLD, "b", 9, change=change)
    rng = np.random.default_rng(4)
    said = [run(stage(other, blind=blind), lambda each: other.answer(each, rng))[0] for _ in range(12)]

    assert {each.says for each in said} == {Says.SAME}


@pytest.mark.parametrize("blind", [False, True], ids=["with logprobs", "text only"])
def test_a_server_that_ignores_everything_is_called_so(blind):
    deaf = dataclasses.replace(endpoint(WORLD, "b", 9), forced=True)
    rng = np.random.default_rng(1)
    decision, seen = run(stage(deaf, blind=blind), lambda each: deaf.answer(each, rng))

    assert (decision.says, decision.layer) == (Says.DIFFERENT, Layer.SAMPLER)
    assert {row[1] for row in decision.table} == {"ignored"}
    assert len(seen) <= 20 * len(decision.table)


def test_one_parameter_is_told_from_the_others():
    other = endpoint(WORLD, "b", 9)
    rng = np.random.default_rng(2)

    def without_top_k(each):
        plain = dataclasses.replace(each, settings=dataclasses.replace(each.settings, top_k=None))
        return dataclasses.replace(other.answer(plain, rng), ask=each)

    decision, _ = run(stage(other), without_top_k)

    assert decision.detail == "top_k 1 is ignored, top_k 5 is ignored"
    assert ("temperature 0.2", "honoured") in [row[:2] for row in decision.table]
    assert set(decision.found) == {"temperature 0 ignored", "temperature 0.2 ignored", "top_p 0.1 ignored"}


def test_what_the_baseline_ignores_as_well_is_no_difference():
    deaf = dataclasses.replace(endpoint(WORLD, "b", 9), forced=True)
    rng = np.random.default_rng(1)
    all_of_them = frozenset(each.name for each in parameters(top_k=True, blind=False))
    decision, _ = run(stage(deaf, shared=all_of_them), lambda each: deaf.answer(each, rng))

    assert decision.says is Says.SAME


def test_silence_decides_nothing():
    decision, _ = run(stage(endpoint(WORLD, "b", 9)), lambda each: text("", each.prompt, each.order))

    assert decision.says is Says.INCONCLUSIVE


def test_the_mean_of_several_lists():
    answers = lists(endpoint(WORLD, "b", 9))[HIGH[0]]
    known = known_from({"p": answers})["p"]
    best = known[0].token
    chances = [math.exp(one.logprob) for each in answers for one in first(each) if one.token == best]

    assert math.exp(known[0].logprob) == pytest.approx(sum(chances) / 4)


SAMPLERS = {
    "plain": (PLAIN, [0.5, 0.3, 0.15, 0.05]),
    "top_p": (Sampler(top_p=0.7), [0.625, 0.375, 0, 0]),
    "top_k": (Sampler(top_k=1), [1, 0, 0, 0]),
    "min_p": (Sampler(min_p=0.2), [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0]),
    "temperature": (Sampler(temperature=0.5), [0.25 / 0.365, 0.09 / 0.365, 0.0225 / 0.365, 0.0025 / 0.365]),
    "greedy": (Sampler(temperature=0), [1, 0, 0, 0]),
}


@pytest.mark.parametrize(("sampler", "chances"), SAMPLERS.values(), ids=SAMPLERS)
def test_what_a_sampler_makes_of_a_distribution(sampler, chances):
    assert sampler(np.log([0.5, 0.3, 0.15, 0.05])) == pytest.approx(chances)
    assert softmax(np.log([0.5, 0.5])) == pytest.approx([0.5, 0.5])


def tail(seed=1):
    rng = np.random.default_rng(seed)
    asks = [Ask(stage=StageName.SAMPLER, prompt=p, order=n) for p in HIGH[:20] for n in range(256)]
    baseline = endpoint(WORLD, "a", 1)
    return Sampled(pooled(baseline.answer(each, rng) for each in asks), 5, TAIL)


@pytest.mark.parametrize(
    ("sampler", "says", "within"),
    [(PLAIN, Says.INCONCLUSIVE, 4000), (Sampler(top_p=0.9), Says.DIFFERENT, 2000), (Sampler(min_p=0.1), Says.DIFFERENT, 1000)],
)
def test_a_tail_that_is_cut_whatever_was_asked(sampler, says, within):
    other = endpoint(WORLD, "b", 9, sampler=sampler)
    rng = np.random.default_rng(4)
    decision, seen = run(tail(), lambda each: other.answer(each, rng))

    assert decision.says is says
    assert decision.layer is (Layer.SAMPLER if says is Says.DIFFERENT else None)
    assert len(seen) <= within
