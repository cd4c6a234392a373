"""Raw bytes to an HTTP/1.1 response, as far as the bytes allow. Sans-IO, never raises on any bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.wire.piece import Headers, Ns, Piece


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response head, and its body unframed and decompressed piece by piece."""

    version: str
    status: int
    reason: str
    headers: Headers
    head_at: Ns
    """When the last byte of the head arrived."""
    pieces: tuple[Piece, ...]
    """Decoded body bytes; each piece has the time of the raw piece that completed it."""
    complete: bool
    """The framing says that nothing is missing (last chunk seen, or content-length reached)."""
    flaws: tuple[str, ...] = ()
    """What is wrong with framing or compression, in words."""

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
        raise NotImplementedError


def parse(received: Sequence[Piece], *, method: str, decoded: bool) -> Response | None:
    """The final response among the received bytes (1xx heads are skipped).

    None where no complete head is there. With `decoded`, everything after the head is the body as
    it stands. Truncated or wrong framing gives the bytes that are sure, `complete=False` and flaws.
    Handles content-length, chunked (with trailers and extensions), read-until-close, HEAD/204/304,
    gzip, deflate, br and zstd only where the standard library can (others: flaw, bytes as they are).
    """
    raise NotImplementedError
