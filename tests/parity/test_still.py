"""Before stage 3 says `different`: the baseline is asked whether it still writes as it did."""

import dataclasses

import numpy as np
import pytest
from said import driven

from conformance.parity.audit import audit
from conformance.parity.model import Answer, Says
from conformance.parity.setup import Setup
from conformance.parity.simulated import endpoint, world
from conformance.parity.turns import Side

WORLD = world(5, mid=60, high=60, low=20)
PLAIN = endpoint(WORLD, "one", 1)
OTHER = endpoint(WORLD, "one", 3, change=1.3)
PENALISED = dataclasses.replace(PLAIN, penalty=3.0)
LISTS, TEXT = 20, 0


def changed(before, after):
    """One build while the audit asks what it asks anyway, and another when it is asked anew."""
    return lambda turn: after if turn.anew else before


def long_audit(baseline, candidate, *, width=LISTS, recorded=False, seed=3):
    """Stage 3 of endpoints in this process, and every turn asked."""
    setup = Setup(seed=seed, stages=frozenset({"3"}), candidates=WORLD.prompts, long=WORLD.prompts[:24], recorded=recorded)
    rng = np.random.default_rng(seed)
    return driven(audit(setup), lambda each: said(each, candidate if each.side is Side.CANDIDATE else baseline, width, rng))


def said(turn, of, width, rng):
    """What a build says; without lists where the endpoint gives none."""
    if (turn.ask.settings.top_logprobs and not width) or turn.ask.settings.neutral:
        return Answer(ask=turn.ask, trouble="status 400")
    prompt = turn.ask.prompt if turn.ask.prompt in WORLD.prompts else WORLD.prompts[0]
    found = of(turn).answer(dataclasses.replace(turn.ask, prompt=prompt), rng)
    return dataclasses.replace(found, ask=turn.ask)


def steady(build):
    return lambda _turn: build


def says(found):
    return [(each.stage.value, each.says) for each in found.overall.decisions if each.stage in ("3", "drift")]


@pytest.mark.parametrize("width", [LISTS, TEXT])
def test_another_sampler_is_told_from_a_baseline_that_stays(width):
    found, asked = long_audit(steady(PLAIN), steady(PENALISED), width=width)
    anew = [each for each in asked if each.anew]

    assert ("3", Says.DIFFERENT) in says(found)
    assert "drift" not in dict(says(found))
    assert {each.side for each in anew} == {Side.BASELINE}
    assert all(each.ask.order >= 3000 for each in anew)


@pytest.mark.parametrize("width", [LISTS, TEXT])
def test_a_baseline_that_was_given_a_penalty_meanwhile_is_a_finding_about_itself(width):
    found, _ = long_audit(changed(PLAIN, PENALISED), steady(PENALISED), width=width)

    assert says(found) == [("3", Says.INCONCLUSIVE), ("drift", Says.DIFFERENT)]
    assert found.overall.answer is Says.INCONCLUSIVE
    assert "changed during the audit" in found.overall.decisions[-1].why
    assert found.overall.decisions[-1].tokens > 100


def test_greedy_answers_of_a_baseline_that_was_changed_are_held_against_nobody():
    def candidate(turn):
        return PLAIN if turn.ask.settings.temperature else OTHER

    found, _ = long_audit(changed(PLAIN, OTHER), candidate)
    stays, _ = long_audit(steady(PLAIN), candidate)

    assert says(found) == [("3", Says.INCONCLUSIVE), ("3", Says.INCONCLUSIVE), ("drift", Says.DIFFERENT)]
    assert says(stays) == [("3", Says.INCONCLUSIVE), ("3", Says.DIFFERENT)]


def test_a_baseline_that_is_gone_is_not_asked_anew():
    found, asked = long_audit(steady(PLAIN), steady(PENALISED), recorded=True)

    assert ("3", Says.DIFFERENT) in says(found)
    assert not any(each.anew for each in asked)
