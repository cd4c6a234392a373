"""What the suites say of a server with a fault, and whether it is what was written down for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.contract.model import Level
from conformance.faces.selftest.ask import ask, everything, reference
from conformance.reference.fault import Fault
from conformance.report.phrase import befell, candidates
from conformance.suite.model import Effort
from conformance.verdict.comparison import Comparison
from conformance.verdict.model import ProviderResult, Run

CLEAN = "clean"
"""The server without faults, where it is the baseline."""
_FORMATS = ("badge",)
"""Reports that nobody reads: the least there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the suites said of one server."""

    clauses: Mapping[str, frozenset[str]]
    """Clause to the cases in which it failed."""
    errors: tuple[str, ...]
    requests: int
    changed: frozenset[str] = frozenset()
    """Cells that do not do the same as at the server without faults, where it was the baseline."""


NOTHING = Heard(clauses={}, errors=(), requests=0)


def hear(
    *faults: str,
    chosen: Callable[[str], bool] = everything,
    samples: int | None = None,
    effort: Effort = Effort.NORMAL,
) -> Heard:
    """Ask a reference server with these faults."""
    with tempfile.TemporaryDirectory() as folder, reference(*faults) as served:
        return heard(
            ask(
                Path(folder),
                [served],
                chosen=chosen,
                samples=samples,
                effort=effort,
                formats=_FORMATS,
            )
        )


def hear_clean(folder: Path, chosen: Callable[[str], bool]) -> tuple[Heard, Path]:
    """Ask the one without faults, and keep its record, in that folder."""
    with reference() as served:
        run = ask(folder, [served], chosen=chosen, formats=_FORMATS)
    return heard(run), folder / run.info.id / "record.jsonl"


def hear_fault(
    fault: Fault,
    *,
    chosen: Callable[[str], bool],
    samples: int | None = None,
    effort: Effort = Effort.NORMAL,
) -> Heard:
    """Ask a reference server with this fault: beside the clean one, if that is what tells it."""
    if not fault.changes:
        return hear(fault.name, chosen=chosen, samples=samples, effort=effort)
    with (
        tempfile.TemporaryDirectory() as folder,
        reference(name=CLEAN) as clean,
        reference(fault.name) as served,
    ):
        run = ask(
            Path(folder),
            [clean, served],
            chosen=chosen,
            samples=samples,
            effort=effort,
            baseline=CLEAN,
            formats=_FORMATS,
        )
    found = heard(run)
    broken = {each.clause for each in _judged(run).findings if each.level is not Level.MAY}
    clauses = {name: cases for name, cases in found.clauses.items() if name in broken}
    return replace(found, clauses=clauses)


def heard(run: Run) -> Heard:
    """The part of a run that the self-test looks at."""
    result = _judged(run)
    return Heard(
        clauses={each.clause: frozenset(each.cases) for each in result.findings},
        errors=tuple(befell(each) for one in run.providers for each in one.errors),
        requests=result.usage.requests,
        changed=frozenset().union(*map(_changed, run.comparisons)),
    )


def _changed(one: Comparison) -> frozenset[str]:
    rows = (*one.capabilities_lost, *one.capabilities_changed)
    return frozenset([*(row.case for row in rows), *(fact.case for fact in one.facts_that_differ)])


def _judged(run: Run) -> ProviderResult:
    """The only provider that is no baseline."""
    (one,) = candidates(run)
    return one


def missed(fault: Fault, found: Heard) -> tuple[str, ...]:
    """Primary clauses that were not found broken, or the cases of which none changed."""
    if fault.changes:
        return () if noticing(fault, found) else fault.changes
    return tuple(clause for clause in fault.primary if clause not in found.clauses)


def noticing(fault: Fault, found: Heard) -> frozenset[str]:
    """The cases in which a primary clause failed, or that must change and did."""
    if fault.changes:
        return frozenset(cell.partition("[")[0] for cell in found.changed) & set(fault.changes)
    return frozenset().union(*(found.clauses.get(clause, ()) for clause in fault.primary))


def alarms(fault: Fault, found: Collection[str]) -> tuple[str, ...]:
    """Clauses found broken that are neither primary nor a cascade."""
    return tuple(sorted(clause for clause in found if not fault.expects(clause)))
