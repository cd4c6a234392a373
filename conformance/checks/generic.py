"""Expectations on the response as a whole: status, headers, and what stands where in the body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

from conformance.checks.by_schema import broken
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import ERROR, OK, facts
from conformance.checks.parts import Body
from conformance.checks.show import KINDS, kind, shown
from conformance.errors import UsageError, did_you_mean
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.query import MISSING, find

_SERVER_FAULT = 500
_PATIENCE = "the limits of this run (limits.read_seconds, limits.total_seconds)"
"""A slow endpoint is not a silent one: who reads this may want to wait longer."""

Kind = Literal["string", "integer", "number", "boolean", "object", "array", "null"]


def absence(exchange: Exchange) -> str:
    """Why there is no response; empty where there is one."""
    if exchange.response is not None:
        return ""
    if exchange.end.how is Ended.TIMED_OUT:
        return f"no response within {_PATIENCE}: {exchange.end.detail}"
    detail = f" ({exchange.end.detail})" if exchange.end.detail else ""
    return f"no response: {exchange.end.how}{detail}"


def missing_answer(exchange: Exchange) -> str:
    """Why there is no completion to look at; empty where there is one with a choice."""
    if why := absence(exchange):
        return why
    assert exchange.response is not None
    if exchange.end.how is Ended.TOO_LARGE:
        what = "stream" if exchange.streamed else "body"
        return f"an endless {what}: {exchange.end.detail}"
    if exchange.response.status != OK:
        return f"status {exchange.response.status} with {_body(exchange)}"
    if facts(exchange).failed or facts(exchange).errors:
        return f"an error with status 200: {_body(exchange)}"
    if exchange.answer is None or not exchange.answer.choices:
        return f"no completion in {_body(exchange)}"
    return ""


def _body(exchange: Exchange) -> str:
    assert exchange.response is not None
    return shown(exchange.response.body[:120].decode("utf-8", "replace"), 120)


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression of a suite. Raises UsageError where it is none."""
    try:
        return re.compile(text)
    except re.error as error:
        raise UsageError(f"{text!r} is no regular expression: {error}") from None


@check()
def status(exchange: Exchange, code: int | list[int]) -> Iterator[Problem]:
    """The HTTP status is the given one, or one of those given."""
    wanted = [code] if isinstance(code, int) else code
    if why := absence(exchange):
        yield Problem(message=why)
    elif exchange.response is not None and exchange.response.status not in wanted:
        words = " or ".join(map(str, wanted))
        yield Problem(
            message=f"status {exchange.response.status}, wanted {words}: {_body(exchange)}"
        )


def unserved(exchange: Exchange) -> Sequence[Exchange]:
    """Requests that got no completion: refused in whatever form, or without an answer."""
    return (exchange,) if missing_answer(exchange) else ()


@check("ERR-028", over=unserved)
def refused_with(exchange: Exchange, code: int | list[int]) -> Iterator[Problem]:
    """Where the request is refused, the status is the given one, or one of those given.

    That it has to be refused is for other clauses to say: nothing is shown by one that is served.
    """
    yield from status(exchange, code)


@check("ERR-028", over=unserved)
def refused_by_status(exchange: Exchange) -> Iterator[Problem]:
    """Where the request is refused, an HTTP status says so; which one is for other clauses to say."""
    if why := absence(exchange):
        yield Problem(message=why)
    elif exchange.response is not None and exchange.response.status < ERROR:
        yield Problem(
            message=f"status {exchange.response.status}, wanted an error's: {_body(exchange)}"
        )


@check()
def answered(exchange: Exchange) -> Iterator[Problem]:
    """A whole HTTP response came, with any status below 500."""
    if why := absence(exchange):
        yield Problem(message=why)
        return
    assert exchange.response is not None
    if exchange.response.status >= _SERVER_FAULT:
        yield Problem(message=f"status {exchange.response.status}: {_body(exchange)}")
    if not facts(exchange).whole:
        flaws = ", ".join((*exchange.response.flaws, exchange.end.detail)).strip(", ")
        yield Problem(message=f"the response is not whole: {exchange.end.how} {flaws}".rstrip())


@check()
def not_server_error(exchange: Exchange) -> Iterator[Problem]:
    """The server answers, and does not fail."""
    if why := absence(exchange):
        yield Problem(message=why)
    elif exchange.response is not None and exchange.response.status >= _SERVER_FAULT:
        yield Problem(message=f"status {exchange.response.status}: {_body(exchange)}")


