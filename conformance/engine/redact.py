"""Keys are overwritten once, at the engine's edge, before anything else sees the exchange.

Each is replaced by `*` of the same length in the joined bytes, so that offsets, sizes and times stay
true. It is looked for as it stands, and as base64, percent-encoded and JSON-escaped text. Where
chunk framing or compression hides it, the decoded body is kept in place of the encoded one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

from conformance.wire import head
from conformance.wire.exchange import Exchange, Redaction
from conformance.wire.piece import Headers, Piece

SHORTEST = 4
"""Characters; shorter values are in every text, and overwriting them would hide nothing."""

_CHUNK_LINE = re.compile(rb"\r?\n[0-9A-Fa-f]{1,16}[^\r\n]{0,256}\r?\n")
_BASE64_CORE = 8
"""Characters of base64 that do not depend on what stands around the key; fewer prove nothing."""


class Redactor:
    """Overwrites the keys of one endpoint. Without keys it does nothing, at no cost."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._names = {
            form: name
            for name, value in secrets.items()
            if len(value) >= SHORTEST
            for form in _forms(value)
        }
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first)))

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange without keys, with a list of what was overwritten."""
        if not self._names:
            return exchange
        exchange = self._unhidden(exchange)
        sent, sent_redactions = self._pieces("sent", exchange.sent)
        received, received_redactions = self._pieces("received", exchange.received)
        request, end = exchange.request, exchange.end
        return replace(
            exchange,
            request=replace(
                request,
                url=self.text(request.url),
                headers=self._headers(request.headers),
                body=self._pattern.sub(_stars, request.body),
            ),
            sent=sent,
            received=received,
            end=replace(end, detail=self.text(end.detail)),
            redactions=(*sent_redactions, *received_redactions),
        )

    def text(self, text: str) -> str:
        """A text without keys, for messages."""
        if not self._names:
            return text
        data = text.encode("utf-8", "surrogatepass")
        return self._pattern.sub(_stars, data).decode("utf-8", "surrogatepass")

    def _headers(self, headers: Headers) -> Headers:
        return tuple(
            (name, self._pattern.sub(_stars, value.encode("latin-1")).decode("latin-1"))
            for name, value in headers
        )

    def _pieces(
        self, side: str, pieces: tuple[Piece, ...]
    ) -> tuple[tuple[Piece, ...], list[Redaction]]:
        joined = b"".join(piece.data for piece in pieces)
        found = [
            Redaction(
                side=side,
                offset=match.start(),
                length=len(match[0]),
                key=self._names[match[0]],
            )
            for match in self._pattern.finditer(joined)
        ]
        if not found:
            return pieces, []
        return _cut_like(pieces, self._pattern.sub(_stars, joined)), found

    def _unhidden(self, exchange: Exchange) -> Exchange:
        """With the body decoded, where only that shows a key."""
        raw = b"".join(piece.data for piece in exchange.received)
        first = head.read(raw)
        if exchange.decoded or first is None or not self._hides(exchange, raw, first):
            return exchange
        response = exchange.response
        assert response is not None  # its head was just read
        kept = tuple(_up_to(exchange.received, first.end))
        return replace(exchange, received=(*kept, *response.pieces), decoded=True)

    def _hides(self, exchange: Exchange, raw: bytes, first: head.Head) -> bool:
        if first.values("content-encoding"):
            body = exchange.response.body if exchange.response else b""
            return self._pattern.search(body) is not None
        if not first.values("transfer-encoding"):
            return False
        body = raw[first.end :]
        joined = _CHUNK_LINE.sub(b"", body)
        return len(self._pattern.findall(joined)) > len(self._pattern.findall(body))


def _forms(value: str) -> Iterator[bytes]:
    """Everything that the key may look like on the wire."""
    raw = value.encode("utf-8")
    yield raw
    for written in {
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
    }:
        yield written.encode("utf-8")
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), written).encode("utf-8")
    for shift in range(3):
        yield from _base64_core(raw, shift)


def _base64_core(raw: bytes, shift: int) -> Iterator[bytes]:
    """The part of base64 that is the same whatever stands before (`user:`) and behind the key."""
    encoded = base64.b64encode(b"\0" * shift + raw)
    first = (0, 2, 3)[shift]  # characters that hold bits of what stands before
    core = encoded[first : (shift + len(raw)) * 8 // 6]  # the next one holds bits of what follows
    for form in {core, core if shift else encoded.rstrip(b"=")}:
        if len(form) >= _BASE64_CORE:
            yield form
            yield form.translate(bytes.maketrans(b"+/", b"-_"))


def _stars(match: re.Match[bytes]) -> bytes:
    return b"*" * len(match[0])


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
