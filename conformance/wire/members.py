"""Objects that come in parts: member by member, put together the way their kind suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

SAID_ONCE = frozenset({"format", "id", "index", "name", "object", "role", "status", "type"})
"""Members that name something: said again they are the same thing, not more of it."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def joined(parts: Iterable[str]) -> str:
    """Text put together, also where an escaped surrogate pair was torn apart between two parts."""
    text = "".join(parts)
    if _SURROGATE.search(text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


class Members:
    """Collects the members of partial objects; linear in what is collected."""

    def __init__(self) -> None:
        self._seen: dict[str, list[Any]] = {}

    def take(self, part: Mapping[str, Any]) -> None:
        """Add the members of one part; null says that a member exists, and nothing more."""
        for name, value in part.items():
            values = self._seen.setdefault(name, [])
            if value is not None:
                values.append(value)

    @property
    def said(self) -> bool:
        """Something other than null or empty came, and other than a member that only names."""
        return any(any(values) for name, values in self._seen.items() if name not in SAID_ONCE)

    def value(self) -> dict[str, Any]:
        """The object put together: text and lists one after the other, objects member by member,
        anything else as it was said last.
        """
        return {name: _together(name, values) for name, values in self._seen.items()}


def _together(name: str, values: list[Any]) -> Any:
    if not values:
        return None
    if all(isinstance(one, str) for one in values):
        return next(filter(None, values), "") if name in SAID_ONCE else joined(values)
    if all(isinstance(one, list) for one in values):
        return [entry for one in values for entry in one]
    if all(isinstance(one, dict) for one in values):
        inner = Members()
        for one in values:
            inner.take(one)
        return inner.value()
    return values[-1]
