"""How a stream is usually written, where the format allows more: for cases that tell the two apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Entry
from conformance.checks.show import shown
from conformance.checks.stream import fills
from conformance.wire.exchange import Exchange

_EVENT = re.compile(rb"data: [^\r\n]+\n\n")
_REST = 40
_SLOW = 1_000_000
"""Nanoseconds from token to token from which on it shows what comes with what."""
_TOGETHER = 0.25
"""Of the time from token to token, the part within which two events came together."""
_TOKENS = 6
"""Tokens that tell how fast they come."""


@check("SSE-004", over=select.finished_streams)
def customary_lines(one: Facts) -> Iterator[Problem]:
    """Each event is one line of `data:`, a space and the JSON, then an empty line; LF, no comments."""
    body = one.exchange.response.body if one.exchange.response else b""
    at = 0
    while event := _EVENT.match(body, at):
        at = event.end()
    if at < len(body):
        rest = body[at : at + _REST].decode("utf-8", "replace")
        yield Problem(message=f"an event is written as {shown(rest)}", at=f"byte {at}")


def _ends(exchange: Exchange) -> Sequence[Entry]:
    """The entries with the finish reasons of a stream."""
    found = facts(exchange)
    if not found.complete_stream:
        return ()
    return [each for each in found.entries if each.choice.get("finish_reason")]


@check("STRM-013", over=_ends)
def finish_stands_alone(finish: Entry) -> Iterator[Problem]:
    """The chunk with the finish reason says nothing else."""
    for name in fills(finish.delta)[:1]:
        yield Problem(
            message=f"{name} {shown(finish.delta[name])} beside the finish reason", at=finish.at
        )


@check("SSE-015", over=select.finished_streams)
def events_come_whole(one: Facts) -> Iterator[Problem]:
    """At least half of the events arrive in one piece."""
    events = one.data_events
    torn = [each for each in events if each.first_at < each.at]
    if len(torn) * 2 > len(events):
        yield Problem(
            message=f"{len(torn)} of {len(events)} events came in pieces",
            at=f"byte {torn[0].start}",
        )


def _spoken_at(one: Facts) -> list[int]:
    """When the deltas that say something arrived."""
    begun = {each.number: each.event.at for each in one.chunks}
    return [begun[each.number] for each in one.entries if fills(each.delta)]


def _paced(exchange: Exchange) -> Sequence[Facts]:
    """Whole streams that begin with a chunk that says nothing, and whose tokens come one by one."""
    found = facts(exchange)
    first = found.entries[:1]
    if not found.complete_stream or not first or fills(first[0].delta):
        return ()
    times = _spoken_at(found)
    slow = len(times) >= _TOKENS and _pace(times) >= _SLOW
    return (found,) if slow else ()


def _pace(times: Sequence[int]) -> float:
    """The usual time from one to the next."""
    return median(after - before for before, after in pairwise(times))


@check("STRM-010", over=_paced)
def first_chunk_comes_ahead(one: Facts) -> Iterator[Problem]:
    """The first chunk, which says nothing yet, comes well ahead of the first token."""
    times = _spoken_at(one)
    ahead = times[0] - one.chunks[0].event.at
    if ahead < _TOGETHER * _pace(times):
        yield Problem(
            message=f"the first chunk came {ahead / 1e6:.1f} ms ahead of the first token, "
            f"and tokens came {_pace(times) / 1e6:.1f} ms apart"
        )
