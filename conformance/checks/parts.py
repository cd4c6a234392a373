"""Parts of requests and responses, as the subjects of checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from conformance.checks.core import Problem
from conformance.wire.sse import Chunk


@dataclass(slots=True, eq=False)
class Body:
    """A JSON value that a schema judges, once for all clauses."""

    value: Any
    at: str
    """Where it stands: empty for a body, `event 7` for a chunk."""
    broken: dict[str, dict[str, tuple[Problem, ...]]] = field(default_factory=dict)
    """By schema, then by clause; filled in by `by_schema`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """One entry of `choices` in one chunk."""

    number: int
    """Of its data event, from 0."""
    place: int
    """In `choices`."""
    choice: dict[str, Any]
    key: int
    """Its index; where that is no integer, its place."""

    @property
    def delta(self) -> dict[str, Any]:
        """The delta; empty where it is no object."""
        delta = self.choice.get("delta")
        return delta if isinstance(delta, dict) else {}

    @property
    def at(self) -> str:
        return f"event {self.number} $.choices[{self.place}]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fragment:
    """One entry of `delta.tool_calls`."""

    entry: Entry
    place: int
    value: dict[str, Any]
    index: int | None
    """None where it is missing or no integer."""
    first: bool
    """The first of its index in its choice."""

    @property
    def function(self) -> dict[str, Any]:
        """Its `function`, or `custom`; empty where there is neither."""
        for name in ("function", "custom"):
            if isinstance(self.value.get(name), dict):
                return self.value[name]  # type: ignore[no-any-return]
        return {}

    @property
    def at(self) -> str:
        return f"{self.entry.at}.delta.tool_calls[{self.place}]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """All fragments of one index of one choice: what the SDK takes for one call."""

    index: int
    fragments: tuple[Fragment, ...]

    @property
    def first(self) -> Fragment:
        return self.fragments[0]

    @property
    def custom(self) -> bool:
        return any("custom" in each.value for each in self.fragments)

    @property
    def name(self) -> Any:
        return self.first.function.get("name")

    @property
    def text(self) -> str | None:
        """Its arguments, one fragment after the other; None where one of them is no text."""
        parts = [each.function.get("arguments") for each in self.fragments]
        texts = [each for each in parts if isinstance(each, str)]
        return "".join(texts) if len(texts) == len(parts) - parts.count(None) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that the request offers."""

    name: str
    custom: bool
    parameters: Any
    """Its JSON Schema; None where there is none."""
    strict: bool


def entries_of(chunk: Chunk) -> list[Entry]:
    """The entries of a chunk's `choices` that are objects."""
    choices = chunk.value.get("choices") if isinstance(chunk.value, dict) else None
    found = []
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            index = choice.get("index")
            key = index if is_integer(index) else place
            found.append(Entry(number=chunk.number, place=place, choice=choice, key=key))
    return found


def fragments_of(entries: Iterable[Entry]) -> list[Fragment]:
    """The fragments of tool calls that are objects, in order of arrival."""
    found = []
    seen: set[tuple[int, int]] = set()
    for entry in entries:
        listed = entry.delta.get("tool_calls")
        for place, value in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(value, dict):
                continue
            index = value.get("index")
            index = index if is_integer(index) else None
            first = index is not None and (entry.key, index) not in seen
            if index is not None:
                seen.add((entry.key, index))
            found.append(Fragment(entry=entry, place=place, value=value, index=index, first=first))
    return found


def tool_of(listed: Any) -> Tool | None:
    if not isinstance(listed, dict):
        return None
    custom = listed.get("type") == "custom"
    held = listed.get("custom" if custom else "function")
    name = held.get("name") if isinstance(held, dict) else None
    if not isinstance(held, dict) or not isinstance(name, str):
        return None
    return Tool(
        name=name,
        custom=custom,
        parameters=held.get("parameters"),
        strict=held.get("strict") is True,
    )


def tools_of(listed: Any, *, flat: bool) -> dict[str, Tool]:
    """Tools by name. `flat`: as requests for a response offer functions, which nest nothing."""
    entries = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    if flat:
        functions = [each for each in entries if each.get("type") == "function"]
        entries = [{"type": "function", "function": each} for each in functions]
    found = map(tool_of, entries)
    return {tool.name: tool for tool in found if tool is not None}


def is_integer(value: Any) -> TypeGuard[int]:
    """A JSON integer; Python takes `true` for one."""
    return isinstance(value, int) and not isinstance(value, bool)


_CODES = ("status_code", "code", "error_code")
_WORDS = ("status_msg", "message", "msg", "error_msg")


def is_vendor_status(value: Any) -> bool:
    """A code that is not 0, with words: how vendors tell of failures beside a status of 200."""
    if not isinstance(value, dict):
        return False
    codes = [value[name] for name in _CODES if is_integer(value.get(name)) and value[name]]
    return bool(codes) and any(isinstance(value.get(name), str) for name in _WORDS)


def is_one_of(value: Any, *words: str) -> bool:
    """One of these words; a value from an endpoint may be anything, also unhashable."""
    return isinstance(value, str) and value in words
