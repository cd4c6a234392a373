"""Which connections have something to read. The kernel has stamped it, so there is no hurry.

Streams of many requests tick at nearly the same time. Woken for each of them, this process would
spend more on waking up than on reading; a millisecond later most are there at once. Where that
makes segments of one stream merge, it is too long, and from then on everything is read at once.
Where a single request is under way there is nothing to wait for.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Protocol

from conformance.engine.instrument.patience import MOST, WAIT, PatientLoop, Pool, Readable, read


class Pump(Protocol):
    """Has those read that can be."""

    busy: int
    """Requests under way; whoever begins and ends them counts."""

    def add(self, descriptor: int, line: Readable) -> None:
        """Have it read whenever there is something."""
        ...

    def remove(self, descriptor: int) -> None:
        """Don't, any more."""
        ...

    def hurry(self) -> None:
        """Something merged before it was read."""
        ...

    def close(self) -> None:
        """Nothing is read any more."""
        ...


def pump(*, stamped: bool) -> Pump:
    """For the running event loop. Where the kernel stamps nothing, each moment counts."""
    loop = asyncio.get_running_loop()
    if not stamped or sys.platform != "linux":
        return _Prompt(loop)
    if not isinstance(loop, PatientLoop):
        return _Patient(loop)
    pool = loop.patience.pool
    pool.patient = True  # what merged was somebody else's
    return pool


class _Prompt:
    """The event loop has each line read itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.busy = 0
        self._loop = loop

    def add(self, descriptor: int, line: Readable) -> None:
        self._loop.add_reader(descriptor, read, line)

    def remove(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)

    def hurry(self) -> None:
        """It is read as soon as it can be."""

    def close(self) -> None:
        """Each line removes itself."""


class _Patient(Pool):
    """Any other watches one descriptor, which stands for all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(self.poll.fileno(), self._ready)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.poll.closed:
            self._loop.remove_reader(self.poll.fileno())
            self.poll.close()

    def _ready(self) -> None:
        if self.waits:
            self._loop.remove_reader(self.poll.fileno())
            self._timer = self._loop.call_later(WAIT, self._waited)
        else:
            self._read()

    def _waited(self) -> None:
        self._timer = None
        self._loop.add_reader(self.poll.fileno(), self._ready)
        self._read()

    def _read(self) -> None:
        self.read(self.poll.poll(0, MOST))
