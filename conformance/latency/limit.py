"""A limit on one figure, and whether it is kept; undecided where that can't be said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from conformance.errors import UsageError
from conformance.latency.audit import Audit
from conformance.latency.summary import METRICS, SHARES, Objective, Summary

_WRITTEN = re.compile(r"([a-z_0-9]+)_(p\d+)=(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_OBJECTIVES = {field.name for field in fields(Objective)}


class Answer(StrEnum):
    """Whether a limit is kept."""

    KEPT = "kept"
    EXCEEDED = "exceeded"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many milliseconds."""

    metric: str
    name: str
    most: float

    def __str__(self) -> str:
        return f"{self.metric}_{self.name} <= {self.most:g} ms"


def read(text: str) -> Limit:
    """`ttft_p95=200`. Raises UsageError."""
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] not in METRICS or match[2] not in SHARES:
        raise UsageError(
            f"{text!r} is no limit such as ttft_p95=200; metrics: {', '.join(METRICS)}; "
            f"quantiles: {', '.join(SHARES)}"
        )
    return Limit(metric=match[1], name=match[2], most=float(match[3]))


def objective(texts: Iterable[str]) -> Objective | None:
    """`ttft=200`, `tpot=30`, `e2e=5000`, in milliseconds. Raises UsageError."""
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in _OBJECTIVES or not _NUMBER.fullmatch(value):
            raise UsageError(f"{text!r} is no objective such as ttft=200, tpot=30 or e2e=5000")
        found[name] = float(value)
    return Objective(**found) if found else None


def judge(limit: Limit, summary: Summary, audit: Audit) -> tuple[Answer, str]:
    """Kept or exceeded only where interval and error bar together lie on one side of the limit."""
    found = summary.metrics.get(limit.metric)
    if found is None:
        return Answer.UNDECIDED, f"{limit.metric} was not measured"
    one = found.quantiles[limit.name]
    objection = audit.objection(limit.metric, limit.name, abs(limit.most - one.value))
    if objection:
        return Answer.UNDECIDED, objection
    if one.low is None or one.high is None:
        return Answer.UNDECIDED, f"{found.count} values are too few for an interval"
    bar = audit.bars[limit.metric][limit.name]
    low, high = one.low - bar.below, one.high + bar.above
    said = f"{one.value:.2f} ms, certainly within [{low:.2f}, {high:.2f}]"
    if high <= limit.most:
        return Answer.KEPT, said
    return (Answer.EXCEEDED if low > limit.most else Answer.UNDECIDED), said
