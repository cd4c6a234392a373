"""Candidate against baseline: what an application that works on A loses on B."""

from __future__ import annotations

from conformance.verdict.certificate import HONOURED, View
from conformance.verdict.model import Comparison, LostCapability
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.pairs import comparable, pairs


def compare(candidate: View, baseline: View, not_comparable: tuple[str, ...] = ()) -> Comparison:
    """Both views are of the same suites; cells that only one was asked are capabilities lost or won."""
    there = {case.cell: case for case in baseline.cases}
    here = {case.cell: case for case in candidate.cases}
    both = [(there[cell], here[cell]) for cell in there if cell in here]
    asked = pairs(baseline.cases, candidate.cases)
    lost = [_row(a, b) for a, b in both if _worse(a, b)]
    won = [_row(a, b) for a, b in both if _worse(b, a)]
    failing_here = {name for name, one in candidate.counts.items() if one.failed}
    fresh = {
        name for name in failing_here if candidate.count(name).plain - baseline.count(name).plain
    }
    return Comparison(
        baseline=baseline.provider.name,
        candidate=candidate.provider.name,
        capabilities_lost=tuple(sorted(lost, key=lambda row: row.case)),
        capabilities_won=tuple(sorted(won, key=lambda row: row.case)),
        new_failures=_ids(candidate, fresh),
        shared_failures=_ids(candidate, failing_here - fresh),
        compared=sum(comparable(*pair) for pair in asked),
        cells=len(asked),
        not_comparable=not_comparable,
    )


def _ids(view: View, clauses: set[str]) -> tuple[str, ...]:
    return tuple(f"{view.provider.name}/{name}" for name in sorted(clauses))


def _worse(better: CaseVerdict, worse: CaseVerdict) -> bool:
    """The first does something that the second does not."""
    if better.outcome is not Outcome.PASSED:
        return False
    if worse.outcome is Outcome.NOT_APPLICABLE:
        return better.branch in {"", HONOURED}
    if better.branch == HONOURED:
        return bool(worse.branch) and worse.branch != HONOURED
    return not better.branch and worse.outcome is Outcome.FAILED


def _row(a: CaseVerdict, b: CaseVerdict) -> LostCapability:
    return LostCapability(
        case=a.cell,
        title=a.title,
        baseline=_does(a),
        candidate=_does(b),
        text=b.message.partition("\n")[0],
    )


def _does(case: CaseVerdict) -> str:
    return case.branch or ("works" if case.outcome is Outcome.PASSED else case.outcome.value)
