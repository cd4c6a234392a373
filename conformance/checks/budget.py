"""Tokens that an answer may have, and has at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.checks.parts import is_integer
from conformance.wire.assemble import Answer

_AROUND_A_CALL = 64
"""Tokens that the markup of a tool call costs at most."""


def caps_of(asked: Mapping[str, Any]) -> list[int]:
    """The caps that a request names."""
    named = [asked.get(name) for name in ("max_completion_tokens", "max_tokens")]
    return [each for each in named if is_integer(each) and each > 0]


def most_tokens(answer: Answer) -> int:
    """More tokens than an answer can have: each has a byte, but for some around tool calls."""
    most = 0
    for choice in answer.choices:
        texts = [choice.content, choice.refusal, choice.reasoning]
        for call in choice.tool_calls:
            texts += [call.name, call.arguments]
            most += _AROUND_A_CALL
        most += sum(len(each.encode("utf-8", "replace")) for each in texts if isinstance(each, str))
    return most
