"""Problems of one clause at one provider, gathered into a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.contract.model import Clause, Level
from conformance.providers.model import Provider
from conformance.stats.rates import rate_bounds
from conformance.verdict.deviations import covers
from conformance.verdict.evidence import KEPT
from conformance.verdict.model import Finding
from conformance.verdict.outcome import CaseVerdict, Interval, Outcome
from conformance.verdict.tally import ClauseCount, ProviderCount

MESSAGES = 5
AD_HOC = "--endpoint"
"""Where a provider stands that has no entry in a file."""


def clause_counts(count: ProviderCount, cases: Iterable[CaseVerdict]) -> dict[str, ClauseCount]:
    """All clauses of a provider; cases with a rate count as failed only where the rate did."""
    judged = tuple(cases)
    failed = {case.cell for case in judged if case.outcome is Outcome.FAILED}
    helped = {case.cell for case in judged if case.adapted}
    merged = dict(count.clauses)
    for cell, clauses in count.sampled.items():
        for name, one in clauses.items():
            shown = one if cell in failed else ClauseCount(one.witnesses, one.checked)
            if cell in helped:
                shown = replace(shown, adapted=set())
            merged[name] = _merged(merged.get(name, ClauseCount()), shown)
    return merged


def known_deviation(provider: Provider, clause: str, cases: Iterable[str]) -> str:
    """The reason declared for this clause in every one of these cases; empty where one has none."""
    reasons = [
        next((each.reason for each in provider.deviations if covers(each, case, clause)), "")
        for case in cases
    ]
    return reasons[0] if reasons and all(reasons) else ""


def findings(
    provider: Provider,
    counts: Mapping[str, ClauseCount],
    clauses: Mapping[str, Clause],
    shared: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """One finding per clause that failed, sorted by level, then by clause."""
    also_there = set(shared)
    found = [
        _finding(provider, name, one, clauses.get(name), shared=name in also_there)
        for name, one in counts.items()
        if one.failed
    ]
    return tuple(sorted(found, key=lambda each: (each.level.rank, each.clause)))


def _finding(
    provider: Provider, name: str, one: ClauseCount, clause: Clause | None, *, shared: bool
) -> Finding:
    cases = tuple(sorted(one.cases))
    bounds = rate_bounds(one.failed, one.checked - one.failed)
    messages = tuple(sorted(one.messages, key=lambda each: (-one.messages[each], each))[:MESSAGES])
    return Finding(
        id=f"{provider.name}/{name}",
        provider=provider.name,
        clause=name,
        level=clause.level if clause else Level.MUST,
        outcome=Outcome.FAILED,
        known_deviation=known_deviation(provider, name, cases),
        cases=cases,
        cells=tuple(sorted(one.plain)),
        exchanges_checked=one.checked,
        exchanges_failed=one.failed,
        rate=one.failed / one.checked,
        interval=Interval(low=bounds.low, high=bounds.high),
        message=messages[0] if messages else "",
        messages=messages,
        consequence=clause.consequence if clause else "",
        remedy=clause.remedy if clause else "",
        shims=clause.shims if clause else (),
        evidence=tuple(one.evidence),
        reproduce=_command(provider, sorted(one.plain)),
        shared_with_baseline=shared,
    )


def selecting(provider: Provider) -> str:
    """The options that ask this provider."""
    if provider.where != AD_HOC:
        return f"--provider={provider.name}"
    model = f" --endpoint-model={provider.model}" if provider.model else ""
    return f"--endpoint={provider.base_url}{model}"


def _command(provider: Provider, cells: Sequence[str]) -> str:
    """The pytest command that asks the first of the failing cells again."""
    if not cells:
        return ""
    case, _, axes = cells[0].partition("[")
    suite, _, name = case.partition("/")
    bracket = f"{provider.name}-{axes[:-1]}" if axes else provider.name
    return f"pytest 'suites/{suite}.yaml::{name}[{bracket}]' {selecting(provider)}"


def _merged(left: ClauseCount, right: ClauseCount) -> ClauseCount:
    return ClauseCount(
        witnesses=left.witnesses + right.witnesses,
        checked=left.checked + right.checked,
        failed=left.failed + right.failed,
        messages=left.messages + right.messages,
        plain=left.plain | right.plain,
        adapted=left.adapted | right.adapted,
        cases=left.cases | right.cases,
        evidence=sorted((*left.evidence, *right.evidence), key=lambda each: each.exchange)[:KEPT],
    )
