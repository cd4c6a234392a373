"""Before first tokens say `different`: do they say so again, and is the baseline what it was?

The baseline's answers were collected before, and while, the candidate was asked. If it was changed
meanwhile, its new answers leave its old ones, and the candidate is held against a model that is
gone. And a candidate whose noise grows with its load (batches, experts) lies farther from the
baseline while eight asks are in flight than alone. So the prompts that decided are asked of the
baseline once more, and of the candidate too unless the difference is larger than load makes it,
one at a time. A second look never makes `different` of anything else: its error only falls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from conformance.parity.lists import mean_sigma
from conformance.parity.logprobs import CLIP, FAR_SHARE, MARGIN, Logprobs, read, stop
from conformance.parity.model import Answer, Ask, Decision, Layer, Says, Settings, StageName
from conformance.parity.turns import Asking, Side, Turn, answered, mixed, turns

CLEAR = 4.0  # floors, at half of the prompts: no load makes so much of the same weights
_DURING = "during the audit"
_AGAIN = 2000  # the number of what is asked again, far from those of any plan
_FLEET = 32  # asks, at least, in which a build that some requests meet is to be met again
_ENOUGH = 0.5  # of the deciding prompts, or nothing follows from the second look


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What stage 1 says after a second look, and what was found of the baseline, if anything."""

    decision: Decision
    moved: Decision | None = None


def confirmed(
    stage: Logprobs, decision: Decision, said: Sequence[Answer], *, recorded: bool
) -> Asking[Confirmed]:
    """A second look at the prompts that decided; what doesn't answer changes nothing.

    `recorded`: the baseline is gone, and all that it said is kept.
    """
    used = stage.witnesses(said)[: decision.requests]
    deciding = [each.ask.prompt for each in used]
    settings = Settings(top_logprobs=stage.width)
    rounds = range(math.ceil(_FLEET / len(deciding)) if decision.layer is Layer.FLEET else 1)
    clear = median(_ratios(stage, used)) >= CLEAR
    asks = [
        Ask(stage=StageName.LOGPROBS, prompt=each, order=_AGAIN + n, settings=settings)
        for n in rounds
        for each in deciding
    ]
    once = () if recorded else asks[: len(deciding)]
    known = tuple(Turn(Side.BASELINE, each, anew=True) for each in once)
    mine = () if clear else turns(Side.CANDIDATE, asks)
    told: dict[Turn, Answer] = {}
    for each in (known,) if clear else ((one,) for one in mixed(known, mine)):
        told |= (yield each) if each else {}
    own, again = (_ratios(stage, answered(told, side)) for side in (known, mine))
    if stop(read(own))[0] is Says.DIFFERENT:
        return _moved(decision, own)
    if len(again) < _ENOUGH * len(deciding):
        return Confirmed(decision)
    return Confirmed(_at_low_load(decision, again, answered(told, mine)))


def _ratios(stage: Logprobs, answers: Sequence[Answer]) -> list[float]:
    return [
        mean_sigma(each, known) / stage.floor.sigma
        for each in answers
        if not each.trouble and (known := stage.known(each))
    ]


def _moved(decision: Decision, own: Sequence[float]) -> Confirmed:
    """A finding about the baseline; nothing is held against the candidate."""
    why = (
        f"its answers lie {_mean(own):.2f} floors from its own earlier ones to the same {len(own)} "
        "prompts: it was changed during the audit, or is a mix of builds"
    )
    return Confirmed(withdrawn(decision), moved(why, len(own), decision.level))


def withdrawn(decision: Decision) -> Decision:
    """Not `different` from a baseline that is not what it was."""
    why = f"{decision.why}; but the baseline itself is not what it was when it was asked first"
    return replace(decision, says=Says.INCONCLUSIVE, layer=None, detail="", why=why)


def moved(why: str, requests: int, level: float, tokens: int | None = None) -> Decision:
    """What is found of the baseline itself; by answers of one token, unless `tokens` says how many."""
    return Decision(
        stage=StageName.DRIFT,
        says=Says.DIFFERENT,
        why=why,
        detail=_DURING,
        requests=requests,
        tokens=requests if tokens is None else tokens,
        level=level,
    )


def _at_low_load(decision: Decision, again: Sequence[float], said: Sequence[Answer]) -> Decision:
    """`different` stands where it is so again, on the mean or by those far away."""
    whole = replace(
        decision,
        requests=decision.requests + len(said),
        tokens=decision.tokens + sum(each.tokens for each in said),
    )
    far = sum(each > CLIP for each in again) / len(again)
    over = sum(min(each, CLIP) for each in again) / len(again) > MARGIN
    if over or far > FAR_SHARE:
        seen = f"asked one at a time: {_mean(again):.2f} floors"
        stands = replace(whole, remarks=(*whole.remarks, seen))
        return stands if over else replace(stands, layer=Layer.FLEET, detail="")
    before = decision.ratio.value if decision.ratio else 0.0
    why = (
        f"first tokens differ by {before:.2f} floors while several asks are in flight, and by "
        f"{_mean(again):.2f} asked one at a time: the candidate's noise depends on its load"
    )
    return replace(
        whole, says=Says.INCONCLUSIVE, layer=None, detail="", why=why, notices=(*whole.notices, why)
    )


def _mean(ratios: Sequence[float]) -> float:
    return sum(ratios) / len(ratios)
