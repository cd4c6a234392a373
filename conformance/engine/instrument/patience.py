"""An event loop that reads what the kernel has stamped by itself, many connections at a time.

asyncio wakes up, looks for the callback of each descriptor, and calls it in a context of its own. With
streams that tick every 20 ms, what wakes up has left all caches by then, and each piece of code that
is run for a moment costs more than what it does. Here reading is part of waiting: one short loop,
which is left only when somebody is to be told.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from collections.abc import Callable
from contextvars import Context
from time import monotonic
from typing import Protocol, TypeVarTuple

WAIT = 0.001
"""Seconds from the first that has something to reading all that have."""
Some = TypeVarTuple("Some")

MOST = 1024
"""Connections that are read in one go."""


class Readable(Protocol):
    """A connection."""

    def readable(self) -> None:
        """Something has come."""
        ...

    def broke(self, error: Exception) -> None:
        """Reading it did not work, and that is our own fault."""
        ...


def read(line: Readable) -> None:
    """What goes wrong in it concerns whoever waits for it; other lines go on."""
    try:
        line.readable()
    except Exception as error:  # noqa: BLE001  # nobody else could: the event loop calls this
        line.broke(error)


class Pool:
    """Connections that are watched by one descriptor."""

    def __init__(self) -> None:
        self.poll = select.epoll()
        self.busy = 0
        """Requests under way; whoever begins and ends them counts."""
        self.patient = True
        """Nothing merged before it was read, so far."""
        self._lines: dict[int, Readable] = {}

    @property
    def waits(self) -> bool:
        """More may come in a moment, and it is early enough to read it then."""
        return self.patient and self.busy > 1

    def add(self, descriptor: int, line: Readable) -> None:
        """See Pump."""
        self._lines[descriptor] = line
        self.poll.register(descriptor, select.EPOLLIN)

    def remove(self, descriptor: int) -> None:
        """See Pump."""
        if self._lines.pop(descriptor, None) is not None:
            self.poll.unregister(descriptor)

    def hurry(self) -> None:
        """See Pump."""
        self.patient = False

    def close(self) -> None:
        """See Pump."""

    def read(self, ready: list[tuple[int, int]]) -> bool:
        """Those that are ready. Whether there were others among them than lines."""
        lines, others = self._lines, False
        for descriptor, _ in ready:
            line = lines.get(descriptor)
            if line is None:  # or its connection was closed by another one's reader
                others = True
                continue
            try:
                line.readable()
            except Exception as error:  # noqa: BLE001  # as in `read` above, without calling it
                line.broke(error)
        return others


class Patience(selectors.DefaultSelector):
    """What an event loop waits with. Lines are read meanwhile; what else there is, is the loop's."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = Pool()
        self.pool.poll.register(self, select.EPOLLIN)
        self.woken = False
        """Somebody is to be told something."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As any selector's."""
        pool, self.woken = self.pool, False
        poll, left = pool.poll.poll, timeout
        until = 0.0 if timeout is None else monotonic() + timeout
        while True:
            ready = poll(left, MOST)
            if pool.waits and ready and (left is None or left > WAIT):
                # Ends at once where it is the loop's own: a handshake is not to wait for lines.
                super().select(WAIT if timeout is None else min(WAIT, until - monotonic()))
                ready = poll(0, MOST)
            if pool.read(ready):
                return super().select(0)
            if self.woken or not ready:
                return []
            if timeout is not None:
                left = until - monotonic()
                if left <= 0:
                    return []

    def close(self) -> None:
        """As any selector's."""
        self.pool.poll.close()
        super().close()


class PatientLoop(asyncio.SelectorEventLoop):
    """asyncio's own, with patience."""

    def __init__(self) -> None:
        self.patience = Patience()
        super().__init__(self.patience)

    def call_soon(
        self, callback: Callable[[*Some], object], *args: *Some, context: Context | None = None
    ) -> asyncio.Handle:
        """As any loop's."""
        self.patience.woken = True
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Some], object],
        *args: *Some,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As any loop's."""
        self.patience.woken = True
        return super().call_at(when, callback, *args, context=context)
