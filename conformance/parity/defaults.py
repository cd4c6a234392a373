"""A sampler's own defaults, beside what was asked for: switched off where a server takes the words.

llama.cpp cuts the tail (top_k 40, min_p 0.05) where an application sends neither, vLLM takes top_k
and a repetition penalty from the model's files, others do nothing: the same weights write other
text then. A difference that goes away once both are told to do nothing is a default; one that
stays is forced, or of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from conformance.parity.model import Ask, Decision, Neutral, Says, Settings, StageName
from conformance.parity.turns import Asking, Side, answered, turns

Off = Mapping[Side, Neutral]
AS_IT_IS: Off = {Side.BASELINE: (), Side.CANDIDATE: ()}

# Each with the values that servers know for "do nothing", the commonest first.
_NOTHING: dict[str, tuple[float, ...]] = {
    "top_k": (-1, 0),
    "min_p": (0.0,),
    "repetition_penalty": (1.0,),
    "repeat_penalty": (1.0,),
}
_PENALTIES = ("repetition_penalty", "repeat_penalty")
_PROMPT = "en-0-5"
_FIRST = 9100  # far from the orders of any plan


def switched_off() -> Asking[Off]:
    """What each side can be told: all in one request, or each by itself where that is refused."""
    every = tuple((name, values[0]) for name, values in _NOTHING.items())
    found = {}
    for side in (Side.BASELINE, Side.CANDIDATE):
        whole = yield from _taken(side, every, _FIRST)
        found[side] = every if whole else (yield from _one_by_one(side))
    return found


def unless_default(
    part: Callable[[Off], Asking[Decision]], name: Callable[[Decision], str], known: Off
) -> Asking[Decision]:
    """A long part of an audit; if it says different, once more with the penalties off.

    `known`: defaults by which short answers differed; it begins with them off. Where those were
    alike no tail is touched: it is no cause, and unlikely words would hide what a penalty does.
    """
    if any(known.values()):
        return (yield from part(known))
    found = yield from part(AS_IT_IS)
    if found.says is not Says.DIFFERENT:
        return found
    every = yield from switched_off()
    off = {side: tuple(one for one in each if one[0] in _PENALTIES) for side, each in every.items()}
    if not any(off.values()):
        return found
    again = yield from part(off)
    return settled(found, again, name(found))


def settled(found: Decision, again: Decision, default: str) -> Decision:
    """What both came to: different only if both say so, so the error of `different` only falls."""
    both = replace(
        again, requests=found.requests + again.requests, tokens=found.tokens + again.tokens
    )
    if again.says is Says.DIFFERENT:
        why = f"{again.why}, with the defaults of both samplers switched off"
        return replace(both, why=why)
    if again.notices:
        return found
    return replace(both, defaults=default)


def _one_by_one(side: Side) -> Asking[Neutral]:
    taken: Neutral = ()
    order = _FIRST
    for name, values in _NOTHING.items():
        for value in values:
            order += 1
            if (yield from _taken(side, ((name, value),), order)):
                taken = (*taken, (name, value))
                break
    return taken


def _taken(side: Side, neutral: Neutral, order: int) -> Asking[bool]:
    """Whether it answers. One that passes over what it doesn't know answers as if not told."""
    settings = Settings(neutral=neutral)
    asked = turns(
        side, [Ask(stage=StageName.SAMPLER, prompt=_PROMPT, order=order, settings=settings)]
    )
    told = yield asked
    return any(not each.trouble for each in answered(told, asked))
