"""One exchange as it was recorded, once it is over: what a take is made of, when there is time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.engine.instrument.prepared import Prepared
from conformance.engine.instrument.reel import Finish, Raw, Read
from conformance.engine.limits import Bounds
from conformance.engine.tape import Tape, TooMuch
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Headers, Ns, Stamp
from conformance.wire.take import Connecting, Take

_REFUSED = 400
_MAY_BE_ERROR = re.compile(rb'"error"(?!\s*:\s*null)|event: ?error')


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Raw facts; times are those of CLOCK_MONOTONIC."""

    request: Prepared
    bounds: Bounds
    origin: int
    """From which a take's times count."""
    intended: int
    begun: int
    number: int
    """Of the connection; 0 where there was none."""
    connecting: Connecting | None
    steps: int
    sent: tuple[tuple[int, bytes], ...]
    handed: int
    raw: tuple[Raw, ...]
    headers: Headers | None
    """Of the response; None: its head never came."""
    status: int
    streaming: bool
    hung_up: int | None
    finish: Finish

    @property
    def failure(self) -> str:
        """Why it is no answer; empty where it is one. Parsed only where it looks like an error.

        What we hung up on was one as far as it came.
        """
        how, _, detail = self.finish
        if self.hung_up is not None and self.headers is not None and self.status < _REFUSED:
            return ""
        if how is not Ended.COMPLETE:
            return f"{how}: {detail}" if detail else how.value
        if self.status >= _REFUSED:
            return f"status {self.status}"
        if self.streaming and _MAY_BE_ERROR.search(b"".join(each[2] for each in self.raw)):
            chunks = self.take().exchange.chunks
            return "error in the stream" if any(one.ends_in_an_error for one in chunks) else ""
        return ""

    def tape(self) -> tuple[Tape, End]:
        """What was said, within the limits, and how it ended; times from the origin."""
        tape, origin = Tape(self.bounds), self.origin
        how, at, detail = self.finish
        for sent, data in self.sent:
            tape.write(Ns(sent - origin), data)
        if self.headers is not None:
            tape.minds(self.headers)
        if self.streaming:
            tape.streams()
        try:
            for arrived, _, data, kernel, _ in self.raw:
                tape.read(Ns(arrived - origin), data, Stamp.KERNEL if kernel else Stamp.USER)
        except TooMuch as error:
            how, detail = Ended.TOO_LARGE, str(error)
        return tape, End(how=how, at=Ns(at - origin), detail=detail, cut=tape.cut)

    def take(self) -> Take:
        """All of it."""
        tape, end = self.tape()
        request, origin = self.request, self.origin
        begun = Ns(self.begun - origin)
        exchange = Exchange(
            step="main",
            attempt=1,
            request=Request(
                method=request.method,
                url=request.address.url,
                headers=request.headers,
                body=request.body,
                at=tape.sent[0].at if tape.sent else begun,
                begun=begun,
            ),
            sent=tuple(tape.sent),
            received=tuple(tape.received),
            end=end,
            connection=self.number,
        )
        reads = [Read._make(each) for each in self.raw[: len(tape.received)]]
        return Take(
            exchange=exchange,
            intended=Ns(self.intended - origin),
            handed=Ns(self.handed - origin) if tape.sent else begun,
            user=tuple(Ns(read.user - origin) for read in reads),
            doubtful=frozenset(number for number, read in enumerate(reads) if read.doubtful),
            connecting=self.connecting,
            hung_up=None if self.hung_up is None else Ns(self.hung_up - origin),
            steps=self.steps,
        )
