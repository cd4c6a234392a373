"""SO: answers that have to fit a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import CUT, ERROR, EXCUSED, Facts, Said, facts
from conformance.checks.fits import is_schema, unfit
from conformance.checks.parts import is_one_of
from conformance.checks.paths import CHAT
from conformance.checks.show import shown
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

_ENDLESS = 64
"""Characters of white space in a row that no way to indent JSON has at the end of a text."""
_LONGEST = 4096
"""Characters of reasoning at whose end an answer is looked for."""
_TAIL = 80
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def schema_asked(asked: dict[str, Any]) -> Any:
    """The schema of the request's `response_format` or `text.format`; None where there is none."""
    held = _asked_format(asked) or flat_format(asked)
    return held.get("schema") if held else None


def flat_format(asked: dict[str, Any]) -> dict[str, Any] | None:
    """The `text.format` of a request for a response, where it holds a schema."""
    text = asked.get("text")
    held = text.get("format") if isinstance(text, dict) else None
    return held if isinstance(held, dict) and held.get("type") == "json_schema" else None


def _asked_format(asked: dict[str, Any]) -> dict[str, Any] | None:
    wanted = asked.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return None
    held = wanted.get("json_schema")
    return held if isinstance(held, dict) else None


def strictly_bound(exchange: Exchange) -> Sequence[Said]:
    """Choices of answers that a strict schema binds: to their end, without a refusal or call."""
    found = facts(exchange)
    held = _asked_format(found.asked)
    if not held or held.get("strict") is not True or not is_schema(held.get("schema")):
        return ()
    return [
        one
        for one in found.choices
        if one.choice.finish_reason == "stop"
        and not one.cut
        and not one.choice.refusal
        and not one.choice.tool_calls
    ]


def _fits(one: Said) -> Iterator[Problem]:
    content = one.choice.content
    at = f"{one.at}.message.content"
    if not isinstance(content, str):
        yield Problem(message=f"content is {shown(content)}, wanted JSON by the schema", at=at)
    elif why := unfit(content, schema_asked(one.facts.asked)):
        yield Problem(message=f"the content does not fit the schema: {why}", at=at)


def _tools_too(one: Said) -> bool:
    return bool(one.facts.tools)


def _not_streamed(one: Said) -> bool:
    return one.facts.body is not None


@check(
    "SO-002",
    over=select.among(strictly_bound, lambda one: _not_streamed(one) and not _tools_too(one)),
    always=True,
)
def content_fits_the_schema(one: Said) -> Iterator[Problem]:
    """With a strict schema the content is one JSON value that fits it, and nothing else."""
    yield from _fits(one)


@check(
    "SO-018",
    over=select.among(strictly_bound, lambda one: not _not_streamed(one) and not _tools_too(one)),
    always=True,
)
def streamed_content_fits_the_schema(one: Said) -> Iterator[Problem]:
    """Deltas of content, one after the other, fit the strict schema."""
    yield from _fits(one)


@check("SO-019", over=select.among(strictly_bound, _tools_too), always=True)
def content_fits_beside_tools(one: Said) -> Iterator[Problem]:
    """With tools and a strict schema there is a call, or content that fits."""
    yield from _fits(one)


@check(
    "SO-020", over=select.among(strictly_bound, lambda one: bool(one.choice.reasoning)), always=True
)
def reasoning_is_not_in_the_json(one: Said) -> Iterator[Problem]:
    """Reasoning stands beside the JSON, not in front of it, and the JSON is not taken for reasoning."""
    content, thought = one.choice.content, one.choice.reasoning
    at = f"{one.at}.message.content"
    if isinstance(content, str) and "{" in content and not content.lstrip().startswith(("{", "[")):
        yield Problem(message=f"content begins with {shown(content[:60])}", at=at)
    if not content and isinstance(thought, str) and _ends_with_an_object(thought):
        yield Problem(message=f"the JSON came as reasoning: {shown(thought[-_TAIL:])}", at=at)


def _ends_with_an_object(text: str) -> bool:
    """Is the end of a text a JSON object?"""
    tail = text.rstrip()[-_LONGEST:]
    starts = [found.start() for found in re.finditer(r"\{", tail)] if tail.endswith("}") else []
    return any(isinstance(jsontext.quick(tail[start:])[0], dict) for start in starts)


def _capped(exchange: Exchange) -> Sequence[Said]:
    """Choices of structured answers that used up their tokens."""
    found = facts(exchange)
    if not _asked_format(found.asked) or not found.capped or found.spent is None:
        return ()
    ended = [one for one in found.choices if one.choice.finish_reason]
    return ended if len(found.choices) == 1 else ()


@check("SO-016", over=_capped, always=True)
def cut_json_is_told(one: Said) -> Iterator[Problem]:
    """JSON that the cap cut off ends with `finish_reason: length`."""
    content = one.choice.content
    torn = isinstance(content, str) and not jsontext.quick(content)[1]
    if torn and not is_one_of(one.choice.finish_reason, *CUT) and not one.choice.refusal:
        yield Problem(
            message=f"finish_reason {shown(one.choice.finish_reason)} at the cap, without whole JSON: {shown(content)}",
            at=f"{one.at}.finish_reason",
        )


def _torn(exchange: Exchange) -> Sequence[Said]:
    """Choices of answers by a strict schema that were cut off."""
    found = facts(exchange)
    held = _asked_format(found.asked)
    if not held or held.get("strict") is not True:
        return ()
    return [
        one
        for one in found.choices
        if one.choice.finish_reason == "length" and isinstance(one.choice.content, str)
    ]


@check("CREQ-047", over=_torn, always=True)
def cut_json_was_on_its_way(one: Said) -> Iterator[Problem]:
    """JSON that was cut off does not end in white space without end, as grammars may allow it."""
    content = one.choice.content
    blank = len(content) - len(content.rstrip())
    within_a_text = '"' in _TEXTS.sub("", content)
    if blank >= _ENDLESS and not within_a_text:
        yield Problem(
            message=f"{blank} characters of white space after {shown(content.rstrip())}, up to the cap",
            at=f"{one.at}.message.content",
        )


def _refused(exchange: Exchange) -> Sequence[Said]:
    found = facts(exchange)
    if not _asked_format(found.asked):
        return ()
    return [
        one for one in found.choices if isinstance(one.choice.refusal, str) and one.choice.refusal
    ]


@check("SO-017", over=_refused, always=True)
def refusal_has_no_content(one: Said) -> Iterator[Problem]:
    """A model that refuses says so in `refusal`, and leaves the content null."""
    if one.choice.content is not None:
        yield Problem(
            message=f"content {shown(one.choice.content)} beside a refusal",
            at=f"{one.at}.message.content",
        )


def _invalid(exchange: Exchange) -> Sequence[Facts]:
    """Answers to requests whose schema is none."""
    found = facts(exchange)
    held = _asked_format(found.asked)
    decided = found.status is not None and found.status not in EXCUSED
    wrong = held is not None and "schema" in held and not is_schema(held["schema"])
    return (found,) if found.fits and found.endpoint == CHAT and decided and wrong else ()


@check("SO-022", over=_invalid, always=True)
def invalid_schema_is_400(one: Facts) -> Iterator[Problem]:
    """A schema that is none is refused before anything is generated."""
    if one.status != ERROR:
        yield Problem(message=f"status {one.status} for a schema that is none, wanted 400")
