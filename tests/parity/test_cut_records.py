"""Stopping at every request, and records cut anywhere: no stage says another thing than the whole does."""

import dataclasses

import numpy as np
import pytest
from said import run

from conformance.parity.floor import Floor, Source
from conformance.parity.logprobs import Logprobs
from conformance.parity.long import LOOKS, TOKENS, Long
from conformance.parity.model import Ask, Says, Settings, StageName
from conformance.parity.pools import pooled
from conformance.parity.sampled import SHORT, TAIL, Sampled
from conformance.parity.sampler import Honoured, parameters
from conformance.parity.simulated import endpoint, world
from conformance.parity.tilts import Sampler

WORLD = world(12)
BASELINE = endpoint(WORLD, "a", 1)
OF = {group: [p for p, g in zip(WORLD.prompts, WORLD.groups, strict=True) if g == group] for group in ("mid", "high")}
SAME, INT4, INT8 = (endpoint(WORLD, "b", 9, change=change) for change in (0.0, 1.3, 0.2))
COOL, CUT = (endpoint(WORLD, "b", 9, sampler=each) for each in (Sampler(0.7), Sampler(min_p=0.1)))
PENALISED, DEAF = dataclasses.replace(SAME, penalty=1.0), dataclasses.replace(SAME, forced=True)


def collected(prompts, each, **settings):
    rng = np.random.default_rng(1)
    asks = [Ask(stage=StageName.SAMPLED, prompt=p, order=n, settings=Settings(**settings)) for p in prompts for n in range(each)]
    return [BASELINE.answer(one, rng) for one in asks]


def by_prompt(answers):
    return {p: [one for one in answers if one.ask.prompt == p] for p in {one.ask.prompt for one in answers}}


def first_tokens():
    known = by_prompt(collected(WORLD.prompts, 4, top_logprobs=20))
    return Logprobs(WORLD.prompts[:96], known, Floor(0.07, Source.REPLICA))


def short():
    return Sampled(pooled(collected([*OF["mid"][:16], *OF["high"][:4]], 96)), 3)


def tail():
    return Sampled(pooled(collected(OF["mid"][:20], 96)), 3, TAIL)


def long():
    return Long(by_prompt(collected(OF["high"][:8], 12, max_tokens=TOKENS)), 3)


def honoured():
    return Honoured(parameters(top_k=True, blind=True), tuple(OF["high"][:10]), {})


AUDITS = {
    "1, same weights": (first_tokens, SAME, Says.SAME, range(1, 97)),
    "1, int8 weights": (first_tokens, INT8, Says.DIFFERENT, range(1, 97)),
    "2, same weights": (short, SAME, None, (each * 20 for each in SHORT.looks)),
    "2, int4": (short, INT4, Says.DIFFERENT, (each * 20 for each in SHORT.looks)),
    "2, temperature 0.7": (short, COOL, Says.DIFFERENT, (each * 20 for each in SHORT.looks)),
    "2b, min_p 0.1": (tail, CUT, Says.DIFFERENT, (each * 20 for each in TAIL.looks)),
    "2b, all ignored": (honoured, DEAF, Says.DIFFERENT, range(1, 161)),
    "3, a penalty": (long, PENALISED, Says.DIFFERENT, (each * 8 for each in LOOKS)),
}


@pytest.fixture(scope="module")
def audited():
    """Each audit once: the stage, its decision, all that was said, and the cuts at which it may be decided."""
    kept = {}

    def once(about):
        if about not in kept:
            make, of, _, looks = AUDITS[about]
            rng, stage = np.random.default_rng(2), make()
            kept[about] = (stage, *run(stage, lambda each: of.answer(each, rng)), frozenset(looks))
        return kept[about]

    return once


@pytest.mark.parametrize("about", AUDITS)
def test_what_is_said_at_one_request_is_said_at_every_later_one(audited, about):
    """Nothing is decided before the whole is, nor otherwise, and only where a look is complete."""
    stage, decision, seen, looks = audited(about)
    step = max(1, len(seen) // 160)
    cuts = sorted({*range(1, len(seen), step), *(each for each in looks if each < len(seen)), len(seen)})
    said = {cut: stage.judge(seen[:cut]).says for cut in cuts}
    decided = [cut for cut, says in said.items() if says is not Says.INCONCLUSIVE]

    assert decision.says is AUDITS[about][2] or AUDITS[about][2] is None
    assert {said[cut] for cut in decided} <= {decision.says}
    assert not decided or (min(decided) in looks and decided == [cut for cut in cuts if cut >= min(decided)])


@pytest.mark.parametrize("about", AUDITS)
def test_a_record_cut_between_looks_is_judged_at_the_last_complete_one(audited, about):
    stage, _, seen, looks = audited(about)
    for at in (0.3, 0.55, 0.8):
        cut = int(len(seen) * at)
        complete = max((each for each in looks if each <= cut), default=0)
        between, there = stage.judge(seen[:cut]), stage.judge(seen[:complete])

        assert (between.says, between.layer, between.p_values) == (there.says, there.layer, there.p_values)


@pytest.mark.parametrize("about", AUDITS)
def test_the_order_in_which_answers_came_changes_nothing(audited, about):
    stage, decision, seen, _ = audited(about)
    mixed = [seen[n] for n in np.random.default_rng(3).permutation(len(seen))]

    assert stage.judge(mixed) == decision
