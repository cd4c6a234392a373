r"""One exchange as it went over the wire, trimmed so that a person reads it.

    request>       0.0 ms  POST http://127.0.0.1:8000/v1/chat/completions
    request>               content-type: application/json
    request>               {"model":"m","stream":true,"messages":[{"role":"user", ...
    response<              200
    response<              content-type: text/event-stream
    response<     41.2 ms  data: {"choices":[...]}␊␊
    ...                    37 events, 1.2 kB left out
    response<    988.1 ms  data: [DONE]␊␊
    end          988.3 ms  complete

Control characters are shown by their pictures, because how lines and events are parted is part of
what a server gets wrong, and `\n` would look like the escape inside a JSON string. Other bytes that
are no plain text are shown as escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.report.escape import oneline, visible
from conformance.report.phrase import counted, size
from conformance.verdict.evidence import HEAD_BYTES
from conformance.verdict.outcome import Evidence
from conformance.wire.piece import Headers

WIDTH = 160
"""Characters of the longest line."""
_LABEL = 24
"""Of which for direction and time."""
_ROOM = WIDTH - _LABEL
_HEADERS = 8
_REQUEST_ROWS = 4
_BODY_ROWS = 6
_FIRST, _LAST = 6, 4
"""Events shown of a stream."""
_PROBLEMS = 3
_TAIL_BYTES = 24
"""Of a long event, from its end."""
_PICTURES = {number: 0x2400 + number for number in range(0x20)} | {0x7F: 0x2421}
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r)(?:\r\n|\n|\r)")


@dataclass(frozen=True, slots=True)
class _Block:
    """An event, or the part of one that was kept, with its blank line."""

    at: int
    """When its last byte came, in nanoseconds since the request."""
    data: bytes


def trace(evidence: Evidence) -> str:
    """At most about 40 lines of at most `WIDTH` characters; times are relative to the request."""
    return "\n".join(line.rstrip() for line in _lines(evidence))


def _lines(evidence: Evidence) -> Iterator[str]:
    yield _row("request>", 0, oneline(f"{evidence.method} {evidence.url}", _ROOM))
    yield from _headers("request>", evidence.headers)
    yield from _body("request>", [(None, evidence.body)], _REQUEST_ROWS)
    yield from _response(evidence)
    yield _row("end", evidence.end_at, oneline(evidence.ended, _ROOM))
    for problem in evidence.problems[:_PROBLEMS]:
        place = f" (at {problem.at})" if problem.at else ""
        yield _row("problem", None, oneline(problem.message + place, _ROOM))


def _response(evidence: Evidence) -> Iterator[str]:
    if evidence.status is None:
        yield _row("response<", None, "(no response head)")
        return
    yield _row("response<", None, str(evidence.status))
    yield from _headers("response<", evidence.response_headers)
    head, tail = _halves(evidence)
    blocks = _blocks(head)
    if _is_stream(evidence) or len(blocks) > _FIRST:
        yield from _events(blocks, _blocks(tail), evidence.omitted)
    else:
        yield from _body("response<", head, _BODY_ROWS, tail, evidence.omitted)


def _headers(label: str, headers: Headers) -> Iterator[str]:
    for name, value in headers[:_HEADERS]:
        yield _row(label, None, oneline(f"{name}: {value}", _ROOM))
    if len(headers) > _HEADERS:
        yield _left_out(counted(len(headers) - _HEADERS, "header"))


def _body(
    label: str,
    head: Sequence[tuple[int | None, bytes]],
    rows: int,
    tail: Sequence[tuple[int, bytes]] = (),
    omitted: int = 0,
) -> Iterator[str]:
    """A body that is no stream over several rows; of a long one the beginning and the last row."""
    body = b"".join(data for _, data in head)
    text, used = _prefix(body, rows * _ROOM)
    for place in range(0, len(text), _ROOM):
        yield _row(label, None if place else head[0][0], text[place : place + _ROOM])
    rest = body[used:] + b"".join(data for _, data in tail)
    last, kept = _suffix(rest, _ROOM)
    if len(rest) > kept or omitted:
        yield _left_out(size(len(rest) - kept + omitted))
    if rest:
        yield _row(label, tail[-1][0] if tail else None, last)


def _events(head: list[_Block], tail: list[_Block], omitted: int) -> Iterator[str]:
    """The first and the last events; those that surround omitted bytes are counted as left out."""
    if not omitted:
        blocks = [*head, *tail]
        first = blocks if len(blocks) <= _FIRST + _LAST else blocks[:_FIRST]
        last = blocks[len(first) :][-_LAST:]
        hidden = blocks[len(first) : len(blocks) - len(last)]
    else:
        first, last = head[:_FIRST], tail[-_LAST:]
        hidden = [*head[_FIRST:], *tail[: len(tail) - len(last)]]
    for block in first:
        yield _event(block)
    missing = omitted + sum(len(block.data) for block in hidden)
    if missing:
        number = counted(len(hidden), "event")
        yield _left_out(f"{f'at least {number}' if omitted else number}, {size(missing)}")
    for block in last:
        yield _event(block)


def _event(block: _Block) -> str:
    return _row("response<", block.at, _shown(block.data))


def _halves(
    evidence: Evidence,
) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """The pieces before and after what was left out (evidence keeps `HEAD_BYTES` of the start)."""
    if not evidence.omitted:
        return list(evidence.pieces), []
    head: list[tuple[int, bytes]] = []
    seen = 0
    for at, data in evidence.pieces:
        if seen >= HEAD_BYTES:
            break
        head.append((at, data))
        seen += len(data)
    return head, list(evidence.pieces[len(head) :])


def _blocks(pieces: Sequence[tuple[int, bytes]]) -> list[_Block]:
    """Split at blank lines, each block with the time of the piece that completed it."""
    body = b"".join(data for _, data in pieces)
    ends: list[tuple[int, int]] = []
    total = 0
    for at, data in pieces:
        total += len(data)
        ends.append((total, at))
    cuts = [found.end() for found in _BLANK_LINE.finditer(body)]
    if not cuts or cuts[-1] < len(body):
        cuts.append(len(body))
    blocks, start, piece = [], 0, 0
    for cut in cuts:
        while piece < len(ends) - 1 and ends[piece][0] < cut:
            piece += 1
        if cut > start:
            blocks.append(_Block(ends[piece][1], body[start:cut]))
        start = cut
    return blocks


def _is_stream(evidence: Evidence) -> bool:
    return any(
        name.lower() == "content-type" and "event-stream" in value.lower()
        for name, value in evidence.response_headers
    )


def _shown(data: bytes) -> str:
    """Bytes on one row: all, or the beginning and the end with what lies between counted."""
    text, used = _prefix(data, _ROOM)
    if used == len(data):
        return text
    last, kept = _suffix(data, _TAIL_BYTES)
    text, used = _prefix(data, _ROOM - len(last) - _TAIL_BYTES)
    return f"{text} ...({size(len(data) - used - kept)})... {last}"


def _prefix(data: bytes, room: int) -> tuple[str, int]:
    """As many bytes from the start as give at most `room` characters, and how many those are."""
    used = min(len(data), room)
    while True:
        used -= _inside(data, used)
        text = _text(data[:used])
        if len(text) <= room:
            return text, used
        used = min(used - 1, used * room // len(text))


def _suffix(data: bytes, room: int) -> tuple[str, int]:
    """As many bytes from the end as give at most `room` characters, and how many those are."""
    start = max(0, len(data) - room)
    while True:
        while _inside(data, start):
            start += 1
        text = _text(data[start:])
        if len(text) <= room:
            return text, len(data) - start
        start += max(1, (len(data) - start) * (len(text) - room) // len(text))


def _inside(data: bytes, place: int) -> int:
    """How far `place` is inside a character of UTF-8, where it must not be cut; 0 if it is not."""
    for back in range(4):
        if not 0 < place - back < len(data):
            return 0
        if data[place - back] & 0xC0 != 0x80:  # noqa: PLR2004  # the bits of a continuation byte
            return back
    return 0  # no UTF-8 at all


def _text(data: bytes) -> str:
    """Bytes as visible text: controls as pictures, everything that is no text as escapes."""
    return visible(data.decode("utf-8", "backslashreplace").translate(_PICTURES))


def _row(label: str, at: int | None, text: str) -> str:
    time = "" if at is None else f"{at / 1e6:.1f} ms"
    return f"{label:<9} {time:>12}  {text}"


def _left_out(what: str) -> str:
    return f"{'...':<{_LABEL}}{what} left out"
