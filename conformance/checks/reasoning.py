"""RSN: what a model thinks, beside what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks import select
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.markup import leaked
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_COPIED = 40
"""Characters of reasoning that stand in the content by no accident."""

invariant(
    "RSN-003",
    "delta_reasoning_is_text",
    "Reasoning streams in strings.",
    schema="chat_completion_chunk",
    over=select.with_delta_member("reasoning_content", "reasoning"),
)


def _thinking(exchange: Exchange) -> Sequence[Said]:
    """Choices with reasoning beside the content."""
    return [
        one
        for one in facts(exchange).choices
        if isinstance(one.choice.reasoning, str) and one.choice.reasoning.strip()
    ]


@check("RSN-002", over=_thinking, always=True)
def reasoning_is_not_in_the_content(one: Said) -> Iterator[Problem]:
    """What stands in the reasoning member does not stand in the content as well."""
    content, thought = one.choice.content, one.choice.reasoning.strip()
    if isinstance(content, str) and len(thought) >= _COPIED and thought in content:
        yield Problem(
            message=f"the content holds the reasoning, too: {shown(thought)}",
            at=f"{one.at}.message.content",
        )


def _counted(exchange: Exchange) -> Sequence[tuple[Said, object]]:
    """Choices with reasoning and a usage: what the usage says of reasoning tokens."""
    found = facts(exchange)
    usage = found.answer.usage if found.answer else None
    if not isinstance(usage, dict):
        return ()
    details = usage.get("completion_tokens_details")
    spent = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return [(one, spent) for one in _thinking(exchange)]


@check("RSN-004", over=_counted, always=True)
def reasoning_is_counted(told: tuple[Said, object]) -> Iterator[Problem]:
    """Reasoning is counted in `completion_tokens_details.reasoning_tokens`."""
    _, spent = told
    if not spent:
        yield Problem(
            message=f"reasoning_tokens {shown(spent)} for an answer with reasoning",
            at="$.usage.completion_tokens_details.reasoning_tokens",
        )


def _calling(exchange: Exchange) -> Sequence[Said]:
    """Choices of requests that offer tools."""
    return facts(exchange).choices if facts(exchange).tools else ()


@check("RSN-018", over=_calling, always=True)
def markup_is_parsed(one: Said) -> Iterator[Problem]:
    """The markup of a model's calls stands neither in the content nor in arguments."""
    texts = [("content", one.choice.content)]
    texts += [(f"tool_calls[{n}]", call.arguments) for n, call in enumerate(one.choice.tool_calls)]
    for where, text in texts:
        for mark in leaked(text, one.facts.asked) if isinstance(text, str) else ():
            yield Problem(message=f"{where} holds {shown(mark)}", at=f"{one.at}.message.{where}")
