"""Which cells of the packaged suites to put before a fault, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from conformance.faces.selftest.ask import suites
from conformance.plan.build import every_variant
from conformance.plan.model import Variant
from conformance.reference.fault import Fault
from conformance.suite.model import Effort


def every_cell() -> frozenset[str]:
    """All cells of the packaged suites."""
    return frozenset(variant.cell for variant in _variants())


def smallest_first(cases: Collection[str]) -> Iterator[str]:
    """The cells of these cases by the number of their requests."""
    found = (variant for variant in _variants() if variant.case.id in cases)
    return (variant.cell for variant in sorted(found, key=_size))


def near(fault: Fault) -> frozenset[str]:
    """Cells that can notice it: of the parts of the contract that it breaks, and of a quick run."""
    sections = {clause.rpartition("-")[0] for clause in fault.primary}
    return frozenset(each.cell for each in _variants() if _is_near(each, fault, sections))


def usual() -> frozenset[str]:
    """What a normal run asks."""
    return frozenset(each.cell for each in _variants() if Effort.NORMAL.covers(each.effort))


def _is_near(one: Variant, fault: Fault, sections: Collection[str]) -> bool:
    if one.case.id in fault.changes or one.effort is Effort.QUICK:
        return True
    named = any(clause.rpartition("-")[0] in sections for clause in one.case.clauses)
    return named and Effort.NORMAL.covers(one.effort)


def _variants() -> Iterator[Variant]:
    return every_variant(suites())


def _size(variant: Variant) -> tuple[int, str]:
    case = variant.case
    return len(case.steps) * case.samples.least, variant.cell
