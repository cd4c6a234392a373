"""TOOL: tool calls of an answer, streamed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.facts import CUT, Called, Said, facts
from conformance.checks.fits import is_schema, unfit
from conformance.checks.parts import Body, Tool, is_one_of
from conformance.checks.show import kind, shown
from conformance.wire import jsontext
from conformance.wire.assemble import ToolCall
from conformance.wire.exchange import Exchange

_CALLING = select.completions_with_tool_calls
_ENDING = select.completions_ending_in_calls

for _clause, _name, _over, _about in (
    ("TOOL-001", "calls_are_there", _ENDING, "`finish_reason: tool_calls` comes with tool calls."),
    ("TOOL-002", "call_has_an_id", _CALLING, "Each tool call has an id that is not empty."),
    ("TOOL-004", "call_has_a_type", _CALLING, "Each tool call says `function` or `custom`."),
    ("TOOL-005", "call_has_a_name", _CALLING, "Each tool call names its function."),
    (
        "TOOL-006",
        "arguments_are_text",
        _CALLING,
        "Arguments are JSON in a string, never an object.",
    ),
):
    invariant(_clause, _name, _about, schema="chat_completion", over=_over)


def _custom_calls(body: Body) -> bool:
    return any(call.get("type") == "custom" for call in select.calls_of(body))


invariant(
    "TOOL-023",
    "custom_call_has_input",
    "A call of a custom tool has a name and its input as a string.",
    schema="chat_completion",
    over=select.among(_CALLING, _custom_calls),
)


# --- answers, streamed or not -------------------------------------------------------------------


_calling = select.among(select.said, lambda one: bool(one.choice.tool_calls))


@check("TOOL-002", over=_calling, always=True)
def call_ids_are_unique(one: Said) -> Iterator[Problem]:
    """No two calls of a message share an id."""
    seen: set[str] = set()
    for place, call in enumerate(one.choice.tool_calls):
        if isinstance(call.id, str) and call.id and call.id in seen:
            at = f"{one.at}.message.tool_calls[{place}].id"
            yield Problem(message=f"id {shown(call.id)} is that of an earlier call", at=at)
            return
        if isinstance(call.id, str):
            seen.add(call.id)


def _offered(exchange: Exchange) -> Sequence[Called]:
    """Calls that name something, of requests that offer tools."""
    return [
        one
        for one in facts(exchange).calls
        if one.said.facts.tools and isinstance(one.call.name, str) and one.call.name
    ]


@check("TOOL-005", over=_offered, always=True)
def call_names_an_offered_tool(one: Called) -> Iterator[Problem]:
    """A call names one of the tools that the request offers, letter by letter."""
    if one.tool is None:
        known = shown(sorted(one.said.facts.tools))
        yield Problem(message=f"a call of {shown(one.call.name)}, offered are {known}", at=one.at)


def _with_text(exchange: Exchange) -> Sequence[Called]:
    """Calls of functions whose arguments came whole, as text; blank only where some are wanted."""
    return [
        one
        for one in facts(exchange).calls
        if not one.said.cut
        and isinstance(one.call.arguments, str)
        and (one.call.arguments.strip() or (one.tool and not takes_nothing(one.tool)))
        and one.call.type != "custom"
        and not (one.tool and one.tool.custom)
    ]


def _with_arguments(exchange: Exchange) -> Sequence[Called]:
    return [one for one in _with_text(exchange) if one.call.arguments.strip()]


def _from_the_server(exchange: Exchange) -> Sequence[Called]:
    """The same but for other JSON than objects, where nothing is strict.

    A model is free to write `[]` or "Oslo" there; text that is no JSON, or an object's JSON once
    more as a string, is what parsers make.
    """
    return [
        one
        for one in _with_text(exchange)
        if (one.tool and one.tool.strict) or not _is_other_json(one.call.arguments)
    ]


def _is_other_json(text: str) -> bool:
    value, ok = jsontext.quick(text)
    if isinstance(value, str):
        value, _ = jsontext.quick(value)
    return ok and not isinstance(value, dict)


@check("TOOL-007", over=_from_the_server, always=True)
def arguments_are_an_object(one: Called) -> Iterator[Problem]:
    """Arguments are the text of a JSON object."""
    document = jsontext.read_text(one.call.arguments)
    at = f"{one.at}.function.arguments"
    if not document.ok:
        yield Problem(message=f"arguments {shown(one.call.arguments)}: {document.flaws[-1]}", at=at)
    elif not isinstance(document.value, dict):
        yield Problem(message=f"arguments are {kind(document.value)}, wanted object", at=at)


def takes_nothing(tool: Tool) -> bool:
    """A function without parameters."""
    schema = tool.parameters
    return not tool.custom and (
        schema is None or (isinstance(schema, dict) and not schema.get("properties"))
    )


def _without_parameters(exchange: Exchange) -> Sequence[Called]:
    """Calls of functions that take nothing, not streamed."""
    found = facts(exchange)
    if found.body is None:
        return ()
    return [one for one in found.calls if one.tool and takes_nothing(one.tool) and not one.said.cut]


@check("TOOL-008", over=_without_parameters, always=True)
def no_arguments_are_an_empty_object(one: Called) -> Iterator[Problem]:
    """A function without parameters is called with `{}`, not with nothing."""
    if is_nothing(one.call.arguments):
        yield Problem(
            message=f'arguments {shown(one.call.arguments)}, wanted "{{}}"',
            at=f"{one.at}.function.arguments",
        )


def is_nothing(arguments: Any) -> bool:
    """Absent, null, blank, or the text `null`."""
    return arguments is None or (isinstance(arguments, str) and arguments.strip() in {"", "null"})


def _described(exchange: Exchange) -> Sequence[Called]:
    """Calls of functions with a schema, whose arguments are JSON."""
    return [
        one
        for one in _with_arguments(exchange)
        if one.tool and is_schema(one.tool.parameters) and jsontext.quick(one.call.arguments)[1]
    ]


def _misfits(one: Called) -> Iterator[Problem]:
    assert one.tool is not None
    if why := unfit(one.call.arguments, one.tool.parameters):
        yield Problem(
            message=f"arguments of {one.tool.name}: {why}", at=f"{one.at}.function.arguments"
        )


def _meant(exchange: Exchange) -> Sequence[Called]:
    """Calls of functions that are not strict, by a model that has understood what they take.

    Objects that name all that is required, or nothing, which is what is left where arguments were
    lost; at temperature 0, for else anything may come. A weak model writes other values, or the
    schema itself, and its server hands them on. How often calls fit is for STAT-003.
    """
    if facts(exchange).asked.get("temperature") != 0:
        return ()
    return [
        one
        for one in _described(exchange)
        if one.tool and not one.tool.strict and _names_all(one.call, one.tool)
    ]


def _names_all(call: ToolCall, tool: Tool) -> bool:
    held, _ = jsontext.quick(call.arguments)
    wanted = tool.parameters.get("required", ()) if isinstance(tool.parameters, dict) else ()
    return isinstance(held, dict) and (not held or all(each in held for each in wanted))


@check("TOOL-009", over=_meant, always=True)
def arguments_fit_the_parameters(one: Called) -> Iterator[Problem]:
    """Arguments fit the schema of the function's parameters."""
    yield from _misfits(one)


