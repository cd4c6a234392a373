"""JSON read strictly: the value, and everything that a strict reader objects to."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.wire.flaws import Flaws, quoted

DEEPEST = 200
"""Nesting beyond this is not read: whatever walks a value may recurse without fear."""

_BOM = b"\xef\xbb\xbf"
_BLANK = " \t\n\r"
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_MAYBE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_DIGITS = 308
"""Every integer of so many digits fits a double; longer ones are read as one, at worst infinite."""
_LONG_INTEGER = re.compile(rf"(?<!\d)\d{{{_MOST_DIGITS + 1}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A body read as JSON."""

    value: Any
    """None where it is no JSON at all (see `ok`). Strings may hold lone surrogates, as received."""
    ok: bool
    """A lenient reader makes a value of it: one JSON text, whatever its smaller flaws."""
    flaws: tuple[str, ...]
    """In words: `duplicate key 'id' with different values`, `NaN`, `text after the value`,
    `not UTF-8 at byte 12`, `byte order mark`, `lone surrogate`, `nested deeper than 200` ..."""


def read(body: bytes) -> Document:
    """Read one JSON text (RFC 8259). Never raises, whatever the bytes."""
    flaws: list[str] = []
    start = len(_BOM) if body.startswith(_BOM) else 0
    if start:
        flaws.append("byte order mark")
    try:
        text = body[start:].decode("utf-8")
    except UnicodeDecodeError as problem:
        flaws.append(f"not UTF-8 at byte {start + problem.start}")
        text = body[start:].decode("utf-8", "replace")
    document = read_text(text)
    return Document(value=document.value, ok=document.ok, flaws=(*flaws, *document.flaws))


def read_text(text: str) -> Document:
    """Like `read`, for text that is decoded already (the data of a server-sent event)."""
    start = len(text) - len(text.lstrip(_BLANK))
    if start == len(text):
        return Document(value=None, ok=False, flaws=("empty",))
    if _too_deep(text):
        return Document(value=None, ok=False, flaws=(f"nested deeper than {DEEPEST}",))
    reader = _Reader()
    try:
        value, end = reader.value_at(text, start)
    except json.JSONDecodeError as problem:
        words = f"not JSON: {problem.msg} at character {problem.pos}"
        return Document(value=None, ok=False, flaws=(*reader.flaws.all(), words))
    except RecursionError:  # called from deep within another recursion
        return Document(value=None, ok=False, flaws=(f"nested deeper than {DEEPEST}",))
    if text[end:].strip(_BLANK):
        words = f"text after the value, from character {end}"
        return Document(value=None, ok=False, flaws=(*reader.flaws.all(), words))
    if _MAYBE_SURROGATE.search(text) and any(map(_SURROGATE.search, _strings(value))):
        reader.flaws.add("lone surrogate")
    return Document(value=value, ok=True, flaws=reader.flaws.all())


def quick(text: str) -> tuple[Any, bool]:
    """The value and `ok` that `read_text` gives, without looking for flaws: for long streams."""
    if text.count("{") + text.count("[") <= DEEPEST and not _LONG_INTEGER.search(text):
        try:
            return json.loads(text), True
        except (ValueError, RecursionError):
            pass  # the thorough way knows what to make of it
    document = read_text(text)
    return document.value, document.ok


class _Reader:
    """Python's own scanner, with hooks that write down what it would let pass."""

    def __init__(self) -> None:
        self.flaws = Flaws()

    def value_at(self, text: str, start: int) -> tuple[Any, int]:
        try:
            return self._decoder(strict=True).raw_decode(text, start)
        except json.JSONDecodeError as problem:
            if not problem.msg.startswith("Invalid control character"):
                raise
        self.flaws = Flaws(["raw control character in a string"])
        return self._decoder(strict=False).raw_decode(text, start)

    def _decoder(self, *, strict: bool) -> json.JSONDecoder:
        return json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=self._constant,
            strict=strict,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            self._duplicates(pairs)
        return members

    def _duplicates(self, pairs: list[tuple[str, Any]]) -> None:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                differ = type(seen[key]) is not type(value) or seen[key] != value
                ending = "with different values" if differ else "with the same value"
                self.flaws.add(f"duplicate key {quoted(key)} {ending}")
            seen[key] = value

    def _float(self, digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            self.flaws.add("number out of double range")
        return number

    def _int(self, digits: str) -> int | float:
        # Python refuses to read very long integers, and trips over long ones in arithmetic.
        if len(digits.lstrip("-")) > _MOST_DIGITS:
            return self._float(digits)
        return int(digits)

    def _constant(self, name: str) -> float:
        self.flaws.add(name)
        return float(name)


def _too_deep(text: str) -> bool:
    """Whether brackets outside of strings nest deeper than DEEPEST. Linear, without recursion."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match[0][0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif mark in "]}":
            depth -= 1
    return False


def _strings(value: Any) -> Iterator[str]:
    """All strings in a value, keys included."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
