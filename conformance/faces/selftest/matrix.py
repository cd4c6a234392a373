"""Faults x suites, on all processors: every fault in a process of its own with its own server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from conformance.checks.core import CHECKS
from conformance.faces.selftest.ask import tools
from conformance.faces.selftest.examine import Examined, Heard, examine, hear
from conformance.faces.selftest.watch import Complaints, killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that the self-test found out."""

    clean: Heard
    """What was said of the server without faults: nothing, if all is well."""
    examined: tuple[Examined, ...]
    unkilled: tuple[str, ...]
    """Checks that complained at no fault."""
    seconds: float


@dataclass(frozen=True, slots=True)
class InSuites:
    """The cells of some suites; none named: all."""

    names: tuple[str, ...]

    def __call__(self, cell: str) -> bool:
        return not self.names or cell.partition("/")[0] in self.names


Progress = Callable[[str], None]


def matrix(faults: Sequence[str], chosen: Callable[[str], bool], progress: Progress) -> Matrix:
    """Examine faults, as many at once as there are processors."""
    began = time.monotonic()
    clean, said = _clean(chosen)
    examined = sorted(_all(faults, chosen, progress), key=lambda one: one.fault)
    trips = frozenset(name for one in examined for name in killed(one.complaints, said))
    return Matrix(
        clean=clean,
        examined=tuple(examined),
        unkilled=tuple(sorted(set(CHECKS) - trips)),
        seconds=time.monotonic() - began,
    )


def _clean(chosen: Callable[[str], bool]) -> tuple[Heard, Complaints]:
    tools().complaints()
    return hear(chosen=chosen), tools().complaints()


def _all(
    faults: Iterable[str], chosen: Callable[[str], bool], progress: Progress
) -> Iterator[Examined]:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(examine, name, chosen) for name in faults]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                one = done.result()
                progress(f"{number}/{len(waiting)} {one.fault}")
                yield one
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
