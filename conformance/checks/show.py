"""Values as they stand in the message of a problem: short, whatever an endpoint sends."""

from __future__ import annotations

import json
from typing import Any

MOST = 80
"""Characters of a value that are shown."""

KINDS = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def shown(value: Any, most: int = MOST) -> str:
    """A JSON value in at most `most` characters, and an ellipsis where it is longer."""
    if isinstance(value, str) and len(value) > most:
        value = value[: most + 1]
    if isinstance(value, list | dict) and len(value) > most:
        return f"{kind(value)} with {len(value)} members"
    text = json.dumps(value, ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode()  # lone surrogates
    return text if len(text) <= most else f"{text[:most]}…"


def kind(value: Any) -> str:
    """What JSON calls a value."""
    return KINDS.get(type(value), type(value).__name__)


def either(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
