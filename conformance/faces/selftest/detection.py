"""How many faults are noticed, by what they are: the numbers that the targets are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.faces.selftest.cells import cases
from conformance.faces.selftest.examine import Examined
from conformance.faces.selftest.hear import noticing
from conformance.reference.fault import FAULTS, Fault
from conformance.reference.field import field_faults, shown_by
from conformance.suite.model import Effort

LEVELS = ("must", "should", "may")
DETERMINISMS = ("every response", "some responses", "by state")
_RARE = 0.05
"""Faults that show in a smaller share of responses are not counted among those that must be noticed."""

Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]
"""Title, heads, rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What share of some faults has to be noticed."""

    of: str
    least: float
    counts: Callable[[Fault], bool]


TARGETS = (
    Target(of="level must", least=0.98, counts=lambda one: one.level == "must"),
    Target(
        of="show in every response, or by state",
        least=0.95,
        counts=lambda one: one.determinism != "some responses",
    ),
    Target(
        of="show in some responses, one in twenty or more (asked thoroughly)",
        least=0.90,
        counts=lambda one: one.determinism == "some responses" and one.rate >= _RARE,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One fault, of ours or from the field."""

    area: str
    level: str
    shows: str
    noticed: bool


def targets(examined: Sequence[Examined]) -> Table:
    """The shares that are asked for."""
    rows = []
    for target in TARGETS:
        told = [not one.missed for one in examined if target.counts(FAULTS[one.fault])]
        if told:
            share = f"{sum(told) / len(told):.1%}"
            rows.append((target.of, _share(told), share, f"{target.least:.0%}"))
    return "Noticed, and how many at least should be", ("faults that", "noticed", "", "least"), rows


def from_the_field(examined: Sequence[Examined]) -> Table:
    """Reports from the field that are noticed: by each fault of ours that shows them."""
    lacking = {one.fault for one in examined if one.missed}
    asked = {one.fault for one in examined}
    seen = [
        _Seen(area=one.area, level=one.level, shows=one.determinism, noticed=not shown & lacking)
        for one in field_faults().values()
        if (shown := set(shown_by(one.id))) and shown <= asked
    ]
    return _crossed("Noticed, of the reports from the field", seen)


def served(examined: Sequence[Examined]) -> Table:
    """Faults of ours that are noticed."""
    faults = ((FAULTS[one.fault], one) for one in examined)
    seen = [
        _Seen(area=fault.area, level=fault.level, shows=fault.determinism, noticed=not one.missed)
        for fault, one in faults
    ]
    return _crossed("Noticed, of the faults served", seen)


def costs(examined: Sequence[Examined]) -> Table:
    """What it took, by area."""
    rows = []
    for area in sorted({FAULTS[one.fault].area for one in examined}):
        of_it = [one for one in examined if FAULTS[one.fault].area == area]
        rows.append((area, *_cost(of_it)))
    heads = ("area", "faults", "requests", "seconds of a processor", "of the slowest")
    return "What it took", heads, [*rows, ("all", *_cost(examined))]


def by_effort(examined: Sequence[Examined]) -> Table:
    """The least effort of a run that asks a noticing case for each primary clause."""
    every = [one for one in examined if FAULTS[one.fault].determinism == "every response"]
    told = [_least_effort(one) for one in every if not one.missed]
    rows = [
        (effort.value, sum(effort.covers(each) for each in told), len(every)) for effort in Effort
    ]
    title = "Noticed, of those that show in every response, by the effort of a run"
    return title, ("effort", "noticed", "of"), rows


def _least_effort(one: Examined) -> Effort:
    fault = FAULTS[one.fault]
    ways = [noticing(fault, one.heard)]
    if not fault.changes:
        ways = [one.heard.clauses[clause] for clause in fault.primary]
    order = list(Effort).index
    return max((min(map(_effort, way), key=order) for way in ways), key=order)


def _effort(case: str) -> Effort:
    """The probe of a server's health is no case of the suites; it follows normal ones."""
    return cases()[case].effort if case in cases() else Effort.NORMAL


def _cost(examined: Sequence[Examined]) -> tuple[object, ...]:
    return (
        len(examined),
        sum(one.heard.requests for one in examined),
        f"{sum(one.processor for one in examined):.0f}",
        f"{max(one.processor for one in examined):.1f}",
    )


def _crossed(title: str, seen: Sequence[_Seen]) -> Table:
    """Area by level and by how often it shows; empty columns are left out."""
    shows = tuple(dict.fromkeys([*DETERMINISMS, *(one.shows for one in seen)]))
    columns = [
        (level, how)
        for level in LEVELS
        for how in shows
        if any((one.level, one.shows) == (level, how) for one in seen)
    ]
    areas = sorted({one.area for one in seen})
    rows = [(area, *_cells([one for one in seen if one.area == area], columns)) for area in areas]
    heads = ("area", "all", *(f"{level}: {how}" for level, how in columns))
    return title, heads, [*rows, ("all", *_cells(seen, columns))]


def _cells(seen: Sequence[_Seen], columns: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield _share([one.noticed for one in seen])
    for level, how in columns:
        yield _share([one.noticed for one in seen if (one.level, one.shows) == (level, how)])


def _share(told: Sequence[bool]) -> str:
    return f"{sum(told)}/{len(told)}" if told else ""
