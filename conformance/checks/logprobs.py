"""LOGP: log probabilities of the tokens of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import broken
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Facts, Said, facts
from conformance.checks.parts import Body, Entry, is_integer
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_SPECIAL, _TENTH = 4, 10
"""Special tokens that a usage may count beside those of the text, or one in ten of a long one."""
_MARKER = re.compile(r"<[^<>\s]+>|\[\w+\]|<[｜|]")
"""How a token that ends an answer is written, where it is."""
_LONG = 16
"""Characters of a text that is more than a token."""
_CHARACTER = 4
"""Bytes of the longest character, and so the most tokens that it can be made of."""


def told_of(exchange: Exchange) -> Sequence[tuple[Body, str]]:
    """Completions and chunks with log probabilities, and the schema that judges them."""
    whole = [(body, "chat_completion") for body in select.completions_with_logprobs(exchange)]
    return whole or [
        (body, "chat_completion_chunk") for body in select.chunks_with_logprobs(exchange)
    ]


def _by_schema(clause: str, name: str, about: str) -> None:
    def judge(told: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
        body, schema = told
        yield from broken(body, schema, schemas).get(clause, ())

    judge.__doc__ = about
    check(clause, over=told_of, always=True, name=name)(judge)


_by_schema(
    "LOGP-001", "logprobs_hold_content", "Log probabilities are an object with an array `content`."
)
_by_schema(
    "LOGP-002",
    "tokens_have_a_logprob",
    "Each entry has its token and a logarithm that is not above 0.",
)
_by_schema("LOGP-003", "tokens_have_bytes", "Each entry has its bytes, or null.")
_by_schema(
    "LOGP-004", "tokens_have_alternatives", "Each entry has a list of alternatives, be it empty."
)
_by_schema("LOGP-010", "logprobs_of_refusals", "The object has `refusal`, an array or null.")


def _asked(exchange: Exchange) -> Sequence[Said]:
    """Choices with text, of requests that ask for log probabilities."""
    found = facts(exchange)
    if found.asked.get("logprobs") is not True:
        return ()
    return [one for one in found.choices if one.choice.content and not one.choice.tool_calls]


@check("LOGP-001", over=_asked, always=True)
def logprobs_come_when_asked_for(one: Said) -> Iterator[Problem]:
    """An answer to a request for log probabilities has them."""
    if not tokens_of(one.choice.logprobs):
        yield Problem(
            message=f"logprobs is {shown(one.choice.logprobs)} although they were asked for",
            at=f"{one.at}.logprobs",
        )


def tokens_of(logprobs: Any) -> list[dict[str, Any]]:
    """The entries that are objects."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []


def with_tokens(exchange: Exchange) -> Sequence[Said]:
    return [one for one in facts(exchange).choices if tokens_of(one.choice.logprobs)]


def plain(exchange: Exchange) -> Sequence[Said]:
    """Choices whose tokens are those of their content: no reasoning, no calls, and none withheld
    that the cap cut.
    """
    return [
        one
        for one in with_tokens(exchange)
        if isinstance(one.choice.content, str)
        and not one.choice.tool_calls
        and not one.choice.reasoning
        and (one.choice.content or not (one.cut and one.facts.tools))
    ]


def _not_streamed(exchange: Exchange) -> Sequence[Said]:
    return plain(exchange) if facts(exchange).body is not None else ()


def _streamed(exchange: Exchange) -> Sequence[Said]:
    return plain(exchange) if facts(exchange).complete_stream else ()


@check("LOGP-008", over=_not_streamed, always=True)
def tokens_make_up_the_content(one: Said) -> Iterator[Problem]:
    """The tokens, one after the other, are the content."""
    yield from _differs(one)


@check("STRM-024", over=_streamed, always=True)
def streamed_tokens_make_up_the_content(one: Said) -> Iterator[Problem]:
    """The tokens of all chunks, one after the other, are the content: none missing, none twice."""
    yield from _differs(one)


def _differs(one: Said) -> Iterator[Problem]:
    content: str = one.choice.content
    tokens = tokens_of(one.choice.logprobs)
    texts = [each.get("token") for each in tokens]
    joined = "".join(each for each in texts if isinstance(each, str))
    wanted = [joined, decoded(tokens)]
    if one.choice.finish_reason == "length":  # the cap may fall within a character (CRESP-027)
        wanted += [decoded(tokens, "ignore"), whole_characters(tokens)]
    stops = stops_of(one.facts.asked)
    beyond = [each[len(content) :] for each in wanted if each.startswith(content)]
    if "" in beyond or (stops and any(is_an_end(rest, stops) for rest in beyond)):
        return
    yield Problem(
        message=f"{len(tokens)} tokens make {shown(joined)}, the content is {shown(content)}",
        at=f"{one.at}.logprobs.content",
    )


def stops_of(asked: dict[str, Any]) -> list[str]:
    """The stop strings that a request names."""
    held = asked.get("stop")
    listed = held if isinstance(held, list) else [held]
    return [each for each in listed if isinstance(each, str) and each]


