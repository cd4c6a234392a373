"""A limit on one figure, and whether it is kept; undecided where that can't be said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from conformance.errors import UsageError
from conformance.latency.audit import Audit
from conformance.latency.margin import DECIDED, Judged, Margin
from conformance.latency.margin import Answer as Compared
from conformance.latency.paired import THROUGHPUT, Figure
from conformance.latency.summary import METRICS, SHARES, Objective, Summary

_WRITTEN = re.compile(r"([a-z_0-9]+)_(p\d+)(?:<=|=)(\d+(?:\.\d+)?)(x?)")
_AT_LEAST = re.compile(rf"{THROUGHPUT}(?:>=|=)(\d+(?:\.\d+)?)x")
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

    figure: Figure
    most: float

    def __str__(self) -> str:
        return f"{self.figure} <= {self.most:g} ms"


def read(text: str) -> Limit | Margin:
    """`ttft_p95<=200` in milliseconds, `ttft_p95<=1.2x` of a baseline. Raises UsageError."""
    text = text.replace(" ", "").removesuffix("ms")
    if least := _AT_LEAST.fullmatch(text):
        if 0 < float(least[1]) <= 1:
            return Margin(figure=Figure(THROUGHPUT), most=1 / float(least[1]))
        raise UsageError(f"{text!r}: at least what part of the baseline's? {THROUGHPUT}>=0.9x")
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] not in METRICS or match[2] not in SHARES:
        raise UsageError(
            f"{text!r} is no limit such as ttft_p95<=200 or ttft_p95<=1.2x; "
            f"metrics: {', '.join(METRICS)}; quantiles: {', '.join(SHARES)}"
        )
    figure, most = Figure(match[1], match[2]), float(match[3])
    if not match[4]:
        return Limit(figure=figure, most=most)
    if most < 1:
        raise UsageError(f"{text!r}: at most how many times the baseline? 1 or more, such as 1.2x")
    return Margin(figure=figure, most=most)


def of_margin(judged: Judged) -> Answer:
    """What an answer beside a baseline means for a limit."""
    if judged.answer is Compared.SLOWER:
        return Answer.EXCEEDED
    return Answer.KEPT if judged.answer in DECIDED else Answer.UNDECIDED


def together(answers: Iterable[Answer]) -> Answer:
    """Of all limits: the worst that is certain; kept where there is none."""
    found = set(answers)
    worst = (Answer.EXCEEDED, Answer.UNDECIDED)
    return next((each for each in worst if each in found), Answer.KEPT)


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
    metric, name = limit.figure.metric, limit.figure.name
    found = summary.metrics.get(metric)
    if found is None:
        return Answer.UNDECIDED, f"{metric} was not measured"
    one = found.quantiles[name]
    objection = audit.objection(metric, name, abs(limit.most - one.value))
    if objection:
        return Answer.UNDECIDED, objection
    if one.low is None or one.high is None:
        return Answer.UNDECIDED, f"{found.count} values are too few for an interval"
    bar = audit.bars[metric][name]
    low, high = one.low - bar.below, one.high + bar.above
    said = f"{one.value:.2f} ms, certainly within [{low:.2f}, {high:.2f}]"
    if high <= limit.most:
        return Answer.KEPT, said
    return (Answer.EXCEEDED if low > limit.most else Answer.UNDECIDED), said
