"""Expectations on what stands in the arguments of calls, and on which tools are called at all."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts
from conformance.checks.generic import missing_answer, same_json
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice, spoken
from conformance.wire import jsontext
from conformance.wire.assemble import ToolCall
from conformance.wire.exchange import Exchange

_AT = "$.choices[0].message.tool_calls"


@check("TOOL-005", over=select.answers)
def only_offered_tools_are_called(found: Facts) -> Iterator[Problem]:
    """No tool is called that the request does not offer, be it that none is called."""
    for one in found.calls:
        if one.tool is None:
            known = shown(sorted(found.tools))
            yield Problem(
                message=f"a call of {shown(one.call.name)}, offered are {known}", at=one.at
            )


@check()
def not_called(exchange: Exchange, name: str) -> Iterator[Problem]:
    """A tool of this name is not called, be it that there is an answer without any call."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif any(call.name == name for call in _calls(exchange)):
        yield Problem(message=f"a call of {name}, wanted none", at=_AT)


@check(assumable=True)
def argument_says(exchange: Exchange, name: str, argument: str, text: str) -> Iterator[Problem]:
    """A tool is called with a given text, or with what a wrong encoding makes of that text.

    So the model copied it: what came is the text, or somebody wrote it down wrongly.
    """
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    told = [_value(call, argument) for call in _calls(exchange) if call.name == name]
    if not any(isinstance(each, str) and each in _encodings(text) for each in told):
        yield Problem(message=f"{argument} is {shown(told)}, wanted {shown(text)}", at=_AT)


def _encodings(text: str) -> set[str]:
    """A text, and what it becomes where it is encoded once too often, or decoded as something else."""
    raw = text.encode("utf-8")
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape(text),
        html.escape(text, quote=False),
        html.unescape(text),
        raw.decode("latin-1"),
        raw.decode("cp1252", "replace"),
        raw.decode("ascii", "replace"),
        text.encode("ascii", "replace").decode("ascii"),
        *_guessed(text),
    }


def _guessed(text: str) -> Iterator[str]:
    """What becomes of a text that reads like a number, where somebody takes it for one and writes it again."""
    for read in (int, float, lambda each: int(each, 0)):
        try:
            yield str(read(text))
        except (ValueError, OverflowError):
            continue


@check("CRESP-031")
def same_calls(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The same tools are called as in another step, with the same arguments and the same words; ids are new."""
    for each in (exchange, step):
        if why := missing_answer(each):
            yield Problem(message=f"step {each.step}: {why}")
            return
    here, there = _called(exchange), _called(step)
    if not same_json(here, there):
        yield Problem(message=f"{shown(here)}, in step {step.step} {shown(there)}", at=_AT)
    beside, there_beside = ((spoken(each) or "").strip() for each in (exchange, step))
    if beside != there_beside:
        message = f"beside them {shown(beside)}, in step {step.step} {shown(there_beside)}"
        yield Problem(message=message, at="$.choices[0].message.content")


def _called(exchange: Exchange) -> list[list[Any]]:
    """Names and arguments, read where they are JSON."""
    return [[call.name, _arguments(call)] for call in _calls(exchange)]


def _arguments(call: ToolCall) -> Any:
    text = call.arguments
    value, ok = jsontext.quick(text) if isinstance(text, str) else (text, True)
    return value if ok else text


def _value(call: ToolCall, argument: str) -> Any:
    held = _arguments(call)
    return held.get(argument) if isinstance(held, dict) else None


def _calls(exchange: Exchange) -> tuple[ToolCall, ...]:
    choice = first_choice(exchange)
    return choice.tool_calls if choice else ()
