"""USAGE: what an answer says that it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import broken
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.ends import LONG_PROMPT, PER_TOKEN, WORDS_OF_A_PROMPT, count_words
from conformance.checks.facts import Facts, Said, facts
from conformance.checks.parts import Body, is_integer, is_one_of
from conformance.checks.select import member
from conformance.wire.exchange import Exchange

_SHORT_CAP = 512
_SHORT_PROMPT = 1024
"""Within these an answer that is cut short was cut by its cap, not by the end of the context."""


def _told(exchange: Exchange) -> Sequence[tuple[Body, str]]:
    """Completions and chunks with a usage, and the schema that judges them."""
    whole = [(body, "chat_completion") for body in select.completions_with_usage(exchange)]
    return whole or [(body, "chat_completion_chunk") for body in select.chunks_with_usage(exchange)]


@check("USAGE-001", over=_told, always=True)
def usage_counts(told: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
    """A usage counts prompt, completion and total in whole tokens."""
    body, schema = told
    yield from broken(body, schema, schemas).get("USAGE-001", ())


def _detailed(name: str) -> select.Selected:
    def selected(exchange: Exchange) -> Sequence[tuple[Body, str]]:
        return [
            (body, schema)
            for body, schema in _told(exchange)
            if isinstance(member(body, "usage"), dict)
            and member(body, "usage").get(name) is not None
        ]

    return selected


@check("USAGE-006", over=_detailed("completion_tokens_details"), always=True)
def completion_details_count(told: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
    """Details of the completion are whole tokens."""
    body, schema = told
    yield from broken(body, schema, schemas).get("USAGE-006", ())


@check("USAGE-008", over=_detailed("prompt_tokens_details"), always=True)
def prompt_details_count(told: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
    """Details of the prompt are whole tokens, and no more of it was cached than it has."""
    body, schema = told
    flaws = broken(body, schema, schemas).get("USAGE-008", ())
    yield from flaws
    usage = member(body, "usage")
    details = usage["prompt_tokens_details"]
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    if (
        is_integer(cached)
        and is_integer(usage.get("prompt_tokens"))
        and cached > usage["prompt_tokens"]
    ):
        yield Problem(
            message=f"{cached} of {usage['prompt_tokens']} prompt tokens were cached",
            at="$.usage.prompt_tokens_details.cached_tokens",
        )


def _counted(exchange: Exchange) -> Sequence[Facts]:
    """Whole answers whose usage counts in integers."""
    found = facts(exchange)
    usage = found.answer.usage if found.answer else None
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    return (
        (found,) if isinstance(usage, dict) and all(is_integer(usage.get(n)) for n in names) else ()
    )


def _usage(one: Facts) -> dict[str, Any]:
    assert one.answer is not None
    return one.answer.usage  # type: ignore[no-any-return] # `_counted` saw to it


@check("USAGE-002", over=_counted, always=True)
def total_is_the_sum(one: Facts) -> Iterator[Problem]:
    """The total is prompt plus completion."""
    usage = _usage(one)
    prompt, completion, total = (
        usage[f"{name}_tokens"] for name in ("prompt", "completion", "total")
    )
    if total != prompt + completion:
        yield Problem(
            message=f"total_tokens {total}, but {prompt} + {completion} = {prompt + completion}",
            at="$.usage.total_tokens",
        )


@check("USAGE-003", over=_counted, always=True)
def something_costs_something(one: Facts) -> Iterator[Problem]:
    """A prompt costs tokens, and so does an answer."""
    usage = _usage(one)
    if usage["prompt_tokens"] <= 0 and _asks(one):
        yield Problem(message="prompt_tokens 0 for a prompt", at="$.usage.prompt_tokens")
    answered = any(
        said.choice.content or said.choice.tool_calls or said.choice.reasoning
        for said in one.choices
    )
    if usage["completion_tokens"] <= 0 and answered:
        yield Problem(message="completion_tokens 0 for an answer", at="$.usage.completion_tokens")


def _asks(one: Facts) -> bool:
    return any(isinstance(each, str) and each for each in _prompt(one))


_capped = select.among(_counted, lambda one: one.cap is not None)


@check("USAGE-004", over=_capped, always=True)
def cap_is_kept(one: Facts) -> Iterator[Problem]:
    """No choice has more tokens than the request allows."""
    allowed = (one.cap or 0) * max(1, len(one.choices))
    spent = _usage(one)["completion_tokens"]
    if spent > allowed:
        yield Problem(
            message=f"{spent} completion tokens, {allowed} allowed", at="$.usage.completion_tokens"
        )


def _cut_by_cap(exchange: Exchange) -> Sequence[Facts]:
    """Single answers that only a small cap can have cut short."""
    return [
        one
        for one in _capped(exchange)
        if len(one.choices) == 1
        and len(one.caps) == 1
        and one.choices[0].choice.finish_reason == "length"
        and (one.cap or 0) <= _SHORT_CAP
        and _usage(one)["prompt_tokens"] <= _SHORT_PROMPT
    ]


@check("USAGE-005", over=_cut_by_cap, always=True)
def length_means_the_cap(one: Facts) -> Iterator[Problem]:
    """An answer that is cut short by its cap has as many tokens as that."""
    spent, allowed = _usage(one)["completion_tokens"], one.cap or 0
    if spent < allowed - 1:
        yield Problem(
            message=f"finish_reason length after {spent} of {allowed} tokens",
            at="$.usage.completion_tokens",
        )


def _cut_at_once(exchange: Exchange) -> Sequence[Facts]:
    """Answers of which every choice was cut short, though there was to be one."""
    return [
        one
        for one in _counted(exchange)
        if one.cap != 0 and one.choices and all(_is_cut(each) for each in one.choices)
    ]


def _is_cut(one: Said) -> bool:
    return is_one_of(one.choice.finish_reason, "length")


@check("USAGE-005", over=_cut_at_once, always=True)
def what_is_cut_has_begun(one: Facts) -> Iterator[Problem]:
    """An answer that is cut short has a token at least: where there is no room for one, the request is refused."""
    said = any(
        each.choice.content or each.choice.tool_calls or each.choice.reasoning
        for each in one.choices
    )
    if not said and _usage(one)["completion_tokens"] == 0:
        yield Problem(
            message="finish_reason length, and not one token", at="$.usage.completion_tokens"
        )


def _reasoned(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """Reasoning tokens and completion tokens of answers that count both."""
    found = []
    for one in _counted(exchange):
        details = _usage(one).get("completion_tokens_details")
        spent = details.get("reasoning_tokens") if isinstance(details, dict) else None
        if is_integer(spent):
            found.append((spent, _usage(one)["completion_tokens"]))
    return found


@check("USAGE-007", over=_reasoned, always=True)
def reasoning_is_part_of_the_completion(spent: tuple[int, int]) -> Iterator[Problem]:
    """Reasoning tokens are counted within the completion's."""
    reasoning, completion = spent
    if reasoning > completion:
        yield Problem(
            message=f"{reasoning} reasoning tokens in a completion of {completion}",
            at="$.usage.completion_tokens_details.reasoning_tokens",
        )


