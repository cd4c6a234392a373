"""One fault in front of the suites: what noticed it, what should have, and the least that does."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.faces.selftest.ask import ask, everything, reference, suites, tools
from conformance.faces.selftest.watch import Complaints
from conformance.plan.build import variants
from conformance.plan.model import Variant
from conformance.reference.fault import FAULTS, Fault
from conformance.reference.serve import load_faults
from conformance.report.phrase import befell
from conformance.verdict.judge import IGNORED
from conformance.verdict.model import ProviderResult, Run
from conformance.verdict.outcome import Outcome

SAMPLES = (1, 2, 4, 8, 16, 32)
"""How often a case is asked until a fault that shows now and then must have shown."""
REPEATS = (1, 2, 4)
"""... and the whole of the suites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the suites said of one server."""

    clauses: Mapping[str, frozenset[str]]
    """Clause to the cases in which it failed."""
    errors: tuple[str, ...]
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The least that notices a fault: these cells, each asked so often."""

    cells: tuple[str, ...]
    samples: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the whole of the suites made of one fault."""

    fault: str
    heard: Heard
    missed: tuple[str, ...]
    """Primary clauses that no case found broken."""
    alarms: tuple[str, ...]
    """Clauses that were found broken though nothing says that they may."""
    notice: Notice | None
    complaints: Complaints
    seconds: float


def hear(
    *faults: str,
    chosen: Callable[[str], bool] = everything,
    samples: int | None = None,
    seed: int = 0,
) -> Heard:
    """Ask a reference server with these faults."""
    with tempfile.TemporaryDirectory() as folder, reference(*faults, seed=seed) as served:
        return heard(ask(Path(folder), [served], chosen=chosen, samples=samples))


def heard(run: Run) -> Heard:
    """The part of a run that the self-test looks at."""
    result = run.providers[0]
    return Heard(
        clauses=_told(result),
        errors=tuple(map(befell, result.errors)),
        requests=result.usage.requests,
    )


def _told(result: ProviderResult) -> dict[str, frozenset[str]]:
    """Clauses with the cases in which they failed; and those that only permit a parameter, with the
    cases in which it was ignored: no failure, but the capability matrix says it.
    """
    told = {each.clause: set(each.cases) for each in result.findings}
    for case in result.cases:
        if case.branch == IGNORED and case.outcome is Outcome.PASSED:
            for clause in case.clauses:
                told.setdefault(clause, set()).add(case.case)
    return {clause: frozenset(cases) for clause, cases in told.items()}


def missed(fault: Fault, found: Collection[str]) -> tuple[str, ...]:
    """Primary clauses that are not among those found broken."""
    return tuple(clause for clause in fault.primary if clause not in found)


def alarms(fault: Fault, found: Collection[str]) -> tuple[str, ...]:
    """Clauses found broken that are neither primary nor a cascade."""
    return tuple(sorted(clause for clause in found if not fault.expects(clause)))


def examine(name: str, chosen: Callable[[str], bool] = everything) -> Examined:
    """All chosen cells against one fault; those that show now and then, again until noticed."""
    load_faults()
    fault = FAULTS.find(name)
    began = time.monotonic()
    tools().complaints()
    repeats = REPEATS[:1] if fault.determinism == "every response" else REPEATS
    found = hear(name, chosen=chosen)
    for samples in repeats[1:]:
        if not missed(fault, found.clauses):
            break
        found = hear(name, chosen=chosen, samples=samples)
    lacking = missed(fault, found.clauses)
    return Examined(
        fault=name,
        heard=found,
        missed=lacking,
        alarms=alarms(fault, found.clauses),
        complaints=tools().complaints(),
        notice=None if lacking else least(fault, found),
        seconds=time.monotonic() - began,
    )


def recheck(name: str, notice: Notice) -> Examined:
    """One fault against the least that noticed it before."""
    load_faults()
    fault = FAULTS.find(name)
    began = time.monotonic()
    found = hear(name, chosen=notice.cells.__contains__, samples=_more(notice.samples))
    return Examined(
        fault=name,
        heard=found,
        missed=missed(fault, found.clauses),
        alarms=alarms(fault, found.clauses),
        complaints={},
        notice=notice,
        seconds=time.monotonic() - began,
    )


def least(fault: Fault, found: Heard) -> Notice | None:
    """The smallest cells that notice a fault alone, and how often they have to be asked for it.

    Cells are tried from the smallest on, once each, before any is asked more often.
    """
    wanted = {clause: list(_cells(found.clauses[clause]))[:_TRIED] for clause in fault.primary}
    for samples in SAMPLES if fault.determinism != "every response" else SAMPLES[:1]:
        firsts = [_first(fault, clause, cells, samples) for clause, cells in wanted.items()]
        cells = tuple(dict.fromkeys(firsts))
        if "" in cells:
            continue
        again = hear(fault.name, chosen=cells.__contains__, samples=_more(samples))
        if not missed(fault, again.clauses):
            return Notice(cells=cells, samples=samples, requests=again.requests)
    return None


_TRIED = 6
"""Cells that are tried alone for one clause: chance and state may spare the very smallest."""


def _first(fault: Fault, clause: str, cells: list[str], samples: int) -> str:
    """The first of the cells in which the clause fails alone; empty where none does."""
    for cell in cells:
        if clause in hear(fault.name, chosen=cell.__eq__, samples=_more(samples)).clauses:
            return cell
    return ""


def _more(samples: int) -> int | None:
    return samples if samples > 1 else None


def _cells(cases: Collection[str]) -> Iterator[str]:
    """The cells of these cases, the smallest first."""
    found = (variant for variant in _variants() if variant.case.id in cases)
    return (variant.cell for variant in sorted(found, key=_size))


def every_cell() -> frozenset[str]:
    """All cells of the packaged suites."""
    return frozenset(variant.cell for variant in _variants())


def _variants() -> Iterator[Variant]:
    for suite in suites():
        for case in suite.cases:
            yield from variants(case)


def _size(variant: Variant) -> tuple[int, str]:
    case = variant.case
    return len(case.steps) * case.samples.least, variant.cell
