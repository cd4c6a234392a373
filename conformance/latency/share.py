"""What one of several processes measured, on its way to where all of it is put together.

Clocks of two machines are not compared: each share is counted from its own first request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from conformance.latency.measured import UNDISTURBED, Course
from conformance.latency.reading import Arrival, Reading
from conformance.latency.truth import Errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Readings, and the calibrations before and after of the process that made them."""

    model: str
    readings: Sequence[Reading]
    before: Errors
    after: Errors
    course: Course = UNDISTURBED


def dumps(share: Share) -> str:
    """As a line of JSON."""
    return json.dumps(asdict(share))


def loads(text: str) -> Share:
    """The same again."""
    data = json.loads(text)
    return Share(
        model=data["model"],
        readings=[_reading(each) for each in data["readings"]],
        before=_errors(data["before"]),
        after=_errors(data["after"]),
        course=Course(**data["course"]),
    )


def together(shares: Sequence[Share]) -> Share:
    """All of them as if one had measured it; an error of one is an error of all."""
    return Share(
        model=shares[0].model,
        readings=[one for share in shares for one in _from_the_first(share.readings)],
        before=_joined(share.before for share in shares),
        after=_joined(share.after for share in shares),
        course=_course([share.course for share in shares]),
    )


def _course(all_: Sequence[Course]) -> Course:
    """What befell one befell the whole."""
    return Course(
        stopped="; ".join(dict.fromkeys(one.stopped for one in all_ if one.stopped)),
        broken="; ".join(dict.fromkeys(one.broken for one in all_ if one.broken)),
        waited=sum(one.waited for one in all_),
    )


def _from_the_first(readings: Sequence[Reading]) -> list[Reading]:
    origin = min((one.intended for one in readings), default=0)
    return [
        replace(
            one,
            intended=one.intended - origin,
            begun=one.begun - origin,
            sent=one.sent - origin,
            ended=one.ended - origin,
            first_byte=None if one.first_byte is None else one.first_byte - origin,
            arrivals=tuple(replace(each, at=each.at - origin) for each in one.arrivals),
        )
        for one in readings
    ]


def _joined(all_: Iterable[Errors]) -> Errors:
    parts = list(all_)
    lists: dict[str, Any] = {
        name: tuple(value for part in parts for value in getattr(part, name))
        for name in ("ttft", "gaps", "width")
    }
    return Errors(
        **lists,
        doubted=sum(part.doubted for part in parts),
        tokens=sum(part.tokens for part in parts),
        unmatched=sum(part.unmatched for part in parts),
    )


def _reading(data: dict[str, Any]) -> Reading:
    arrivals = tuple(Arrival(**each) for each in data["arrivals"])
    return Reading(**{**data, "arrivals": arrivals, "lags": tuple(data["lags"])})


def _errors(data: dict[str, Any]) -> Errors:
    return Errors(**{each.name: _tuple(data[each.name]) for each in fields(Errors)})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
