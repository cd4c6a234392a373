"""Faults x suites, on all processors: every fault in a process of its own with its own server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from conformance.checks.core import CHECKS
from conformance.faces.selftest.ask import everything, tools
from conformance.faces.selftest.examine import Examined, Ground, Notice, examine, recheck
from conformance.faces.selftest.hear import Heard, hear, hear_clean
from conformance.suite.model import Effort

_WAITING = 3
"""Faults at once for each processor where each is asked its least: four fifths of that is waiting."""
Job = tuple[Any, ...]
"""A function that gives an Examined, and its arguments; all of it can be pickled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that the self-test found out."""

    clean: Heard
    """What was said of the server without faults: nothing, if all is well."""
    examined: tuple[Examined, ...]

    @property
    def unkilled(self) -> tuple[str, ...]:
        """Checks that complained at none of these faults."""
        return tuple(sorted(set(CHECKS).difference(*(one.trips for one in self.examined))))


Progress = Callable[[Examined, str], None]
"""Hears of each fault as soon as it is done with."""


def matrix_of(
    faults: Iterable[str],
    progress: Progress,
    *,
    effort: Effort,
    chosen: Callable[[str], bool] = everything,
    kept: Sequence[Examined] = (),
) -> Matrix:
    """Each fault against the chosen cells that it can touch. `kept`: found before."""
    with tempfile.TemporaryDirectory() as folder:
        tools().complaints()
        clean, record = hear_clean(Path(folder), chosen)
        ground = Ground(record=record, complaints=tools().complaints())
        found = list(_all([(examine, name, ground, effort) for name in faults], progress))
    return Matrix(clean=clean, examined=_sorted([*kept, *found]))


def the_least(
    noticed: Mapping[str, Notice], progress: Progress, *, kept: Sequence[Examined] = ()
) -> Matrix:
    """Each fault against the least that noticed it; the clean server against all."""
    return Matrix(clean=hear(), examined=_sorted([*kept, *rechecked(noticed, progress)]))


def rechecked(noticed: Mapping[str, Notice], progress: Progress) -> tuple[Examined, ...]:
    """Each fault against the least that noticed it."""
    jobs = [(recheck, name, notice) for name, notice in noticed.items()]
    return _sorted(_all(jobs, progress, each=_WAITING))


def _sorted(examined: Iterable[Examined]) -> tuple[Examined, ...]:
    return tuple(sorted(examined, key=lambda one: one.fault))


def _all(jobs: Sequence[Job], progress: Progress, *, each: int = 1) -> Iterator[Examined]:
    """As many at once as each processor is given, in the order in which they end."""
    at_once = each * (os.cpu_count() or 1)
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(*job) for job in jobs]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                one = done.result()
                progress(one, f"{number}/{len(waiting)} {one.fault}")
                yield one
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
