"""Which connections have something to read. The kernel has stamped it, so there is no hurry.

Streams of many requests tick at nearly the same time. Woken for each of them, this process would
spend more on waking up than on reading; a millisecond later most are there at once. Where that
makes segments of one stream merge, it is too long, and from then on everything is read at once.
"""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Callable
from typing import Protocol

_WAIT = 0.001
_MOST = 1024

Reader = Callable[[], None]


class Pump(Protocol):
    """Calls readers of sockets that can be read."""

    def add(self, descriptor: int, reader: Reader) -> None:
        """Call it whenever there is something."""
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
    return _Patient(loop) if stamped and sys.platform == "linux" else _Prompt(loop)


class _Prompt:
    """The event loop calls the readers itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def add(self, descriptor: int, reader: Reader) -> None:
        self._loop.add_reader(descriptor, reader)

    def remove(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)

    def hurry(self) -> None:
        """It is read as soon as it can be."""

    def close(self) -> None:
        """Each line removes itself."""


class _Patient:
    """The event loop watches one descriptor, which stands for all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._poll = select.epoll()
        self._readers: dict[int, Reader] = {}
        self._wait = True
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(self._poll.fileno(), self._ready)

    def add(self, descriptor: int, reader: Reader) -> None:
        self._readers[descriptor] = reader
        self._poll.register(descriptor, select.EPOLLIN)

    def remove(self, descriptor: int) -> None:
        if self._readers.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def hurry(self) -> None:
        self._wait = False

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._poll.closed:
            self._loop.remove_reader(self._poll.fileno())
            self._poll.close()

    def _ready(self) -> None:
        if self._wait:
            self._loop.remove_reader(self._poll.fileno())
            self._timer = self._loop.call_later(_WAIT, self._waited)
        else:
            self._read()

    def _waited(self) -> None:
        self._timer = None
        self._loop.add_reader(self._poll.fileno(), self._ready)
        self._read()

    def _read(self) -> None:
        for descriptor, _ in self._poll.poll(0, _MOST):
            reader = self._readers.get(descriptor)
            if reader is not None:  # its connection was closed by another one's reader
                reader()
