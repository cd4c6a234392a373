"""Recorded answers as values that can be rewritten, and back to bytes as the server would have sent them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from conformance.wire.exchange import Exchange
from conformance.wire.piece import Piece

KINDS = {
    "/chat/completions": "chat",
    "/completions": "text",
    "/embeddings": "embeddings",
    "/responses": "response",
    "/models": "models",
}
_PATH = re.compile(r"^https?://[^/]+/v1")


@dataclass(slots=True, kw_only=True)
class Event:
    """One block of a stream: its lines but `data`, and what was said."""

    before: str
    value: Any
    """The JSON of `data`; None for `[DONE]` and comments, which stand in `before`."""
    at: int


@dataclass(slots=True, kw_only=True)
class Said:
    """An answer that can be written over."""

    status: int
    headers: list[tuple[str, str]]
    kind: str
    """Which endpoint was asked."""
    value: Any = None
    events: list[Event] | None = None
    at: int = 0
    raw: bytes | None = None
    """In place of value and events: a body that is no JSON."""
    end: str = ""
    """`closed`: the connection breaks before the body has ended."""

    def documents(self) -> list[tuple[str, Any]]:
        """Everything JSON that was said, each with its kind."""
        if self.events is None:
            failed = self.status >= 400
            return [("error" if failed else self.kind, self.value)]
        return [
            (self._kind_of(each.value), each.value)
            for each in self.events
            if each.value is not None
        ]

    def _kind_of(self, value: Any) -> str:
        if self.kind == "response":
            return f"event {value.get('type')}"
        return f"{self.kind} chunk"


def read(exchange: Exchange) -> Said | None:
    """The answer of an exchange; None where it is no JSON and no stream of it."""
    response = exchange.response
    if response is None or not response.body:
        return None
    path = _PATH.sub("", exchange.request.url).partition("?")[0]
    kind = next((KINDS[each] for each in KINDS if path == each or path.startswith(each + "/")), "")
    if kind == "models" and path != "/models":
        kind = "model"
    if not kind:
        return None
    said = Said(
        status=response.status, headers=list(response.headers), kind=kind, at=response.pieces[-1].at
    )
    if response.is_event_stream:
        said.events = _events(response.pieces)
        return said
    try:
        said.value = json.loads(response.body)
    except ValueError:
        return None
    return said


def _events(pieces: tuple[Piece, ...]) -> list[Event]:
    found: list[Event] = []
    rest = b""
    for piece in pieces:
        rest += piece.data
        while b"\n\n" in rest:
            block, _, rest = rest.partition(b"\n\n")
            found.append(_event(block.decode(), piece.at))
    return found


def _event(block: str, at: int) -> Event:
    lines = block.split("\n")
    data = [each for each in lines if each.startswith("data: ") and each != "data: [DONE]"]
    if len(data) != 1:
        return Event(before=block, value=None, at=at)
    before = "".join(f"{each}\n" for each in lines if each not in data)
    return Event(before=before, value=json.loads(data[0][6:]), at=at)


def written(exchange: Exchange, said: Said) -> Exchange:
    """The exchange with this answer in place of its own."""
    pieces = _framed(said)
    end = exchange.end
    if said.end:
        end = replace(end, how=type(end.how)(said.end))
    return replace(exchange, received=tuple(pieces), end=end, decoded=False, redactions=())


def _dumped(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _framed(said: Said) -> list[Piece]:
    framing = {"content-length", "transfer-encoding", "content-encoding"}
    headers = [(name, value) for name, value in said.headers if name.lower() not in framing]
    reasons = {
        200: "OK",
        400: "Bad Request",
        422: "Unprocessable Entity",
        500: "Internal Server Error",
    }
    reason = reasons.get(said.status, "Other")
    if said.events is not None and said.raw is None:
        return _chunked(said, headers, reason)
    body = said.raw if said.raw is not None else _dumped(said.value)
    length = len(body) + (100 if said.end else 0)
    headers.append(("Content-Length", str(length)))
    return [Piece(at=said.at, data=_head(said.status, reason, headers) + body)]


def _head(status: int, reason: str, headers: list[tuple[str, str]]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode("latin-1")


def _chunked(said: Said, headers: list[tuple[str, str]], reason: str) -> list[Piece]:
    headers.append(("Transfer-Encoding", "chunked"))
    first = said.events[0].at if said.events else said.at
    pieces = [Piece(at=first, data=_head(said.status, reason, headers))]
    for each in said.events or ():
        block = each.before.encode()
        if each.value is not None:
            block += b"data: " + _dumped(each.value)
        block += b"\n\n"
        pieces.append(Piece(at=each.at, data=b"%x\r\n%s\r\n" % (len(block), block)))
    if not said.end:
        pieces.append(Piece(at=said.at, data=b"0\r\n\r\n"))
    return pieces
