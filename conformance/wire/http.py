"""Raw bytes to an HTTP/1.1 response, as far as the bytes allow. Sans-IO, never raises on any bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.wire import coding, framing, head
from conformance.wire.arrivals import Arrivals
from conformance.wire.piece import Headers, Ns, Piece

EVENT_STREAM = "text/event-stream"
_LIKE_EVENTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data:|event:|id:|retry:|:)")


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response head, and its body unframed and decompressed piece by piece."""

    version: str
    """As written: `HTTP/1.1`."""
    status: int
    reason: str
    headers: Headers
    head_at: Ns
    """When the last byte of the head arrived."""
    pieces: tuple[Piece, ...]
    """Decoded body bytes; each piece has the time of the raw piece that completed it."""
    complete: bool
    """The framing says that nothing is missing: last chunk seen, or content-length reached. Where
    the body ends with the connection, framing can't miss anything; see how the exchange ended."""
    flaws: tuple[str, ...] = ()
    """What is wrong with head, framing or compression, in words."""

    @cached_property
    def body(self) -> bytes:
        """The decoded body, joined."""
        return b"".join(piece.data for piece in self.pieces)

    def header(self, name: str) -> str | None:
        """The first header of that name, case-insensitively; None where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def media_type(self) -> str:
        """`text/event-stream`, lower case and without parameters; empty where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def is_event_stream(self) -> bool:
        """By content type, or because the body begins like one (a mislabelled stream)."""
        return self.media_type == EVENT_STREAM or begins_like_events(self.body)


def begins_like_events(body: bytes) -> bool:
    """The first bytes of a body are those of a stream, whatever its content type says."""
    return _LIKE_EVENTS.match(body) is not None


def parse(received: Sequence[Piece], *, method: str, decoded: bool) -> Response | None:
    """The final response among the received bytes (1xx heads are skipped).

    None where no complete head is there. With `decoded`, everything after the head is the body as
    it stands. Truncated or wrong framing gives the bytes that are sure, `complete=False` and flaws.
    Handles content-length, chunked (with trailers and extensions), read-until-close, HEAD/204/304,
    gzip and deflate; other compressions the standard library can't undo: flaw, bytes as they are.
    """
    arrivals = Arrivals(received)
    first = head.read(arrivals.joined)
    if first is None:
        return None
    if decoded:
        body = framing.Body(spans=((first.end, len(arrivals.joined)),), complete=True)
    else:
        body = framing.find(arrivals.joined, first, method)
    pieces = arrivals.cut(body.spans)
    flaws = (*first.flaws, *body.flaws)
    complete = body.complete
    if not decoded:
        plain = coding.undo(pieces, first.headers)
        pieces, complete = plain.pieces, complete and plain.complete
        flaws = (*flaws, *plain.flaws)
    return Response(
        version=first.version,
        status=first.status,
        reason=first.reason,
        headers=first.headers,
        head_at=arrivals.at(first.end - 1),
        pieces=pieces,
        complete=complete,
        flaws=flaws,
    )
