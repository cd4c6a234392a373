"""Differences in bytes: how the same answers and events lie on the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from variety import Asked, Framing, Head, Pieces, variant


@variant("event", "streaming completions", group=2)
def event_message(text: bytes) -> bytes:
    """`event: message` in streams of completions, which is harmless (SSE-009)."""
    return text if text.startswith(b"event") else b"event: message\n" + text


@variant("event", "streaming streaming-tools responses-streaming completions")
def crlf(text: bytes) -> bytes:
    """Lines of events end with CR LF (SSE-002)."""
    return text.replace(b"\n", b"\r\n")


@variant("event", "streaming streaming-tools responses-streaming completions", group=2)
def cr(text: bytes) -> bytes:
    """Lines of events end with CR alone (SSE-002)."""
    return text.replace(b"\n", b"\r")


@variant("event", "streaming responses-streaming completions")
def no_space(text: bytes) -> bytes:
    """No space after the colon of a field; one would be stripped (SSE-004)."""
    return text.replace(b"data: ", b"data:", 1).replace(b"event: ", b"event:", 1)


@variant("event", "streaming responses-streaming completions")
def comments(text: bytes) -> bytes:
    """Comments as keep-alive between events, and inside of them (SSE-006), and blank lines
    (SSE-007).
    """
    ends = b"\r\n" if b"\r\n" in text else b"\n" if b"\n" in text else b"\r"
    return b": keep-alive" + ends + ends + ends + b":" + ends + text


@variant("pieces", "streaming streaming-tools responses-streaming completions")
async def split_segments(pieces: Pieces) -> Pieces:
    """Each event in several segments, cut within lines and within characters (SSE-015: a UTF-8
    sequence may be split across segments, not across events).
    """
    async for piece in pieces:
        for start in range(0, len(piece), 97):
            yield piece[start : start + 97]


@variant("pieces", "streaming streaming-tools responses-streaming completions", group=2)
async def two_at_a_time(pieces: Pieces) -> Pieces:
    """Two events in one segment: still delivered incrementally (TRANS-007), and events end with
    their empty line, not with a segment (SSE-003).
    """
    held = b""
    async for piece in pieces:
        if held:
            yield held + piece
            held = b""
        else:
            held = piece
    if held:
        yield held


@variant("frame", "transport errors models")
def chunked_documents(framing: Framing, asked: Asked, stream: bool) -> Framing:
    """Bodies of documents in chunks, without a length: what counts is that the body is one JSON
    value (TRANS-005, TRANS-008).
    """
    return replace(framing, chunked=True)


@variant("frame", "transport streaming errors", group=2)
def connection_close(framing: Framing, asked: Asked, stream: bool) -> Framing:
    """No connection is kept: each answer says so, so that none is used again (TRANS-020 is of
    connections that are reused; it asks for no more than that the next request succeeds).
    """
    return replace(framing, close=True)


@variant("frame", "transport streaming errors models", group=3)
def closed_to_end(framing: Framing, asked: Asked, stream: bool) -> Framing:
    """Bodies that end where the announced close is, as HTTP/1.1 allows: TRANS-005, TRANS-008 and
    SSE-016 (no `Content-Length` of a stream) ask for no framing.
    """
    return replace(framing, close=True, unframed=True)


@variant("frame", "transport errors models usage chat", group=2)
def gzip(framing: Framing, asked: Asked, stream: bool) -> Framing:
    """Documents compressed where the request accepts it (TRANS-009)."""
    return replace(framing, gzip=not stream and "gzip" in asked.header("accept-encoding"))


@variant("frame", "transport streaming responses-streaming completions")
def gzip_streams(framing: Framing, asked: Asked, stream: bool) -> Framing:
    """Streams as well as documents compressed where the request accepts it, flushed per event
    (TRANS-009).
    """
    return replace(framing, gzip="gzip" in asked.header("accept-encoding"))


@variant("head", "transport errors")
def header_names(head: Head) -> Head:
    """Names of headers in upper case: names have no case in HTTP, and TRANS-011, TRANS-014 and
    SSE-016 name headers, not their writing.
    """
    return [(name.upper(), value) for name, value in head]


@variant("head", "transport streaming", group=2)
def header_names_small(head: Head) -> Head:
    """Names of headers in lower case (TRANS-011, TRANS-014, SSE-016: names, not their writing)."""
    return [(name.lower(), value) for name, value in head]


@variant("head", "transport errors streaming")
def other_headers(head: Head) -> Head:
    """No headers of OpenAI's own (TRANS-013: may be there or not), none about limits from a server
    that has none (TRANS-014 is of responses subject to limits), an id of another style
    (TRANS-011), a parameter of the media type (TRANS-006), none where it had one, `no-store`
    (SSE-016).
    """
    kept = []
    for name, value in head:
        if name.lower().startswith(("openai-", "x-ratelimit-")):
            continue
        if name.lower() == "content-type":
            plain = value.partition(";")[0]
            value = f"{plain};charset=UTF-8" if "json" in plain else plain  # noqa: PLW2901
        value = {"x-request-id": f"{value[-8:]}/{value[-16:-8]}", "cache-control": "no-store"}.get(  # noqa: PLW2901
            name.lower(), value
        )
        kept.append((name, value))
    return [
        *kept,
        ("Via", "1.1 gateway"),
        ("Vary", "Accept-Encoding"),
        ("Set-Cookie", "a=b; Path=/"),
    ]


@variant("text", "chat streaming responses tools")
def spaced_json(value: Any, *, stream: bool) -> bytes:
    """JSON with spaces (SSE-014: compact or spaced) and with everything but ASCII escaped, in
    documents with line breaks, and blank space before it (TRANS-019: as keep-alive; TRANS-008 asks
    for strict JSON, not for its writing).
    """
    if stream:
        return json.dumps(value).encode()
    return ("\n  \n" + json.dumps(value, indent=1) + "\n").encode()
