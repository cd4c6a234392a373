"""Declared deviations: failures that are known. They never improve a certificate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase

from conformance.providers.model import Deviation, Provider
from conformance.verdict.outcome import CaseVerdict, Outcome


def covers(deviation: Deviation, case: str, clause: str) -> bool:
    """Whether a failure of that clause in that case is what the deviation declares."""
    return fnmatchcase(case, deviation.cases) and (
        not deviation.clauses or clause in deviation.clauses
    )


def known_reason(provider: Provider, case: str, clauses: Iterable[str]) -> str:
    """The reason declared for *all* of these failing clauses in that case; empty where one is not."""
    reasons = [
        next((each.reason for each in provider.deviations if covers(each, case, clause)), "")
        for clause in clauses
    ]
    return reasons[0] if reasons and all(reasons) else ""


def stale(
    provider: Provider,
    cases: Iterable[CaseVerdict],
    failing: Mapping[str, Collection[str]],
    *,
    left_out: Collection[str],
    witnessed: Collection[str],
) -> tuple[str, ...]:
    """Deviations that did not show although every case they cover passed with a witness.

    `failing` maps a clause to the case ids in which any exchange broke it (invariants included).
    `left_out`: cases that the selection left out, wholly or in part: they might have shown it.
    `witnessed`: clauses that had something to look at.
    """
    judged = list(cases)
    found = []
    for each in provider.deviations:
        mine = [case for case in judged if fnmatchcase(case.case, each.cases)]
        if each.sometimes or not mine or not all(case.outcome is Outcome.PASSED for case in mine):
            continue
        if any(fnmatchcase(name, each.cases) for name in left_out):
            continue
        if not set(each.clauses) <= set(witnessed):
            continue
        if not any(
            covers(each, case, clause) for clause, where in failing.items() for case in where
        ):
            found.append(f"{each.cases} ({each.reason})")
    return tuple(found)
