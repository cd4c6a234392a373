"""ERR: how failures are told in a stream, before its first word and after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, Facts, facts
from conformance.checks.parts import Body
from conformance.checks.paths import RESPONSES
from conformance.checks.show import kind, shown
from conformance.checks.statuses import LIMIT, OVERLOAD, PERMANENT, POLICY, called
from conformance.wire.exchange import Exchange
from conformance.wire.sse import Chunk

_SERVER_FAULT = 500
_WORDS = (
    "text",
    "content",
    "refusal",
    "reasoning_content",
    "reasoning",
    "tool_calls",
    "function_call",
)
"""Members of choices and deltas that hold what was made."""
_CLIENT_TYPES = re.compile(
    r"invalid_request|authentication|permission|not_found|bad_?request", re.IGNORECASE
)


def _error_events(exchange: Exchange) -> Sequence[tuple[Facts, Chunk]]:
    """Errors in streams of chat and of texts; those of /responses have a form of their own."""
    found = facts(exchange)
    return [(found, each) for each in found.errors] if found.endpoint != RESPONSES else []


@check("ERR-028", over=_error_events, always=True)
def early_error_is_no_stream(told: tuple[Facts, Chunk]) -> Iterator[Problem]:
    """An error of the request, a limit or a full queue is told before the stream begins, as an HTTP status."""
    one, chunk = told
    error = _error_of(chunk)
    first = chunk.number == 0
    blamed = _blames_the_client(error) or called(error) & PERMANENT
    late = bool(called(error) & POLICY)  # what is made may be filtered before it is said
    if (first and (blamed or called(error) & (LIMIT | OVERLOAD))) or (
        blamed and not late and not _said_before(one, chunk)
    ):
        yield Problem(
            message=f"status 200, and before a word the request is refused: {shown(chunk.value)}",
            at=f"event {chunk.number}",
        )


def _said_before(one: Facts, chunk: Chunk) -> bool:
    """Did the stream bring more than roles and empty texts before?"""
    before = (each.value for each in one.exchange.chunks if each.number < chunk.number)
    choices = [each for value in before for each in select.choices_of(Body(value=value, at=""))]
    deltas = [each["delta"] for each in choices if isinstance(each.get("delta"), dict)]
    return any(each.get(name) for each in (*choices, *deltas) for name in _WORDS)


def _error_of(chunk: Chunk) -> dict[str, Any]:
    value = chunk.value if isinstance(chunk.value, dict) else {}
    error = value.get("error")
    return error if isinstance(error, dict) else value


def _blames_the_client(error: dict[str, Any]) -> bool:
    codes = [error.get(name) for name in ("code", "status", "status_code")]
    if any(str(code).isascii() and str(code).isdigit() and _is_4xx(str(code)) for code in codes):
        return True
    return bool(_CLIENT_TYPES.search(str(error.get("type"))))


def _is_4xx(code: str) -> bool:
    return (
        len(code) == len("400")
        and ERROR <= int(code) < _SERVER_FAULT
        and int(code) not in {408, 429}
    )


@check("ERR-029", over=_error_events, always=True)
def late_error_is_told(told: tuple[Facts, Chunk]) -> Iterator[Problem]:
    """An error in mid-stream is one event that holds a standard error object; then the end."""
    one, chunk = told
    at = f"event {chunk.number}"
    value = chunk.value if isinstance(chunk.value, dict) else {}
    error = value.get("error")
    if isinstance(error, dict):
        for name in ("message", "type"):
            if not isinstance(error.get(name), str) or not error[name]:
                yield Problem(message=f"error.{name} is {shown(error.get(name))}", at=at)
    elif error:
        yield Problem(message=f"`error` is {kind(error)} {shown(error)}, wanted an object", at=at)
    errors = {each.number for each in one.errors}
    if any(
        each.number > chunk.number and each.number not in errors for each in one.exchange.chunks
    ):
        yield Problem(message="the stream goes on after the error", at=at)


@check("ERR-030", over=_error_events, always=True)
def late_error_is_not_lost(told: tuple[Facts, Chunk]) -> Iterator[Problem]:
    """An error in mid-stream has an `error` member, without which the SDK passes it over."""
    _, chunk = told
    if not (isinstance(chunk.value, dict) and chunk.value.get("error")):
        yield Problem(
            message=f"an error without an `error` member: {shown(chunk.value)}",
            at=f"event {chunk.number}",
        )
