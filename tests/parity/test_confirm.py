"""Before stage 1 says `different`, the prompts that decided are asked again: of the baseline, and alone."""

import dataclasses
import math

import numpy as np
import pytest
from said import listed, ranked

from conformance.parity.audit import audit
from conformance.parity.floor import load_floor, own_floor
from conformance.parity.lists import sigma
from conformance.parity.model import Answer, Says, StageName
from conformance.parity.setup import Setup
from conformance.parity.simulated import endpoint, fleet, world
from conformance.parity.turns import Side

WORLD = world(5, mid=60, high=60, low=20)
AGAIN = 2000


def built(seed, **about):
    return endpoint(WORLD, "one", seed, **about)


class Loaded:
    """One build while it is asked alone, and another while several asks are in flight."""

    def __init__(self, alone, together):
        self.builds = {True: together, False: alone}

    def __call__(self, _turn, together):
        return self.builds[together]


class Moving:
    """One build for so many turns, and another from then on."""

    def __init__(self, before, after, turns):
        self.left, self.builds = turns, (before, after)

    def __call__(self, _turn, _together):
        self.left -= 1
        return self.builds[self.left < 0]


def steady(build):
    return lambda _turn, _together: build


class Until:
    """One build until the candidate has been asked for so many short answers, and another from then on."""

    def __init__(self, before, after, asks):
        self.left, self.builds = asks, (before, after)

    def __call__(self, turn, _together):
        self.left -= turn.side is Side.CANDIDATE and turn.ask.stage is StageName.SAMPLED
        return self.builds[self.left < 0]


def audited(baseline, candidate, *, seed=3, recorded=False, stage="1"):
    """A stage of endpoints in this process (2 by text), and every turn asked, with how many at once."""
    setup = Setup(seed=seed, stages=frozenset({stage}), candidates=WORLD.prompts, recorded=recorded)
    rng, asked = np.random.default_rng(seed), []
    parts, told = audit(setup), None
    while True:
        try:
            turns = parts.send(told) if told is not None else next(parts)
        except StopIteration as end:
            return end.value, asked
        asked += [(each, len(turns)) for each in turns]
        told = {}
        for each in turns:
            if stage == "2" and each.ask.settings.top_logprobs:
                told[each] = Answer(ask=each.ask, trouble="status 400")
                continue
            of = (candidate if each.side is Side.CANDIDATE else baseline)(each, len(turns) > 1)
            known = dataclasses.replace(each.ask, prompt=each.ask.prompt if each.ask.prompt in WORLD.prompts else WORLD.prompts[0])
            told[each] = dataclasses.replace(of.answer(known, rng), ask=each.ask, prompt_tokens=9)


def decided(found, name):
    return next((each for each in found.overall.decisions if each.stage == name), None)


def again(asked, side):
    return [number for each, number in asked if each.side is side and AGAIN <= each.ask.order < AGAIN + 100]


A = steady(built(1))


def test_noise_that_load_makes_is_not_another_model():
    found, asked = audited(A, Loaded(built(2), built(2, numerics=0.22)))
    one = decided(found, "1")

    assert (one.says, one.layer, one.detail) == (Says.INCONCLUSIVE, None, "")
    assert "depends on its load" in one.why
    assert len([word for word in one.why.split() if word[0].isdigit()]) == 2  # both ratios
    assert found.overall.answer is Says.INCONCLUSIVE
    assert set(again(asked, Side.CANDIDATE)) == set(again(asked, Side.BASELINE)) == {1}


REAL = {
    "int8 weights": steady(built(3, change=0.22)),
    "a fleet": steady(fleet("router", [(built(2), 4), (built(3, change=1.3), 1)])),
}


@pytest.mark.parametrize("candidate", REAL.values(), ids=REAL)
@pytest.mark.parametrize("seed", range(2))
def test_a_small_difference_that_is_there_without_load_stands(candidate, seed):
    found, asked = audited(A, candidate, seed=seed)
    one, whole = decided(found, "1"), again(asked, Side.CANDIDATE)

    assert one.says is Says.DIFFERENT
    assert any("asked one at a time" in each for each in one.remarks)
    assert one.requests == one.tokens <= 2 * len(whole)
    assert decided(found, "drift") is None