def _wordy(exchange: Exchange) -> Sequence[tuple[int, int]]:
    """Words and tokens of prompts of more than a few words."""
    found = []
    for one in _counted(exchange):
        words = sum(map(count_words, _prompt(one)))
        if words >= LONG_PROMPT:
            found.append((words, _usage(one)["prompt_tokens"]))
    return found


def _prompt(one: Facts) -> Iterator[Any]:
    """The texts of the messages."""
    listed = one.asked.get("messages")
    for message in listed if isinstance(listed, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, list) else [{"text": content}]
        yield from (each.get("text") for each in parts if isinstance(each, dict))


@check("USAGE-010", over=_wordy, always=True)
def long_prompts_cost_more(prompt: tuple[int, int]) -> Iterator[Problem]:
    """The tokens of a prompt grow with it: they are no fixed number, and none is dropped."""
    words, tokens = prompt
    if tokens * WORDS_OF_A_PROMPT < words:
        yield Problem(
            message=f"{tokens} prompt tokens for {words} words", at="$.usage.prompt_tokens"
        )


@check()
def prompt_is_read(exchange: Exchange) -> Iterator[Problem]:
    """The prompt has as many tokens as its words need at least; where nothing is counted, who knows."""
    for words, count in _wordy(exchange):
        if 0 < count < words / WORDS_OF_A_PROMPT:
            message = f"{count} prompt tokens: some of the {words} words were not read"
            yield Problem(message=message, at="$.usage.prompt_tokens")


_shared = select.among(_counted, lambda one: len(one.choices) > 1)


@check("USAGE-011", over=_shared, always=True)
def completion_is_the_sum_of_choices(one: Facts) -> Iterator[Problem]:
    """The completion's tokens are those of all choices together."""
    spent = _usage(one)["completion_tokens"]
    least = sum(map(_least_tokens, one.choices))
    if spent < least:
        yield Problem(
            message=f"{spent} completion tokens, {len(one.choices)} choices have at least {least}",
            at="$.usage.completion_tokens",
        )


def _least_tokens(said: Said) -> int:
    """Tokens that a choice has at least: by its words, or by the cap that cut it."""
    words = count_words(said.choice.content) // PER_TOKEN
    caps = said.facts.caps
    capped = said.choice.finish_reason == "length" and len(caps) == 1 and caps[0] <= _SHORT_CAP
    return max(words, caps[0] - 1 if capped else 0)
