"""Faults x suites, on all processors: every fault in a process of its own with its own server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

from conformance.checks.core import CHECKS
from conformance.faces.selftest.ask import tools
from conformance.faces.selftest.examine import Examined, Notice, examine, recheck
from conformance.faces.selftest.hear import Heard, hear
from conformance.faces.selftest.watch import killed

Job = tuple[Any, ...]
"""A function that gives an Examined, and its arguments; all of it can be pickled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that the self-test found out."""

    clean: Heard
    """What was said of the server without faults: nothing, if all is well."""
    examined: tuple[Examined, ...]
    unkilled: tuple[str, ...]
    """Checks that complained at none of these faults."""
    seconds: float


@dataclass(frozen=True, slots=True)
class InSuites:
    """The cells of some suites; none named: all."""

    names: tuple[str, ...] = ()

    def __call__(self, cell: str) -> bool:
        return not self.names or cell.partition("/")[0] in self.names


Progress = Callable[[Examined, str], None]
"""Hears of each fault as soon as it is done with."""


def matrix_of(
    faults: Sequence[str], chosen: InSuites, progress: Progress, *, all_of_them: bool
) -> Matrix:
    """Each fault against the chosen cells: those that can notice it, or all of a normal run."""
    jobs: dict[str, Job] = {
        name: (partial(examine, all_of_them=all_of_them), name, chosen) for name in faults
    }
    return _matrix(jobs, chosen, progress)


def the_least(noticed: Mapping[str, Notice], progress: Progress) -> Matrix:
    """Each fault against the least that noticed it; the clean server against all."""
    jobs = {name: (recheck, name, notice) for name, notice in noticed.items()}
    return _matrix(jobs, InSuites(), progress)


def _matrix(jobs: Mapping[str, Job], chosen: InSuites, progress: Progress) -> Matrix:
    began = time.monotonic()
    tools().complaints()
    clean = hear(chosen=chosen)
    said = tools().complaints()
    examined = sorted(_all(list(jobs.values()), progress), key=lambda one: one.fault)
    trips = frozenset(name for one in examined for name in killed(one.complaints, said))
    return Matrix(
        clean=clean,
        examined=tuple(examined),
        unkilled=tuple(sorted(set(CHECKS) - trips)),
        seconds=time.monotonic() - began,
    )


def _all(jobs: Sequence[Job], progress: Progress) -> Iterator[Examined]:
    """As many at once as there are processors, in the order in which they end."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(*job) for job in jobs]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                one = done.result()
                progress(one, f"{number}/{len(waiting)} {one.fault}")
                yield one
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
