"""STOOL: what the deltas of tool calls make up, once all of them are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.markup import leaked
from conformance.checks.parts import Fragment, Line, is_integer, is_one_of
from conformance.checks.show import shown
from conformance.checks.stream_tools import lines
from conformance.checks.tools import is_nothing, takes_nothing
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

_LARGE = 256
"""Characters of arguments that are more than any one token."""


def _ended(exchange: Exchange) -> dict[int, Any]:
    """Choices of whole streams to their finish reasons, but for those that were cut short."""
    found = facts(exchange)
    if not found.complete_stream:
        return {}
    ended = {
        one.choice.index: one.choice.finish_reason
        for one in found.choices
        if is_integer(one.choice.index) and not one.cut
    }
    return {key: ended[key] for key in found.by_choice if key in ended}


def _spoken(fits: Callable[[Exchange, Line], bool]) -> select.Selected:
    """Calls of functions that ended well."""

    def selected(exchange: Exchange) -> Sequence[Line]:
        ended = _ended(exchange)
        return [
            line
            for line in lines(exchange)
            if line.first.entry.key in ended and not line.custom and fits(exchange, line)
        ]

    return selected


def _argues(exchange: Exchange, line: Line) -> bool:
    """There is something to put together, or should be: the function takes arguments."""
    tool = facts(exchange).tools.get(str(line.name))
    takes_any = tool is not None and not takes_nothing(tool)
    return line.text is not None and (bool(line.text.strip()) or takes_any)


@check("STOOL-007", over=_spoken(_argues), always=True)
def fragments_make_up_the_arguments(line: Line) -> Iterator[Problem]:
    """The fragments of arguments, one after the other, are the whole JSON text."""
    document = jsontext.read_text(line.text or "")
    if not document.ok:  # "the full JSON text"; that it is an object as well is for TOOL-007
        yield Problem(
            message=f"the fragments of call {line.index} make {shown(line.text)}: {document.flaws[-1]}",
            at=line.fragments[-1].at,
        )


def _finished_calls(exchange: Exchange) -> Sequence[tuple[str, Fragment, Any]]:
    """Choices with calls: where the last fragment stands, and the finish reason (or None)."""
    found = facts(exchange)
    if not found.complete_stream:
        return ()
    last = {each.entry.key: each for each in found.fragments}
    choice = found.asked.get("tool_choice")
    forced = (
        "forced"
        if isinstance(choice, dict) and is_one_of(choice.get("type"), "function", "custom")
        else ""
    )
    ended = _ended(exchange)
    return [(forced, each, ended[key]) for key, each in last.items() if key in ended]


@check("STOOL-012", over=_finished_calls, always=True)
def calls_finish_with_tool_calls(finished: tuple[str, Fragment, Any]) -> Iterator[Problem]:
    """A choice with calls finishes with `tool_calls`; with `stop`, too, where a tool was named."""
    forced, fragment, reason = finished
    if reason != "tool_calls" and not (forced and reason == "stop"):
        yield Problem(
            message=f"finish_reason {shown(reason)} after tool calls", at=fragment.entry.at
        )


def _takes_nothing(exchange: Exchange, line: Line) -> bool:
    name = line.name
    tool = facts(exchange).tools.get(name) if isinstance(name, str) else None
    return tool is not None and takes_nothing(tool)


@check("STOOL-014", over=_spoken(_takes_nothing), always=True)
def no_arguments_stream_as_an_empty_object(line: Line) -> Iterator[Problem]:
    """The fragments of a call without arguments make `{}`, not nothing."""
    if line.text is not None and is_nothing(line.text):
        yield Problem(
            message=f'the fragments of call {line.index} make {shown(line.text)}, wanted "{{}}"',
            at=line.fragments[-1].at,
        )


def _large(_: Exchange, line: Line) -> bool:
    return len(line.text or "") > _LARGE


@check("STOOL-016", over=_spoken(_large), always=True)
def large_arguments_come_in_parts(line: Line) -> Iterator[Problem]:
    """Large arguments come in several fragments."""
    parts = [each for each in line.fragments if each.function.get("arguments")]
    if len(parts) == 1:
        seen = len(line.text or "")
        yield Problem(message=f"{seen} characters of arguments in one fragment", at=parts[0].at)


def _speaking(exchange: Exchange) -> Sequence[Said]:
    """Streamed choices with text, of requests that offer tools."""
    found = facts(exchange)
    if not (found.complete_stream and found.tools):
        return ()
    return [
        one for one in found.choices if isinstance(one.choice.content, str) and one.choice.content
    ]


@check("STOOL-015", over=_speaking, always=True)
def no_markup_in_streamed_content(one: Said) -> Iterator[Problem]:
    """No markup of tool calls stands in the content around them."""
    for mark in leaked(one.choice.content, one.facts.asked):
        yield Problem(message=f"the content holds {shown(mark)}", at=f"{one.at}.message.content")
