"""Stage 2b of several tokens: penalties that are honoured, ignored, or shown by the lists themselves."""

import dataclasses

import numpy as np
import pytest
from said import driven

from conformance.parity.audit import audit
from conformance.parity.model import Answer, Says, StageName
from conformance.parity.penalised import PENALTIES
from conformance.parity.setup import Setup
from conformance.parity.simulated import endpoint, world
from conformance.parity.turns import Side

WORLD = world(5, mid=60, high=60, low=20)
PLAIN = endpoint(WORLD, "one", 1)
OTHER = endpoint(WORLD, "one", 3, change=1.3)
DEAF = dataclasses.replace(PLAIN, deaf=True)
SHOWN = dataclasses.replace(PLAIN, shown=True)
HALF = dataclasses.replace(PLAIN, penalty=0.5)


def compared(baseline, candidate, *, lists=True, seed=3):
    """The decisions of stage 2b, and every turn asked."""
    setup = Setup(seed=seed, stages=frozenset({"2b"}), candidates=WORLD.prompts, long=WORLD.prompts[60:84])
    rng = np.random.default_rng(seed)
    found, asked = driven(
        audit(setup), lambda each: said(each, candidate if each.side is Side.CANDIDATE else baseline, rng, lists=lists)
    )
    return [each for each in found.overall.decisions if each.stage is StageName.SAMPLER], asked


def said(turn, of, rng, *, lists):
    if turn.ask.settings.top_logprobs and not lists:
        return Answer(ask=turn.ask, trouble="status 400")
    prompt = turn.ask.prompt if turn.ask.prompt in WORLD.prompts else WORLD.prompts[0]
    return dataclasses.replace(of.answer(dataclasses.replace(turn.ask, prompt=prompt), rng), ask=turn.ask)


BOTH = ("honoured", "honoured")
PAIRS = {
    "both honour them": (PLAIN, PLAIN, Says.SAME, BOTH),
    "another build that honours them": (PLAIN, OTHER, Says.SAME, BOTH),
    "the candidate passes over them": (PLAIN, DEAF, Says.DIFFERENT, ("ignored", "ignored")),
    "both pass over them": (DEAF, DEAF, Says.SAME, ("ignored", "ignored")),
    "the baseline alone passes over them": (DEAF, PLAIN, Says.SAME, BOTH),
    "lists that are those after penalties": (PLAIN, SHOWN, Says.SAME, BOTH),
    "a penalty of its own besides": (PLAIN, HALF, Says.SAME, BOTH),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("baseline", "candidate", "says", "table"), PAIRS.values(), ids=PAIRS)
def test_what_is_made_of_penalties(baseline, candidate, says, table, seed):
    (_, found), asked = compared(baseline, candidate, seed=seed)

    assert (found.says, tuple(row[1] for row in found.table)) == (says, table), found.table
    assert found.tokens <= (2 * 16 + 3 * 8) * 48
    heard = {each.side for each in asked if any(name in dict(each.ask.settings.neutral) for name in PENALTIES)}
    assert (Side.BASELINE in heard) == ("ignored" in table)


def test_without_lists_nothing_is_asked_and_that_is_said():
    decisions, asked = compared(PLAIN, DEAF, lists=False)

    assert decisions[-1].missed == ("a penalty that is ignored",)
    assert decisions[-1].says is Says.INCONCLUSIVE
    assert not any(name in dict(each.ask.settings.neutral) for each in asked for name in PENALTIES)


class Silent:
    """A baseline that is never asked for a penalty, or refuses one."""

    def answer(self, ask, rng):
        if any(name in dict(ask.settings.neutral) for name in PENALTIES):
            return Answer(ask=ask, trouble="status 400")
        return DEAF.answer(ask, rng)


def test_what_nobody_knows_of_the_baseline_is_no_difference():
    (_, found), _ = compared(Silent(), DEAF)

    assert (found.says, found.layer) == (Says.INCONCLUSIVE, None)
    assert [row[1] for row in found.table] == ["ignored", "ignored"]


def test_greedy_answers_that_are_missing_are_left_out():
    class Stumbles:
        asked = 0

        def answer(self, ask, rng):
            if not ask.settings.temperature and not ask.settings.neutral and ask.settings.max_tokens > 1:
                self.asked += 1
                if self.asked % 2:
                    return Answer(ask=ask, trouble="status 500")
            return DEAF.answer(ask, rng)

    (_, found), _ = compared(PLAIN, Stumbles())

    assert found.says is Says.DIFFERENT


def test_a_penalty_that_is_refused_is_no_evidence():
    class Strict:
        def answer(self, ask, rng):
            if ask.settings.neutral:
                return Answer(ask=ask, trouble="status 400")
            return PLAIN.answer(ask, rng)

    (_, found), _ = compared(PLAIN, Strict())

    assert found.says is Says.INCONCLUSIVE
    assert found.troubled == found.requests == 8
