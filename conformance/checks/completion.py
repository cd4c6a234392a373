"""CRESP: a completion that comes in one piece, and what holds for any answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import broken, invariant
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Facts, Said, facts
from conformance.checks.markup import leaked
from conformance.checks.parts import Body, is_integer, is_one_of
from conformance.checks.paths import CHAT
from conformance.checks.show import shown
from conformance.checks.torn import TORN, around, lost
from conformance.wire.exchange import Exchange

_MINUTES = 600
"""Seconds by which `created` and the response's `Date` may differ: long answers, clocks."""
_SURROGATE = re.compile("[\ud800-\udfff]")

_MESSAGES = select.completions_with_messages
_CHOICES = select.completions_with_choices
_SCHEMA = "chat_completion"

for _clause, _name, _over, _about in (
    ("CRESP-001", "completion_id", select.completions, "A completion has an id that is not empty."),
    ("CRESP-003", "completion_object", select.completions, "A completion says `object: chat.completion`."),
    ("CRESP-005", "completion_model", select.completions, "A completion says which model wrote it."),
    ("CRESP-006", "completion_choices", select.completions, "A completion has at least one choice."),
    ("CRESP-008", "message_of_the_assistant", _CHOICES, "Each choice has a message of role `assistant`."),
    ("CRESP-009", "content_key", _MESSAGES, "Each message has `content`, a string or null."),
    ("CRESP-010", "refusal_key", _MESSAGES, "Each message has `refusal`, a string or null."),
    ("CRESP-011", "finish_reason_is_known", _CHOICES, "Each choice ends for one of the five known reasons."),
    ("CRESP-012", "logprobs_key", _CHOICES, "Each choice has `logprobs`, null where none were asked for."),
    ("CRESP-013", "content_without_call", _MESSAGES, "Where no tool is called, `content` is a string."),
    ("CRESP-014", "no_empty_tool_calls", _MESSAGES, "Where no tool is called, `tool_calls` is left out."),
    ("CRESP-020", "usage_is_there", select.completions, "A completion says what it cost."),
    ("CRESP-021", "fingerprint_is_text", select.having(select.completions, "system_fingerprint"),
     "`system_fingerprint` is a string or null."),
    ("CRESP-022", "service_tier_is_text", select.having(select.completions, "service_tier"),
     "`service_tier` is a string or null."),
    ("CRESP-023", "annotations_are_a_list", select.with_message_member("annotations"),
     "`annotations` is an array."),
    ("CRESP-024", "audio_is_an_object", select.with_message_member("audio"), "`audio` is an object."),
    ("CRESP-025", "standard_members_keep_their_type", _CHOICES,
     "Extensions change no standard member's type."),
    ("CRESP-028", "reasoning_is_text", select.with_message_member("reasoning_content", "reasoning"),
     "Reasoning is a string of its own beside the content."),
):  # fmt: skip
    invariant(_clause, _name, _about, schema=_SCHEMA, over=_over)


def _objects(exchange: Exchange) -> Sequence[Facts]:
    """Completions that came in one piece and are an object."""
    found = facts(exchange)
    return (found,) if found.body is not None else ()


@check("CRESP-002", over=_objects, always=True)
def id_looks_like_a_completion(one: Facts) -> Iterator[Problem]:
    """Ids of completions begin with `chatcmpl-`."""
    name = (one.body or {}).get("id")
    if isinstance(name, str) and name and not name.startswith("chatcmpl-"):
        yield Problem(message=f"id {shown(name)} does not begin with chatcmpl-", at="$.id")


