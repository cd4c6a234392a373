"""What parameters do that shows only in numbers, or between several answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.generic import missing_answer
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice
from conformance.wire.exchange import Exchange
from conformance.wire.query import find

_LONG = 200
_CACHED = "$.usage.prompt_tokens_details.cached_tokens"
_VENDORS = ("$.usage.prompt_cache_hit_tokens", "$.usage.cached_tokens", "$.timings.cache_n")
"""Where vendors tell of hits of the prompt cache: DeepSeek, Moonshot, llama.cpp."""


def _several(exchange: Exchange) -> Sequence[Facts]:
    """Answers of several choices that are text."""
    found = facts(exchange)
    texts = [each.choice.content for each in found.choices if not each.choice.tool_calls]
    return (found,) if len(texts) > 1 and all(isinstance(each, str) for each in texts) else ()


@check("CREQ-036", over=_several)
def choices_differ(answer: Facts) -> Iterator[Problem]:
    """The choices are no copies of each other: not all of them say the same."""
    texts = {each.choice.content for each in answer.choices}
    if len(texts) == 1:
        same = shown(texts.pop(), _LONG)
        yield Problem(message=f"{len(answer.choices)} times the same: {same}", at="$.choices")


@check(over=_several)
def choices_agree(answer: Facts) -> Iterator[Problem]:
    """Every choice says the same: what leaves no choice of words leaves none to any of them."""
    texts = [each.choice.content for each in answer.choices]
    if len(set(texts)) > 1:
        yield Problem(message=f"the choices differ: {shown(texts, _LONG)}", at="$.choices")


def _first(exchange: Exchange) -> float | None:
    """The log probability of the first token; None where there is none."""
    choice = first_choice(exchange)
    content = choice.logprobs.get("content") if choice and _is_object(choice.logprobs) else None
    entry = content[0] if isinstance(content, list) and content else None
    value = entry.get("logprob") if isinstance(entry, dict) else None
    return float(value) if isinstance(value, int | float) and value <= 0 else None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _with_first(exchange: Exchange) -> Sequence[Exchange]:
    return () if _first(exchange) is None else (exchange,)


@check("LOGP-013", over=_with_first)
def same_first_logprob(
    exchange: Exchange, step: Exchange, within: float = 0.2
) -> Iterator[Problem]:
    """The first token is as likely as in another step, within a tolerance (of the logarithm)."""
    here, there = _first(exchange), _first(step)
    if there is None:
        why = missing_answer(step) or "no log probabilities"
        yield Problem(message=f"step {step.step}: {why}")
    elif here is not None and abs(here - there) > within:
        yield Problem(
            message=f"logprob {here:.3f}, in step {step.step} {there:.3f}: wanted within {within}",
            at="$.choices[0].logprobs.content[0].logprob",
        )


def _count(exchange: Exchange, *places: str) -> int | None:
    """The largest of the counts that stand at these places; None where none does."""
    body = exchange.answer.body if exchange.answer else None
    counts = [count for place in places if is_integer(count := find(body, place))]
    return max(counts, default=None)


def _telling(exchange: Exchange) -> Sequence[Exchange]:
    """Answers that tell of a hit of the cache, in whatever words, and those without the word for it."""
    if missing_answer(exchange) or _count(exchange, "$.usage.prompt_tokens") is None:
        return ()
    standard = _count(exchange, _CACHED)
    hit = (standard or 0) > 0 or (_count(exchange, *_VENDORS) or 0) > 0
    return (exchange,) if standard is None or hit else ()


@check("USAGE-009", over=_telling)
def cache_hit_is_counted(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """Where the prompt cache holds more than in another step, `cached_tokens` rises or is absent."""
    here, there = _count(exchange, _CACHED), _count(step, _CACHED) or 0
    told, before = (_count(each, *_VENDORS) or 0 for each in (exchange, step))
    if here is not None and told > before and here <= there:
        yield Problem(
            message=f"cached_tokens {here}, in step {step.step} {there}, while the vendor's own "
            f"member rose from {before} to {told}",
            at=_CACHED,
        )


def _cached(exchange: Exchange) -> int | None:
    """Tokens of the prompt that came from the cache, as the standard member tells, streamed or not."""
    answer = facts(exchange).answer
    usage = answer.usage if answer else None
    details = usage.get("prompt_tokens_details") if isinstance(usage, dict) else None
    count = details.get("cached_tokens") if isinstance(details, dict) else None
    return count if is_integer(count) else None


def _stream(exchange: Exchange) -> Sequence[Exchange]:
    return () if _cached(exchange) is None else (exchange,)


@check("USAGE-009", over=_stream)
def cache_hit_is_streamed(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """Where a whole answer in another step came from the cache, a stream of the same prompt tells of a hit, or of no count."""
    told = _cached(step)
    if told and not _cached(exchange):
        yield Problem(
            message=f"nothing was cached, of the whole answer in step {step.step} {told} tokens were",
            at=_CACHED,
        )
