"""A sampler's own defaults, beside what was asked for: switched off where a server takes the words.

llama.cpp cuts the tail (top_k 40, min_p 0.05) where an application sends neither, vLLM takes top_k
and a repetition penalty from the model's files, others do nothing: the same weights write other
text then. A difference that goes away once whoever takes the words is told to do nothing is a
default, if somebody's answers are seen to change by that; one that stays is forced, or of the
weights, and so is one that only wasn't seen a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from conformance.parity.confirm import withdrawn
from conformance.parity.model import Answer, Ask, Decision, Neutral, Says, Settings, StageName
from conformance.parity.turns import Asking, Side, answered, turns

Off = Mapping[Side, Neutral]
_SIDES = (Side.CANDIDATE, Side.BASELINE)
AS_IT_IS: Off = dict.fromkeys(_SIDES, ())
SHOWN = 0.01  # the chance that a side seems to answer otherwise without its defaults, and doesn't

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


class Tried(NamedTuple):
    """A part of an audit with some defaults switched off, and what each side said in it."""

    decision: Decision
    heard: Mapping[Side, Sequence[Answer]]
    moved: Decision | None = None
    """What was found of the baseline: it is not what it was. Then `decision` is not different."""


Changed = Callable[[Sequence[Answer], Sequence[Answer]], bool]
"""Whether one side's answers with its defaults and without are seen to differ."""


def switched_off() -> Asking[Off]:
    """What each side can be told: all in one request, or each by itself where that is refused."""
    every = tuple((name, values[0]) for name, values in _NOTHING.items())
    found = {}
    for side in (Side.BASELINE, Side.CANDIDATE):
        whole = yield from _taken(side, every, _FIRST)
        found[side] = every if whole else (yield from _one_by_one(side))
    return found


def unless_default(
    part: Callable[[Off], Asking[Tried]],
    name: Callable[[Decision], str],
    changed: Changed,
    known: Off,
) -> Asking[Tried]:
    """A long part of an audit; if it says different, once more with the penalties off.

    `known`: defaults by which short answers differed; it begins with them off. Where those were
    alike no tail is touched: it is no cause, and unlikely words would hide what a penalty does.
    """
    found = yield from part(known)
    if found.decision.says is not Says.DIFFERENT:
        return found
    every = yield from switched_off()
    off = {side: known[side] or _penalties(every[side]) for side in _SIDES}
    if off == known:
        return found
    again = yield from part(off)
    if again.moved:
        return found._replace(decision=withdrawn(found.decision), moved=again.moved)
    shown = any(
        off[side] != known[side] and changed(found.heard[side], again.heard[side])
        for side in _SIDES
    )
    default = name(found.decision) if shown else ""
    return again._replace(decision=settled(found.decision, again.decision, off, default))


def _penalties(neutral: Neutral) -> Neutral:
    return tuple(each for each in neutral if each[0] in _PENALTIES)


def settled(found: Decision, again: Decision, off: Off, default: str) -> Decision:
    """What both came to: never different where the first wasn't, so the error of that only falls.

    `off`: what was switched off in the second; `default`: what that is seen to have changed, or
    nothing. Then both asked the same, and the second adds nothing to the first.
    """
    requests, tokens = found.requests + again.requests, found.tokens + again.tokens
    if again.says is Says.DIFFERENT:
        why = f"{again.why}, also with these switched off ({told(off)})"
        return replace(again, requests=requests, tokens=tokens, why=why)
    if again.notices:
        return found
    if not default:
        why = f"{found.why}; it isn't seen that these, switched off, change it ({told(off)})"
        return replace(found, requests=requests, tokens=tokens, why=why)
    return replace(again, requests=requests, tokens=tokens, defaults=default)


def told(off: Off) -> str:
    """What was switched off on which side, for a person."""
    sides = (f"{side}: {', '.join(name for name, _ in off[side])}" for side in _SIDES if off[side])
    return "; ".join(sides) or "none was taken"


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
    return any(each.thoughts or not each.trouble for each in answered(told, asked))
