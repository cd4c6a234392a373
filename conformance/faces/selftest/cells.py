"""The cells of the packaged suites."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache

from conformance.faces.selftest.ask import suites
from conformance.plan.build import every_variant
from conformance.plan.model import Variant
from conformance.suite.model import Case, Effort


def every_cell() -> frozenset[str]:
    """All cells of the packaged suites."""
    return frozenset(variant.cell for variant in every_variant(suites()))


@cache
def usual() -> frozenset[str]:
    """What a normal run asks."""
    variants = every_variant(suites())
    return frozenset(each.cell for each in variants if Effort.NORMAL.covers(each.effort))


@cache
def cases() -> Mapping[str, Case]:
    """The cases of the packaged suites, by id."""
    return {case.id: case for suite in suites() for case in suite.cases}


def smallest_first(wanted: Collection[str], *, least: int = 1) -> Iterator[str]:
    """The cells of these cases by the number of their requests, which is at least so many."""
    found = sorted(
        _size(variant) for variant in every_variant(suites()) if variant.case.id in wanted
    )
    return (cell for size, cell in found if size >= least)


def _size(variant: Variant) -> tuple[int, str]:
    case = variant.case
    return len(case.steps) * case.samples.least, variant.cell
