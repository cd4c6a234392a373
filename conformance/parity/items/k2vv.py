"""Rows of the K2 Vendor Verifier as rows of ours: a whole request a line, and no right answer.

What is right there is what the baseline does: whether a tool is called, and that its arguments fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.errors import SourceError

_FORM = 'a line is a request of chat completions: {"messages": [...], "tools": [...], ...}'
_SAID_ELSEWHERE = ("messages", "tools", "model", "stream", "stream_options", "n")
_INPUT = "_input"
"""A role of its own that stands for `system`."""


def row(data: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    """Of the request, the messages, the tools, and how to sample; model and streaming are ours."""
    for key in ("messages", "tools"):
        if not isinstance(data.get(key), list) or not data[key]:
            raise SourceError(place, f"`{key}` is no list, or an empty one", _FORM)
    return {
        "messages": [_system(each) for each in data["messages"]],
        "tools": data["tools"],
        "parameters": {name: value for name, value in data.items() if name not in _SAID_ELSEWHERE},
    }


def _system(message: Any) -> Any:
    if isinstance(message, Mapping) and message.get("role") == _INPUT:
        return {**message, "role": "system"}
    return message
