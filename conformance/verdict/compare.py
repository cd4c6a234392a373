"""Candidate against baseline: what an application that works on A loses on B, and what it finds changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.contract.model import Clause
from conformance.verdict.comparison import Comparison, FactThatDiffers, LostCapability
from conformance.verdict.observe import constant
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.pairs import comparable, pairs
from conformance.verdict.standing import MIXED, differs, loses
from conformance.verdict.view import View, change_words


def compare(
    candidate: View,
    baseline: View,
    clauses: Mapping[str, Clause],
    not_comparable: tuple[str, ...] = (),
) -> Comparison:
    """Both views are of the same suites; cells that only one was asked are capabilities lost or won."""
    there = {case.cell: case for case in baseline.cases}
    both = sorted(
        ((there[case.cell], case) for case in candidate.cases if case.cell in there),
        key=lambda pair: pair[1].cell,
    )
    asked = pairs(baseline.cases, candidate.cases)
    failing_here = {name for name, one in candidate.counts.items() if one.failed}
    fresh = {
        name for name in failing_here if candidate.count(name).plain - baseline.count(name).plain
    }

    def row(a: CaseVerdict, b: CaseVerdict) -> LostCapability:
        return _row(a, b, _change(b, candidate, clauses))

    return Comparison(
        baseline=baseline.provider.name,
        candidate=candidate.provider.name,
        capabilities_lost=tuple(row(a, b) for a, b in both if loses(a, b)),
        capabilities_won=tuple(_row(a, b) for a, b in both if loses(b, a)),
        capabilities_changed=tuple(
            row(a, b) for a, b in both if differs(a, b) and not loses(a, b) and not loses(b, a)
        ),
        facts_that_differ=tuple(one for a, b in both for one in _facts(a, b)),
        new_failures=_ids(candidate, fresh),
        shared_failures=_ids(candidate, failing_here - fresh),
        compared=sum(comparable(*pair) for pair in asked),
        cells=len(asked),
        not_comparable=not_comparable,
    )


def _ids(view: View, clauses: set[str]) -> tuple[str, ...]:
    return tuple(f"{view.provider.name}/{name}" for name in sorted(clauses))


def _row(a: CaseVerdict, b: CaseVerdict, change: str = "") -> LostCapability:
    return LostCapability(
        case=a.cell,
        title=a.title,
        baseline=_does(a),
        candidate=_does(b),
        text=b.message.partition("\n")[0],
        change=change,
    )


def _does(case: CaseVerdict) -> str:
    if case.branch == MIXED:
        return " or ".join(case.ways)
    return case.branch or ("works" if case.outcome is Outcome.PASSED else case.outcome.value)


def _change(case: CaseVerdict, view: View, clauses: Mapping[str, Clause]) -> str:
    """What was tried and helped; else what the first of the case's clauses advises."""
    if case.adapted:
        return "; ".join(change_words(view.provider, name) for name in case.changes)
    advised = (clauses[name].remedy for name in case.clauses if name in clauses)
    return next(advised, "")


def _facts(a: CaseVerdict, b: CaseVerdict) -> Iterator[FactThatDiffers]:
    """Facts that both tell without fail, and not alike, where they do the same.

    Where one serves what the other refuses, the answers have nothing in common to begin with.
    """
    if (a.outcome, a.branch) != (b.outcome, b.branch):
        return
    told = constant(b.facts)
    for name, value in sorted(constant(a.facts).items()):
        if name in told and told[name] != value:
            yield FactThatDiffers(
                case=a.cell, title=a.title, fact=name, baseline=value, candidate=told[name]
            )
