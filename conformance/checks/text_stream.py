"""CMPL: how a streamed text completion goes on and ends: as chat does, by the same words of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select, texts
from conformance.checks.core import Problem, check
from conformance.checks.ends import LONG_PROMPT, WORDS_OF_A_PROMPT, count_words
from conformance.checks.facts import Facts
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def _courses(exchange: Exchange) -> Sequence[tuple[Any, list[Any]]]:
    """The finish reasons of each choice, chunk by chunk, of streams that came to their end."""
    if not any(one.whole for one in texts.ended_streams(exchange)):
        return ()
    found: dict[Any, list[Any]] = {}
    for body in texts.chunks(exchange):
        for entry in select.choices_of(body):
            if is_integer(entry.get("index")):
                found.setdefault(entry["index"], []).append(entry.get("finish_reason"))
    return list(found.items())


@check("CMPL-011", over=_courses, always=True)
def text_choice_finishes_once(course: tuple[int, list[Any]]) -> Iterator[Problem]:
    """Each choice of a streamed text completion gets one finish reason, as the whole object has one."""
    index, reasons = course
    given = [each for each in reasons if each]
    if len(given) != 1:
        seen = f"finishes with {shown(given)}" if given else "never gets a finish_reason"
        yield Problem(message=f"choice {index} {seen}, wanted one reason")


def _told(exchange: Exchange) -> Sequence[Facts]:
    """Answers with a usage, whichever way they came."""
    return [
        one
        for one in texts.answers(exchange)
        if one.exchange.answer and one.exchange.answer.usage is not None
    ]


@check("CMPL-013", over=_told, always=True)
def text_usage_counts(one: Facts) -> Iterator[Problem]:
    """The usage of a text completion counts prompt, completion and total in whole tokens."""
    usage = one.exchange.answer.usage if one.exchange.answer else None
    counts = usage if isinstance(usage, dict) else {}
    for name in _COUNTS:
        value = counts.get(name)
        if not is_integer(value) or value < 0:
            seen = shown(value) if name in counts else "missing"
            yield Problem(message=f"{name} is {seen}, wanted a count", at=f"$.usage.{name}")


def _wordy(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """Words of the prompts, where there are some, and what they cost together."""
    found = []
    for one in texts.answers(exchange):
        words = sum(map(count_words, texts.prompts(one)))
        counts = texts.usage(one)
        if words >= LONG_PROMPT and counts:
            found.append((words, counts["prompt_tokens"]))
    return found


@check("USAGE-010", over=_wordy, always=True)
def long_texts_cost_more(counted: tuple[int, int]) -> Iterator[Problem]:
    """The tokens of a prompt grow with it, in text completions as in chat."""
    words, tokens = counted
    if tokens * WORDS_OF_A_PROMPT < words:
        message = f"{tokens} prompt tokens for {words} words"
        yield Problem(message=message, at="$.usage.prompt_tokens")
