"""What a completion says to an item, as far as it can be read."""

from __future__ import annotations

from typing import Any

from conformance.parity.items.model import Made, Said
from conformance.wire.completion import Answer, ToolCall


def said(completion: Answer | None) -> Said | None:
    """The first choice; None where there is none, or an answer that the cap cut: no witness."""
    if completion is None or not completion.choices:
        return None
    choice = completion.choices[foremost(completion)]
    if choice.finish_reason == "length":
        return None
    return Said(
        text=_text(choice.content) or _text(choice.refusal),
        calls=tuple(map(_made, choice.tool_calls)),
        refused=bool(_text(choice.refusal)) or choice.finish_reason == "content_filter",
    )


def foremost(completion: Answer) -> int:
    """Where the choice of index 0 stands, the first one that came where none is: only one is asked for."""
    indices = [each.index for each in completion.choices]
    return indices.index(0) if 0 in indices else 0


def _made(call: ToolCall) -> Made:
    """What is no text can't be a name, nor arguments: it is kept as what no schema fits."""
    arguments = call.arguments if isinstance(call.arguments, str) else repr(call.arguments)
    return Made(_text(call.name), arguments)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
