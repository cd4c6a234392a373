"""When the next request may be sent: so many per second, and none while the endpoint asks for a pause."""

from __future__ import annotations

import time
from dataclasses import dataclass

from conformance.engine.retry import LONGEST_OBEYED, Sleep, retry_after, status_of
from conformance.wire.exchange import Exchange

LIMITED = 429


@dataclass(slots=True, kw_only=True)
class Pace:
    """Of one endpoint; for the event loop only."""

    per_second: float | None
    sleep: Sleep
    """Returns early when the run is stopped."""
    _next: float = 0.0
    """When the next turn begins, on the monotonic clock."""
    _held_until: float = 0.0

    async def turn(self) -> None:
        """Wait until one may send."""
        mine = max(self._next, time.monotonic())
        if self.per_second:
            self._next = mine + 1 / self.per_second
        while (left := max(mine, self._held_until) - time.monotonic()) > 0:
            before = time.monotonic()
            await self.sleep(left)
            if time.monotonic() - before < left / 2:  # woken early: the run is stopped
                return

    def note(self, exchange: Exchange) -> None:
        """Where the endpoint says that it has had enough, everyone pauses as long as it asks for."""
        if status_of(exchange) != LIMITED:
            return
        seconds = retry_after(exchange)
        if seconds is not None and 0 < seconds <= LONGEST_OBEYED:
            self._held_until = max(self._held_until, time.monotonic() + seconds)
