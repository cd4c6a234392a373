"""Answers of standard members alone, under the name that was asked for: for cases that tell them from others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Body
from conformance.checks.select import member
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_ANSWER = frozenset({
    "id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint", "moderation",
})  # fmt: skip
_CHOICE = frozenset({"index", "message", "finish_reason", "logprobs"})
_MESSAGE = frozenset({
    "role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio", "reasoning_content",
    "reasoning",
})  # fmt: skip
_USAGE = frozenset({
    "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details",
})  # fmt: skip


@check("CRESP-025", over=select.completions)
def standard_members(body: Body) -> Iterator[Problem]:
    """The answer, its choices, messages and usage have no members but those that are documented."""
    choices = select.choices_of(body)
    parts = [
        ("$", body.value, _ANSWER),
        ("$.usage", member(body, "usage"), _USAGE),
        *((f"$.choices[{n}]", each, _CHOICE) for n, each in enumerate(choices)),
        *(
            (f"$.choices[{n}].message", each.get("message"), _MESSAGE)
            for n, each in enumerate(choices)
        ),
    ]
    for at, held, known in parts:
        if more := _beyond(held, known):
            yield Problem(message=f"more members than the standard ones: {', '.join(more)}", at=at)


def _beyond(held: Any, known: frozenset[str]) -> list[str]:
    return sorted(held.keys() - known) if isinstance(held, dict) else []


def _named(exchange: Exchange) -> Sequence[Facts]:
    """Answers to requests that name a model."""
    found = facts(exchange)
    return (found,) if found.completions and isinstance(found.asked.get("model"), str) else ()


@check("CRESP-005", over=_named)
def model_as_asked(one: Facts) -> Iterator[Problem]:
    """The answer names the model as the request does."""
    asked, told = one.asked["model"], member(one.completions[0], "model")
    if told != asked:
        yield Problem(message=f"model {shown(told)}, asked for {shown(asked)}", at="$.model")