@check("TOOL-010", over=select.among(_described, lambda one: one.tool.strict), always=True)
def strict_arguments_fit_the_parameters(one: Called) -> Iterator[Problem]:
    """With `strict: true` arguments always fit the schema."""
    yield from _misfits(one)


@check("TOOL-011", over=_calling, always=True)
def content_beside_calls_is_text(one: Said) -> Iterator[Problem]:
    """Content beside tool calls is a string or null."""
    content = one.choice.content
    if content is not None and not isinstance(content, str):
        yield Problem(
            message=f"content is {kind(content)} {shown(content)}", at=f"{one.at}.message.content"
        )


def _at_the_cap(exchange: Exchange) -> Sequence[Called]:
    """Calls of answers that used up their tokens, and yet are told as complete."""
    found = facts(exchange)
    if not found.capped or found.spent is None:
        return ()
    ended = [one for one in found.calls if one.said.choice.finish_reason]
    return [one for one in ended if one.call.type != "custom"]


@check("TOOL-025", over=_at_the_cap, always=True)
def cut_call_is_not_complete(one: Called) -> Iterator[Problem]:
    """A call that the cap cut off is told as `length`, not as complete."""
    finish, arguments = one.said.choice.finish_reason, one.call.arguments
    torn = isinstance(arguments, str) and not jsontext.quick(arguments)[1]
    if torn and not is_one_of(finish, *CUT):
        yield Problem(
            message=f"finish_reason {shown(finish)} with arguments cut off: {shown(arguments)}",
            at=f"{one.said.at}.finish_reason",
        )
