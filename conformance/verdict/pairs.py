"""The same cell at the baseline and at the candidate, and whether the two can be compared."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.verdict.outcome import CaseVerdict, Outcome

Pair = tuple[CaseVerdict | None, CaseVerdict]
"""At the baseline, None where it was not asked there, and at the candidate."""
_SHOWN = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.NOT_APPLICABLE})


def pairs(baseline: Iterable[CaseVerdict], candidate: Iterable[CaseVerdict]) -> list[Pair]:
    """All cells of the candidate but those that neither side offers."""
    there = {case.cell: case for case in baseline}
    both = [(there.get(case.cell), case) for case in candidate]
    return [pair for pair in both if not _absent(*pair)]


def comparable(a: CaseVerdict | None, b: CaseVerdict) -> bool:
    """Both show what they do; that one of them does not offer it is shown as well."""
    return shows(a) and shows(b)


def shows(case: CaseVerdict | None) -> bool:
    """It is known what the provider does here."""
    return case is not None and case.outcome in _SHOWN


def _absent(a: CaseVerdict | None, b: CaseVerdict) -> bool:
    gone = Outcome.NOT_APPLICABLE
    return b.outcome is gone and (a is None or a.outcome is gone)
