"""Nothing else happens in this process while it measures: no garbage collection, no waiting turn."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from conformance.engine.instrument.patience import PatientLoop

Result = TypeVar("Result")

_PRIORITY = 5


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Garbage is left lying, and what there is already is not looked at again."""
    before = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if before:
            gc.enable()


@contextlib.contextmanager
def first_in_line() -> Iterator[bool]:
    """Run before all ordinary processes, where the system permits it; says whether it does."""
    if not hasattr(os, "sched_setscheduler"):
        yield False
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except OSError:  # needs a privilege that most have not
        yield False
        return
    try:
        yield True
    finally:
        os.sched_setscheduler(0, policy, parameters)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """asyncio.run, on the loop that reads most cheaply."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop; None: asyncio's own."""
    if sys.platform == "win32":  # the usual one there does not watch sockets of ours
        return asyncio.SelectorEventLoop
    return PatientLoop if sys.platform == "linux" else None
