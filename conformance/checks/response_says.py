"""What a response of /responses says and calls, by the clauses that chat has for the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.fits import misfit
from conformance.checks.markup import leaked
from conformance.checks.parts import Tool
from conformance.checks.replied import Replied, replied
from conformance.checks.show import kind, shown
from conformance.checks.torn import TORN, around, lost
from conformance.wire import jsontext
from conformance.wire.completion import ToolCall
from conformance.wire.exchange import Exchange

_OUTPUT = "$.output"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Call:
    """A call of a function that the request offers, in a response that came to its end."""

    call: ToolCall
    tool: Tool


def _calls(exchange: Exchange) -> Sequence[_Call]:
    """Calls of offered functions, with some arguments; those of nothing that take nothing are fine."""
    found = []
    for one in replied(exchange):
        for call in one.choice.tool_calls if one.to_its_end else ():
            tool = one.facts.tools.get(call.name) if isinstance(call.name, str) else None
            if tool and not tool.custom and isinstance(call.arguments, str):
                found.append(_Call(call=call, tool=tool))
    return found


def _takes_something(one: _Call) -> bool:
    schema = one.tool.parameters
    return bool(isinstance(schema, dict) and schema.get("properties"))


def _written_by_the_model(one: _Call) -> bool:
    """JSON, but no object, where nothing is strict: a model is free to write `[]`."""
    value, ok = jsontext.quick(one.call.arguments)
    return ok and not isinstance(value, dict | str) and not one.tool.strict


_parsed = select.among(
    _calls,
    lambda one: (
        (one.call.arguments.strip() or _takes_something(one)) and not _written_by_the_model(one)
    ),
)


@check("TOOL-007", over=_parsed, always=True)
def response_arguments_are_an_object(one: _Call) -> Iterator[Problem]:
    """The arguments of a call in a response are the text of a JSON object, too."""
    document = jsontext.read_text(one.call.arguments)
    if not document.ok:
        seen = shown(one.call.arguments)
        yield Problem(message=f"arguments {seen}: {document.flaws[-1]}", at=_OUTPUT)
    elif not isinstance(document.value, dict):
        yield Problem(message=f"arguments are {kind(document.value)}, wanted object", at=_OUTPUT)


@check("TOOL-010", over=select.among(_parsed, lambda one: one.tool.strict), always=True)
def strict_response_arguments_fit(one: _Call) -> Iterator[Problem]:
    """With `strict: true` the arguments of a call in a response fit the schema, too."""
    value, ok = jsontext.quick(one.call.arguments)
    if ok and (why := misfit(value, one.tool.parameters)):
        yield Problem(message=f"arguments of {one.tool.name} do not fit: {why}", at=_OUTPUT)


def _spoken(exchange: Exchange) -> Sequence[Replied]:
    """Responses that say something; what a conversation that is stored elsewhere held, nobody knows."""
    return [
        one
        for one in replied(exchange)
        if isinstance(one.choice.content, str) and one.choice.content
        if not (one.asked.get("previous_response_id") or one.asked.get("conversation"))
    ]


@check("CRESP-026", over=_spoken, always=True)
def no_markup_in_responses(one: Replied) -> Iterator[Problem]:
    """No special tokens, think tags or markup of tool calls stand in the text of a response."""
    for mark in leaked(one.choice.content, one.asked):
        yield Problem(message=f"the text holds {shown(mark)}", at=_OUTPUT)


@check("CRESP-027", over=_spoken, always=True)
def responses_are_unicode(one: Replied) -> Iterator[Problem]:
    """The text of a response holds no torn characters that the model cannot have written."""
    if why := lost(one.choice.content, one.asked, capped=one.status == "incomplete"):
        yield Problem(message=f"U+FFFD in {around(one.choice.content, TORN)}: {why}", at=_OUTPUT)
