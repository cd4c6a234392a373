"""Expectations on streamed responses: which events come, and with which one the response ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.generic import missing_answer
from conformance.checks.response_flow import flows
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange


@check()
def response_event(exchange: Exchange, type: str, at_least: int = 1) -> Iterator[Problem]:  # noqa: A002 - written by name in suites
    """The streamed response has a number of events of a type."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    count = sum(each.type == type for flow in flows(exchange) for each in flow.events)
    if count < at_least:
        yield Problem(message=f"{count} events {type}, wanted at least {at_least}")


@check()
def response_ends(exchange: Exchange, any_of: str | list[str]) -> Iterator[Problem]:
    """The streamed response ends with the given event, or one of those given."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    wanted = [any_of] if isinstance(any_of, str) else any_of
    ends = [each.type for flow in flows(exchange) for each in flow.terminals]
    if not ends or ends[-1] not in wanted:
        seen = ends[-1] if ends else "no event that says so"
        yield Problem(message=f"the response ends with {seen}, wanted {' or '.join(wanted)}")


@check()
def storing_is_told(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The response of another step, which this one goes on from, does not say that it was not stored."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    before = step.reply.body if step.reply else None
    if isinstance(before, dict) and before.get("store") is False:
        message = f"step {step.step} says `store: false`, and this one goes on from it"
        yield Problem(message=message, at="$.store")


@check(assumable=True)
def response_item(exchange: Exchange, type: str) -> Iterator[Problem]:  # noqa: A002 - written by name in suites
    """The response has an item of a type, streamed or not."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    items = exchange.reply.items if exchange.reply else ()
    if not any(each.type == type for each in items):
        yield Problem(
            message=f"items {shown([each.type for each in items])}, wanted {type}", at="$.output"
        )


def _summaries(item: Any) -> list[str]:
    """The texts of an item's summary that say something."""
    held = item.get("summary") if isinstance(item, dict) else None
    parts = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    return [text for each in parts if isinstance(text := each.get("text"), str) and text.strip()]


@check("RESP-025", assumable=True)
def summary_told(exchange: Exchange) -> Iterator[Problem]:
    """The response has a summary of its reasoning that says something, streamed or not."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    items = exchange.reply.items if exchange.reply else ()
    if not any(_summaries(each.value) for each in items if each.type == "reasoning"):
        yield Problem(message="no summary of the reasoning", at="$.output")


@check()
def response_of(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """What is looked up is the response that another step made: it has its id."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    asked, seen = _told(step, "id"), _told(exchange, "id")
    if asked is not None and seen != asked:
        yield Problem(message=f"{shown(seen)}, asked for was {shown(asked)}", at="$.id")


@check()
def previous_is_told(exchange: Exchange) -> Iterator[Problem]:
    """A response says which one it goes on from: the `previous_response_id` that it was asked with."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    name = "previous_response_id"
    body = exchange.request.json
    asked = body.get(name) if isinstance(body, dict) else None
    seen = _told(exchange, name)
    if asked is not None and seen != asked:
        yield Problem(message=f"{shown(seen)}, asked with was {shown(asked)}", at=f"$.{name}")


def _told(exchange: Exchange, name: str) -> object:
    """A member of the response, in one document or at the end of a stream."""
    body = exchange.reply.body if exchange.reply else None
    return body.get(name) if isinstance(body, dict) else None
