"""Two providers under one load: the figures of both, and what may be said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.latency.audit import audit
from conformance.latency.margin import DECIDED, Judged, Margin, judge
from conformance.latency.measured import UNDISTURBED, Course, Measured
from conformance.latency.paired import Compared, Figure, Pair, compare
from conformance.latency.reading import Reading
from conformance.latency.summary import summarize
from conformance.latency.truth import Errors

OUTSIDE = 0.05
"""How often any answer at all may be wrong."""


@dataclass(frozen=True, slots=True)
class Look:
    """A moment, planned beforehand, at which it may be seen that all is decided."""

    after: float
    """Part of the time."""
    outside: float
    """Its share of OUTSIDE: neither looking several times nor several figures, among which this is
    divided once more, make more of that (Bonferroni)."""


LOOKS = (Look(1 / 3, 0.05 * OUTSIDE), Look(2 / 3, 0.15 * OUTSIDE), Look(1.0, 0.8 * OUTSIDE))
"""Early ones cost little, and end only what is plain: as O'Brien and Fleming (1979) have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure of both, and what may be said of it."""

    figure: Figure
    margin: Margin | None
    compared: Compared | None
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Candidate and baseline, and how they compare."""

    candidate: Measured
    baseline: Measured
    streams: int
    pairs: int
    seconds: float
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What was measured so far. The names are those of provider and model."""

    candidate: tuple[str, str]
    baseline: tuple[str, str]
    streams: int
    pairs: Sequence[Pair]
    before: Errors
    after: Errors
    """Of the calibrations; while there is no second one, the first again."""
    courses: tuple[Course, Course] = (UNDISTURBED, UNDISTURBED)
    """Of candidate and baseline."""


def decided(blocks: Blocks, wanted: Sequence[Figure | Margin], look: Look) -> bool:
    """Nothing more is to be found out."""
    return all(each.judged.answer in DECIDED for each in _findings(blocks, wanted, look))


def contest(
    blocks: Blocks, wanted: Sequence[Figure | Margin], seconds: float, look: Look = LOOKS[-1]
) -> Contest:
    """Everything that may be said at the look with which it ended."""
    return Contest(
        candidate=_half(blocks.candidate, _candidate(blocks), blocks, blocks.courses[0]),
        baseline=_half(blocks.baseline, _baseline(blocks), blocks, blocks.courses[1]),
        streams=blocks.streams,
        pairs=len(blocks.pairs),
        seconds=seconds,
        findings=_findings(blocks, wanted, look),
    )


def _findings(blocks: Blocks, wanted: Sequence[Figure | Margin], look: Look) -> list[Finding]:
    mine = audit(_candidate(blocks), blocks.before, blocks.after)
    yours = audit(_baseline(blocks), blocks.before, blocks.after)
    outside = look.outside / len(wanted)
    findings = []
    for each in wanted:
        figure, margin = (each.figure, each) if isinstance(each, Margin) else (each, None)
        found = compare(blocks.pairs, figure, outside)
        judged = judge(found, mine, yours, margin.most if margin else None)
        findings.append(Finding(figure=figure, margin=margin, compared=found, judged=judged))
    return findings


def _half(
    names: tuple[str, str], readings: Sequence[Reading], blocks: Blocks, course: Course
) -> Measured:
    return Measured(
        provider=names[0],
        model=names[1],
        streams=blocks.streams,
        summary=summarize(readings),
        audit=audit(readings, blocks.before, blocks.after),
        readings=readings,
        course=course,
    )


def _candidate(blocks: Blocks) -> list[Reading]:
    return [one for pair in blocks.pairs for one in pair.candidate]


def _baseline(blocks: Blocks) -> list[Reading]:
    return [one for pair in blocks.pairs for one in pair.baseline]
