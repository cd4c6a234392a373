"""Long texts that suites describe in place of writing them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def repeated(given: Mapping[str, Any]) -> str | list[str]:
    """`$repeat`: a text so many times, or that share of them; at least once. Or a list of texts."""
    if "entry" in given:
        return [str(given["entry"])] * int(given["times"])
    return str(given["text"]) * max(1, int(int(given["times"]) * float(given.get("share", 1))))
