"""Two providers under one load: the figures of both, and what may be said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.latency.audit import audit
from conformance.latency.margin import DECIDED, Judged, Margin, judge
from conformance.latency.measured import Measured
from conformance.latency.paired import Compared, Figure, Pair, compare
from conformance.latency.reading import Reading
from conformance.latency.summary import summarize
from conformance.latency.truth import Errors

LOOKS = (1 / 3, 2 / 3, 1.0)
"""Parts of the time after which it is looked at whether all is decided."""
OUTSIDE = 0.05
"""How often any answer at all may be wrong. Each figure at each look gets its share of that, so
that neither several figures nor looking several times make it more (Bonferroni)."""


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


def decided(blocks: Blocks, wanted: Sequence[Figure | Margin]) -> bool:
    """Nothing more is to be found out."""
    return all(each.judged.answer in DECIDED for each in _findings(blocks, wanted))


def contest(blocks: Blocks, wanted: Sequence[Figure | Margin], seconds: float) -> Contest:
    """Everything that may be said."""
    return Contest(
        candidate=_half(blocks.candidate, _candidate(blocks), blocks),
        baseline=_half(blocks.baseline, _baseline(blocks), blocks),
        streams=blocks.streams,
        pairs=len(blocks.pairs),
        seconds=seconds,
        findings=_findings(blocks, wanted),
    )


def _findings(blocks: Blocks, wanted: Sequence[Figure | Margin]) -> list[Finding]:
    mine = audit(_candidate(blocks), blocks.before, blocks.after)
    yours = audit(_baseline(blocks), blocks.before, blocks.after)
    outside = OUTSIDE / len(LOOKS) / len(wanted)
    findings = []
    for each in wanted:
        figure, margin = (each.figure, each) if isinstance(each, Margin) else (each, None)
        found = compare(blocks.pairs, figure, outside)
        judged = judge(found, mine, yours, margin.most if margin else None)
        findings.append(Finding(figure=figure, margin=margin, compared=found, judged=judged))
    return findings


def _half(names: tuple[str, str], readings: Sequence[Reading], blocks: Blocks) -> Measured:
    return Measured(
        provider=names[0],
        model=names[1],
        streams=blocks.streams,
        summary=summarize(readings),
        audit=audit(readings, blocks.before, blocks.after),
        readings=readings,
    )


def _candidate(blocks: Blocks) -> list[Reading]:
    return [one for pair in blocks.pairs for one in pair.candidate]


def _baseline(blocks: Blocks) -> list[Reading]:
    return [one for pair in blocks.pairs for one in pair.baseline]
