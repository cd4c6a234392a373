"""Two providers, block by block in turn, until what is to be known is decided or time is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import cycle
from time import monotonic

from conformance.engine.instrument.session import Load, calibrate, clock_process
from conformance.latency.contest import LOOKS, Blocks, Contest, Look, contest, decided
from conformance.latency.margin import Margin
from conformance.latency.paired import LEAST_PAIRS, USUAL, Figure, Pair
from conformance.latency.reading import measure
from conformance.providers.model import Provider
from conformance.runs.timed import CALIBRATION_SECONDS, Question, Side, errors, ready, score

BLOCKS = 24
"""So many fit into the time, half of them of each, where a block does not outlast its share."""

Enough = Callable[[Sequence[Pair], Look], bool]


async def contested(
    candidate: Provider,
    baseline: Provider,
    question: Question,
    load: Load,
    margins: Sequence[Margin] = (),
) -> Contest:
    """Both of them, and what holds. Raises as `measured` does."""
    wanted: Sequence[Figure | Margin] = margins or USUAL
    async with AsyncExitStack() as stack:
        mine = await stack.enter_async_context(ready(candidate, question, load))
        yours = await stack.enter_async_context(ready(baseline, question, load))
        clock = stack.enter_context(clock_process())
        playing, short = score(mine.warm), replace(load, seconds=CALIBRATION_SECONDS)
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
        pairs, look = await _pairs(
            mine,
            yours,
            load,
            lambda pairs, look: decided(replace(so_far, pairs=pairs), wanted, look),
        )
        seconds = monotonic() - begun
        after = errors(*await calibrate(clock, playing, short))
    return contest(replace(so_far, pairs=pairs, after=after), wanted, seconds, look)


async def _pairs(mine: Side, yours: Side, load: Load, enough: Enough) -> tuple[list[Pair], Look]:
    """As many as time allows, or as are needed, and the look with which that ended."""
    block = replace(load, seconds=load.seconds / BLOCKS)
    begun, looks = monotonic(), list(LOOKS)
    pairs: list[Pair] = []
    async for pair in _alternating(mine, yours, block):
        pairs.append(pair)
        spent = (monotonic() - begun) / load.seconds
        due = [look for look in looks if look.after <= spent]
        looks = [look for look in looks if look.after > spent]
        if due and (not looks or (len(pairs) >= LEAST_PAIRS and enough(pairs, due[-1]))):
            return pairs, due[-1]
    raise AssertionError("it goes on until a look ends it")


async def _alternating(mine: Side, yours: Side, block: Load) -> AsyncIterator[Pair]:
    """ABBA: what drifts steadily drifts for both."""
    for order in cycle(((mine, yours), (yours, mine))):
        made = {id(side): await side.takes(block) for side in order}
        yield Pair(
            candidate=[measure(take) for take in made[id(mine)]],
            baseline=[measure(take) for take in made[id(yours)]],
        )
