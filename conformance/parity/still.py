"""Before long answers say `different`: does the baseline still write as it did a moment ago?

Its answers were collected before, or are kept. If it was changed since, the candidate is held
against a model that is gone. So the baseline is asked anew, as often as the candidate was, and
held against its own earlier answers by the same statistics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from conformance.parity.betting import crossing
from conformance.parity.confirm import moved
from conformance.parity.drawn import fortunes
from conformance.parity.greedy import departures
from conformance.parity.model import Answer, Decision, Settings, StageName
from conformance.parity.pools import spoken
from conformance.parity.setup import Setup
from conformance.parity.turns import Asking, Side, Turn, by_prompt, hear, repeated
from conformance.parity.written import text_p_value

_NOW = 3000  # the first number of what is asked again, far from those of any plan
_MOVED = 0.0005  # the chance that a baseline seems to have been changed, and was not
_SINCE = "it was changed during the audit, or is a mix of builds"


def sampled(
    setup: Setup, settings: Settings, known: Sequence[Answer], decision: Decision
) -> Asking[Decision | None]:
    """The finding that it writes otherwise, or draws from its lists no longer; else nothing."""
    prompts = sorted(by_prompt(known))
    each = max(2, math.ceil(decision.requests / len(prompts)))
    heard = yield from _anew(setup, settings, prompts, each)
    if not any(map(spoken, heard)):
        return None
    p, feature = text_p_value(by_prompt(known), heard, setup.seed, _MOVED)
    drawn = not _otherwise(known) and _otherwise(heard)
    if p > _MOVED and not drawn:
        return None
    how = feature if p <= _MOVED else "drawn otherwise than its lists say"
    return _found(
        f"{len(heard)} of its long answers differ from its earlier ones ({how})", heard, decision
    )


def _otherwise(answers: Sequence[Answer]) -> bool:
    """Its tokens don't follow its lists, as far as these name every token."""
    used = [each for each in answers if not each.trouble and each.positions and _named(each)]
    return bool(crossing(fortunes(used)[0], _MOVED))


def _named(answer: Answer) -> bool:
    return all(each.token and all(one.token for one in each.top) for each in answer.positions)


def greedy(
    setup: Setup, settings: Settings, known: Sequence[Answer], decision: Decision
) -> Asking[Decision | None]:
    """The finding that more of its greedy answers leave its earlier ones than numerics make."""
    before = {each.ask.prompt: spoken(each) for each in known if spoken(each)}
    heard = yield from _anew(setup, settings, sorted(before), 1)
    told = [each for each in heard if spoken(each)]
    left = sum(spoken(each) != before[each.ask.prompt] for each in told)
    if departures(left, len(told), left, 0) > _MOVED:
        return None
    return _found(
        f"{left} of {len(told)} of its greedy answers leave its earlier ones", heard, decision
    )


def _anew(
    setup: Setup, settings: Settings, prompts: Sequence[str], each: int
) -> Asking[list[Answer]]:
    """Asked now, whatever is kept; a baseline that is gone is not asked."""
    times = range(_NOW, _NOW if setup.recorded else _NOW + each)
    asks = repeated(StageName.LONG, prompts, settings, times)
    return (yield from hear([Turn(Side.BASELINE, one, anew=True) for one in asks]))


def _found(why: str, heard: Sequence[Answer], decision: Decision) -> Decision:
    tokens = sum(each.tokens for each in heard)
    return moved(f"{why}: {_SINCE}", len(heard), decision.level, tokens)
