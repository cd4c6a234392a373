"""Strings that fit: by format, by pattern, by length."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

# The standard library's own parser of patterns; typeshed does not know it, so it comes as Any.
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")

_FORMATS = {
    "date": "2026-01-{day:02d}",
    "time": "12:00:{day:02d}Z",
    "date-time": "2026-01-{day:02d}T12:00:00Z",
    "duration": "PT{day}M",
    "email": "person{day}@example.com",
    "hostname": "host{day}.example.com",
    "ipv4": "192.0.2.{day}",
    "ipv6": "2001:db8::{day}",
    "uuid": "00000000-0000-4000-8000-0000000000{day:02d}",
    "uri": "https://example.com/{day}",
}
_LONGEST_LOOP = 4096
_SPECIAL = {
    sre.CATEGORY_DIGIT: "7",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_WORD: "-",
    sre.CATEGORY_NOT_SPACE: "a",
}
_FAVOURITES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.,"


def string(schema: dict[str, Any], nth: int) -> str:
    """A string for a schema; `nth` makes different ones. Whether it fits is for the caller to see."""
    least = schema.get("minLength", 0)
    most = schema.get("maxLength", max(least, _LONGEST_LOOP))
    if "pattern" in schema:
        return patterned(schema["pattern"], least, nth)
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]].format(day=nth % 28 + 1)
    word = "text" if nth == 0 else f"text {nth + 1}"
    if len(word) > most:
        word = _FAVOURITES[nth % 62]
    return word.ljust(least, "x")[:most]


def patterned(pattern: str, least: int, nth: int) -> str:
    """A string that matches a regular expression, and is long enough where its loops allow it."""
    tree = sre_parser.parse(pattern)
    text = _spell(tree, 0, nth)
    extra = 1
    while len(text) < least and extra <= _LONGEST_LOOP:
        text = _spell(tree, extra, nth)
        extra *= 2
    if len(text) < least and not pattern.endswith("$"):
        text = text.ljust(least, "x")
    return text


def _spell(tree: Any, extra: int, nth: int) -> str:
    return "".join(_piece(code, argument, extra, nth) for code, argument in tree)


def _piece(code: Any, argument: Any, extra: int, nth: int) -> str:
    if code is sre.LITERAL:
        return chr(argument)
    if code is sre.NOT_LITERAL:
        return next(each for each in _FAVOURITES if ord(each) != argument)
    if code is sre.ANY:
        return "a"
    if code is sre.IN:
        return _member(argument, nth)
    if code is sre.BRANCH:
        return _spell(argument[1][nth % len(argument[1])], extra, nth)
    if code is sre.SUBPATTERN:
        return _spell(argument[-1], extra, nth)
    if code in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, inner = argument
        times: int = min(int(high), max(low, 1 if low == 0 and extra else low) + extra)
        return _spell(inner, 0, nth) * min(times, _LONGEST_LOOP)
    return ""  # anchors and look-arounds say nothing of their own


def _member(members: list[tuple[Any, Any]], nth: int) -> str:
    """A character of a class, preferably a plain one."""
    if members[0][0] is sre.NEGATE:
        inside = re.compile("[" + "".join(map(_written, members[1:])) + "]")
        return next(each for each in _FAVOURITES + "~\n" if not inside.match(each))
    code, argument = members[0]
    if code is sre.RANGE:
        low, high = argument
        return chr(low + nth % (high - low + 1))
    special: str = _SPECIAL[argument] if code is sre.CATEGORY else chr(argument)
    return special


def _written(member: tuple[Any, Any]) -> str:
    code, argument = member
    if code is sre.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    if code is sre.CATEGORY:
        return _CATEGORIES[argument]
    return re.escape(chr(argument))


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_NOT_SPACE: r"\S",
}
