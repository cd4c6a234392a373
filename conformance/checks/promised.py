"""TOOL: the calls that a request promises, or rules out, with its `tool_choice`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Called, Facts, Said, facts
from conformance.checks.markup import leaked
from conformance.checks.parts import is_one_of
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange


def _choice_of(one: Facts) -> tuple[str, frozenset[str]]:
    """What `tool_choice` asks for, and of which tools: `required`, a `function`, `allowed` ones or nothing.

    A custom tool may be passed over: that it was named binds nobody (CREQ-059 and TOOL-023 are MAY).
    """
    choice = one.asked.get("tool_choice")
    if choice == "required":
        return "required", frozenset(one.tools)
    if not isinstance(choice, dict):
        return "", frozenset()
    held = choice.get(str(choice.get("type")))
    if choice.get("type") == "function" and isinstance(held, dict):
        return "function", frozenset({str(held.get("name"))})
    if choice.get("type") == "allowed_tools" and isinstance(held, dict):
        listed = held.get("tools")
        names = map(_name_of, listed if isinstance(listed, list) else ())
        kept = frozenset(name for name in names if name)
        return ("required" if held.get("mode") == "required" else "allowed"), kept
    return "", frozenset()


def _name_of(listed: Any) -> str:
    held = listed.get(str(listed.get("type"))) if isinstance(listed, dict) else None
    return str(held.get("name", "")) if isinstance(held, dict) else ""


def _bound(*modes: str) -> select.Selected:
    """Choices of answers to requests of such a `tool_choice` that were not cut short or refused."""

    def selected(exchange: Exchange) -> Sequence[Said]:
        found = facts(exchange)
        mode, names = _choice_of(found)
        if mode not in modes or not found.tools:
            return ()
        if mode == "function" and not names <= set(found.tools):
            return ()  # naming a tool that is not there is for CREQ-057
        return [one for one in found.choices if not one.cut and not one.choice.refusal]

    return selected


@check("TOOL-020", over=_bound("required"), always=True)
def required_call_comes(one: Said) -> Iterator[Problem]:
    """`tool_choice: required` gives at least one call."""
    if not one.choice.tool_calls:
        seen = f"content {shown(one.choice.content)}"
        yield Problem(message=f"a call is required, and {seen} came", at=f"{one.at}.message")


@check("TOOL-021", over=_bound("function"), always=True)
def named_tool_is_called(one: Said) -> Iterator[Problem]:
    """A function that the request names is called, and no other tool."""
    _, names = _choice_of(one.facts)
    called = [call.name for call in one.choice.tool_calls]
    if not called or not all(is_one_of(name, *names) for name in called):
        wanted = shown(sorted(names))
        yield Problem(message=f"calls of {shown(called)}, wanted {wanted}", at=f"{one.at}.message")


def _allowed(exchange: Exchange) -> Sequence[Called]:
    found = facts(exchange)
    choice = found.asked.get("tool_choice")
    limited = isinstance(choice, dict) and choice.get("type") == "allowed_tools"
    return found.calls if limited else ()


@check("TOOL-022", over=_allowed, always=True)
def only_allowed_tools_are_called(one: Called) -> Iterator[Problem]:
    """Of `allowed_tools` no other is called."""
    _, names = _choice_of(one.said.facts)
    if not is_one_of(one.call.name, *names):
        yield Problem(
            message=f"a call of {shown(one.call.name)}, allowed are {shown(sorted(names))}",
            at=one.at,
        )


_uncalled = select.among(
    select.said, lambda one: one.facts.asked.get("tool_choice") == "none" and bool(one.facts.tools)
)


@check("TOOL-013", over=_uncalled, always=True)
def none_is_called(one: Said) -> Iterator[Problem]:
    """`tool_choice: none` gives no calls, neither as such nor as markup in the text."""
    called = [call.name for call in one.choice.tool_calls]
    if called or one.choice.finish_reason == "tool_calls":
        yield Problem(message=f"calls of {shown(called)}, wanted none", at=f"{one.at}.message")
    elif isinstance(one.choice.content, str):
        for mark in leaked(one.choice.content, one.facts.asked):
            yield Problem(message=f"the content holds {shown(mark)}", at=f"{one.at}.message")


_one_by_one = select.among(
    select.said,
    lambda one: one.facts.asked.get("parallel_tool_calls") is False and one.choice.tool_calls,
)


@check("CREQ-061", over=_one_by_one, always=True)
def calls_are_not_parallel(one: Said) -> Iterator[Problem]:
    """With `parallel_tool_calls: false` a message has one call at most."""
    if len(one.choice.tool_calls) > 1:
        count = len(one.choice.tool_calls)
        yield Problem(message=f"{count} calls, wanted one", at=f"{one.at}.message.tool_calls")
