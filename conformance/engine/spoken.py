"""The texts that events of a stream are parts of: where in the body those parts stand.

Not a reader of streams (`wire/` is): it looks for JSON members that are strings, whatever is wrong
with the rest, and puts together those of the same name in events that speak of the same choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STRING = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)'
_MEMBER = re.compile(
    rb'^[ \t]*data:|"index"\s*+:\s*+(\d{1,9})|' + _STRING + rb'"\s*+:\s*+' + _STRING + rb'(?:"|\Z)',
    re.MULTILINE | re.DOTALL,
)
_EVENTS = re.compile(rb"^[ \t]*data:", re.MULTILINE)

Span = tuple[int, int]


def texts(body: bytes) -> list[list[Span]]:
    """The parts of each text (start, end), as they stand between their quotes."""
    found: dict[tuple[bytes, tuple[bytes, ...]], list[Span]] = {}
    for indexes, members in _events(body):
        for name, span in members:
            found.setdefault((name, indexes), []).append(span)
    return [spans for spans in found.values() if len(spans) > 1]


def _events(body: bytes) -> Iterator[tuple[tuple[bytes, ...], list[tuple[bytes, Span]]]]:
    """Of each event the indexes in it (of a choice, of a tool call), and its strings by name."""
    first = _EVENTS.search(body)
    if first is None:
        return
    indexes: list[bytes] = []
    members: list[tuple[bytes, Span]] = []
    for match in _MEMBER.finditer(body, first.start()):
        if match[1] is not None:
            indexes.append(match[1])
        elif match[2] is not None:
            members.append((match[2], match.span(3)))
        else:
            yield tuple(indexes), members
            indexes, members = [], []
    yield tuple(indexes), members
