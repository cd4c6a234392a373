"""Expectations on when things arrive; for cases that run alone, with nothing else on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.wire.exchange import Exchange

_MEANINGFUL = 200_000_000
"""Nanoseconds that a stream has to last, so that its course says something."""
_SHARE = 20
"""A burst takes less than one part in so many of the whole time."""
_SEVERAL = 8
"""Deltas, so that one burst is no coincidence."""


def _lasting(exchange: Exchange) -> Sequence[Facts]:
    """Streams with several deltas that took long enough to have a course."""
    found = facts(exchange)
    arrivals = _arrivals(found)
    lasts = exchange.end.at - exchange.request.at >= _MEANINGFUL
    return (found,) if found.complete_stream and lasts and len(arrivals) >= _SEVERAL else ()


def _arrivals(one: Facts) -> list[int]:
    """When deltas with content or tool calls arrived."""
    begun = {each.number: each.event.at for each in one.chunks}
    return [
        begun[each.number]
        for each in one.entries
        if each.delta.get("content") or each.delta.get("tool_calls")
    ]


@check("TRANS-007", over=_lasting)
def incremental(one: Facts) -> Iterator[Problem]:
    """Deltas arrive over the time of the answer, not in one burst at its end."""
    arrivals = _arrivals(one)
    span = arrivals[-1] - arrivals[0]
    whole = one.exchange.end.at - one.exchange.request.at
    if span * _SHARE < whole:
        yield Problem(
            message=f"{len(arrivals)} deltas came within {span / 1e6:.0f} ms, "
            f"{(arrivals[0] - one.exchange.request.at) / 1e6:.0f} ms after the request"
        )
