"""How the openai SDK adds one delta to what it has (`lib/streaming/_deltas.py`), retraced.

Every rule here is the SDK's, also the surprising ones: texts are put together whatever they mean
(`assistantassistant`), numbers are added up, an entry of a list of objects is found by `index`,
and where kinds differ the later value is dropped without a word.
"""

from __future__ import annotations

from typing import Any


class Text:
    """Text that grows: a list of parts, so that long answers take linear time."""

    def __init__(self, *parts: str) -> None:
        self.parts = list(parts)


class Grown(list[Any]):
    """A list that was added to, and whether it holds nothing but scalars."""

    def __init__(self, entries: list[Any]) -> None:
        super().__init__(entries)
        self.scalars = _all_scalars(entries)

    def append_all(self, entries: list[Any]) -> None:
        """Add entries as they are."""
        self.scalars = self.scalars and _all_scalars(entries)
        self.extend(entries)


def accumulate(known: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """Add `delta` to `known`, which is changed and returned; `delta` must be the caller's own.

    Raises what the SDK raises: TypeError and RuntimeError for lists that it can't merge.
    """
    for name, new in delta.items():
        old = known.get(name)
        if old is None and _has_indexes(new):
            # fragments of one entry may stand side by side in the first list already
            old = []
        known[name] = new if old is None or name in {"index", "type"} else _add(old, new)
    return known


def settled(value: Any) -> Any:
    """A copy with growing texts and lists made ordinary."""
    if isinstance(value, Text):
        return "".join(value.parts)
    if isinstance(value, dict):
        return {name: settled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [settled(one) for one in value]
    return value


def _add(old: Any, new: Any) -> Any:
    if isinstance(old, str | Text) and isinstance(new, str):
        text = old if isinstance(old, Text) else Text(old)
        text.parts.append(new)
        return text
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old + new
    if isinstance(old, dict) and isinstance(new, dict):
        return accumulate(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _add_entries(old if isinstance(old, Grown) else Grown(old), new)
    return old


def _add_entries(known: Grown, entries: list[Any]) -> Grown:
    if known.scalars and (known or not _has_indexes(entries)):
        known.append_all(entries)
        return known
    for entry in entries:
        if not isinstance(entry, dict):
            raise TypeError(f"an entry of a list of objects is no object: {_shown(entry)}")
        if "index" not in entry:
            raise RuntimeError(f"an entry of a list of objects has no `index`: {_shown(entry)}")
        index = entry["index"]
        if not isinstance(index, int):
            raise TypeError(f"the `index` of a list entry is no integer: {_shown(index)}")
        try:
            there = known[index]
        except IndexError:
            known.insert(index, entry)
            known.scalars = False
        else:
            if not isinstance(there, dict):
                raise TypeError("a list mixes objects and other values")
            known[index] = accumulate(there, entry)
    return known


def _has_indexes(value: Any) -> bool:
    return isinstance(value, list) and any(
        isinstance(one, dict) and "index" in one for one in value
    )


def _all_scalars(entries: list[Any]) -> bool:
    return all(isinstance(one, str | int | float) for one in entries)


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:77]}..."  # noqa: PLR2004 - a line's worth
