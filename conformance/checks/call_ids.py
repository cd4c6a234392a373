"""Ids of calls over two turns of one conversation, and calls whose pieces belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice
from conformance.wire.exchange import Exchange


def _ids(exchange: Exchange) -> list[str]:
    choice = first_choice(exchange)
    listed = choice.tool_calls if choice else ()
    return [call.id for call in listed if isinstance(call.id, str)]


def _calling(exchange: Exchange) -> Sequence[Exchange]:
    return (exchange,) if _ids(exchange) else ()


@check(over=_calling)
def other_call_ids(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """No call has the id of a call of another step."""
    if both := sorted(set(_ids(exchange)) & set(_ids(step))):
        yield Problem(
            message=f"id {shown(both[0])} again, as in step {step.step}",
            at="$.choices[0].message.tool_calls",
        )


def _streamed_calls(exchange: Exchange) -> Sequence[Facts]:
    found = facts(exchange)
    return (found,) if found.complete_stream and found.fragments else ()


@check(over=_streamed_calls)
def calls_are_not_interrupted(found: Facts) -> Iterator[Problem]:
    """No text comes between the pieces of a streamed call."""
    told: dict[tuple[int, int | None], int] = {}
    text: dict[int, int] = {}
    fragments = {id(each.entry): each for each in found.fragments}
    for place, entry in enumerate(found.entries):
        each = fragments.get(id(entry))
        if each and text.get(entry.key, -1) > told.get((entry.key, each.index), place):
            yield Problem(message=f"call {each.index} goes on after text", at=each.at)
            return
        if each:
            told[entry.key, each.index] = place
        elif entry.delta.get("content"):
            text[entry.key] = place