def test_a_difference_that_no_load_makes_is_not_asked_twice():
    found, asked = audited(A, steady(built(3, change=1.3)))

    assert decided(found, "1").says is Says.DIFFERENT
    assert again(asked, Side.CANDIDATE) == []
    assert again(asked, Side.BASELINE) == [8] * 8


@pytest.mark.parametrize("change", [0.25, 1.3])
def test_a_baseline_that_was_changed_meanwhile_is_a_finding_about_itself(change):
    """After the floor, before the first answers of the candidate, or among them."""
    first = 6 + 1 + 32 * 4
    for turns in (first, first + 10):
        found, _ = audited(Moving(built(1), built(3, change=change), turns), steady(built(2)))

        assert decided(found, "1").says is Says.INCONCLUSIVE
        assert decided(found, "drift").says is Says.DIFFERENT
        assert "changed during the audit" in decided(found, "drift").why
        assert found.overall.answer is Says.INCONCLUSIVE
        assert "nothing is held against the candidate" in found.overall.words


def test_what_changes_in_the_very_moment_is_found_for_sure():
    """The candidate is what the baseline was while its answers were collected; now it is another."""
    parts = Moving(built(1), built(3, change=1.3), 6 + 1 + 32 * 4)
    found, _ = audited(parts, steady(built(4, change=1.3)))

    assert decided(found, "1").says is Says.INCONCLUSIVE
    assert decided(found, "drift").says is Says.DIFFERENT


def asked_anew(asked):
    return {each.ask.stage for each, _ in asked if each.anew}


def test_by_text_alone_a_baseline_that_was_changed_is_a_finding_about_itself_too():
    """Its pool is of what it was; the candidate is what it is now."""
    now = built(3, change=1.3)
    watch = Until(built(1), now, 60)
    found, asked = audited(watch, lambda turn, together: (watch(turn, together), now)[1], stage="2")

    assert decided(found, "2").says is Says.INCONCLUSIVE
    assert decided(found, "drift").says is Says.DIFFERENT
    assert "changed during the audit" in decided(found, "drift").why
    assert "nothing is held against the candidate" in found.overall.words
    assert asked_anew(asked) == {"2"}


def test_by_text_alone_another_model_is_told_from_a_baseline_that_stays():
    found, asked = audited(A, steady(built(3, change=1.3)), stage="2")
    gone, left = audited(A, steady(built(3, change=1.3)), stage="2", recorded=True)

    assert decided(found, "2").says is decided(gone, "2").says is Says.DIFFERENT
    assert decided(found, "drift") is None
    assert (asked_anew(asked), asked_anew(left)) == ({"2"}, set())


def test_a_baseline_that_is_gone_is_not_asked():
    found, asked = audited(A, steady(built(3, change=0.3)), recorded=True)

    assert decided(found, "1").says is Says.DIFFERENT
    assert again(asked, Side.BASELINE) == []


ONE, TWO, THREE = ranked(a=0.6, b=0.4), ranked(a=0.5, b=0.5), ranked(a=0.3, b=0.7)


def test_the_floor_between_alone_and_together_counts_where_it_is_larger():
    alone = listed(THREE)
    cached = {"p": [listed(ONE), listed(TWO), alone]}

    assert load_floor(cached, [alone]) == pytest.approx((sigma(THREE, ONE) + sigma(THREE, TWO)) / 2)
    assert load_floor({"p": [listed(ONE), listed(THREE), alone]}, [alone]) is None
    assert load_floor(cached, []) is None
    assert load_floor({"p": [alone]}, [alone]) is None


def test_a_baseline_that_repeats_itself_but_for_its_load_has_the_floor_of_its_load():
    """Kernels that are chosen by the size of a batch: each repeats itself, and they differ."""
    quiet, other = built(1, numerics=0.0), built(1, numerics=0.0, change=0.2)
    found, _ = audited(Loaded(other, quiet), steady(quiet))
    same, asked = audited(steady(quiet), steady(quiet))

    assert same.own_floor.sigma == pytest.approx(0.0)
    assert found.own_floor.sigma > 0.1
    assert found.floor.sigma == found.own_floor.sigma
    assert math.isclose(same.floor.sigma, 0.07)
    alone = [each for each, number in asked if number == 1 and each.ask.stage is StageName.LOGPROBS]
    assert len({each.ask.prompt for each in alone}) == len(alone) == 16
    assert own_floor({}) is None
