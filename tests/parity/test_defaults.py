"""Samplers with defaults of their own: no other model, as long as they yield to what is asked."""

import dataclasses

import numpy as np
import pytest

from conformance.parity.audit import audit
from conformance.parity.defaults import AS_IT_IS, Tried, settled, told, unless_default
from conformance.parity.model import Answer, Ask, Decision, Layer, Says, StageName
from conformance.parity.sampled import SHORT
from conformance.parity.setup import Extent, Setup
from conformance.parity.short import short_answers
from conformance.parity.simulated import Sampler, endpoint, world
from conformance.parity.turns import Side

WORLD = world(5, mid=60, high=60, low=20)
CUT = Sampler(min_p=0.2)
SMALL = Extent(first_tokens=96, floor_from=16, pilot=100, blind_pilot=60, pool=64, blind_pool=128)


def audited(baseline, candidate, *, refuse=(), blind=False, stages="12", seed=3):
    """The audit of two endpoints in this process; `refuse`: words for which either answers 400."""
    setup = Setup(
        seed=seed, stages=frozenset({"0", *stages}), candidates=WORLD.prompts, probes=WORLD.prompts[:3],
        long=WORLD.prompts[60:84], extent=SMALL,
    )  # fmt: skip
    rngs, asked = (np.random.default_rng(seed), np.random.default_rng([seed, 1])), []

    def answer(turn):
        asked.append(turn)
        settings = turn.ask.settings
        if {name for name, _ in settings.neutral} & set(refuse) or (
            blind and settings.top_logprobs
        ):
            return Answer(ask=turn.ask, trouble="status 400")
        known = (
            dataclasses.replace(turn.ask, prompt=WORLD.prompts[0])
            if turn.ask.prompt not in WORLD.prompts
            else turn.ask
        )
        rng = rngs[turn.anew]  # a second look at the baseline leaves the draws of all others as they are
        said = (candidate if turn.side is Side.CANDIDATE else baseline).answer(known, rng)
        return dataclasses.replace(said, ask=turn.ask, prompt_tokens=9)

    parts, told, kept = audit(setup), None, {}
    while True:
        try:
            turns = parts.send(told) if told is not None else next(parts)
        except StopIteration as end:
            return end.value.overall, asked
        told = {
            each: kept.setdefault(each, answer(each) if each not in kept else None)
            for each in turns
        }


def built(seed, **about):
    return endpoint(WORLD, "one", seed, **about)


def forced(seed, sampler):
    return dataclasses.replace(built(seed, sampler=sampler), forced=True)


