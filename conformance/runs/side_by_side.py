"""Two providers, block by block in turn, until what is to be known is decided or time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import cycle
from time import monotonic
from typing import TYPE_CHECKING

from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.session import Load, calibrate, clock_process
from conformance.latency.contest import LOOKS, Blocks, Contest, Look, contest, decided
from conformance.latency.margin import Margin
from conformance.latency.measured import UNDISTURBED, Course
from conformance.latency.paired import LEAST_PAIRS, USUAL, Figure, Pair
from conformance.latency.reading import Reading
from conformance.providers.model import Provider
from conformance.runs.timed import (
    Question,
    Side,
    calibrating,
    course,
    errors,
    ready,
    score,
)

if TYPE_CHECKING:  # judging is slow to import
    from conformance.runs.answers import Jury

BLOCKS = 24
"""So many fit into the time, half of them of each, where a block does not outlast its share."""

Enough = Callable[[Sequence[Pair], Look], bool]


async def contested(
    candidate: Provider,
    baseline: Provider,
    question: Question,
    load: Load,
    margins: Sequence[Margin] = (),
    jury: Jury | None = None,
) -> Contest:
    """Both of them, and what holds. Raises as `measured` does."""
    wanted: Sequence[Figure | Margin] = margins or USUAL
    async with AsyncExitStack() as stack:
        mine = await stack.enter_async_context(ready(candidate, question, load))
        yours = await stack.enter_async_context(ready(baseline, question, load))
        clock = stack.enter_context(clock_process())
        playing, short = score(mine.warm), calibrating(load)
        before = errors(*await calibrate(clock, playing, short))
        so_far = Blocks(
            candidate=(mine.provider.name, mine.model),
            baseline=(yours.provider.name, yours.model),
            streams=load.streams,
            pairs=(),
            before=before,
            after=before,
        )
        begun = monotonic()
        heat = await _heat(
            mine,
            yours,
            load,
            lambda pairs, look: decided(replace(so_far, pairs=pairs), wanted, look),
            _Heat(ran=None if jury is None else ([], [])),
        )
        seconds = monotonic() - begun
        after = errors(*await calibrate(clock, playing, short))
        if jury is not None:
            heard = heat.ran or ([], [])
            for side, all_, role in (
                (mine, heard[0], "candidate"),
                (yours, heard[1], "baseline"),
            ):
                await jury.hear(f"{role} {side.provider.name}", side, all_)
    whole = replace(so_far, pairs=heat.pairs, after=after, courses=heat.courses)
    return contest(whole, wanted, seconds, heat.look)


@dataclass(kw_only=True)
class _Heat:
    """What was measured so far, and the look with which that ended."""

    pairs: list[Pair] = field(default_factory=list)
    courses: tuple[Course, Course] = (UNDISTURBED, UNDISTURBED)
    ran: tuple[list[Ran], list[Ran]] | None
    """Of candidate and baseline; None: nobody wants it again."""
    look: Look = LOOKS[-1]

    @property
    def over(self) -> bool:
        """It ended before its time, and not because all was decided."""
        return any(one.stopped for one in self.courses)


async def _heat(mine: Side, yours: Side, load: Load, enough: Enough, heat: _Heat) -> _Heat:
    """As many pairs as time allows, or as are needed, or until one side is not there any more."""
    block = replace(load, seconds=load.seconds / BLOCKS)
    begun, looks = monotonic(), list(LOOKS)
    for order in cycle(
        ((mine, yours), (yours, mine))
    ):  # ABBA: what drifts steadily drifts for both
        await _pair(heat, order, mine, block)
        if heat.over:
            return heat
        spent = (monotonic() - begun) / load.seconds
        due = [look for look in looks if look.after <= spent]
        looks = [look for look in looks if look.after > spent]
        if due and (not looks or (len(heat.pairs) >= LEAST_PAIRS and enough(heat.pairs, due[-1]))):
            heat.look = due[-1]
            return heat
    raise AssertionError("it goes on until a look ends it")


async def _pair(heat: _Heat, order: Sequence[Side], mine: Side, block: Load) -> None:
    """One more, of which one half is empty where the other one ended everything."""
    made: dict[bool, list[Reading]] = {True: [], False: []}
    for side in order:
        ran = await side.ran(block)
        own = side is mine
        if heat.ran is not None:
            ran.all.settle()
            heat.ran[0 if own else 1].append(ran)
        made[own] = side.read(ran)
        before, became = heat.courses[0 if own else 1], course(ran)
        became = replace(became, waited=before.waited + became.waited)
        heat.courses = (became, heat.courses[1]) if own else (heat.courses[0], became)
        if ran.stopped:
            break
    heat.pairs.append(Pair(candidate=made[True], baseline=made[False]))
