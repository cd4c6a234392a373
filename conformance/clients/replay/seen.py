"""What an application finds in the client's objects, as plain data."""

from __future__ import annotations

import json
from typing import Any

WORDS = 300
MISTYPED = 3
REASONING = ("reasoning_content", "reasoning")

Got = dict[str, Any]
"""One line of output, as it grows."""


def completion(answer: Any, got: Got, *, check: bool = True) -> None:
    """What an application finds in a completion, chat or not."""
    if check:
        typed(answer, got)
    got["usage"] = usage(answer)
    choices = getattr(answer, "choices", None)
    if not choices:
        got["how"] = "empty"
        return
    got["choices"] = [_choice(one) for one in choices]


def _choice(choice: Any) -> dict[str, Any]:
    message = getattr(choice, "message", None)
    if message is None:
        return {"text": getattr(choice, "text", None), "finish": choice.finish_reason}
    thoughts = (getattr(message, name, None) for name in REASONING)
    return {
        "role": getattr(message, "role", None),
        "text": getattr(message, "content", None),
        "refusal": getattr(message, "refusal", None),
        "reasoning": next((one for one in thoughts if one is not None), None),
        "calls": [_call(one) for one in getattr(message, "tool_calls", None) or ()],
        "finish": choice.finish_reason,
    }


def _call(call: Any) -> dict[str, Any]:
    function = getattr(call, "function", None)
    return {
        "name": getattr(function, "name", None),
        "arguments": getattr(function, "arguments", None),
    }


def usage(answer: Any) -> dict[str, Any] | None:
    usage = getattr(answer, "usage", None)
    if usage is None:
        return None
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    return {name: getattr(usage, name, None) for name in names}


def count(chunk: Any, got: Got) -> None:
    got["chunks"] += 1
    typed(chunk, got)


def typed(answer: Any, got: Got) -> None:
    """Note where an object holds what its own types exclude: the client does not look, and its
    users are told by their type checkers that it cannot be.
    """
    kind = type(answer)
    got["type"] = kind.__name__
    if len(got["mistyped"]) >= MISTYPED or not hasattr(kind, "model_validate_json"):
        return
    text = json.dumps(answer.to_dict(warnings=False), default=repr)
    try:
        kind.model_validate_json(text, strict=True)
    except ValueError as error:  # pydantic's own; not imported by name, because 1.x has another
        for one in error.errors(include_url=False):  # type: ignore[attr-defined]
            _mistyped(one, got["mistyped"])


def _mistyped(error: dict[str, Any], known: list[str]) -> None:
    if error["type"] == "json_invalid":  # lone surrogates: its reader's limit, not the answer's
        return
    names = ("*" if isinstance(one, int) else str(one) for one in error["loc"])
    place = ".".join(one for one in names if not one[:1].isupper())  # without members of a union
    words = f"{place}: {error['msg']}"[:WORDS]
    if words not in known and len(known) < MISTYPED:
        known.append(words)
