"""Server-sent events at byte level: WHATWG's reading, and every deviation with its offset.

Sans-IO: fed with timed pieces, any split of the same bytes gives the same events (but for times).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.wire import jsontext
from conformance.wire.arrivals import Arrivals
from conformance.wire.piece import Ns, Piece

DONE = "[DONE]"

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIELDS = ("data", "event", "id", "retry")
_CUT_OFF = "unexpected end of data"  # Python's words for an incomplete sequence
_SHOWN = 80
"""So much of an offending line goes into the detail of a deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One dispatched block (between blank lines), also where WHATWG would drop it."""

    at: Ns
    """Arrival of its last byte."""
    first_at: Ns
    """Arrival of its first byte."""
    start: int
    end: int
    """Byte offsets in the decoded body, end exclusive, blank line included."""
    data: str | None
    """Data lines joined with LF; None where the block has no `data` field."""
    data_lines: tuple[str, ...] = ()
    name: str | None = None
    id: str | None = None
    retry: str | None = None
    comments: tuple[str, ...] = ()
    terminated: bool = True
    """Ended by a blank line; False for what is left at the end of the stream."""

    @property
    def done(self) -> bool:
        """The terminator, as the openai SDK recognises it (`data` begins with `[DONE]`)."""
        return self.data is not None and self.data.startswith(DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Something that a strict or a common reader stumbles over."""

    kind: str
    """One of the KINDS below."""
    offset: int
    """Byte offset in the decoded body."""
    detail: str = ""


