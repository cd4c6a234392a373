"""LOGP: the alternatives of a token, as many as were asked for and the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks.by_schema import broken
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Said, facts
from conformance.checks.logprobs import tokens_of, told_of, with_tokens
from conformance.checks.parts import Body, is_integer
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_BENDING = ("tools", "response_format", "logit_bias", "frequency_penalty", "presence_penalty")
_TWICE = 2
"""Tokens of an answer that stand under another name; one may hold what was kept back before it."""
_TIE = 0.05
"""Logarithms that differ by less are a tie: sums in another order, half precision."""


def alternatives_of(token: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a token that are objects."""
    held = token.get("top_logprobs")
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _limited(exchange: Exchange) -> Sequence[tuple[Body, str]]:
    return [
        each for each in told_of(exchange) if is_integer(facts(exchange).asked.get("top_logprobs"))
    ]


@check("LOGP-005", over=_limited, always=True)
def alternatives_are_entries(told: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
    """Each alternative has its token, logarithm and bytes."""
    body, schema = told
    yield from broken(body, schema, schemas).get("LOGP-005", ())


def _with_limit(exchange: Exchange) -> Sequence[Said]:
    most = facts(exchange).asked.get("top_logprobs")
    return with_tokens(exchange) if is_integer(most) else ()


@check("LOGP-005", over=_with_limit, always=True)
def alternatives_are_as_many_as_asked(one: Said) -> Iterator[Problem]:
    """No token has more alternatives than were asked for."""
    most = one.facts.asked["top_logprobs"]
    for place, token in enumerate(tokens_of(one.choice.logprobs)):
        count = len(alternatives_of(token))
        if count > most:
            at = f"{one.at}.logprobs.content[{place}].top_logprobs"
            yield Problem(message=f"{count} alternatives, {most} asked for", at=at)
            return


def _with_some_asked(exchange: Exchange) -> Sequence[Said]:
    asked = facts(exchange).asked
    most = asked.get("top_logprobs")
    wanted = asked.get("logprobs") is True and is_integer(most) and most > 0
    return with_tokens(exchange) if wanted else ()


@check("CREQ-042", over=_with_some_asked, always=True)
def alternatives_come_when_asked_for(one: Said) -> Iterator[Problem]:
    """Where alternatives were asked for, some token has one, be it itself."""
    tokens = tokens_of(one.choice.logprobs)
    if not any(map(alternatives_of, tokens)):
        most = one.facts.asked["top_logprobs"]
        message = f"{most} alternatives were asked for, none of {len(tokens)} tokens has any"
        yield Problem(message=message, at=f"{one.at}.logprobs.content")


def _without_limit(exchange: Exchange) -> Sequence[Said]:
    return () if facts(exchange).asked.get("top_logprobs") else with_tokens(exchange)


@check("LOGP-004", over=_without_limit, always=True)
def no_alternatives_unasked(one: Said) -> Iterator[Problem]:
    """Where no alternatives were asked for, their list is empty."""
    for place, token in enumerate(tokens_of(one.choice.logprobs)):
        if count := len(alternatives_of(token)):
            at = f"{one.at}.logprobs.content[{place}].top_logprobs"
            yield Problem(message=f"{count} alternatives, none asked for", at=at)
            return


def _with_choice_of_tokens(exchange: Exchange) -> Sequence[Said]:
    return [
        one
        for one in with_tokens(exchange)
        if any(alternatives_of(token) for token in tokens_of(one.choice.logprobs))
    ]


@check("LOGP-006", over=_with_choice_of_tokens, always=True)
def alternatives_are_sorted(one: Said) -> Iterator[Problem]:
    """Alternatives are sorted, the most likely first."""
    for place, token in enumerate(tokens_of(one.choice.logprobs)):
        values = [number(each.get("logprob")) for each in alternatives_of(token)]
        known = [each for each in values if each is not None]
        if known != sorted(known, reverse=True):
            at = f"{one.at}.logprobs.content[{place}].top_logprobs"
            yield Problem(message=f"alternatives in the order {shown(known)}", at=at)
            return


def _lost(token: dict[str, Any], alternatives: list[dict[str, Any]]) -> bool:
    """The token is the likeliest, by its logarithm, and has lost its text there.

    A special token has none either: it is another, at another logarithm, or beside the token.
    """
    first, text = alternatives[0], token.get("token")
    alike = number(first.get("logprob")) == number(token.get("logprob"))
    return bool(text) and not first.get("token") and alike and not _beside(token, alternatives)


def _beside(token: dict[str, Any], alternatives: list[dict[str, Any]]) -> bool:
    return any(each.get("token") == token.get("token") for each in alternatives)


def _renamed(token: dict[str, Any], alternatives: list[dict[str, Any]]) -> bool:
    """The token is the likeliest, by its logarithm, and stands there under another name.

    It is no tie: a token that is likelier than the last of them would stand there as well. The last
    piece of a character may bring all of it, and has a name of its own: only plain text is compared.
    """
    first, last, text = alternatives[0], alternatives[-1], token.get("token")
    best, least = number(first.get("logprob")), number(last.get("logprob"))
    plain = isinstance(text, str) and text.isascii() and bool(text and first.get("token"))
    if best is None or least is None or not plain or number(token.get("logprob")) != best:
        return False
    return best - least > _TIE and not _beside(token, alternatives)


def number(value: Any) -> float | None:
    """A number, and nothing else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def is_bent(asked: Mapping[str, Any]) -> bool:
    """A grammar or penalties may have changed which tokens are likely."""
    return any(asked.get(name) for name in _BENDING)


def _greedy(exchange: Exchange) -> Sequence[Said]:
    """Choices that were decoded greedily, without a grammar or penalties."""
    asked = facts(exchange).asked
    if asked.get("temperature") != 0 or is_bent(asked):
        return ()
    return _with_choice_of_tokens(exchange)


@check("LOGP-007", over=_greedy, always=True)
def greedy_takes_the_first(one: Said) -> Iterator[Problem]:
    """At temperature 0 each token is the most likely one."""
    for place, token in enumerate(tokens_of(one.choice.logprobs)):
        alternatives = alternatives_of(token)
        if not alternatives or alternatives[0].get("token") == token.get("token"):
            continue
        if _lost(token, alternatives):
            at = f"{one.at}.logprobs.content[{place}].top_logprobs[0]"
            seen = shown(token.get("token"))
            yield Problem(message=f"the likeliest token is no text, {seen} was taken", at=at)
            return
        best, taken = number(alternatives[0].get("logprob")), number(token.get("logprob"))
        if best is not None and taken is not None and best - taken > _TIE:
            seen = f"{shown(token.get('token'))} ({taken}) before {shown(alternatives[0].get('token'))} ({best})"
            at = f"{one.at}.logprobs.content[{place}]"
            yield Problem(message=f"temperature 0 took {seen}", at=at)
            return


@check("LOGP-007", over=_greedy, always=True)
def greedy_keeps_its_names(one: Said) -> Iterator[Problem]:
    """At temperature 0 a token has one name: the most likely alternative is called as it is."""
    pairs = [(each, alternatives_of(each)) for each in tokens_of(one.choice.logprobs)]
    renamed = [(token, first) for token, first in pairs if first and _renamed(token, first)]
    if len(renamed) >= _TWICE:
        token, alternatives = renamed[0]
        seen, told = shown(token.get("token")), shown(alternatives[0].get("token"))
        yield Problem(
            message=f"{len(renamed)} tokens have another name among their alternatives, {seen} is {told}",
            at=f"{one.at}.logprobs.content",
        )
