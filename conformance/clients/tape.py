"""A recorded exchange as what a client is shown: which call it answers, the bytes, and the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance.wire import coding
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.http import Response

_ENDS = {
    Ended.COMPLETE: "close",
    Ended.CLOSED: "close",
    Ended.GARBLED: "close",
    Ended.RESET: "reset",
    Ended.TIMED_OUT: "hold",
}
"""The others say nothing about the endpoint, or were cut by us."""

_POSTS = (
    ("/chat/completions", "chat"),
    ("/completions", "completions"),
    ("/embeddings", "embeddings"),
    ("/responses", "responses"),
)
_MODEL = re.compile(r"/models/.+")
_UNDONE = frozenset({"gzip", "x-gzip", "deflate"})
_UNFRAMED = frozenset({"transfer-encoding", "content-encoding", "content-length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """What goes over the loopback."""

    kind: str
    """Which call of the client's it answers."""
    stream: bool
    data: bytes
    end: str
    """`close`, `reset`, or `hold`: the connection stays open and silent."""


def tape(exchange: Exchange) -> Tape | None:
    """None where no call of a client has such an answer, or where showing it would say nothing.

    Redirects are left out: a client would follow them, to wherever a recorded server said. So are
    bodies that could grow without bound in a client that decompresses them.
    """
    kind, end = kind_of(exchange), _ENDS.get(exchange.end.how)
    response = exchange.response
    if kind is None or end is None:
        return None
    if response and (300 <= response.status < 400 or not _bounded(response)):  # noqa: PLR2004
        return None
    raw = b"".join(piece.data for piece in exchange.received)
    if exchange.decoded and response:
        raw = _unframed(exchange)
    return Tape(kind=kind, stream=exchange.asked_stream, data=raw, end=end)


def kind_of(exchange: Exchange) -> str | None:
    """`chat`, `completions`, `embeddings`, `responses`, `models`, `model`; None for another call."""
    path = urlsplit(exchange.request.url).path.rstrip("/")
    match exchange.request.method:
        case "POST":
            return next((kind for suffix, kind in _POSTS if path.endswith(suffix)), None)
        case "GET" if path.endswith("/models"):
            return "models"
        case "GET" if _MODEL.search(path):
            return "model"
        case _:
            return None


def _bounded(response: Response) -> bool:
    """What the body grows to is known: it is not compressed, or once, in a way that we undo too."""
    names = coding.codings(response.headers)
    return not names or (
        len(names) == 1 and names[0] in _UNDONE and len(response.body) < coding.MOST
    )


def _unframed(exchange: Exchange) -> bytes:
    """Head and body where the body is kept without its framing: it is given a length of its own,
    one that is not reached where the connection ended early.
    """
    response = exchange.response
    assert response is not None  # asked for by the caller
    early = exchange.end.how is not Ended.COMPLETE
    length = len(response.body) + early
    kept: Sequence[tuple[str, str]] = [
        pair for pair in response.headers if pair[0].lower() not in _UNFRAMED
    ]
    head = [f"{response.version} {response.status} {response.reason}".rstrip()]
    head += [f"{name}: {value}" for name, value in [*kept, ("Content-Length", str(length))]]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + response.body
