"""How fast a provider is: warm-up, calibration, measurement, calibration; then what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.session import ClockProcess, Load, calibrate, clock_process
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

if TYPE_CHECKING:  # judging is slow to import, and a first request leaves early
    from conformance.latency.measured import Measured
    from conformance.latency.reading import Reading
    from conformance.latency.summary import Objective
    from conformance.runs.answers import Jury


async def measured(
    provider: Provider,
    question: Question,
    load: Load,
    objective: Objective | None = None,
    jury: Jury | None = None,
) -> Measured:
    """Everything, in order. Raises UsageError and SecretError, LaunchError and HarnessError."""
    kept: list[Ran] = []
    async with ready(provider, question, load) as side:
        with clock_process() as clock:
            keep = None if jury is None else kept.append
            found = await under(side, clock, load, objective, side.warm, keep)
        if jury is not None:
            await jury.hear("", side, kept)
    return found


async def under(
    side: Side,
    clock: ClockProcess,
    load: Load,
    objective: Objective | None,
    warm: Sequence[Reading],
    keep: Callable[[Ran], None] | None = None,
) -> Measured:
    """One load between two calibrations. `warm`: what it was like when it was last asked.

    `keep` gets what the figures are made of.
    """
    from conformance.latency.audit import audit  # here: see above
    from conformance.latency.measured import Measured
    from conformance.latency.summary import summarize

    playing, short = score(warm), calibrating(load)
    before = errors(*await calibrate(clock, playing, short))
    ran = await side.ran(load)
    after = errors(*await calibrate(clock, playing, short))
    readings = side.read(ran)
    if keep is not None:
        keep(ran)
    return Measured(
        provider=side.provider.name,
        model=side.model,
        streams=load.streams,
        summary=summarize(readings, objective),
        audit=audit(readings, before, after),
        readings=readings,
        course=course(ran),
    )
