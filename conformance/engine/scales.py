"""What captures weigh in memory, and how much of that may be on the wire at once.

Most requests weigh nothing. But ten samples of a prompt that no context holds are a hundred
megabytes, several times over on their way, and a run of ten samples must not need ten times the
memory of a run of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conformance.wire.exchange import Exchange

HEAVY = 256 * 1024
"""Bytes of a request from which on it is weighed."""
MOST = 8 * 1024 * 1024
"""Bytes of heavy requests at once; one that is heavier goes alone."""


def weight(*exchanges: Exchange) -> int:
    """Bytes that they keep in memory; what is derived from them comes and goes."""
    pieces = (piece for each in exchanges for piece in (*each.sent, *each.received))
    return sum(len(piece.data) for piece in pieces)


class Scales:
    """Lets heavy trials wait for each other. For the event loop only."""

    def __init__(self) -> None:
        self._held = 0
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def load(self) -> AsyncIterator[Load]:
        """What one trial puts on the scales, until it is over and done with."""
        load = Load(self)
        try:
            yield load
        finally:
            await load.becomes(0)

    async def change(self, before: int, after: int) -> None:
        """Take something away, and wait until there is room for something else."""
        async with self._freed:
            if before:
                self._held -= before
                self._freed.notify_all()
            if after:
                await self._freed.wait_for(lambda: not self._held or self._held + after <= MOST)
                self._held += after


class Load:
    """What one trial weighs."""

    def __init__(self, scales: Scales) -> None:
        self._scales = scales
        self.held = 0

    async def becomes(self, size: int) -> None:
        """Wait until there is room; while waiting it weighs nothing, so that none waits for itself."""
        before, self.held = self.held, 0
        if before or size:
            await self._scales.change(before, size)
            self.held = size
