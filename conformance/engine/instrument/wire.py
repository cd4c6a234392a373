"""Requests, made beforehand, to takes: over lines that are kept alive, one list per origin."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
from collections.abc import Iterable
from time import monotonic_ns

from conformance.engine.address import Address
from conformance.engine.instrument import clock as clocks
from conformance.engine.instrument.connect import Connected, Proxy, UnreachableError, connect
from conformance.engine.instrument.footage import Footage
from conformance.engine.instrument.line import Line
from conformance.engine.instrument.prepared import Prepared
from conformance.engine.instrument.pump import Pump, pump
from conformance.engine.instrument.reel import Finish, Reel
from conformance.engine.limits import Bounds
from conformance.errors import HarnessError
from conformance.wire.exchange import Ended
from conformance.wire.take import Connecting, Take

KEEPALIVE_SECONDS = 1.5
"""An idle connection is not used again after that: see `routes.py`."""

_DROPPED = (Ended.CLOSED, Ended.RESET)


class Wire:
    """Connections to endpoints, and the clock that all of them are read by."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        kernel: bool = True,
        origin: int = 0,
        numbers: Iterable[int] | None = None,
    ) -> None:
        """`origin`: the moment on CLOCK_MONOTONIC from which a take's times count. Where `kernel`
        is not wanted or not to be had, stamps are those of this process.
        """
        self.proxy = proxy
        self.clock = clocks.kernel_clock() if kernel else None
        self.origin = origin
        self._context = context
        self._numbers = iter(numbers) if numbers is not None else itertools.count(1)
        self._idle: dict[tuple[bytes, bytes, int], list[Line]] = {}
        self._lines: set[Line] = set()
        self._pump: Pump | None = None

    async def open(self, address: Address, bounds: Bounds, count: int) -> None:
        """Have so many connections ready. Raises UnreachableError, having kept those there are."""
        idle = self._to(address)
        kept = [line for line in (self._free(address) for _ in range(count)) if line is not None]
        idle += kept
        missing = count - len(kept)
        made = (connect(address, bounds.connect, self._context, self.proxy) for _ in range(missing))
        outcomes = await asyncio.gather(*made, return_exceptions=True)
        idle += [self._line(each) for each in outcomes if isinstance(each, Connected)]
        for each in outcomes:
            if isinstance(each, BaseException):
                raise each

    async def begin(
        self,
        request: Prepared,
        bounds: Bounds,
        *,
        intended: int | None = None,
        keep: bool = False,
        fresh: bool = False,
    ) -> Turn:
        """Send it, over a `fresh` connection if need be. Never raises for an endpoint."""
        turn = Turn(self, request, bounds, intended=intended, keep=keep)
        line = None if fresh else self._free(request.address)
        if line is None:
            try:
                made = await connect(request.address, bounds.connect, self._context, self.proxy)
            except UnreachableError as error:
                turn.unreachable = error
                turn.reel.finish(Ended.UNREACHABLE, str(error))
                return turn
            line = self._line(made)
        turn.start(line)
        return turn

    async def ask(
        self,
        request: Prepared,
        bounds: Bounds,
        *,
        intended: int | None = None,
        hang_up_after: float | None = None,
    ) -> Take:
        """Send it and wait for the end. `hang_up_after`: seconds, then say that it is enough."""
        turn = await self.turn(request, bounds, intended=intended, hang_up_after=hang_up_after)
        if turn.broken is not None:
            raise turn.broken
        return turn.take()

    async def turn(
        self,
        request: Prepared,
        bounds: Bounds,
        *,
        intended: int | None = None,
        hang_up_after: float | None = None,
    ) -> Turn:
        """The same; the take is made later, where time is of no account. Says itself if we broke."""
        turn = await self.begin(request, bounds, intended=intended)
        await turn.ended(hang_up_after)
        if turn.met_the_closing:  # nobody's fault: ask anew
            turn = await self.begin(request, bounds, intended=intended, fresh=True)
            await turn.ended(hang_up_after)
        return turn

    async def aclose(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._idle.clear()
        if self._pump is not None:
            self._pump.close()
        if self.clock is not None:
            self.clock.close()

    def free(self, line: Line, address: Address) -> None:
        """An exchange over that line has ended."""
        line.release()
        if line.alive:
            self._to(address).append(line)  # the next one taken: it is the freshest
        else:
            self._lines.discard(line)

    def _to(self, address: Address) -> list[Line]:
        return self._idle.setdefault((address.scheme, address.host, address.port), [])

    def _free(self, address: Address) -> Line | None:
        idle = self._to(address)
        now = asyncio.get_running_loop().time()
        while idle:
            line = idle.pop()
            if line.alive and now - (line.idle_since or now) < KEEPALIVE_SECONDS:
                return line
            line.close()
            self._lines.discard(line)
        return None

    def _pumped(self) -> Pump:
        if self._pump is None:
            self._pump = pump(stamped=self.clock is not None)
        return self._pump

    def _line(self, made: Connected) -> Line:
        line = Line(made, next(self._numbers), self.clock, self._pumped())
        self._lines.add(line)
        return line


class Turn:
    """One exchange on a wire, while it lasts and afterwards."""

    def __init__(
        self, wire: Wire, request: Prepared, bounds: Bounds, *, intended: int | None, keep: bool
    ) -> None:
        done: asyncio.Future[Finish] = asyncio.get_running_loop().create_future()
        self.reel = Reel(request.method, bounds, done, keep=keep)
        self.begun = monotonic_ns()
        self.reused = False
        self.line: Line | None = None
        self.unreachable: UnreachableError | None = None
        """Why there was no connection."""
        self._wire, self._request, self._bounds = wire, request, bounds
        self._intended = self.begun if intended is None else intended
        self._connecting: Connecting | None = None
        self.number = 0
        """Of the connection; 0 until there is one."""
        self._before, self._steps = self._stepped(), 0

    def start(self, line: Line) -> None:
        """Send the request over that line."""
        self.line, self.number, self.reused = line, line.number, line.carried > 0
        if not self.reused:
            self._connecting = line.connecting(self._wire.origin)
        line.start(self.reel, self._request.data)

    def hang_up(self) -> None:
        """Tell the peer that nothing more is wanted."""
        if self.line is not None and not self.reel.finished:
            self.line.hang_up()

    def abandon(self, detail: str) -> None:
        """Close the connection now."""
        self.reel.finish(Ended.CANCELLED, detail)
        self._let_go()

    async def over(self) -> Finish:
        """Wait for the end; then the line is free."""
        try:
            return await self.reel.done
        finally:
            self._let_go()

    async def ended(self, hang_up_after: float | None = None) -> None:
        """The same, however it ended; after so many seconds, having said that it is enough."""
        if hang_up_after is not None:
            await asyncio.wait([self.reel.done], timeout=hang_up_after)
            self.hang_up()
        with contextlib.suppress(HarnessError):
            await self.over()

    def _stepped(self) -> int:
        return self._wire.clock.steps if self._wire.clock else 0

    def _let_go(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            self._steps = self._stepped() - self._before
            self._wire.free(line, self._request.address)

    @property
    def met_the_closing(self) -> bool:
        """The server closed an idle connection at the moment of our asking."""
        reel = self.reel
        if not self.reused or reel.raw or self.broken is not None:
            return False
        return reel.done.result().how in _DROPPED

    @property
    def broken(self) -> HarnessError | None:
        """What of ours broke, where that is how it ended."""
        error = self.reel.done.exception()
        return error if isinstance(error, HarnessError) else None

    def footage(self) -> Footage:
        """What was recorded, once it is over; where we broke, as far as we came."""
        reel, head, broken = self.reel, self.reel.ending.head, self.broken
        broke = Finish(Ended.CANCELLED, reel.broke, str(broken))
        return Footage(
            request=self._request,
            bounds=self._bounds,
            origin=self._wire.origin,
            intended=self._intended,
            begun=self.begun,
            number=self.number,
            connecting=self._connecting,
            steps=self._steps,
            sent=tuple(reel.sent),
            handed=reel.handed,
            raw=tuple(reel.raw),
            headers=head.headers if head is not None else None,
            status=head.status if head is not None else 0,
            streaming=reel.streaming,
            hung_up=reel.hung_up,
            finish=broke if broken is not None else reel.done.result(),
        )

    def take(self) -> Take:
        """All of it, once it is over."""
        return self.footage().take()
