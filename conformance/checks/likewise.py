"""Expectations on several answers to one question: all choices say the same, and the prompt is counted alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import facts
from conformance.checks.generic import missing_answer
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.wire import jsontext
from conformance.wire.assemble import Answer, Choice, ToolCall
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.query import find

_LONG = 200
_FREE = (None, "auto", "none")
"""Choices of tools that leave it to the model whether to call one."""
_CALLS = frozenset({"tool_calls", "function_call"})
_PROMPT = ("prompt_tokens", "input_tokens")


def _whole(exchange: Exchange) -> Sequence[Exchange]:
    """An answer that came to its end; what is wrong with another is for the checks on every exchange."""
    complete = exchange.end.how is Ended.COMPLETE and not missing_answer(exchange)
    return (exchange,) if complete else ()


def _answer(exchange: Exchange) -> Answer | None:
    return exchange.answer if _whole(exchange) else None


def _text(answer: Answer, place: int) -> str:
    """What a choice says, in chat, in a response or in a text completion; nothing and no text are one."""
    content = answer.choices[place].content
    if content is None:
        content = find(answer.body, f"$.choices[{place}].text")
    return content if isinstance(content, str) else ""


def _arguments(call: ToolCall) -> Any:
    text = call.arguments
    value, ok = jsontext.quick(text) if isinstance(text, str) else (text, True)
    return value if ok else text


def _end(choice: Choice) -> str:
    """How a choice ended; whoever calls a tool may say so or not where it had to (CRESP-018)."""
    told = choice.finish_reason if isinstance(choice.finish_reason, str) else "?"
    called = told in _CALLS or (choice.tool_calls and told == "stop")
    return "tool_calls" if called else told


def _said(answer: Answer) -> list[dict[str, Any]]:
    """What each choice says, calls and ends with, by index; ids and blanks beside calls are left out."""
    found = []
    for place, choice in enumerate(answer.choices):
        text = _text(answer, place)
        calls = [[each.name, _arguments(each)] for each in choice.tool_calls]
        one = {"text": text.strip() if calls else text, "calls": calls, "end": _end(choice)}
        found.append((choice.index if is_integer(choice.index) else place, one))
    return [one for _, one in sorted(found, key=lambda each: each[0])]


@check(over=_whole)
def same_answer(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """All choices say the same as in another step: text, calls with their arguments, and how they end.

    A call that the cap cut may be told, told in part, or left out (TOOL-025).
    """
    here, there = _answer(exchange), _answer(step)
    if here is None or there is None:
        yield Problem(message=f"step {step.step}: {missing_answer(step) or step.end.how}")
        return
    ours, theirs = _said(here), _said(there)
    if len(ours) != len(theirs):
        yield Problem(message=f"{len(ours)} choices, in step {step.step} {len(theirs)}")
    forced = facts(exchange).asked.get("tool_choice") not in _FREE
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        cut = "length" in (one["end"], other["end"]) and (forced or one["calls"] or other["calls"])
        for name in ("end",) if cut else ("text", "calls", "end"):
            if one[name] != other[name]:
                message = f"{name} {shown(one[name], _LONG)}, in step {step.step} {shown(other[name], _LONG)}"
                yield Problem(message=message, at=f"$.choices[{place}]")


@check(over=_whole)
def no_two_agree(exchange: Exchange, step: Exchange, control: Exchange) -> Iterator[Problem]:
    """No two of three answers say the same, so that nothing is shown; nor is it where `step` has none.

    A choice of the control stands for as many as another answer has in its place.
    """
    if not _whole(step):
        return
    heard = [(each.step, _answer(each)) for each in (exchange, step, control)]
    three = [(name, _said(answer)) for name, answer in heard if answer]
    for (here, first), (there, second) in combinations(three, 2):
        if _as_many(first, second) == _as_many(second, first):
            yield Problem(
                message=f"steps {here} and {there} say the same: it does not vary by itself"
            )
            return


def _as_many(said: list[Any], other: list[Any]) -> list[Any]:
    times, rest = divmod(len(other), len(said))
    return [one for one in said for _ in range(times)] if times and not rest else said


def _count(exchange: Exchange) -> int | None:
    """Tokens of the prompt, as the usage of an answer counts them; 0 is no count."""
    answer = _answer(exchange)
    usage = answer.usage if answer else None
    told = [usage.get(name) for name in _PROMPT] if isinstance(usage, dict) else []
    return next((each for each in told if is_integer(each) and each), None)


@check()
def prompt_counted_alike(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The prompt has as many tokens as in another step, where both are counted."""
    here, there = _count(exchange), _count(step)
    if here is not None and there is not None and here != there:
        message = f"the prompt has {here} tokens, in step {step.step} {there}"
        yield Problem(message=message, at="$.usage")
