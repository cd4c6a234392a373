"""Keys are overwritten once, at the engine's edge, before anything else sees the exchange.

Each is replaced by `*` of the same length in the joined bytes, so that offsets, sizes and times stay
true. It is looked for in the bytes as they came, in the body without its chunk framing, and in the
texts that a reader of a stream puts together; in each as `disguise.py` says. What is found there is
overwritten where its parts stand in the bytes as they came. Only where compression hides a key is
the decoded body kept in place of the encoded one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from conformance.engine import spoken
from conformance.engine.disguise import Disguises
from conformance.wire import framing, head
from conformance.wire.exchange import Ended, Exchange, Redaction
from conformance.wire.piece import Headers, Piece


@dataclass(frozen=True)
class _View:
    """Parts of the bytes as they came (start, end), read as one text."""

    spans: Sequence[tuple[int, int]]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(stop - first for first, stop in self.spans))

    def read(self, raw: bytes) -> bytes:
        return b"".join(raw[start:end] for start, end in self.spans)

    def places(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where a part of the text stands in the bytes as they came."""
        for number in range(bisect_right(self._ends, start), len(self._ends)):
            first, stop = self.spans[number]
            before = self._ends[number] - (stop - first)
            if before >= end:
                return
            yield first + max(0, start - before), first + min(stop - first, end - before)


class Redactor:
    """Overwrites the keys of one endpoint. Without keys it does nothing, at no cost."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._disguises = Disguises(secrets)

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange without keys, with a list of what was overwritten."""
        if not self._disguises:
            return exchange
        exchange = self._unhidden(exchange)
        cut = exchange.end.how is not Ended.COMPLETE
        sent, sent_redactions = self._pieces("sent", exchange.sent, cut=False)
        received, received_redactions = self._pieces(
            "received",
            exchange.received,
            cut=cut,
            more=_views(exchange) if exchange.received else (),
        )
        request, end = exchange.request, exchange.end
        return replace(
            exchange,
            request=replace(
                request,
                url=self.text(request.url),
                headers=self._headers(request.headers),
                body=self._masked(request.body),
            ),
            sent=sent,
            received=received,
            end=replace(
                end,
                detail=self.text(end.detail),
                # a digest of bytes that held a short password would let it be guessed
                cut=replace(end.cut, sha256="") if end.cut and received_redactions else end.cut,
            ),
            redactions=(*sent_redactions, *received_redactions),
        )

    def text(self, text: str) -> str:
        """A text without keys, for messages."""
        if not self._disguises:
            return text
        data = text.encode("utf-8", "surrogatepass")
        return self._masked(data).decode("utf-8", "surrogatepass")

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self._header(value)) for name, value in headers)

    def _header(self, value: str) -> str:
        data = head.encoded(value)
        masked = self._masked(data)
        return value if masked == data else masked.decode("utf-8" if _wide(value) else "latin-1")

    def _masked(self, data: bytes) -> bytes:
        return _starred(data, [(each.start, each.end) for each in self._disguises.find(data)])

    def _pieces(
        self, side: str, pieces: tuple[Piece, ...], *, cut: bool, more: Sequence[_View] = ()
    ) -> tuple[tuple[Piece, ...], list[Redaction]]:
        """The pieces without keys, looked for in the joined bytes and then in further views of them."""
        joined = b"".join(piece.data for piece in pieces)
        found: dict[tuple[int, int], str] = {}
        for view in (_View([(0, len(joined))]), *more):
            new = {
                place: each.key
                for each in self._disguises.find(view.read(joined), cut=cut)
                for place in view.places(each.start, each.end)
            }
            joined = _starred(joined, new)  # what is overwritten is not found again
            found |= new
        if not found:
            return pieces, []
        redactions = [
            Redaction(side=side, offset=start, length=end - start, key=key)
            for (start, end), key in sorted(found.items())
        ]
        return _cut_like(pieces, joined), redactions

    def _unhidden(self, exchange: Exchange) -> Exchange:
        """With the body decoded, where compression hides a key."""
        raw = b"".join(piece.data for piece in exchange.received)
        first = head.read(raw)
        if exchange.decoded or first is None or not _compressed(first):
            return exchange
        response = exchange.response
        assert response is not None  # its head was just read
        kept = tuple(_up_to(exchange.received, first.end))
        shown = replace(exchange, received=(*kept, *response.pieces), decoded=True)
        cut = exchange.end.how is not Ended.COMPLETE
        hides = any(
            self._disguises.find(view.read(response.body), cut=cut)
            for view in (_View([(0, len(response.body))]), *_texts(response.body))
        )
        return shown if hides else exchange


def _views(exchange: Exchange) -> list[_View]:
    """What the received bytes say to whoever undoes the framing, and puts a stream together."""
    raw = b"".join(piece.data for piece in exchange.received)
    first = head.read(raw)
    if first is None:
        return []
    if exchange.decoded:
        body = _View([(first.end, len(raw))])
    else:
        body = _View(framing.find(raw, first, exchange.request.method).spans)
    views = [body] if len(body.spans) > 1 else []
    if _compressed(first) and not exchange.decoded:
        return views
    return views + [
        _View([place for span in text.spans for place in body.places(*span)])
        for text in _texts(body.read(raw))
    ]


def _texts(body: bytes) -> list[_View]:
    """The texts that the events of a stream are parts of; none where it is no stream."""
    return [_View(spans) for spans in spoken.texts(body)]


def _wide(value: str) -> bool:
    """Latin-1 does not have all of its characters."""
    return any(ord(each) > 255 for each in value)  # noqa: PLR2004


def _compressed(first: head.Head) -> bool:
    transfer = {each.lower() for each in first.values("transfer-encoding")}
    return bool(first.values("content-encoding") or transfer - {"chunked", "identity"})


def _starred(
    data: bytes, places: Sequence[tuple[int, int]] | Mapping[tuple[int, int], str]
) -> bytes:
    """Data with asterisks there."""
    if not places:
        return data
    overwritten = bytearray(data)
    for start, end in places:
        overwritten[start:end] = b"*" * (end - start)
    return bytes(overwritten)


def _cut_like(pieces: Sequence[Piece], joined: bytes) -> tuple[Piece, ...]:
    """The bytes in pieces of the same sizes and times as before."""
    cut: list[Piece] = []
    start = 0
    for piece in pieces:
        end = start + len(piece.data)
        cut.append(replace(piece, data=joined[start:end]))
        start = end
    return tuple(cut)


def _up_to(pieces: Sequence[Piece], end: int) -> Iterator[Piece]:
    start = 0
    for piece in pieces:
        if start >= end:
            return
        yield replace(piece, data=piece.data[: end - start])
        start += len(piece.data)
