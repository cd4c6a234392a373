"""Stage 2 as a part of an audit: short answers, past a cache, and past the defaults of samplers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conformance.parity import explain
from conformance.parity.confirm import moved, withdrawn
from conformance.parity.defaults import AS_IT_IS, SHOWN, Off, settled, switched_off, told
from conformance.parity.model import Decision, Neutral, Says, Settings, StageName
from conformance.parity.permutation import p_value
from conformance.parity.pools import Pool, pooled, silent, spaced, tables
from conformance.parity.sampled import Design, Sampled
from conformance.parity.setup import Setup
from conformance.parity.turns import (
    Asking,
    Side,
    Turn,
    answered,
    hear,
    mixed,
    repeated,
    through,
    turns,
)

LEAST_PROMPTS = 4
_NOW, _FEW = 3000, 12  # the first number, and how many answers to each prompt, of a second look
_MOVED = 0.0005  # the chance that a baseline seems to have been changed, and was not
_POOL_FROM = 100  # numbers of the pool's answers: those that chose the prompts come before


@dataclass(frozen=True, slots=True)
class Short:
    """Stage 2, and the strings that both gave."""

    decision: Decision | None  # None: it wasn't asked
    pool: Pool
    said: Pool
    cached: bool = False  # equal asks got the answer of the first, until each had a prefix
    off: Off = field(default_factory=lambda: AS_IT_IS)  # defaults by which they had differed
    moved: Decision | None = None  # what was found of the baseline: it is not what it was
    undone: frozenset[Side] = frozenset()  # sides that are seen to answer otherwise without theirs


def short_answers(setup: Setup, prompts: Sequence[str], pool: int, design: Design) -> Asking[Short]:
    """Stage 2, or the tail of 2b; once more with a prefix of its own for each ask if a cache shows.

    `pool`: the baseline's answers to each prompt.
    """
    if len(prompts) < LEAST_PROMPTS:
        why = "the baseline's answers vary at too few prompts to compare them"
        return Short(undecided(design, why), {}, {})
    found = yield from _uncached(setup, prompts, pool, design, AS_IT_IS)
    if found.decision is None or found.decision.says is not Says.DIFFERENT:
        return found
    left = yield from _moved(setup, found, found.decision)
    if left:
        return replace(found, decision=withdrawn(found.decision), moved=left)
    return (yield from _past_defaults(setup, found, found.decision, pool, design))


def _moved(setup: Setup, found: Short, decision: Decision) -> Asking[Decision | None]:
    """Whether the baseline answers otherwise than in its pool: it was changed meanwhile."""
    times = range(_NOW, _NOW if setup.recorded else _NOW + _FEW)
    salt = f"{setup.seed}-now" if found.cached else ""
    asks = repeated(StageName.SAMPLED, sorted(found.pool), Settings(), times, salt)
    heard = yield from hear([Turn(Side.BASELINE, each, anew=True) for each in asks])
    now = tables(found.pool, pooled(heard))
    if not now or p_value(now, setup.seed, _MOVED) > _MOVED:
        return None
    why = (
        f"{len(heard)} of its short answers are drawn from other distributions than those it gave "
        "before: it was changed during the audit, or is a mix of builds"
    )
    return moved(why, len(heard), decision.level)


def _past_defaults(
    setup: Setup, found: Short, decision: Decision, pool: int, design: Design
) -> Asking[Short]:
    """What differs, once more with the defaults of both switched off."""
    off = yield from switched_off()
    again = yield from _without_defaults(setup, found, pool, design, off)
    if again is None or again.decision is None:
        why = f"{decision.why}; what could be switched off is no cause ({told(off)})"
        return replace(found, decision=replace(decision, why=why))
    undone = _undone(found, again, setup.seed)
    default = _named_default(found, again) if undone else ""
    settles = settled(decision, again.decision, again.off, default)
    if settles.defaults:
        return replace(again, decision=settles)
    shown = again if settles.says is again.decision.says else found
    return replace(shown, decision=settles, off=AS_IT_IS, undone=undone)


def _without_defaults(
    setup: Setup, found: Short, pool: int, design: Design, off: Off
) -> Asking[Short | None]:
    """Once more with defaults switched off: the candidate's, which is cheap, and then both."""
    prompts, again = sorted(found.pool), None
    if off[Side.CANDIDATE]:
        here = {**off, Side.BASELINE: ()}
        again = yield from _uncached(setup, prompts, pool, design, here)
        if again.decision and again.decision.says is not Says.DIFFERENT:
            return again
    if (yield from _adds(found, off[Side.BASELINE], setup.seed)):
        return (yield from _uncached(setup, prompts, pool, design, off))
    return again


