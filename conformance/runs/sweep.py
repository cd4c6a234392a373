"""One provider at several numbers of requests at once, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.session import Load, clock_process
from conformance.latency.summary import Objective
from conformance.latency.sweep import Level, level
from conformance.providers.model import Provider
from conformance.runs.latency import under
from conformance.runs.timed import Question, ready

if TYPE_CHECKING:  # judging is slow to import
    from conformance.runs.answers import Jury


async def swept(
    provider: Provider,
    question: Question,
    load: Load,
    levels: Sequence[int],
    objective: Objective | None = None,
    jury: Jury | None = None,
) -> list[Level]:
    """Each level calibrated for itself. Raises as `measured` does."""
    found: list[Level] = []
    async with ready(provider, question, replace(load, streams=levels[0])) as side:
        with clock_process() as clock:
            warm = side.warm
            for streams in levels:
                kept: list[Ran] = []
                shape = replace(load, streams=streams)
                keep = None if jury is None else kept.append
                one = await under(side, clock, shape, objective, warm, keep)
                if jury is not None:
                    await jury.hear(f"{streams} at once", side, kept)
                found.append(level(one, load.seconds))
                if one.course.stopped:
                    break
                warm = one.readings or warm  # the clock plays as fast as it was last
    return found
