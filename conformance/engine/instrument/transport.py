"""The engine's Transport over a wire: the same facts as over httpcore, with the kernel's times."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns

from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.wire import Turn, Wire
from conformance.engine.network import Clock
from conformance.engine.transport import Heard, Outgoing, Transport
from conformance.wire.piece import Ns

STOPPED = "the run was stopped"


def origin_of(clock: Clock) -> int:
    """The moment on CLOCK_MONOTONIC from which a clock of the engine's counts."""
    return monotonic_ns() - clock()


class StampedTransport:
    """A Transport; see there."""

    def __init__(self, make: Callable[[], Wire]) -> None:
        """`make` is called once, when the first request is sent."""
        self._make = make
        self._made: Wire | None = None
        self._stopped = False
        self._turns: set[Turn] = set()

    @property
    def _wire(self) -> Wire:
        if self._made is None:
            self._made = self._make()
        return self._made

    async def send(self, request: Outgoing) -> Heard:
        """See Transport."""
        prepared = prepare(
            request.method, request.address, request.headers, request.body, self._wire.proxy
        )
        after = request.hang_up_after
        if self._stopped:
            turn = Turn(self._wire, prepared, request.bounds, intended=None, keep=False)
            turn.abandon(STOPPED)
        else:
            turn = await self._wire.begin(prepared, request.bounds, keep=after is not None)
        if after is not None:
            self._hang_up(turn, after)
        self._turns.add(turn)
        try:
            await turn.over()
        finally:
            self._turns.discard(turn)
        tape, end = turn.footage().tape()
        begun = Ns(turn.begun - self._wire.origin)
        return Heard(
            begun=begun,
            at=tape.sent[0].at if tape.sent else begun,
            sent=tuple(tape.sent),
            received=tuple(tape.received),
            end=end,
            connection=turn.number,
            reused=turn.reused,
        )

    def stop(self) -> None:
        """See Transport."""
        self._stopped = True
        for turn in self._turns:
            turn.abandon(STOPPED)

    async def aclose(self) -> None:
        """See Transport."""
        if self._made is not None:
            await self._made.aclose()

    def _hang_up(self, turn: Turn, after: int) -> None:
        """Close the connection once so many bytes of the body are there."""
        reel = turn.reel

        def look() -> None:
            reel.held = 0
            known = reel.ending.head is not None
            if known and not reel.finished and sum(map(len, reel.ending.body)) >= after:
                turn.abandon("we hung up on purpose")

        reel.listener = look
        look()


class TimedTransport:
    """A Transport that takes the usual one, and the stamped one for what is timed."""

    def __init__(self, usual: Transport, stamped: Transport) -> None:
        self._usual, self._stamped = usual, stamped

    async def send(self, request: Outgoing) -> Heard:
        """See Transport."""
        return await (self._stamped if request.timed else self._usual).send(request)

    def stop(self) -> None:
        """See Transport."""
        self._usual.stop()
        self._stamped.stop()

    async def aclose(self) -> None:
        """See Transport."""
        await self._usual.aclose()
        await self._stamped.aclose()
