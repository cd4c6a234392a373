"""A kept baseline as a part of an audit: a tenth of it is asked again, and held against what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.parity.border import border
from conformance.parity.candidates import probes
from conformance.parity.drift import by_logprobs, by_texts
from conformance.parity.first import asked_first
from conformance.parity.floor import choose, own_floor, past_floor
from conformance.parity.lists import first, mean_sigma
from conformance.parity.model import Answer, Ask, Decision, Says, Settings, StageName
from conformance.parity.pools import pooled
from conformance.parity.rendering import Rendering
from conformance.parity.setup import Setup
from conformance.parity.turns import Asking, Side, Turn, answered, by_prompt, hear, repeated, turns

Rendered = Mapping[str, tuple[int | None, int | None]]
"""Prompt tokens of each probe at both."""
POOLED = range(100, 228)
"""Numbers of the answers that are kept where there are no logprobs: others chose the prompts."""
NIGHT = 1000
"""Numbers of a night's answers begin at its own times so many."""
EACH = 24
"""A night's answers to each prompt, where there are no logprobs."""
MOST_TEXTS = 20
"""Prompts of such a night, at most."""
_AGAIN, LEAST_AGAIN, _MOST_AGAIN = 10, 24, 48
"""One kept prompt in so many is asked again each night, and at least and at most so many."""


def number_again(kept: int) -> int:
    """Of so many kept prompts, how many a night asks again where there are logprobs."""
    return max(LEAST_AGAIN, min(_MOST_AGAIN, kept // _AGAIN))


def begun(setup: Setup, width: int) -> Asking[Decision]:
    """The first night of an endpoint that is held against itself: what it says is kept."""
    if width:
        prompts, times, settings, stage = (
            asked_first(setup),
            range(setup.extent.repeats),
            Settings(top_logprobs=width),
            StageName.LOGPROBS,
        )
    else:
        prompts = (yield from border(setup, 0, {})).prompts
        times, settings, stage = POOLED, Settings(), StageName.SAMPLED
    heard = yield from hear(turns(Side.BASELINE, repeated(stage, prompts, settings, times)))
    told = by_prompt(each for each in heard if not each.trouble and (first(each) or not width))
    return Decision(
        stage=StageName.DRIFT,
        says=Says.INCONCLUSIVE,
        why=f"the first night: what it said to {len(told)} prompts is kept for the next ones",
        requests=len(heard),
        tokens=sum(each.tokens for each in heard),
    )


def unheard(why: str) -> Decision:
    """An endpoint whose first tokens are no witnesses is not held against its past by them."""
    return Decision(stage=StageName.DRIFT, says=Says.INCONCLUSIVE, why=why, notices=(why,))


def drifted_in_texts(setup: Setup) -> Asking[Decision]:
    """The baseline's short answers against those that are kept, night by night."""
    again = {prompt for night in setup.text_nights for prompt in night}
    kept = [
        ask
        for prompt, many in setup.pooled
        if prompt in again
        for ask in repeated(StageName.SAMPLED, (prompt,), Settings(), POOLED[:many])
    ]
    pool = pooled((yield from hear(turns(Side.BASELINE, kept))))
    nights = []
    for number, prompts in enumerate(setup.text_nights, 1):
        times = range(NIGHT * number, NIGHT * number + EACH)
        asks = repeated(StageName.DRIFT, prompts, Settings(), times)
        nights.append(pooled((yield from hear(turns(Side.BASELINE, asks)))))
    return by_texts(pool, nights, seed=0)  # the same on every night, or each would look anew


def rerendered(setup: Setup, rendered: Rendered) -> Asking[list[Decision]]:
    """Before prompt tokens that were kept are held against anybody, the baseline counts anew."""
    tried = tuple(probe for probe, prompt in probes() if prompt.id in setup.probes)
    asks = Rendering(tried, {}).next([]).asks
    anew = [
        Turn(Side.BASELINE, replace(each, order=NIGHT + each.order), anew=True) for each in asks
    ]
    heard = yield from hear(anew)
    kept = {prompt: known for prompt, (known, _) in rendered.items() if known is not None}
    found = Rendering(tried, kept).judge(heard)
    if found.says is not Says.DIFFERENT:
        return []
    why = f"its own prompts are not rendered as when they were kept: {found.detail}"
    return [
        replace(found, stage=StageName.DRIFT, why=why, detail="", remarks=(), missed=(), troubled=0)
    ]


def again(prompts: Sequence[str], night: int, width: int) -> tuple[Ask, ...]:
    """The asks of one night."""
    settings = Settings(top_logprobs=width)
    return repeated(StageName.DRIFT, prompts, settings, range(night, night + 1))


def drifted(setup: Setup, width: int) -> Asking[tuple[Decision, float | None]]:
    """The baseline against its own past; nights that are over are told from what was kept.

    And how far apart, in logits, its answers lie from night to night: a part of its own floor.
    """
    prompts = sorted({prompt for night in setup.nights for prompt in night})
    lists = repeated(
        StageName.LOGPROBS, prompts, Settings(top_logprobs=width), range(setup.extent.repeats)
    )
    heard = yield from hear(turns(Side.BASELINE, lists))
    cached = by_prompt(each for each in heard if first(each) and not each.trouble)
    floor = choose(own_floor(cached), None, setup.floor)
    nights: list[list[float]] = []
    for number, asked in enumerate(setup.nights, 1):
        mine = turns(Side.BASELINE, again(asked, number, width))
        told = yield mine
        nights.append(_distances(answered(told, mine), cached, floor.sigma))
    every = [each for night in nights for each in night]
    return by_logprobs(nights), past_floor(every, floor.sigma)


def _distances(
    answers: Sequence[Answer], cached: dict[str, list[Answer]], floor: float
) -> list[float]:
    return [
        mean_sigma(each, cached[each.ask.prompt]) / floor
        for each in answers
        if first(each) and not each.trouble and each.ask.prompt in cached
    ]
