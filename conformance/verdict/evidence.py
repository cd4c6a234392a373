"""An exchange trimmed for reports: enough to see the problem, never the whole of a long body."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from conformance.checks.core import Problem
from conformance.verdict.ids import exchange_id
from conformance.verdict.outcome import Evidence
from conformance.wire.exchange import Exchange, TrialKey
from conformance.wire.piece import Piece

HEAD_BYTES = 3000
TAIL_BYTES = 1500
KEPT = 3
"""Evidence exchanges per finding."""


def evidence(key: TrialKey, exchange: Exchange, problems: Sequence[Problem]) -> Evidence:
    """The exchange with the middle of a long body left out."""
    response = exchange.response
    pieces, omitted = _trim(response.pieces if response else ())
    start = exchange.request.at
    return Evidence(
        exchange=exchange_id(key, exchange),
        method=exchange.request.method,
        url=exchange.request.url,
        headers=exchange.request.headers,
        body=exchange.request.body,
        status=response.status if response else None,
        response_headers=response.headers if response else (),
        pieces=tuple((piece.at - start, piece.data) for piece in pieces),
        omitted=omitted,
        ended=exchange.end.how.value + (f": {exchange.end.detail}" if exchange.end.detail else ""),
        end_at=exchange.end.at - start,
        problems=tuple(problems[:5]),
        key=next((each.key for each in exchange.redactions if each.side == "sent"), ""),
    )


def keep_first(kept: list[Evidence], one: Evidence) -> None:
    """Keep the first few by id, so that it does not matter which answer came in first."""
    bisect.insort(kept, one, key=lambda each: each.exchange)
    del kept[KEPT:]


def _trim(pieces: Sequence[Piece]) -> tuple[list[Piece], int]:
    total = sum(len(piece.data) for piece in pieces)
    if total <= HEAD_BYTES + TAIL_BYTES:
        return list(pieces), 0
    kept, place = [], 0
    for piece in pieces:
        start, end = place, place + len(piece.data)
        place = end
        if start < HEAD_BYTES:
            kept.append(_cut(piece, 0, HEAD_BYTES - start))
        if end > total - TAIL_BYTES:
            kept.append(_cut(piece, max(0, total - TAIL_BYTES - start), len(piece.data)))
    return kept, total - HEAD_BYTES - TAIL_BYTES


def _cut(piece: Piece, start: int, end: int) -> Piece:
    return Piece(at=piece.at, data=piece.data[start:end], stamp=piece.stamp)
