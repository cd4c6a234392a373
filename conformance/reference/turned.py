"""Faults in one line: a rule of the contract turned round, so that the check of it has to speak up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import Of, anything
from conformance.reference.edit import each_choice, each_chunk_choice, each_message
from conformance.reference.fault import REPLY, Level, Place, fault

Edit = Callable[[Any], Any]


def turned(  # noqa: PLR0913 - one row of a table
    name: str,
    clauses: str,
    title: str,
    rewrite: Edit,
    *,
    area: str,
    level: Level = "must",
    cascades: Iterable[str] = (),
    at: Place[Any] = REPLY,
    of: Of = anything,
    rate: float = 1.0,
    amended: str = "",
    field: Iterable[str] = (),
) -> None:
    """Register a fault. `clauses`: the primary ones, with blanks between; `area`: a module's name."""

    def applied(value: Any) -> Any:
        return rewrite(value)

    applied.__doc__, applied.__module__ = title, area
    fault(
        name,
        at=at,
        level=level,
        sources=["the words of the contract, turned round"],
        primary=clauses.split(),
        cascades=cascades,
        of=of,
        rate=rate,
        amended=amended,
        field=field,
    )(applied)


def having(**members: Any) -> Edit:
    """An object with these members in place of its own."""
    return lambda held: {**held, **members}


def in_message(edit: Edit) -> Edit:
    """Every message of a whole completion edited."""
    return lambda reply: each_message(reply, edit)


def in_call(edit: Edit) -> Edit:
    """Every tool call of a whole completion edited."""

    def message(held: Json) -> Json:
        calls = held.get("tool_calls")
        return {**held, "tool_calls": [edit(call) for call in calls]} if calls else held

    return in_message(message)


def in_entry(edit: Edit) -> Edit:
    """Every entry of log probabilities edited, streamed or not."""

    def choice(held: Json) -> Json:
        logprobs = held.get("logprobs")
        if not logprobs:
            return held
        return {**held, "logprobs": {**logprobs, "content": [*map(edit, logprobs["content"])]}}

    def reply(value: Reply) -> Reply:
        return each_chunk_choice(each_choice(value, choice), choice)

    return reply


def in_logprobs(edit: Edit) -> Edit:
    """Log probabilities edited as a whole, where there are any and the answer is not streamed."""

    def choice(held: Json) -> Json:
        return {**held, "logprobs": edit(held["logprobs"])} if held.get("logprobs") else held

    return lambda reply: each_choice(reply, choice)


def in_streamed_logprobs(edit: Edit) -> Edit:
    """The same in chunks."""

    def choice(held: Json) -> Json:
        return {**held, "logprobs": edit(held["logprobs"])} if held.get("logprobs") else held

    return lambda reply: each_chunk_choice(reply, choice)
