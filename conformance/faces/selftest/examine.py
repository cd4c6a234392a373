"""One fault in front of the suites: what noticed it, what should have, and the least that does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.faces.selftest.ask import tools
from conformance.faces.selftest.cells import every_cell, near, smallest_first, usual
from conformance.faces.selftest.hear import NOTHING, Heard, alarms, hear_fault, missed, noticing
from conformance.faces.selftest.watch import Complaints
from conformance.reference.fault import FAULTS, Fault
from conformance.reference.serve import load_faults

SAMPLES = (1, 2, 4, 8, 16, 32)
"""How often a case is asked until a fault that shows now and then must have shown."""
REPEATS = (1, 2, 4)
"""... and the whole of the suites."""


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
    """Primary clauses that no case found broken; the cases that must change, where none did."""
    alarms: tuple[str, ...]
    """Clauses that were found broken though nothing says that they may."""
    notice: Notice | None
    complaints: Complaints
    seconds: float


def examine(name: str, chosen: Callable[[str], bool], *, all_of_them: bool) -> Examined:
    """One fault against the chosen cells that can notice it; where none does, against more.

    `all_of_them`: at once against all that a normal run asks, so that false alarms are heard, too.
    Faults that show now and then are asked again until they are noticed.
    """
    load_faults()
    fault = FAULTS.find(name)
    began = time.monotonic()
    tools().complaints()
    found = _first_heard(fault, chosen, all_of_them=all_of_them)
    lacking = missed(fault, found)
    return Examined(
        fault=name,
        heard=found,
        missed=lacking,
        alarms=alarms(fault, found.clauses),
        complaints=tools().complaints(),
        notice=None if lacking else least(fault, found),
        seconds=time.monotonic() - began,
    )


def _first_heard(fault: Fault, chosen: Callable[[str], bool], *, all_of_them: bool) -> Heard:
    """What the smallest ring of cells says that notices the fault; else what the last one says."""
    rings = [usual(), every_cell()] if all_of_them else [near(fault), usual(), every_cell()]
    repeats = REPEATS[:1] if fault.determinism == "every response" else REPEATS
    found = NOTHING
    for cells in rings:
        for samples in repeats:
            asked = frozenset(filter(chosen, cells))
            found = hear_fault(fault, chosen=asked.__contains__, samples=_more(samples))
            if not missed(fault, found):
                return found
    return found


def recheck(name: str, notice: Notice) -> Examined:
    """One fault against the least that noticed it before."""
    load_faults()
    fault = FAULTS.find(name)
    began = time.monotonic()
    found = hear_fault(fault, chosen=notice.cells.__contains__, samples=_more(notice.samples))
    return Examined(
        fault=name,
        heard=found,
        missed=missed(fault, found),
        alarms=alarms(fault, found.clauses),
        complaints={},
        notice=notice,
        seconds=time.monotonic() - began,
    )


def least(fault: Fault, found: Heard) -> Notice | None:
    """The smallest cells that notice a fault alone, and how often they have to be asked for it.

    Cells are tried from the smallest on, once each, before any is asked more often.
    """
    wanted = {
        one: list(smallest_first(cases))[:_TRIED] for one, cases in _where(fault, found).items()
    }
    for samples in SAMPLES if fault.determinism != "every response" else SAMPLES[:1]:
        firsts = [_first(fault, one, cells, samples) for one, cells in wanted.items()]
        cells = tuple(dict.fromkeys(firsts))
        if "" in cells:
            continue
        again = hear_fault(fault, chosen=cells.__contains__, samples=_more(samples))
        if not missed(fault, again):
            return Notice(cells=cells, samples=samples, requests=again.requests)
    return None


_TRIED = 6
"""Cells that are tried alone for one clause: chance and state may spare the very smallest."""


def _where(fault: Fault, found: Heard) -> Mapping[str, frozenset[str]]:
    """What must be noticed to the cases that did: each primary clause, or the change as a whole."""
    if fault.changes:
        return {"": noticing(fault, found)}
    return {clause: found.clauses[clause] for clause in fault.primary}


def _first(fault: Fault, clause: str, cells: list[str], samples: int) -> str:
    """The first of the cells that notices it alone; empty where none does."""
    for cell in cells:
        alone = hear_fault(fault, chosen=cell.__eq__, samples=_more(samples))
        if clause in alone.clauses if clause else noticing(fault, alone):
            return cell
    return ""


def _more(samples: int) -> int | None:
    return samples if samples > 1 else None
