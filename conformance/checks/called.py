"""Expectations on the tool calls of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.fits import misfit
from conformance.checks.generic import missing_answer, same_json
from conformance.checks.show import kind, shown
from conformance.checks.spoken import first_choice, spoken, tokens
from conformance.wire import jsontext
from conformance.wire.assemble import ToolCall
from conformance.wire.exchange import Exchange

_AT = "$.choices[0].message.tool_calls"


def _calls(exchange: Exchange) -> tuple[ToolCall, ...]:
    choice = first_choice(exchange)
    return choice.tool_calls if choice else ()


def _seen(exchange: Exchange) -> str:
    """What came in place of a call."""
    calls = _calls(exchange)
    if calls:
        return f"calls of {shown([each.name for each in calls])}"
    choice = first_choice(exchange)
    return f"no call, but {shown(choice.content if choice else None)}"


@check(assumable=True)
def tool_calls(
    exchange: Exchange, at_least: int = 1, at_most: int | None = None
) -> Iterator[Problem]:
    """The first choice has a number of tool calls."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    count = len(_calls(exchange))
    if count < at_least:
        yield Problem(message=f"{_seen(exchange)}, wanted at least {at_least}", at=_AT)
    if at_most is not None and count > at_most:
        yield Problem(message=f"{count} {_seen(exchange)}, wanted at most {at_most}", at=_AT)


@check(assumable=True)
def called_or_unread(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """A tool is called, or the tools were not read: without them (in another step) neither is the prompt
    shorter, nor does the answer begin otherwise.

    A model that has read its tools is free not to call them, and a gateway may count without them.
    """
    here, there = tokens(exchange, "prompt_tokens"), tokens(step, "prompt_tokens")
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif _calls(exchange):
        return
    elif here is None or there is None or here > there:
        yield Problem(
            message=f"{_seen(exchange)}; prompt_tokens {here}, in step {step.step} {there}", at=_AT
        )
    elif not _begins_like(exchange, step):
        yield Problem(
            message=f"{_seen(exchange)}, and in step {step.step} {shown(spoken(step))}", at=_AT
        )


def _begins_like(exchange: Exchange, step: Exchange) -> bool:
    """The answer goes on where that of another step, which may be cut, ends."""
    text = spoken(step)
    return bool(text) and (spoken(exchange) or "").startswith(text or "")


def _told(exchange: Exchange) -> list[Said]:
    """Choices with a call, and those that had the tokens to make one."""
    return [one for one in facts(exchange).choices if one.choice.tool_calls or not one.cut]


@check(over=_told)
def calls_unless_cut(one: Said) -> Iterator[Problem]:
    """A tool is called; an answer whose tokens are used up before that says nothing."""
    if not one.choice.tool_calls:
        message = f"no call, but {shown(one.choice.content)}"
        yield Problem(message=message, at=f"{one.at}.message.tool_calls")


@check(assumable=True)
def tool_call(
    exchange: Exchange, name: str, arguments: dict[str, Any] | None = None
) -> Iterator[Problem]:
    """The first choice calls a tool; the given arguments are among those sent."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    named = [each for each in _calls(exchange) if each.name == name]
    if not named:
        yield Problem(message=f"{_seen(exchange)}, wanted a call of {name}", at=_AT)
    elif arguments is not None and not any(_sent(each, arguments) for each in named):
        seen = ", ".join(shown(each.arguments) for each in named)
        yield Problem(message=f"{name} with {seen}, wanted {shown(arguments)}", at=_AT)


def _sent(call: ToolCall, arguments: dict[str, Any]) -> bool:
    held, _ = jsontext.quick(call.arguments) if isinstance(call.arguments, str) else (None, False)
    if not isinstance(held, dict):
        return False
    return all(name in held and same_json(held[name], each) for name, each in arguments.items())


def _finished(exchange: Exchange) -> tuple[Exchange, ...]:
    """The exchange, unless its first choice was cut: then arguments may end anywhere."""
    choices = facts(exchange).choices
    return () if choices and choices[0].cut else (exchange,)


@check("TOOL-009", over=_finished)
def tool_arguments_valid(exchange: Exchange) -> Iterator[Problem]:
    """Each call's arguments are a JSON object that fits the schema of its tool; a cut one says nothing."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    found = facts(exchange)
    calls = _calls(exchange)
    if not calls:
        yield Problem(message=f"{_seen(exchange)}, wanted a call", at=_AT)
    for place, call in enumerate(calls):
        tool = found.tools.get(call.name) if isinstance(call.name, str) else None
        why = "" if tool and tool.custom else _wrong(call, tool.parameters if tool else None)
        if tool is None:
            why = f"no tool is called {shown(call.name)}"
        if why:
            yield Problem(message=why, at=f"{_AT}[{place}]")


def _wrong(call: ToolCall, schema: Any) -> str:
    """What is wrong with the arguments of a call; empty where they fit."""
    if not isinstance(call.arguments, str):
        return f"arguments are {kind(call.arguments)}, wanted a string"
    document = jsontext.read_text(call.arguments)
    if not document.ok:
        return f"arguments {shown(call.arguments)}: {document.flaws[-1]}"
    if not isinstance(document.value, dict):
        return f"arguments are {kind(document.value)}, wanted object"
    return misfit(document.value, schema, formats=True)
