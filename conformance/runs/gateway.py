"""One of several processes that share a load: it measures its part, and sends it home.

Started by `gateways.py`, on this machine or another one, over a channel of execnet.
"""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict, dataclass
from typing import Any

from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.quiet import run
from conformance.engine.instrument.session import Load, calibrate, clock_process
from conformance.errors import ConformanceError, HarnessError
from conformance.latency.share import Share, dumps
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one of them is to do. Keys stay where they are: each looks them up in its own environment."""

    provider: Provider
    question: Question
    load: Load
    answers: bool = False
    """Judge what is answered, too."""


def serve(channel: Any) -> None:
    """Be told, be ready, begin together, send home. What goes wrong goes home in words."""
    part: Part = pickle.loads(channel.receive())  # noqa: S301  # from whoever started this process
    try:
        share, answers = run(_measured(part, channel))
        channel.send(("share", dumps(share)))
        channel.send(("answers", json.dumps(answers)))
    except ConformanceError as error:
        channel.send(("error", str(error)))


async def _measured(part: Part, channel: Any) -> tuple[Share, dict[str, Any] | None]:
    async with ready(part.provider, part.question, part.load) as side:
        with clock_process() as clock:
            playing, short = score(side.warm), calibrating(part.load)
            before = errors(*await calibrate(clock, playing, short))
            channel.send(("ready", ""))
            if channel.receive() != "go":
                raise HarnessError("whoever started this process does not want it any more")
            ran = await side.ran(part.load)
            after = errors(*await calibrate(clock, playing, short))
        answers = await _judged(side, ran) if part.answers else None
        share = Share(
            model=side.model,
            readings=side.read(ran),
            before=before,
            after=after,
            course=course(ran),
        )
        return share, answers


async def _judged(side: Side, ran: Ran) -> dict[str, Any]:
    from conformance.runs.answers import Jury  # here: slow to import

    jury = Jury()
    await jury.hear("", side, [ran])
    return asdict(jury.told[""])
