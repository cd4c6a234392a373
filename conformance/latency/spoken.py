"""What one event of a stream adds to the answer. What is empty adds nothing, whatever its shape."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

_REASONING = ("reasoning_content", "reasoning", "thinking")
_CONTENT = ("content", "text", "refusal")


class Kind(StrEnum):
    """Of what is said."""

    CONTENT = "content"
    REASONING = "reasoning"
    TOOL = "tool"


_BY_TYPE = {
    "response.output_text.delta": Kind.CONTENT,
    "response.refusal.delta": Kind.CONTENT,
    "response.reasoning_text.delta": Kind.REASONING,
    "response.reasoning_summary_text.delta": Kind.REASONING,
    "response.function_call_arguments.delta": Kind.TOOL,
}
"""Events of /responses."""


def spoken(value: Any) -> Iterator[tuple[Kind, str]]:
    """Kind and text of all that is said, in order; nothing for roles, endings and usage."""
    if not isinstance(value, dict):
        return
    kind = _BY_TYPE.get(str(value.get("type")))
    if kind is not None:
        yield from _said(kind, value.get("delta"))
    for choice in _objects(value.get("choices")):
        yield from _said(Kind.CONTENT, choice.get("text"))
        delta = choice.get("delta")
        if isinstance(delta, dict):
            yield from _of_delta(delta)


def _of_delta(delta: dict[str, Any]) -> Iterator[tuple[Kind, str]]:
    for name in _REASONING:
        yield from _said(Kind.REASONING, delta.get(name))
    for name in _CONTENT:
        yield from _said(Kind.CONTENT, delta.get(name))
    calls = [*_objects(delta.get("tool_calls")), {"function": delta.get("function_call")}]
    for call in calls:
        function = call.get("function")
        if isinstance(function, dict):
            yield from _said(Kind.TOOL, function.get("arguments"))


def _said(kind: Kind, text: Any) -> Iterator[tuple[Kind, str]]:
    if isinstance(text, str) and text:
        yield kind, text


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
