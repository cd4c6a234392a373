"""How a stream is usually written, where the format allows more: for cases that tell the two apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Entry
from conformance.checks.show import shown
from conformance.checks.stream import fills
from conformance.wire.exchange import Exchange

_EVENT = re.compile(rb"data: [^\r\n]+\n\n")
_REST = 40
_OF = 4
"""Events of which more than one in pieces are no accident of the network."""


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
    """Three of four events arrive in one piece; a network tears one now and then."""
    events = one.data_events
    torn = [each for each in events if each.first_at < each.at]
    if len(torn) * _OF > len(events):
        yield Problem(
            message=f"{len(torn)} of {len(events)} events came in pieces",
            at=f"byte {torn[0].start}",
        )
