"""Server-sent events at byte level: WHATWG's reading, and every deviation with its offset.

Sans-IO: fed with timed pieces, any split of the same bytes gives the same events (but for times).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.wire.piece import Ns, Piece

DONE = "[DONE]"


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
    "unterminated",  # the last event has no blank line after it
    "no-data",  # a block with event/id/retry fields but no data
    "merged",  # several data lines that are complete JSON texts (or [DONE]) each: a blank line is missing
    "multi-data",  # several data lines of one text
    "unknown-line",  # a line whose field name is none of data, event, id, retry (raw JSON, markup ...)
    "cr",  # lines end with CR alone
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


def parse(pieces: Sequence[Piece]) -> Stream:
    """Read decoded body pieces as an event stream. Never raises, whatever the bytes."""
    raise NotImplementedError


def chunks(stream: Stream) -> tuple[Chunk, ...]:
    """Data events before `[DONE]` whose data is JSON; others are a matter of checks on the stream."""
    raise NotImplementedError