def _adds(found: Short, neutral: Neutral, seed: int) -> Asking[bool]:
    """Whether the baseline answers otherwise with its defaults off: as many as its candidate gave."""
    if not neutral:
        return False
    few = max(2, *map(len, found.said.values()))
    times = range(_POOL_FROM, _POOL_FROM + few)
    asks = repeated(StageName.SAMPLED, sorted(found.pool), Settings(neutral=neutral), times)
    heard = pooled((yield from hear(turns(Side.BASELINE, asks))))
    return _differ(found.pool, heard, seed)


def _undone(found: Short, again: Short, seed: int) -> frozenset[Side]:
    """The sides that are seen to answer otherwise than before with their defaults off."""
    sides = (
        (Side.CANDIDATE, found.said, again.said),
        (Side.BASELINE, found.pool, again.pool),
    )
    return frozenset(side for side, on, off in sides if again.off[side] and _differ(on, off, seed))


def _differ(on: Pool, off: Pool, seed: int) -> bool:
    both = tables(on, off)
    return bool(both) and p_value(both, seed, SHOWN) <= SHOWN


def _named_default(found: Short, again: Short) -> str:
    """Which side adds what, from its answers with its defaults and without."""
    sides = ((Side.BASELINE, again.pool, found.pool), (Side.CANDIDATE, again.said, found.said))
    named = [
        f"{side}: {setting}"
        for side, without, with_ in sides
        if (setting := explain.default(tables(without, with_), dict(again.off[side])))
    ]
    return "; ".join(named) or "of a sampler that asks for nothing else"


def _uncached(
    setup: Setup, prompts: Sequence[str], pool: int, design: Design, off: Off
) -> Asking[Short]:
    found = yield from _sampled(setup, prompts, pool, design, off, salted=False)
    if found.decision and any("cache" in each for each in found.decision.notices):
        found = yield from _sampled(setup, prompts, pool, design, off, salted=True)
        return replace(found, cached=True)
    return found


def _sampled(
    setup: Setup, prompts: Sequence[str], size: int, design: Design, off: Off, *, salted: bool
) -> Asking[Short]:
    salt = f"{setup.seed}-a" if salted else ""
    times = range(_POOL_FROM, _POOL_FROM + size)
    own = Settings(neutral=off[Side.BASELINE])
    asks = repeated(StageName.SAMPLED, prompts, own, times, salt)
    neutral = off[Side.CANDIDATE]
    empty = Sampled(dict.fromkeys(prompts, ()), setup.seed, design, salted=salted, neutral=neutral)
    known, mine = turns(Side.BASELINE, asks), turns(Side.CANDIDATE, empty.next([]).asks)
    once = len(prompts)
    told = dict((yield mixed(known, mine[:once])))
    told |= yield mine[once : 2 * once]  # after that, or asks in flight go past a cache
    told |= yield mine[2 * once :]
    heard = answered(told, known)
    pool = pooled(heard)
    mute = sorted(set(prompts) - {prompt for prompt, texts in pool.items() if len(texts) > 1})
    if mute:
        why = f"the baseline said nothing to {len(mute)} of {len(prompts)} prompts"
        return Short(undecided(design, why), pool, {})
    stage = Sampled(
        pool,
        setup.seed,
        design,
        silent=silent(heard) if any(not one.trouble for one in heard) else 0.0,
        spaced=spaced(heard),
        salted=salted,
        neutral=neutral,
    )
    decision, said = yield from through(stage, seen=answered(told, mine))
    return Short(decision, pool, pooled(said), off=off)


def undecided(design: Design, why: str) -> Decision:
    return Decision(
        stage=design.stage, says=Says.INCONCLUSIVE, why=why, notices=(why,), level=sum(design.spent)
    )
