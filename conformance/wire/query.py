"""Singular queries of RFC 9535 (JSONPath): one place in a JSON value, or nothing.

    find(body, "$.choices[0].message['tool_calls'][-1].id")

Only name and index segments: what could give several nodes (`..`, `*`, slices, unions, filters)
is refused with its position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from conformance.errors import UsageError

LARGEST_INDEX = 2**53 - 1
"""RFC 9535 section 2.1: integers are those that every JSON reader keeps exactly."""

_BLANKS = re.compile(r"[ \t\n\r]*")
_SHORTHAND = re.compile(r"[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*")
"""Letters, `_` and everything beyond ASCII; digits behind the first."""
_INDEX = re.compile(r"0|-?[1-9][0-9]*")
_PLAIN = {quote: re.compile(rf"[^{quote}\\\x00-\x1f]+") for quote in "'\""}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\"}
_UNICODE = re.compile(
    r"u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|u(?P<one>(?![dD][89a-fA-F])[0-9A-Fa-f]{4})"
)


class Missing(Enum):
    """The type of MISSING, which is not a JSON value and so cannot be mistaken for one."""

    MISSING = "nothing is there"


MISSING: Final = Missing.MISSING
"""What a query finds where the value has no such place; `null` is found as None."""


class QueryError(UsageError):
    """A text is no singular query. `offset` counts characters from 0."""

    def __init__(self, text: str, offset: int, reason: str) -> None:
        super().__init__(f"query {text!r}, character {offset + 1}: {reason}")
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: member names and array indexes from the root down."""

    segments: tuple[str | int, ...]

    def find(self, value: Any) -> Any:
        """The value at that place, or MISSING. An index on an object finds nothing, and so on."""
        for segment in self.segments:
            if isinstance(segment, str):
                if not isinstance(value, dict) or segment not in value:
                    return MISSING
            elif not isinstance(value, list) or not -len(value) <= segment < len(value):
                return MISSING
            value = value[segment]
        return value


def find(value: Any, query: str) -> Any:
    """The value that a query finds, or MISSING. Raises QueryError for what is no singular query."""
    return parse(query).find(value)


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Read a query. Raises QueryError, which names the place and what would be right there."""
    return Query(tuple(_Reader(text).segments()))


class _Reader:
    """Reads left to right; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def segments(self) -> Iterator[str | int]:
        if not self.text.startswith("$"):
            raise self._error("a query begins with $")
        self.at = 1
        while self.at < len(self.text):
            before = self.at
            self._blanks()
            if self.at == len(self.text):
                self.at = before
                raise self._error("blanks after the query")
            yield self._segment()

    def _segment(self) -> str | int:
        if self._take("["):
            self._blanks()
            selector = self._selector()
            self._blanks()
            if not self._take("]"):
                raise self._error("expected ]; a singular query selects one name or index")
            return selector
        if not self._take("."):
            raise self._error("expected . or [")
        if self._peek() == ".":
            raise self._error("'..' finds many places; a singular query finds one")
        return self._shorthand()

    def _shorthand(self) -> str:
        match = _SHORTHAND.match(self.text, self.at)
        if match is None:
            raise self._error(self._instead("a member name", "such as .choices or ['odd name']"))
        self.at = match.end()
        return match[0]

    def _selector(self) -> str | int:
        quote = self._peek()
        if quote in _PLAIN:
            self.at += 1
            return "".join(self._string(quote))
        match = _INDEX.match(self.text, self.at)
        if match is None:
            raise self._error(self._instead("an index or a quoted name", "such as [0] or ['id']"))
        if len(match[0]) > len(str(LARGEST_INDEX)) + 1 or abs(int(match[0])) > LARGEST_INDEX:
            raise self._error(f"indexes lie within +-{LARGEST_INDEX}")
        self.at = match.end()
        return int(match[0])

    def _string(self, quote: str) -> Iterator[str]:
        while not self._take(quote):
            plain = _PLAIN[quote].match(self.text, self.at)
            if plain is not None:
                self.at = plain.end()
                yield plain[0]
            elif self._take("\\"):
                yield self._escaped(quote)
            elif self._peek():
                raise self._error("this character must be written as an escape such as \\u000a")
            else:
                raise self._error(f"the name has no closing {quote}")

    def _escaped(self, quote: str) -> str:
        letter = self._peek()
        if letter == quote or letter in _ESCAPES:
            self.at += 1
            return _ESCAPES.get(letter, letter)
        match = _UNICODE.match(self.text, self.at)
        if match is None:
            raise self._error("not an escape; write \\\\ for a backslash")
        self.at = match.end()
        if match["one"]:
            return chr(int(match["one"], 16))
        high, low = int(match["high"], 16), int(match["low"], 16)
        return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))

    def _instead(self, wanted: str, example: str) -> str:
        found = self._peek()
        if found in {"*", "?", ":"}:
            return f"{found!r} may find many places; a singular query finds one"
        return f"expected {wanted} {example}"

    def _blanks(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self.at += 1
        return True

    def _error(self, reason: str) -> QueryError:
        return QueryError(self.text, self.at, reason)
