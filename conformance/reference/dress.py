"""From a reply to HTTP: headers, events, pauses, and at last the bytes of the wire."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from conformance.reference.answer import Headers, Reply, Response
from conformance.reference.script import Act, HangUp, Pause, Script, Send

REASONS = {
    100: "Continue", 200: "OK", 204: "No Content", 301: "Moved Permanently", 307: "Temporary Redirect",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 413: "Content Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}  # fmt: skip
DONE = b"data: [DONE]\n\n"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long generation takes, in seconds: up to the first token, and for each one after it."""

    first: float = 0.0
    each: float = 0.0


@dataclass(frozen=True, slots=True)
class Connection:
    """What the framing of a response depends on."""

    keep_alive: bool = True
    http_1_0: bool = False
    head_only: bool = False


def compact(value: Any) -> bytes:
    """JSON on one line, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def dress(reply: Reply, pace: Pace, common: Headers) -> Response:
    """The HTTP response to a reply: its headers, and its body as events or as one document."""
    headers: Headers = (("Content-Type", "application/json"),)
    if reply.stream:
        headers = (
            ("Content-Type", "text/event-stream; charset=utf-8"),
            ("Cache-Control", "no-cache"),
            ("X-Accel-Buffering", "no"),
        )
        body = tuple(_events(reply, pace))
    else:
        body = (
            *_wait(pace.first + pace.each * reply.spent if reply.spent else 0.0),
            Send(compact(reply.document)),
        )
    return Response(
        status=reply.status,
        headers=(*common, *reply.headers, *headers),
        body=body,
        stream=reply.stream,
    )


def _events(reply: Reply, pace: Pace) -> list[Act]:
    """One `Send` per event; pauses stand before events that carry generated tokens."""
    acts: list[Act] = []
    begun = False
    for chunk in (*reply.chunks, *reply.texts):
        if _is_generated(chunk):
            acts += _wait(pace.each if begun else pace.first + pace.each)
            begun = True
        acts.append(Send(b"data: " + compact(chunk) + b"\n\n"))
    for event in reply.events:
        if event["type"].endswith(".delta"):
            acts += _wait(pace.each if begun else pace.first + pace.each)
            begun = True
        acts.append(Send(b"event: %b\ndata: %b\n\n" % (event["type"].encode(), compact(event))))
    return [*acts, Send(DONE)] if reply.done else acts


def _is_generated(chunk: Any) -> bool:
    """Does a chunk carry a token? Role, finish and usage chunks cost no time."""
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    if not choices:
        return False
    delta = choices[0].get("delta") or {}
    return bool(choices[0].get("text")) or any(
        delta.get(part) for part in ("content", "refusal", "tool_calls", "reasoning_content")
    )


def _wait(seconds: float) -> Script:
    return (Pause(seconds),) if seconds > 0 else ()


def frame(response: Response, connection: Connection) -> Script:
    """The bytes of the wire: status line, headers, and the body with its length or in chunks."""
    headers = list(response.headers)
    unframed = connection.http_1_0 and response.stream
    close = not connection.keep_alive or unframed
    headers.append(("Connection", "close" if close else "keep-alive"))
    if not response.stream:
        length = sum(len(act.data) for act in response.body if isinstance(act, Send))
        headers.append(("Content-Length", str(length)))
    elif not unframed:
        headers.append(("Transfer-Encoding", "chunked"))
    reason = REASONS.get(response.status, "Unknown")
    lines = [
        f"HTTP/1.1 {response.status} {reason}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    if connection.head_only:
        body: Script = ()
    elif response.stream and not unframed:
        body = (*map(_chunked, response.body), Send(b"0\r\n\r\n"))
    else:
        body = response.body
    end: Script = (HangUp(),) if close else ()
    return _joined(head, body) + end


def _chunked(act: Act) -> Act:
    if isinstance(act, Send) and act.data:
        return Send(b"%x\r\n%b\r\n" % (len(act.data), act.data))
    return act


def _joined(head: bytes, body: Script) -> Script:
    """Head and document leave in one piece; a stream's head goes ahead of it."""
    match body:
        case (Send(data),):
            return (Send(head + data),)
        case (Pause() as pause, Send(data)):
            return (pause, Send(head + data))
    return (Send(head), *body)


def http_date(seconds: float) -> str:
    """A time as the `Date` header writes it."""
    at = time.gmtime(seconds)
    return (
        f"{_DAYS[at.tm_wday]}, {at.tm_mday:02d} {_MONTHS[at.tm_mon - 1]} {at.tm_year} "
        f"{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} GMT"
    )