def is_an_end(rest: str, stops: Sequence[str]) -> bool:
    """What tokens say beyond a text is its end: a stop string or a part of one, a marker, or blank."""
    said = rest.strip()
    halves = ((said, each.strip()) for each in stops)
    met = any(one.startswith(other) or other.startswith(one) for one, other in halves)
    return met or not said or _MARKER.match(said) is not None


def decoded(tokens: list[dict[str, Any]], errors: str = "replace") -> str:
    """The text of the tokens' bytes; empty where some have none."""
    try:
        return b"".join(bytes(each["bytes"]) for each in tokens).decode("utf-8", errors)
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""


def whole_characters(tokens: list[dict[str, Any]]) -> str:
    """What tokens say, up to the last that ends with a whole character.

    A token may be a blank and the first half of an emoji: its text waits for the other half.
    """
    ends = range(len(tokens), max(0, len(tokens) - _CHARACTER), -1)
    told = (decoded(tokens[:end], "strict") for end in ends)
    return next(filter(None, told), "") or "".join(str(each.get("token")) for each in tokens)


def _unasked(exchange: Exchange) -> Sequence[Said]:
    found = facts(exchange)
    return () if found.asked.get("logprobs") else found.choices


@check("LOGP-011", over=_unasked, always=True)
def no_logprobs_unasked(one: Said) -> Iterator[Problem]:
    """Where no log probabilities were asked for, there are none."""
    if one.choice.logprobs is not None:
        yield Problem(
            message=f"logprobs {shown(one.choice.logprobs)} that nobody asked for",
            at=f"{one.at}.logprobs",
        )


def _counted(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """Tokens told one by one, and as the usage counts them, of answers of one plain text.

    A usage of nothing is no count to compare with: USAGE-003 has it.
    """
    found = facts(exchange)
    if len(found.choices) != 1 or not found.spent or found.asked.get("stop"):
        return ()
    usage = found.answer.usage if found.answer else None
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else 0
    hidden = reasoning if is_integer(reasoning) else 0
    return [(len(tokens_of(one.choice.logprobs)), found.spent - hidden) for one in plain(exchange)]


@check("LOGP-009", over=_counted, always=True)
def as_many_logprobs_as_tokens(told: tuple[int, int]) -> Iterator[Problem]:
    """There are about as many log probabilities as completion tokens."""
    count, spent = told
    if abs(count - spent) > max(_SPECIAL, spent // _TENTH):
        yield Problem(message=f"{count} log probabilities, {spent} completion tokens")


def _asked_and_plain(exchange: Exchange) -> Sequence[Said]:
    """Long enough texts whose log probabilities were asked for."""
    asked = facts(exchange).asked.get("logprobs") is True
    return [one for one in plain(exchange) if len(one.choice.content) >= _LONG] if asked else ()


@check("LOGP-001", over=_asked_and_plain, always=True)
def each_token_has_an_entry(one: Said) -> Iterator[Problem]:
    """The entries make up more than half of the text: where less is told, tokens have none."""
    entries = tokens_of(one.choice.logprobs)
    joined = "".join(str(each.get("token")) for each in entries)
    told = max(len(joined), len(decoded(entries)))
    if told < len(one.choice.content) / 2:
        seen = f"{len(entries)} entries make up {shown(joined)} of {shown(one.choice.content)}"
        yield Problem(message=seen, at=f"{one.at}.logprobs.content")


# --- chunks ----------------------------------------------------------------------------------------


@check("LOGP-012", over=select.chunks_with_logprobs, always=True)
def chunk_logprobs_are_an_object(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """Log probabilities of a chunk are an object or null."""
    yield from broken(body, "chat_completion_chunk", schemas).get("LOGP-012", ())


def _with_chunk_logprobs(exchange: Exchange) -> Sequence[Facts]:
    found = facts(exchange)
    told = any(tokens_of(each.choice.get("logprobs")) for each in found.entries)
    return (found,) if told else ()


@check("LOGP-012", over=_with_chunk_logprobs, always=True)
def chunk_logprobs_are_new(one: Facts) -> Iterator[Problem]:
    """The log probabilities of a chunk are those of its own tokens, not of all so far."""
    for entries in one.by_choice.values():
        repeated = _repeating(entries)
        if repeated is not None:
            count = len(tokens_of(repeated.choice.get("logprobs")))
            yield Problem(
                message=f"{count} tokens, all since the beginning", at=f"{repeated.at}.logprobs"
            )


def _repeating(entries: Sequence[Entry]) -> Entry | None:
    """The first entry whose tokens are the whole text so far, and not just its own part."""
    before = ""
    for entry in entries:
        content = entry.delta.get("content")
        own = content if isinstance(content, str) else ""
        tokens = tokens_of(entry.choice.get("logprobs"))
        joined = "".join(str(each.get("token")) for each in tokens)
        if before and tokens and joined != own and joined == before + own:
            return entry
        before += own
    return None
