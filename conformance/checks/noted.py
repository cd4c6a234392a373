"""What several checks ask of an exchange: found once, and kept with what is derived from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from conformance.checks.facts import Facts

T = TypeVar("T")


def noted(find: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Found once for each exchange."""
    name = f"{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def found(one: Facts) -> T:
        notes = one.exchange.derived
        if name not in notes:
            notes[name] = find(one)
        note: T = notes[name]
        return note

    return found
