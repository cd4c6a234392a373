"""A kept baseline as a part of an audit: a tenth of it is asked again, and held against what it said."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.parity.drift import by_logprobs
from conformance.parity.first import asked_first
from conformance.parity.floor import choose, own_floor
from conformance.parity.lists import first, mean_sigma
from conformance.parity.model import Answer, Ask, Decision, Says, Settings, StageName
from conformance.parity.setup import DEFAULT_FLOOR, Setup
from conformance.parity.turns import Asking, Side, answered, by_prompt, hear, repeated, turns


def begun(setup: Setup, width: int) -> Asking[Decision]:
    """The first night of an endpoint that is held against itself: what it says is kept."""
    if not width:
        why = "it gives no logprobs, and its texts alone are not held against themselves"
        return Decision(stage=StageName.DRIFT, says=Says.INCONCLUSIVE, why=why, notices=(why,))
    asks = repeated(
        StageName.LOGPROBS,
        asked_first(setup),
        Settings(top_logprobs=width),
        range(setup.extent.repeats),
    )
    heard = yield from hear(turns(Side.BASELINE, asks))
    listed = by_prompt(each for each in heard if first(each) and not each.trouble)
    return Decision(
        stage=StageName.DRIFT,
        says=Says.INCONCLUSIVE,
        why=f"the first night: what it said to {len(listed)} prompts is kept for the next ones",
        requests=len(heard),
        tokens=sum(each.tokens for each in heard),
    )


def again(prompts: Sequence[str], night: int, width: int) -> tuple[Ask, ...]:
    """The asks of one night."""
    settings = Settings(top_logprobs=width)
    return repeated(StageName.DRIFT, prompts, settings, range(night, night + 1))


def drifted(setup: Setup, width: int) -> Asking[Decision]:
    """The baseline against its own past; nights that are over are told from what was kept."""
    prompts = sorted({prompt for night in setup.nights for prompt in night})
    lists = repeated(
        StageName.LOGPROBS, prompts, Settings(top_logprobs=width), range(setup.extent.repeats)
    )
    heard = yield from hear(turns(Side.BASELINE, lists))
    cached = by_prompt(each for each in heard if first(each) and not each.trouble)
    floor = choose(own_floor(cached), None, setup.floor or DEFAULT_FLOOR)
    nights: list[list[float]] = []
    for number, asked in enumerate(setup.nights, 1):
        mine = turns(Side.BASELINE, again(asked, number, width))
        told = yield mine
        nights.append(_distances(answered(told, mine), cached, floor.sigma))
    return by_logprobs(nights)


def _distances(
    answers: Sequence[Answer], cached: dict[str, list[Answer]], floor: float
) -> list[float]:
    return [
        mean_sigma(each, cached[each.ask.prompt]) / floor
        for each in answers
        if first(each) and not each.trouble and each.ask.prompt in cached
    ]
