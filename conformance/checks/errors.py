"""ERR: how failures are told, as a response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.checks import replied, select, statuses
from conformance.checks.by_schema import broken, invariant
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Facts, Said, facts
from conformance.checks.markup import strings
from conformance.checks.parts import Body
from conformance.checks.show import shown
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

_LONGEST_WAIT = 120
"""Seconds up to which the openai SDK heeds `Retry-After`."""


@check("ERR-001", over=select.refusals, always=True)
def error_object_is_standard(one: Facts, schemas: Schemas) -> Iterator[Problem]:
    """An error's body is `{"error": {...}}`."""
    if not one.documents:
        yield Problem(message=f"status {one.status} with a body that is no JSON: {_begin(one)}")
    for body in one.documents:
        yield from broken(body, "error", schemas).get("ERR-001", ())


@check("ERR-001", over=select.refused, always=True)
def error_comes_whole(one: Facts) -> Iterator[Problem]:
    """An error's body comes to its end, where its framing says that it is."""
    if not one.whole:
        message = f"status {one.status}, and its body breaks off: {one.broken_by}"
        yield Problem(message=message)


@check("ERR-006", over=select.refusals, always=True)
def error_is_not_of_another_shape(one: Facts, schemas: Schemas) -> Iterator[Problem]:
    """An error is not flat, a list, `{"detail": ...}` or plain text."""
    if not one.documents:
        yield Problem(message=f"status {one.status} with plain text: {_begin(one)}")
    for body in one.documents:
        if broken(body, "error", schemas).get("ERR-006"):
            yield Problem(
                message=f"status {one.status} with {shown(body.value)}: the SDK finds no code, type or param",
                at="$",
            )


def _begin(one: Facts) -> str:
    assert one.response is not None
    return shown(one.response.body[:80].decode("utf-8", "replace"))


def _error_objects(exchange: Exchange) -> Sequence[Body]:
    """Bodies of errors that have an `error` object."""
    return [
        body
        for body in select.error_bodies(exchange)
        if isinstance(select.member(body, "error"), dict)
    ]


for _clause, _name, _about in (
    ("ERR-002", "error_has_a_message", "`error.message` is a text that says something."),
    ("ERR-003", "error_has_a_type", "`error.type` is a string."),
    ("ERR-004", "error_code_is_text", "`error.code` is a string or null, never a number."),
    ("ERR-005", "error_has_param", "`error.param` is there, a string or null."),
):
    invariant(_clause, _name, _about, schema="error", over=_error_objects)


def _granted(exchange: Exchange) -> Sequence[Facts]:
    """Whole responses with status 200 that are no event stream.

    An object of /responses tells of its own failure, with status 200.
    """
    found = facts(exchange)
    fits = found.fits and found.ok and found.whole and not exchange.streamed
    return (found,) if fits and not replied.tells_of_itself(found) else ()


@check("ERR-007", over=_granted, always=True)
def error_has_an_error_status(one: Facts) -> Iterator[Problem]:
    """What is an error has a status that says so."""
    if one.failed or _only_excuses(one.exchange.document.value):
        seen = shown(one.exchange.document.value)
        yield Problem(message=f"status 200 with an error: {seen}", at="$.error")


_EXCUSES = ("detail", "message", "msg")
"""Where frameworks say what went wrong."""
_ANSWERS = frozenset({"object", "choices", "data", "output", "id", "model", "usage"})
"""Of which every answer has some."""


def _only_excuses(value: Any) -> bool:
    """An object that says something in words, and has nothing of an answer."""
    if not isinstance(value, dict) or value.keys() & _ANSWERS:
        return False
    return any(isinstance(value.get(name), str | list) and value[name] for name in _EXCUSES)


_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


def _said_in_json(exchange: Exchange) -> Sequence[Said]:
    """Choices whose text is an object, of requests that speak neither of errors nor of JSON."""
    found = facts(exchange)
    if found.asked.get("response_format"):
        return ()
    return [one for one in found.choices if _braced(one.choice.content) and not _invited(found)]


def _braced(content: Any) -> bool:
    return isinstance(content, str) and content.strip().startswith(("{", "```"))


def _invited(one: Facts) -> bool:
    return any(word in text.lower() for text in strings(one.asked) for word in ("error", "json"))


@check("ERR-007", over=_said_in_json, always=True)
def error_is_not_said_by_the_assistant(one: Said) -> Iterator[Problem]:
    """A failure is told by a status, not as the words of the assistant."""
    text = one.choice.content.strip()
    fenced = _FENCE.fullmatch(text)
    document = jsontext.read_text(fenced[1] if fenced else text)
    value = document.value if isinstance(document.value, dict) else {}
    error = value.get("error")
    if len(value) == 1 and isinstance(error, dict) and isinstance(error.get("message"), str):
        yield Problem(message=f"the assistant says {shown(text)}", at=f"{one.at}.message.content")


_OUTAGE = re.compile(
    r"(?:provider|upstream|backend|engine|server|gateway)\w*"
    r"(?:connection|timeout|timedout|unavailable|unreachable|overload)"
)
"""Of a name without blanks and underscores: something behind the endpoint was not there just now."""


def _outages(exchange: Exchange) -> Sequence[Facts]:
    """Refusals whose type or code names an outage."""
    return [
        one for one in select.refusals(exchange) if any(map(_OUTAGE.match, statuses.words(one)))
    ]


@check("ERR-019", over=_outages, always=True)
def outage_is_retried(one: Facts) -> Iterator[Problem]:
    """What was out of reach for a while has a status that clients retry."""
    if one.status in statuses.FINAL:
        seen = shown({each: statuses.error_of(one).get(each) for each in ("type", "code")})
        yield Problem(message=f"status {one.status}, which clients do not retry, with {seen}")


def _busy(exchange: Exchange) -> Sequence[Facts]:
    found = facts(exchange)
    return (found,) if found.status in {429, 503} and found.whole and found.fits else ()


@check("ERR-017", over=_busy, always=True)
def says_when_to_come_back(one: Facts) -> Iterator[Problem]:
    """429 and 503 say how long to wait, in a form and a span that clients heed."""
    assert one.response is not None
    after = one.response.header("retry-after")
    milliseconds = one.response.header("retry-after-ms")
    if after is None and milliseconds is None:
        yield Problem(message=f"status {one.status} without Retry-After", at="retry-after")
    elif milliseconds is not None and not _number(milliseconds):
        yield Problem(message=f"retry-after-ms is {shown(milliseconds)}", at="retry-after-ms")
    elif milliseconds is None and after is not None:
        if not _number(after) and not _date(after):
            yield Problem(
                message=f"Retry-After is {shown(after)}, wanted seconds or a date", at="retry-after"
            )
        elif _number(after) and not 0 < float(after) <= _LONGEST_WAIT:
            yield Problem(
                message=f"Retry-After is {after} s: SDKs heed more than 0 and at most {_LONGEST_WAIT}",
                at="retry-after",
            )


def _number(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}(?:\.\d+)?", text.strip()) is not None


def _date(text: str) -> bool:
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True


@check("ERR-031", over=select.refusals, always=True)
def error_is_called_json(one: Facts) -> Iterator[Problem]:
    """Errors come as `application/json`."""
    assert one.response is not None
    if one.response.media_type != "application/json":
        seen = shown(one.response.media_type)
        yield Problem(message=f"media type {seen}, wanted application/json", at="content-type")
