"""Plans of several runs as one plan: their union, where they agree on all that they share. Pure.

Union of sets, sorted: any order and any grouping gives the same plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from conformance.errors import UsageError
from conformance.plan.build import digest
from conformance.plan.model import Cell, Plan
from conformance.providers.model import Provider

K = TypeVar("K", str, tuple[str, str])
V = TypeVar("V")
Statement = tuple[str, str, Any]
"""Who says it, what it is about, and what is said."""

_JUDGED_BY = (
    "base_url",
    "preset",
    "model",
    "models",
    "capabilities",
    "fragments",
    "prices",
    "accepted_changes",
    "certify",
)
"""What of a provider tells which endpoint it is, or how it is judged; limits and places may differ."""
_SHOWN = 60


def agree(statements: Iterable[Statement]) -> None:
    """Nothing is said in two ways. Raises UsageError with the two and the first difference."""
    first: dict[str, tuple[str, Any]] = {}
    for who, about, what in statements:
        before, known = first.setdefault(about, (who, what))
        if known != what:
            said = "" if _long(known) or _long(what) else f": {known!r} and {what!r}"
            raise UsageError(
                f"{before} and {who} do not belong together: {about} differs{said}\n"
                "  merge runs of the same suites, options and providers; leave one of the two out"
            )


def merge(plans: Mapping[str, Plan]) -> Plan:
    """One plan of all. The keys are names for complaints. Raises UsageError where two contradict."""
    agree(each for name, plan in plans.items() for each in _statements(name, plan))
    every = list(plans.values())
    suites = _by_name((suite.id, suite) for plan in every for suite in plan.suites)
    not_asked = _by_name(
        ((each.variant.cell, each.provider), each) for plan in every for each in plan.not_asked
    )
    return Plan(
        suites=tuple(suites.values()),
        providers=_by_name(pair for plan in every for pair in plan.providers.items()),
        cells=tuple(_cells(every)),
        not_asked=tuple(not_asked.values()),
        baseline=every[0].baseline,
        seed=every[0].seed,
        effort=every[0].effort,
        digest=digest(tuple(suites.values())),
    )


def _by_name(named: Iterable[tuple[K, V]]) -> dict[K, V]:
    """Each once, sorted; of those that differ in what does not matter, always the same one."""
    found: dict[K, list[V]] = {}
    for name, value in named:
        found.setdefault(name, []).append(value)
    return {name: min(found[name], key=repr) for name in sorted(found)}


def _cells(plans: Iterable[Plan]) -> Iterator[Cell]:
    asked: dict[str, list[Cell]] = {}
    for plan in plans:
        for cell in plan.cells:
            asked.setdefault(cell.id, []).append(cell)
    for _, cells in sorted(asked.items()):
        names = {name for cell in cells for name in cell.providers}
        yield Cell(variant=cells[0].variant, providers=tuple(sorted(names)))


def _statements(who: str, plan: Plan) -> Iterator[Statement]:
    for about in ("seed", "effort", "baseline"):
        yield who, about, getattr(plan, about)
    for suite in plan.suites:
        yield who, f"suite {suite.id!r}", json.dumps(suite.source, sort_keys=True)
        for case in suite.cases:
            yield who, f"number of samples of {case.id}", (case.samples.least, case.samples.most)
    for provider in plan.providers.values():
        yield from _about(who, provider)


def _about(who: str, provider: Provider) -> Iterator[Statement]:
    name = provider.name
    for about in _JUDGED_BY:
        yield who, f"{about} of provider {name!r}", getattr(provider, about)
    deviations = [replace(each, where="") for each in provider.deviations]
    yield who, f"deviations of provider {name!r}", deviations


def _long(value: Any) -> bool:
    return len(repr(value)) > _SHOWN