@check("CRESP-004", over=select.completions, always=True, name="created_is_in_seconds")
def created_is_in_seconds(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """`created` is an integer of Unix seconds."""
    yield from broken(body, _SCHEMA, schemas).get("CRESP-004", ())


def _dated(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """`created` of a completion and the `Date` of its response, where both can be read."""
    found = facts(exchange)
    answer, response = found.answer, found.response
    date = _seconds(response.header("date")) if response else None
    if answer is None or date is None or not is_integer(answer.created):
        return ()
    return ((answer.created, date),)


def _seconds(date: str | None) -> int | None:
    try:
        at = parsedate_to_datetime(date or "")
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


@check("CRESP-004", over=_dated, always=True)
def created_is_about_now(times: tuple[int, int]) -> Iterator[Problem]:
    """`created` lies within minutes of the response's `Date`."""
    created, date = times
    if abs(created - date) > _MINUTES:
        yield Problem(
            message=f"created {_day(created)} in a response of {_day(date)}", at="$.created"
        )


def _day(seconds: int) -> str:
    try:
        return f"{seconds} ({datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M})"
    except (ValueError, OverflowError, OSError):
        return str(seconds)


@check("CRESP-007", over=_CHOICES, always=True)
def indexes_cover_the_choices(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """Choices are numbered 0 to n-1, each once."""
    flaws = broken(body, _SCHEMA, schemas).get("CRESP-007", ())
    yield from flaws
    indexes = [choice.get("index") for choice in select.choices_of(body)]
    if not flaws and sorted(filter(is_integer, indexes)) != list(range(len(indexes))):
        yield Problem(
            message=f"indexes {shown(indexes)}, wanted 0 to {len(indexes) - 1}", at="$.choices"
        )


def _with_free_calls(exchange: Exchange) -> Sequence[Said]:
    """Choices, not streamed, with tool calls that no named `tool_choice` forced."""
    found = facts(exchange)
    if found.body is None or _names_a_tool(found.asked):
        return ()
    return [one for one in found.choices if one.choice.tool_calls and not one.cut]


def _names_a_tool(asked: dict[str, Any]) -> bool:
    choice = asked.get("tool_choice")
    return isinstance(choice, dict) and is_one_of(choice.get("type"), "function", "custom")


@check("CRESP-017", over=_with_free_calls, always=True)
def calls_end_in_tool_calls(one: Said) -> Iterator[Problem]:
    """A model that calls tools ends with `finish_reason: tool_calls`."""
    if one.choice.finish_reason != "tool_calls":
        yield Problem(
            message=f"finish_reason {shown(one.choice.finish_reason)} beside tool calls",
            at=f"{one.at}.finish_reason",
        )


def _with_forced_calls(exchange: Exchange) -> Sequence[Said]:
    found = facts(exchange)
    if found.body is None or not _names_a_tool(found.asked):
        return ()
    return [one for one in found.choices if one.choice.tool_calls and not one.cut]


@check("CRESP-018", over=_with_forced_calls, always=True)
def forced_calls_end_in_stop_or_tool_calls(one: Said) -> Iterator[Problem]:
    """A tool that the request names ends the answer with `stop` or `tool_calls`."""
    if not is_one_of(one.choice.finish_reason, "stop", "tool_calls"):
        yield Problem(
            message=f"finish_reason {shown(one.choice.finish_reason)} beside a forced call",
            at=f"{one.at}.finish_reason",
        )


# --- the text of any answer ---------------------------------------------------------------------


def _spoken(exchange: Exchange) -> Sequence[Said]:
    """Choices that say something."""
    return [
        one
        for one in facts(exchange).choices
        if isinstance(one.choice.content, str) and one.choice.content
    ]


@check("CRESP-026", over=_spoken, always=True)
def no_markup_in_content(one: Said) -> Iterator[Problem]:
    """No special tokens, think tags or markup of tool calls stand in the content."""
    for mark in leaked(one.choice.content, one.facts.asked):
        yield Problem(message=f"the content holds {shown(mark)}", at=f"{one.at}.message.content")


@check("CRESP-027", over=_spoken, always=True)
def content_is_unicode(one: Said) -> Iterator[Problem]:
    """The content is text: no torn characters, no lone surrogates."""
    at = f"{one.at}.message.content"
    content = one.choice.content
    if why := lost(content, one.facts.asked, capped=one.choice.finish_reason == "length"):
        yield Problem(message=f"U+FFFD in {around(content, TORN)}: {why}", at=at)
    if torn := _SURROGATE.search(content):
        yield Problem(message=f"a lone surrogate in {around(content, torn[0])}", at=at)


_refusing = select.among(
    select.said, lambda one: isinstance(one.choice.refusal, str) and bool(one.choice.refusal)
)


@check("CRESP-029", over=_refusing, always=True)
def refusal_stands_alone(one: Said) -> Iterator[Problem]:
    """A refusal comes without content, and ends with `stop`."""
    if one.choice.content:
        seen = shown(one.choice.content)
        yield Problem(message=f"a refusal beside content {seen}", at=f"{one.at}.message.content")
    if not is_one_of(one.choice.finish_reason, "stop", "content_filter"):
        seen = shown(one.choice.finish_reason)
        yield Problem(message=f"a refusal ends with {seen}", at=f"{one.at}.finish_reason")


def _several(exchange: Exchange) -> Sequence[Facts]:
    """Successful chat answers to requests for several choices."""
    found = facts(exchange)
    count = found.asked.get("n")
    wanted = found.endpoint == CHAT and is_integer(count) and count > 1
    return (found,) if wanted and found.answer is not None else ()


@check("CREQ-035", over=_several, always=True)
def as_many_choices_as_asked(one: Facts) -> Iterator[Problem]:
    """A request for n choices gets n, or a refusal."""
    if len(one.choices) != one.asked["n"]:
        yield Problem(message=f"{len(one.choices)} choices for n {one.asked['n']}", at="$.choices")
