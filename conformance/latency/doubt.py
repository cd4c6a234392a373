"""Which times are in doubt, of what several segments brought together.

What is read together has the stamp of the last segment, so what that segment completed has its true time.
A server that sends a role and right after it the first token is often read so: the role's time is lost,
and nobody asks for it.
"""

from __future__ import annotations

from conformance.latency.spoken import spoken
from conformance.wire.exchange import Exchange
from conformance.wire.piece import Piece
from conformance.wire.take import Take

_ENDS = (b"\n\n", b"\n\n\r\n", b"\r\n\r\n")
"""Of an event, and of its chunk."""
_LAST = b"\n0\r\n\r\n"
"""The chunk that ends the body looks alike."""


def doubted(take: Take) -> set[int]:
    """Moments at which something may not have come: times of pieces, on the clock of the take."""
    received = take.exchange.received
    return {
        received[number].at
        for number in take.doubtful
        if not _told_by_its_end(take.exchange, received[number])
    }


def _told_by_its_end(exchange: Exchange, piece: Piece) -> bool:
    """The only event in it that says anything is the last one, and the piece ends with it."""
    data = piece.data
    if not data.endswith(_ENDS) or data.endswith(_LAST):
        return False
    if exchange.response is None or exchange.response.header("content-encoding") is not None:
        return False
    if any(at == piece.at for at, _ in exchange.stream.comments):
        return False
    events = [each for each in exchange.stream.events if each.at == piece.at]
    saying = [
        each.event.start
        for each in exchange.chunks
        if each.event.at == piece.at and any(spoken(each.value))
    ]
    return bool(events) and saying == [events[-1].start]
