"""Expectations on what an answer says: its text, how it ends, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import facts
from conformance.checks.fits import misfit
from conformance.checks.generic import missing_answer, pattern
from conformance.checks.markup import leaked
from conformance.checks.parts import is_integer
from conformance.checks.show import kind, shown
from conformance.checks.stream_usage import is_usage_chunk
from conformance.checks.structured import schema_asked
from conformance.wire import jsontext
from conformance.wire.assemble import Choice
from conformance.wire.exchange import Exchange
from conformance.wire.query import find

_LONG = 200
"""Characters of an answer that a message shows."""


def first_choice(exchange: Exchange) -> Choice | None:
    """The choice of index 0; the first where none has it, None where there is none."""
    listed = exchange.answer.choices if exchange.answer else ()
    return next((each for each in listed if each.index == 0), listed[0] if listed else None)


def spoken(exchange: Exchange) -> str | None:
    """The assistant's text, of a chat or of a plain completion; None where there is none."""
    choice = first_choice(exchange)
    if choice is None or exchange.answer is None:
        return None
    if isinstance(choice.content, str):
        return choice.content
    place = exchange.answer.choices.index(choice)
    text = find(exchange.answer.body, f"$.choices[{place}].text")
    return text if isinstance(text, str) else None


def _silence(exchange: Exchange) -> str:
    """Why there is no text; empty where there is one."""
    if why := missing_answer(exchange):
        return why
    if spoken(exchange) is not None:
        return ""
    choice = first_choice(exchange)
    return f"no text: content is {shown(choice.content if choice else None)}"


@check(assumable=True)
def text(
    exchange: Exchange,
    contains: str | None = None,
    excludes: str | None = None,
    matches: str | None = None,
    equals: str | None = None,
) -> Iterator[Problem]:
    """The assistant's text contains, excludes, matches or equals something."""
    if why := _silence(exchange):
        yield Problem(message=why)
        return
    said = spoken(exchange) or ""
    seen = shown(said, _LONG)
    if contains is not None and contains not in said:
        yield Problem(message=f"{contains!r} is not in {seen}")
    if excludes is not None and excludes in said:
        yield Problem(message=f"{excludes!r} is in {seen}")
    if matches is not None and not pattern(matches).search(said):
        yield Problem(message=f"{seen} does not match {matches}")
    if equals is not None and said != equals:
        yield Problem(message=f"{seen}, wanted {shown(equals, _LONG)}")


@check(assumable=True)
def refuses(exchange: Exchange) -> Iterator[Problem]:
    """The model refuses, and says so in `refusal`."""
    choice = first_choice(exchange)
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif choice is not None and not (isinstance(choice.refusal, str) and choice.refusal):
        yield Problem(
            message=f"no refusal, but {shown(choice.content)}", at="$.choices[0].message.refusal"
        )


@check(assumable=True)
def finish_reason(exchange: Exchange, any_of: str | list[str]) -> Iterator[Problem]:
    """The first choice ends for the given reason, or one of those given."""
    wanted = [any_of] if isinstance(any_of, str) else any_of
    choice = first_choice(exchange)
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif choice is not None and choice.finish_reason not in wanted:
        yield Problem(
            message=f"finish_reason {shown(choice.finish_reason)}, wanted {' or '.join(wanted)}",
            at="$.choices[0].finish_reason",
        )


@check()
def choices(exchange: Exchange, count: int) -> Iterator[Problem]:
    """The answer has a number of choices."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif exchange.answer is not None and len(exchange.answer.choices) != count:
        yield Problem(
            message=f"{len(exchange.answer.choices)} choices, wanted {count}", at="$.choices"
        )


@check(assumable=True)
def content_length(exchange: Exchange, at_least: int) -> Iterator[Problem]:
    """The assistant's text has at least so many characters."""
    if why := _silence(exchange):
        yield Problem(message=why)
    elif len(spoken(exchange) or "") < at_least:
        yield Problem(message=f"{len(spoken(exchange) or '')} characters, wanted {at_least}")


