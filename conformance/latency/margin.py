"""Faster, slower, as fast, not worse: what may be said of two endpoints, and what may not be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.latency.audit import Audit, Bar
from conformance.latency.paired import LEAST_PAIRS, Compared, Figure

ALIKE = 1.05
"""Where nothing else is said, a factor that makes no difference."""


_HOPELESS = 0.1
"""An interval of a tenth takes a hundred times as long."""


class Answer(StrEnum):
    """Of the candidate, seen from the baseline."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    """Within the margin, in both directions."""
    NOT_WORSE = "not worse"
    """Within the margin, in the direction that matters."""
    UNDECIDED = "undecided"
    INSTRUMENT = "inconclusive: instrument"
    """The endpoints may differ or not: this instrument can't tell."""


DECIDED = (Answer.FASTER, Answer.SLOWER, Answer.EQUIVALENT, Answer.NOT_WORSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """At most so many times what the baseline takes; of throughput, at least one part in so many."""

    figure: Figure
    most: float

    def __str__(self) -> str:
        if self.figure.more_is_better:
            return f"{self.figure} >= {1 / self.most:.4g}x"
        return f"{self.figure} <= {self.most:g}x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An answer and what it rests on."""

    answer: Answer
    words: str = ""
    """Why it is not decided, and what would decide it."""
    error: float = 0.0
    """How far the ratio may be off for the instrument's part."""


@dataclass(frozen=True, slots=True)
class _Slowness:
    """By what factor the candidate is slower, and where that lies for certain."""

    low: float
    high: float

    def longer(self, value: float, whole: _Slowness, margin: float | None) -> str:
        """How much longer would decide it, if the factor stays at `value`.

        An interval narrows with the root of the time; what error bars add (`whole`) stays. So it
        must become so many times narrower that `whole` lies on one side of a border.
        """
        if min(self.low, value) <= 0 or math.isinf(self.high):
            return ""
        most = math.log(ALIKE if margin is None else margin)
        least, centre = 0.0 if margin is None else most, math.log(value)
        above, below = math.log(whole.high / self.high), math.log(self.low / max(whole.low, 1e-9))
        as_fast = (most - centre - above) / max(math.log(self.high) - centre, 1e-9)
        slower = (centre - least - below) / max(centre - math.log(self.low), 1e-9)
        width = max(as_fast, slower)
        if width <= _HOPELESS:
            return "too near to tell by measuring longer"
        return f"about {math.ceil(width**-2)} times as long would tell, if the ratio stays"

    def answer(self, margin: float | None) -> Answer:
        """With a margin, only what is beyond it is slower; without, whatever is certain."""
        most = ALIKE if margin is None else margin
        if self.high < 1:
            return Answer.FASTER
        if self.low > (1 if margin is None else margin):
            return Answer.SLOWER
        if self.high <= most:
            return Answer.EQUIVALENT if self.low >= 1 / most else Answer.NOT_WORSE
        return Answer.UNDECIDED


def judge(
    found: Compared | None, candidate: Audit, baseline: Audit, margin: float | None = None
) -> Judged:
    """What holds with the interval and both error bars together.

    What the interval alone would decide and the error bars undo is the instrument's failing.
    """
    if found is None:
        return Judged(answer=Answer.UNDECIDED, words="was not measured on both sides")
    for audit in (candidate, baseline):
        objection = audit.objection(found.figure.metric, found.figure.name, math.inf)
        if objection and not found.figure.more_is_better:
            return Judged(answer=Answer.INSTRUMENT, words=objection.partition("instrument: ")[2])
    if found.ratio.low is None or found.ratio.high is None:
        words = f"{found.pairs} pairs of blocks are too few, {LEAST_PAIRS} are the least: measure longer"
        return Judged(answer=Answer.UNDECIDED, words=words)
    alone = _slowness(found, found.ratio.low, found.ratio.high)
    below, above = error(found, candidate, baseline)
    whole = _slowness(found, found.ratio.low * below, found.ratio.high * above)
    answer, words = whole.answer(margin), ""
    if answer is Answer.UNDECIDED and alone.answer(margin) in DECIDED:
        answer, words = Answer.INSTRUMENT, "its error bars are wider than what is left to judge"
    elif answer is Answer.UNDECIDED:
        value = _slowness(found, found.ratio.value, found.ratio.value).low
        words = alone.longer(value, whole, margin)
    return Judged(answer=answer, words=words, error=max(1 - below, above - 1))


def _slowness(found: Compared, low: float, high: float) -> _Slowness:
    if not found.figure.more_is_better:
        return _Slowness(low, high)
    return _Slowness(1 / high, 1 / low if low > 0 else math.inf)


def error(found: Compared, candidate: Audit, baseline: Audit) -> tuple[float, float]:
    """Factors by which the ratio may be too large and too small, for the instrument's part."""
    if (
        found.figure.more_is_better
    ):  # tokens are counted; the seconds of a block are what may be off
        off = [audit.rate(1.0, found.block) for audit in (candidate, baseline)]
        return max(0.0, 1 - off[0]) / (1 + off[1]), (
            (1 + off[0]) / (1 - off[1]) if off[1] < 1 else math.inf
        )
    mine, yours = (_bar(audit.bars, found.figure) for audit in (candidate, baseline))
    assert mine is not None  # else there was an objection
    assert yours is not None
    below = max(0.0, found.candidate - mine.below) / found.candidate
    above = (found.candidate + mine.above) / found.candidate
    return (
        below * found.baseline / (found.baseline + yours.above),
        above * found.baseline / max(found.baseline - yours.below, 0.0)
        if found.baseline > yours.below
        else math.inf,
    )


def _bar(bars: Mapping[str, Mapping[str, Bar]], figure: Figure) -> Bar | None:
    return bars.get(figure.metric, {}).get(figure.name)