SIDES = {
    "the candidate": (built(1), built(2, sampler=CUT)),
    "the baseline": (built(1, sampler=CUT), built(2)),
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("blind", [False, True], ids=["logprobs", "text"])
def test_a_default_that_yields_is_named_and_makes_no_other_model(side, blind):
    found, _ = audited(*SIDES[side], blind=blind, seed=9)

    assert found.answer is (Says.SAME_COARSE if blind else Says.SAME), found.decisions
    assert found.layer is None
    assert found.defaults.startswith(f"{side.removeprefix('the ')}: min_p of about")
    assert "other defaults" in found.words
    assert "to whichever takes them" in found.words


def test_a_default_of_the_baseline_that_yields_is_not_named_for_what_the_candidate_forces():
    """The baseline's draws are unlike its lists, but switched off they change nothing."""
    found, _ = audited(SIDES["the baseline"][0], forced(2, Sampler(temperature=0.6)))

    assert (found.answer, found.layer) == (Says.DIFFERENT, Layer.SAMPLER)
    assert "baseline" not in found.detail


def test_greedy_answers_that_are_not_the_best_of_their_own_lists_are_the_sampler_s():
    found, _ = audited(built(1), forced(2, Sampler(temperature=0.7)), stages="3", seed=4)
    greedy = found.decisions[-1]

    assert (greedy.says, greedy.layer) == (Says.DIFFERENT, Layer.SAMPLER)
    assert "temperature 0" in greedy.detail


@pytest.mark.parametrize("side", SIDES)
def test_a_default_that_can_t_be_asked_away_is_a_sampler_and_is_named_by_its_draws(side):
    found, _ = audited(*SIDES[side], refuse=("min_p",), seed=5)

    assert (found.answer, found.layer) == (Says.DIFFERENT, Layer.SAMPLER)
    assert f"{side.removeprefix('the ')}: a tail that is cut at 0.2" in found.detail
    assert not found.defaults


def test_one_that_refuses_a_word_is_told_the_others():
    """Here the cut is by top_k, and only min_p is refused."""
    found, asked = audited(built(1), built(2, sampler=Sampler(top_k=3)), refuse=("min_p",), seed=4)

    assert found.answer is Says.SAME
    assert "candidate: top_k" in found.defaults
    assert any(
        each.ask.settings.neutral and not dict(each.ask.settings.neutral).get("min_p")
        for each in asked
    )


def test_what_is_forced_stays_different():
    forced = dataclasses.replace(built(2, sampler=Sampler(0.5)), forced=True)
    found, _ = audited(built(1), forced)

    assert (found.answer, found.layer, found.defaults) == (Says.DIFFERENT, Layer.SAMPLER, "")


def test_other_weights_under_a_default_stay_different_and_the_baseline_is_not_asked_for_all_again():
    found, asked = audited(built(1), built(3, change=1.3, sampler=CUT), blind=True)
    again = [each for each in asked if each.side is Side.BASELINE and each.ask.settings.neutral]

    assert found.answer is Says.DIFFERENT
    assert len(again) < SMALL.blind_pool * 5


def test_alike_samplers_are_asked_nothing_more():
    _, asked = audited(built(1, sampler=CUT), built(2, sampler=CUT))

    assert not any(each.ask.settings.neutral for each in asked)


def decided(says, **about):
    return Decision(stage=StageName.LONG, says=says, why="w", requests=3, tokens=5, **about)


OFF = {Side.BASELINE: (), Side.CANDIDATE: (("top_k", -1), ("min_p", 0.0))}
SENT = "(candidate: top_k, min_p)"
SETTLED = {  # the second try, what it is seen to have changed; then what both come to
    "a default": (decided(Says.INCONCLUSIVE), "d", Says.INCONCLUSIVE, "d", 6, ""),
    "nothing was seen to change": (decided(Says.INCONCLUSIVE), "", Says.DIFFERENT, "", 6, SENT),
    "forced": (decided(Says.DIFFERENT, layer=Layer.SAMPLER), "d", Says.DIFFERENT, "", 6, SENT),
    "it could not be asked again": (
        decided(Says.INCONCLUSIVE, notices=("silence",)), "d", Says.DIFFERENT, "", 3, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("again", "default", "says", "defaults", "requests", "sent"), SETTLED.values(), ids=SETTLED
)
def test_both_tries_together(again, default, says, defaults, requests, sent):
    both = settled(decided(Says.DIFFERENT), again, OFF, default)

    assert (both.says, both.defaults, both.requests) == (says, defaults, requests)
    assert both.why.endswith(sent)


def test_words_that_nobody_takes_are_not_said_to_be_switched_off():
    assert told(AS_IT_IS) == "none was taken"
    assert told({**OFF, Side.BASELINE: (("min_p", 0.0),)}).endswith("; baseline: min_p")


FORCED = dataclasses.replace(built(2, sampler=Sampler(0.9)), forced=True)
MISSED_AGAIN = {  # by these seeds the second try, which is the first once more, finds nothing
    "a temperature": (FORCED, False, 6),
    "a temperature, otherwise drawn": (FORCED, False, 8),
    "other weights": (built(3, change=0.3), True, 14),
}


@pytest.mark.parametrize(("candidate", "blind", "seed"), MISSED_AGAIN.values(), ids=MISSED_AGAIN)
def test_what_a_second_try_only_misses_is_no_default(candidate, blind, seed):
    found, _ = audited(built(1), candidate, blind=blind, seed=seed)
    short = next(each for each in found.decisions if each.says is Says.DIFFERENT)

    assert (found.answer, found.defaults) == (Says.DIFFERENT, "")
    assert "it isn't seen that these, switched off, change it (candidate: top_k" in short.why


def test_a_baseline_that_falls_silent_before_its_few_answers_ends_no_audit():
    """It may happen (an end, a budget) where it is asked whether its own defaults add anything."""
    setup = Setup(
        seed=3, stages=frozenset("2"), candidates=WORLD.prompts, probes=WORLD.prompts[:3], extent=SMALL,
    )  # fmt: skip
    prompts, rng = WORLD.prompts[:6], np.random.default_rng(3)
    one, other = built(1), built(9, change=3)
    parts, answers, asked = short_answers(setup, prompts, 64, SHORT), None, []
    while True:
        try:
            turns = parts.send(answers) if answers is not None else next(parts)
        except StopIteration as end:
            found = end.value
            break
        asked += turns
        answers = {}
        for each in turns:
            if each.side is Side.BASELINE and _few(each.ask):
                continue
            known = each.ask
            if known.prompt not in WORLD.prompts:
                known = dataclasses.replace(known, prompt=prompts[0])
            said = (one if each.side is Side.BASELINE else other).answer(known, rng)
            answers[each] = dataclasses.replace(said, ask=each.ask)

    assert found.decision.says is Says.DIFFERENT
    assert any(each.side is Side.BASELINE and _few(each.ask) for each in asked)
    assert "(candidate: top_k, min_p, repetition_penalty, repeat_penalty)" in found.decision.why


def test_no_ask_goes_past_a_cache_because_an_equal_one_is_still_on_its_way():
    setup = Setup(
        seed=3, stages=frozenset("2"), candidates=WORLD.prompts, probes=WORLD.prompts[:3], extent=SMALL,
    )  # fmt: skip
    prompts, rng = WORLD.prompts[:6], np.random.default_rng(3)
    parts, at_once, told = short_answers(setup, prompts, 8, SHORT), [], None
    while len(at_once) < 2:
        turns = parts.send(told) if told is not None else next(parts)
        at_once.append([each.ask.prompt for each in turns if each.side is Side.CANDIDATE])
        told = {each: built(1).answer(each.ask, rng) for each in turns}

    assert [sorted(each) for each in at_once] == [sorted(prompts)] * 2


def _few(ask):
    return bool(ask.settings.neutral) and ask.stage is StageName.SAMPLED


def said(text):
    return Answer(ask=Ask(stage=StageName.LONG, prompt="p", order=0), text=text)


def asked_long(says, known, *, yields=True):
    """The asks of a long part: `says` by whether anything was switched off; what both sides were told."""
    told = []

    def part(off):
        told.append({name for each in off.values() for name, _ in each})
        yield from ()
        heard = {side: [said(f"{side}{bool(off[side]) and yields}")] for side in OFF}
        return Tried(decided(says[any(off.values())]), heard)

    def driven(parts):
        answers = None
        while True:
            try:
                turns = parts.send(answers) if answers is not None else next(parts)
            except StopIteration as end:
                return end.value
            answers = {each: Answer(ask=each.ask, text="x") for each in turns}

    def differ(on, off):
        return [each.text for each in on] != [each.text for each in off]

    return driven(unless_default(part, lambda _: "d", differ, known)).decision, told


def test_long_answers_whose_short_ones_were_alike_are_asked_again_without_penalties_only():
    found, told = asked_long({False: Says.DIFFERENT, True: Says.DIFFERENT}, AS_IT_IS)

    assert found.says is Says.DIFFERENT
    assert told == [set(), {"repetition_penalty", "repeat_penalty"}]


def test_long_answers_begin_without_defaults_that_are_known():
    known = {Side.BASELINE: (("min_p", 0.0),), Side.CANDIDATE: ()}
    _, told = asked_long({True: Says.INCONCLUSIVE}, known)

    assert told == [{"min_p"}]


def test_a_side_that_only_short_answers_left_with_its_defaults_loses_its_penalties_in_long_ones():
    known = {Side.BASELINE: (), Side.CANDIDATE: (("min_p", 0.0),)}
    _, told = asked_long({True: Says.DIFFERENT}, known)

    assert told == [{"min_p"}, {"min_p", "repetition_penalty", "repeat_penalty"}]


@pytest.mark.parametrize("yields", [True, False])
def test_long_answers_that_nothing_is_seen_to_change_stay_different(yields):
    """A server that passes over the words is only asked the same again."""
    found, _ = asked_long({False: Says.DIFFERENT, True: Says.INCONCLUSIVE}, AS_IT_IS, yields=yields)

    assert (found.says, found.defaults) == (
        (Says.INCONCLUSIVE, "d") if yields else (Says.DIFFERENT, "")
    )
