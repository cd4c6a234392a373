"""When each byte of a joined body arrived: offsets back to the pieces they came in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from conformance.wire.piece import Ns, Piece


class Arrivals:
    """Looks up, for an offset into the joined bytes, the piece that brought that byte."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(piece for piece in pieces if piece.data)
        self.joined = b"".join(piece.data for piece in self.pieces)
        self._ends = list(accumulate(len(piece.data) for piece in self.pieces))

    def at(self, offset: int) -> Ns:
        """Arrival of the byte at `offset`; beyond the end, that of the last byte. There must be one."""
        place = bisect_right(self._ends, offset)
        return self.pieces[min(place, len(self.pieces) - 1)].at

    def cut(self, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
        """The bytes of ascending spans (start, end), gathered into one piece per piece of origin."""
        gathered: list[Piece] = []
        open_spans = iter(spans)
        start, end = next(open_spans, (0, 0))
        piece_start = 0
        for piece, piece_end in zip(self.pieces, self._ends, strict=True):
            parts: list[bytes] = []
            while start < end and start < piece_end:
                stop = min(end, piece_end)
                parts.append(piece.data[max(start, piece_start) - piece_start : stop - piece_start])
                start = stop
                while start >= end:
                    following = next(open_spans, None)
                    if following is None:
                        break
                    start, end = following
            if any(parts):
                gathered.append(Piece(at=piece.at, data=b"".join(parts), stamp=piece.stamp))
            piece_start = piece_end
        return tuple(gathered)