@check()
def served(exchange: Exchange) -> Iterator[Problem]:
    """Status 200 and an answer with at least one choice, which came to its end."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif exchange.end.how not in {Ended.COMPLETE, Ended.CANCELLED}:
        yield Problem(message=_broken_off(exchange))


def _broken_off(exchange: Exchange) -> str:
    """That an answer did not come to its end, and whether it was we who did not wait for it."""
    if exchange.end.how is Ended.TIMED_OUT:
        return f"the answer did not end within {_PATIENCE}: {exchange.end.detail}"
    return f"the answer broke off: {exchange.end.how}"


@check("ERR-001")
def error_object(
    exchange: Exchange, param: str | None = None, code: str | None = None
) -> Iterator[Problem]:
    """The body is the standard error object; `param` and `code` are the given ones."""
    error = _error(exchange)
    if error is None:
        yield Problem(message=absence(exchange) or _no_error(exchange))
        return
    for name in ("message", "type"):
        if not isinstance(error.get(name), str) or not error[name]:
            yield Problem(
                message=f"error.{name} is {shown(error.get(name))}, wanted a text",
                at=f"$.error.{name}",
            )
    for name, wanted in (("param", param), ("code", code)):
        if wanted is not None and error.get(name) != wanted:
            yield Problem(
                message=f"error.{name} is {shown(error.get(name))}, wanted {shown(wanted)}",
                at=f"$.error.{name}",
            )


def _no_error(exchange: Exchange) -> str:
    """What came in place of an error object: an answer is another matter than a broken error."""
    status = exchange.response.status if exchange.response else 0
    if status < ERROR:
        return f"status {status}, wanted an error: {_body(exchange)}"
    return f"no standard error object in {_body(exchange)}"


def _error(exchange: Exchange) -> dict[str, Any] | None:
    body = exchange.document.value
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None


@check("ERR-033")
def error_names(exchange: Exchange, word: str | list[str]) -> Iterator[Problem]:
    """The error's `param` or `message` names something, or one of several things."""
    words = [word] if isinstance(word, str) else word
    error = _error(exchange)
    if error is None:
        yield Problem(message=absence(exchange) or _no_error(exchange))
        return
    told = [error.get(name) for name in ("param", "message")]
    text = "\n".join(each for each in told if isinstance(each, str)).lower()
    if not any(each.lower() in text for each in words):
        wanted = " or ".join(map(repr, words))
        yield Problem(message=f"neither param nor message names {wanted}: {shown(error, 200)}")


@check()
def json_body(exchange: Exchange) -> Iterator[Problem]:
    """The body is one JSON value."""
    if why := absence(exchange):
        yield Problem(message=why)
    elif not exchange.document.ok:
        yield Problem(message=f"{exchange.document.flaws[-1]}: {_body(exchange)}")


@check()
def schema(exchange: Exchange, name: str, schemas: Schemas) -> Iterator[Problem]:
    """The body, or each chunk of a stream, fits a JSON Schema of the contract."""
    if name not in schemas:
        raise UsageError(f"no schema is called {name!r}{did_you_mean(name, schemas)}")
    if why := absence(exchange):
        yield Problem(message=why)
        return
    bodies = _bodies(exchange)
    if not bodies:
        yield Problem(message=f"no JSON to look at in {_body(exchange)}")
    for body in bodies:
        for clause, problems in broken(body, name, schemas).items():
            for each in problems:
                yield Problem(message=f"{each.message} ({clause})", at=each.at)


def _bodies(exchange: Exchange) -> list[Body]:
    if exchange.streamed:
        return [Body(value=each.value, at=f"event {each.number}") for each in exchange.chunks]
    return [Body(value=exchange.document.value, at="")] if exchange.document.ok else []


@check()
def header(exchange: Exchange, name: str, matches: str | None = None) -> Iterator[Problem]:
    """The response has a header; its value matches a pattern."""
    if why := absence(exchange):
        yield Problem(message=why)
        return
    assert exchange.response is not None
    value = exchange.response.header(name)
    if value is None:
        yield Problem(message=f"no header {name}", at=name)
    elif matches is not None and not pattern(matches).search(value):
        yield Problem(message=f"{name} is {shown(value)}, wanted {matches}", at=name)


@check()
def media_type(exchange: Exchange, is_a: str) -> Iterator[Problem]:
    """The response has a media type, whatever its parameters."""
    if why := absence(exchange):
        yield Problem(message=why)
    elif exchange.response is not None and exchange.response.media_type != is_a.lower():
        seen = shown(exchange.response.media_type)
        yield Problem(message=f"media type {seen}, wanted {is_a}", at="content-type")


@check()
def value(
    exchange: Exchange,
    at: str,
    equals: Any = None,
    is_a: Kind | None = None,
    at_least: float | None = None,
    absent: bool = False,  # noqa: FBT001, FBT002 - written by name in suites
) -> Iterator[Problem]:
    """The value at a place is there, is of a kind, is a number so large, or equals something; or
    it is not there.

    A streamed completion is put together first, so that the same place does for both.
    """
    if why := absence(exchange):
        yield Problem(message=why)
        return
    body = exchange.answer.body if exchange.answer else exchange.document.value
    seen = find(body, at)
    if absent:
        if seen is not MISSING:
            yield Problem(message=f"{shown(seen)} is there, wanted nothing", at=at)
    elif seen is MISSING:
        yield Problem(message=f"nothing is there: {_body(exchange)}", at=at)
    elif is_a is not None and not _is_a(seen, is_a):
        yield Problem(message=f"{kind(seen)} {shown(seen)}, wanted {is_a}", at=at)
    elif at_least is not None and not (_is_a(seen, "number") and seen >= at_least):
        yield Problem(message=f"{shown(seen)}, wanted at least {at_least}", at=at)
    elif equals is not None and not same_json(seen, equals):
        yield Problem(message=f"{shown(seen)}, wanted {shown(equals)}", at=at)


def _is_a(seen: Any, wanted: str) -> bool:
    return kind(seen) == wanted or (wanted == "number" and KINDS.get(type(seen)) == "integer")


def same_json(one: Any, other: Any) -> bool:
    """Equal as JSON: `1` is `1.0`, and `true` is not `1`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)