KINDS = (
    "bom",  # a byte order mark at the start
    "not-utf8",  # bytes that are no UTF-8
    "unterminated",  # the last event has no blank line after it, or its first line is cut off
    "no-data",  # a block with event/id/retry fields but no data
    "merged",  # several data lines that are complete JSON texts (or [DONE]) each: a blank line is missing
    "multi-data",  # several data lines of one text
    "unknown-line",  # a line whose field name is none of data, event, id, retry (raw JSON, markup ...)
    "cr",  # lines end with CR alone; said once, at the first
    "nul",  # a NUL byte
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A body read as server-sent events."""

    events: tuple[Event, ...]
    """Every block that holds a field; blocks of comments only are in `comments`."""
    comments: tuple[tuple[Ns, str], ...]
    deviations: tuple[Deviation, ...]
    length: int
    """Bytes of the decoded body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The JSON value of one data event before the terminator."""

    event: Event
    number: int
    """Counting data events from 0."""
    value: Any

    @property
    def tells_of_an_error(self) -> bool:
        """In whatever form."""
        value, named = self.value, self.event.name == "error"
        if named or not isinstance(value, dict) or value.get("choices"):
            return named
        return bool(value.get("error")) or "error" in (value.get("object"), value.get("type"))

    @property
    def ends_in_an_error(self) -> bool:
        """Also where choices stand beside the error, as OpenRouter documents it of streams that break."""
        value = self.value
        return self.tells_of_an_error or (isinstance(value, dict) and bool(value.get("error")))


def parse(pieces: Sequence[Piece]) -> Stream:
    """Read decoded body pieces as an event stream. Never raises, whatever the bytes."""
    return _Parser(Arrivals(pieces)).run()


def chunks(stream: Stream) -> tuple[Chunk, ...]:
    """The JSON values that were meant, up to `[DONE]`; data that is no JSON is a matter of checks.

    Events that run into each other for want of a blank line are taken apart again.
    """
    found: list[Chunk] = []
    number = 0
    for event in stream.events:
        for text in _texts(event):
            if text.startswith(DONE):
                return tuple(found)
            value, ok = jsontext.quick(text)
            if ok:
                found.append(Chunk(event=event, number=number, value=value))
            number += 1
    return tuple(found)


def seen_by_sdk(stream: Stream) -> tuple[Chunk, ...]:
    """The chunks that the openai SDK gets to see: no merged events, none without its blank line,
    and not the first one behind a byte order mark.
    """
    behind_mark = any(each.kind == "bom" for each in stream.deviations)
    alone = {
        event.start
        for event in stream.events[behind_mark:]
        if event.terminated and len(_texts(event)) == 1
    }
    return tuple(chunk for chunk in chunks(stream) if chunk.event.start in alone)


def _texts(event: Event) -> tuple[str, ...]:
    """The data of an event; several where its lines are a JSON text (or the terminator) each."""
    if event.data is None:
        return ()
    if len(event.data_lines) > 1 and all(map(_stands_alone, event.data_lines)):
        return event.data_lines
    return (event.data,)


@dataclass(slots=True)
class _Block:
    """What was read since the last blank line."""

    start: int
    data: list[str] = field(default_factory=list)
    name: str | None = None
    id: str | None = None
    retry: str | None = None
    comments: list[tuple[Ns, str]] = field(default_factory=list)
    fields: bool = False


class _Parser:
    """One pass over the lines of a body."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._body = arrivals.joined
        self._events: list[Event] = []
        self._comments: list[tuple[Ns, str]] = []
        self._deviations: list[Deviation] = []
        self._bare_crs = 0
        self._first_cr = 0
        self._block: _Block | None = None

    def run(self) -> Stream:
        body = self._body
        start = 0
        if body.startswith(_BOM):
            self._deviate("bom", 0)
            start = len(_BOM)
        for match in _LINE_END.finditer(body, start):
            stop, after = match.span()
            if body[stop] == 13 and after - stop == 1:  # noqa: PLR2004 - CR alone
                self._first_cr = self._first_cr if self._bare_crs else stop
                self._bare_crs += 1
            if stop > start:
                self._line(start, stop)
            elif self._block is not None:
                self._dispatch(self._block, after, terminated=True)
            start = after
        if start < len(body):
            self._line(start, len(body))
        if self._block is not None:
            self._dispatch(self._block, len(body), terminated=False)
        if self._bare_crs:
            self._deviate("cr", self._first_cr, f"{self._bare_crs} lines end with CR alone")
        return Stream(
            events=tuple(self._events),
            comments=tuple(self._comments),
            deviations=tuple(sorted(self._deviations, key=lambda one: one.offset)),
            length=len(body),
        )

    def _line(self, start: int, stop: int) -> None:
        text = self._decode(start, stop)
        block = self._block
        if block is None:
            block = self._block = _Block(start=start)
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            block.data.append(value)
        elif name == "event":
            block.name = value
        elif name == "id":
            # WHATWG: an id with a NUL in it is no id
            block.id = block.id if "\0" in value else value
        elif name == "retry":
            block.retry = value
        elif not name and text:
            block.comments.append((self._arrivals.at(stop - 1), value))
            return
        elif stop == len(self._body) and any(one.startswith(text) for one in _FIELDS):
            self._deviate("unterminated", start, text)
            return
        else:
            self._deviate("unknown-line", start, text[:_SHOWN])
            return
        block.fields = True

    def _decode(self, start: int, stop: int) -> str:
        line = self._body[start:stop]
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as problem:
            # a character that the end of the stream cuts off is not a wrong one
            if stop < len(self._body) or problem.reason != _CUT_OFF:
                self._deviate("not-utf8", start + problem.start, problem.reason)
            text = line.decode("utf-8", "replace")
        nul = line.find(b"\0")
        if nul >= 0:
            self._deviate("nul", start + nul)
        return text

    def _dispatch(self, block: _Block, end: int, *, terminated: bool) -> None:
        self._block = None
        if not block.fields:
            self._comments.extend(block.comments)
            return
        if not terminated:
            self._deviate("unterminated", block.start)
        if not block.data:
            self._deviate("no-data", block.start)
        elif len(block.data) > 1:
            merged = all(map(_stands_alone, block.data))
            kind = "merged" if merged else "multi-data"
            self._deviate(kind, block.start, f"{len(block.data)} data lines")
        self._events.append(
            Event(
                at=self._arrivals.at(end - 1),
                first_at=self._arrivals.at(block.start),
                start=block.start,
                end=end,
                data="\n".join(block.data) if block.data else None,
                data_lines=tuple(block.data),
                name=block.name,
                id=block.id,
                retry=block.retry,
                comments=tuple(text for _, text in block.comments),
                terminated=terminated,
            )
        )

    def _deviate(self, kind: str, offset: int, detail: str = "") -> None:
        self._deviations.append(Deviation(kind=kind, offset=offset, detail=detail))


def _stands_alone(line: str) -> bool:
    """A data line that was meant as an event of its own: a JSON object, or the terminator."""
    return line.startswith(DONE) or (line.lstrip().startswith("{") and jsontext.quick(line)[1])
