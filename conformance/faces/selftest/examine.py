"""One fault in front of the suites: what noticed it, what should have, and the least that does."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from conformance.faces.selftest.ask import tools
from conformance.faces.selftest.cells import smallest_first, usual
from conformance.faces.selftest.hear import NOTHING, Heard, alarms, hear_fault, missed, noticing
from conformance.faces.selftest.reach import reach_in
from conformance.faces.selftest.watch import Complaints, killed
from conformance.reference.fault import FAULTS, Fault
from conformance.reference.serve import load_faults
from conformance.suite.model import Effort

SAMPLES = (1, 2, 4, 8, 16, 32)
"""How often a case is asked until a fault that shows now and then must have shown."""


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
    reached: int
    """The cells that it can touch."""
    heard: Heard
    missed: tuple[str, ...]
    """Primary clauses that no case found broken; the cases that must change, where none did."""
    alarms: tuple[str, ...]
    """Clauses that were found broken though nothing says that they may."""
    notice: Notice | None
    trips: tuple[str, ...] = ()
    """The checks that complain of it, and of nothing like it at the clean server."""
    seconds: float
    processor: float
    """Seconds of a processor, server and suites together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known of the server without faults before any other is asked."""

    record: Path
    """All that it was asked, and answered."""
    complaints: Complaints


def examine(name: str, ground: Ground, effort: Effort) -> Examined:
    """One fault against the cells that it can touch: of a run of that effort, and more where they miss it.

    One that shows on some responses is asked as often as a thorough run does it.
    """
    load_faults()
    fault = FAULTS.find(name)
    watch = _Watch()
    cells = reach_in(ground.record).of(fault)
    tools().complaints()
    found = _heard(fault, cells, effort)
    trips = killed(tools().complaints(), ground.complaints)
    lacking = missed(fault, found)
    return Examined(
        fault=name,
        reached=len(cells),
        heard=found,
        missed=lacking,
        alarms=alarms(fault, found.clauses),
        trips=tuple(sorted(trips)),
        notice=None if lacking else least(fault, found),
        seconds=watch.seconds,
        processor=watch.processor,
    )


def recheck(name: str, notice: Notice) -> Examined:
    """One fault against the least that noticed it before."""
    load_faults()
    fault = FAULTS.find(name)
    watch = _Watch()
    found = hear_fault(fault, chosen=notice.cells.__contains__, samples=_more(notice.samples))
    return Examined(
        fault=name,
        reached=len(notice.cells),
        heard=found,
        missed=missed(fault, found),
        alarms=alarms(fault, found.clauses),
        notice=notice,
        seconds=watch.seconds,
        processor=watch.processor,
    )


def least(fault: Fault, found: Heard) -> Notice | None:
    """The smallest cells that notice a fault alone, and how often they have to be asked for it.

    Cells are tried from the smallest on, once each, before any is asked more often.
    """
    wanted = {one: _candidates(cases) for one, cases in _where(fault, found).items()}
    for samples in SAMPLES if fault.determinism != "every response" else SAMPLES[:1]:
        firsts = [_first(fault, one, cells, samples) for one, cells in wanted.items()]
        cells = tuple(dict.fromkeys(firsts))
        if "" in cells:
            continue
        again = hear_fault(fault, chosen=cells.__contains__, samples=_more(samples))
        if not missed(fault, again):
            return Notice(cells=cells, samples=samples, requests=again.requests)
    return None


_TRIED = 12
"""Cells that are tried alone for one clause: chance and state may spare the very smallest."""


def _candidates(cases: Collection[str]) -> list[str]:
    """The smallest; then those that ask at least twice, for what only a second request shows."""
    smallest = islice(smallest_first(cases), _TRIED)
    return list(dict.fromkeys([*smallest, *islice(smallest_first(cases, least=2), _TRIED)]))


class _Watch:
    """How long something takes, by either clock."""

    def __init__(self) -> None:
        self._began = time.monotonic(), time.process_time()

    @property
    def seconds(self) -> float:
        """By the clock on the wall."""
        return time.monotonic() - self._began[0]

    @property
    def processor(self) -> float:
        """Of this process."""
        return time.process_time() - self._began[1]


def _heard(fault: Fault, cells: frozenset[str], effort: Effort) -> Heard:
    """What the first of these rounds says that notices it; else what the last one says."""
    few = cells & usual() if effort is Effort.NORMAL else cells
    often = {
        "every response": (Effort.NORMAL, Effort.NORMAL),
        "by state": (Effort.NORMAL, Effort.THOROUGH),
        "some responses": (Effort.THOROUGH, Effort.THOROUGH),
    }[fault.determinism]
    found = NOTHING
    for asked, times in dict.fromkeys(zip((few, cells), often, strict=True)):
        if asked and missed(fault, found):
            found = hear_fault(fault, chosen=asked.__contains__, effort=times)
    return found


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