@check(assumable=True)
def completion_tokens(
    exchange: Exchange, at_most: int | None = None, at_least: int | None = None
) -> Iterator[Problem]:
    """The usage counts completion tokens, within the given bounds."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    spent = tokens(exchange, "completion_tokens")
    at = "$.usage.completion_tokens"
    if spent is None:
        yield Problem(message="no completion_tokens in a usage", at=at)
    elif at_most is not None and spent > at_most:
        yield Problem(message=f"{spent} completion tokens, wanted at most {at_most}", at=at)
    elif at_least is not None and spent < at_least:
        yield Problem(message=f"{spent} completion tokens, wanted at least {at_least}", at=at)


def tokens(exchange: Exchange, name: str) -> int | None:
    """A count of the answer's usage; None where there is none."""
    usage = exchange.answer.usage if exchange.answer else None
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if is_integer(count) else None


@check(assumable=True)
def chunks(exchange: Exchange, at_least: int = 1) -> Iterator[Problem]:
    """The stream has a number of deltas with content or tool calls."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    entries = facts(exchange).entries
    count = sum(1 for each in entries if each.delta.get("content") or each.delta.get("tool_calls"))
    if count < at_least:
        yield Problem(message=f"{count} deltas with content or tool calls, wanted {at_least}")


@check()
def usage_chunk(
    exchange: Exchange,
    present: bool = True,  # noqa: FBT001, FBT002 - written by name in suites
) -> Iterator[Problem]:
    """The stream has one chunk with empty choices and a usage; or none."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    count = sum(map(is_usage_chunk, facts(exchange).chunk_bodies))
    if count != int(present):
        yield Problem(message=f"{count} chunks of usage alone, wanted {int(present)}")


@check()
def logprobs(
    exchange: Exchange,
    present: bool = True,  # noqa: FBT001, FBT002 - written by name in suites
) -> Iterator[Problem]:
    """Every choice has log probabilities with at least one token; or none has any."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    assert exchange.answer is not None
    for place, choice in enumerate(exchange.answer.choices):
        held = choice.logprobs
        there = isinstance(held, dict) and bool(held.get("content"))
        if (not there) if present else held is not None:
            wanted = "log probabilities" if present else "none"
            yield Problem(
                message=f"logprobs is {shown(held)}, wanted {wanted}",
                at=f"$.choices[{place}].logprobs",
            )


@check()
def no_tool_markup(exchange: Exchange) -> Iterator[Problem]:
    """No markup of tool calls, thinking or chat templates stands in the text."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    for said in facts(exchange).choices:
        content = said.choice.content
        for mark in leaked(content, said.facts.asked) if isinstance(content, str) else ():
            yield Problem(
                message=f"the content holds {shown(mark)}", at=f"{said.at}.message.content"
            )


@check()
def json_content(
    exchange: Exchange,
    object: bool = False,  # noqa: A002, FBT001, FBT002 - written by name in suites
) -> Iterator[Problem]:
    """The text is one JSON value, without prose or a code fence; with `object`, an object."""
    if why := _silence(exchange):
        yield Problem(message=why)
        return
    said = spoken(exchange) or ""
    document = jsontext.read_text(said)
    if not document.ok:
        yield Problem(message=f"{shown(said, _LONG)}: {document.flaws[-1]}")
    elif object and not isinstance(document.value, dict):
        yield Problem(message=f"{kind(document.value)} {shown(said, _LONG)}, wanted object")


@check()
def content_matches_schema(
    exchange: Exchange, against: dict[str, Any] | None = None
) -> Iterator[Problem]:
    """The text is JSON that fits a schema: the given one, or that of the request."""
    wanted = schema_asked(facts(exchange).asked) if against is None else against
    if why := _silence(exchange):
        yield Problem(message=why)
        return
    if wanted is None:
        yield Problem(message="the request asks for no schema, and the check names none")
        return
    said = spoken(exchange) or ""
    document = jsontext.read_text(said)
    if not document.ok:
        yield Problem(message=f"{shown(said, _LONG)}: {document.flaws[-1]}")
    elif why := misfit(document.value, wanted, formats=True):
        yield Problem(message=why)
