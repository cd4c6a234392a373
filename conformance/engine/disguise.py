"""What a key may look like in bytes: as it stands, escaped, percent-encoded, in base64, or cut short.

Every character may be written in its own way, so a key is a sequence of alternatives. One pattern
looks for the first characters of all keys, quickly, as long bodies hardly ever hold them; the whole
of a key is a pattern of its own, made once its beginning was found: long tokens are slow to compile.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

SHORTEST = 4
"""Characters; shorter values are in every text, and overwriting them would hide nothing."""
SHORTEST_CUT = 8
"""Characters of a key that the end of a body may have cut: fewer tell nothing."""

_BEGINNING = 6
_BASE64_CORE = 8
"""Characters of base64 that do not depend on what stands around the key; fewer prove nothing."""
_SHORT_ESCAPES = {'"': '"', "/": "/", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_BACKSLASHES = (
    rb"\\\\{0,3}"  # JSON within JSON doubles them; a literal first is what `re` is quick at
)
_PERCENT = rb"%(?:25){0,2}"  # encoded twice, or three times
_LONGEST_SPELLING = 32
"""Bytes that one character takes at most."""
_TORN = re.compile(rb"[\\%][^\s\"]{0,16}\Z")
"""An escape that the end of the bytes cuts off."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a key stands."""

    start: int
    end: int
    key: str


class Disguises:
    """Finds the keys of one endpoint in bytes."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """Name to value."""
        written = {
            form: name
            for name, value in secrets.items()
            if len(value) >= SHORTEST
            for form in _forms(value)
        }
        longest_first = sorted(written, key=len, reverse=True)
        self._forms = [_Form(ways=form, key=written[form]) for form in longest_first]

    def __bool__(self) -> bool:
        return bool(self._forms)

    def find(self, data: bytes, *, cut: bool = False) -> list[Found]:
        """Keys in the order of their places; with `cut`, also one whose end is missing."""
        found: list[Found] = []
        start = 0
        while match := self._beginning.search(data, start):
            one = self._at(data, match.start())
            if one:
                found.append(one)
            start = one.end if one else match.start() + 1
        last = self._cut_short(data, found[-1].end if found else 0) if cut else None
        return [*found, last] if last else found

    @cached_property
    def _beginning(self) -> re.Pattern[bytes]:
        """Every alternative begins with a literal, which lets `re` skip what cannot match."""
        alternatives = []
        for form in dict.fromkeys(each.ways[:_BEGINNING] for each in self._forms):
            alternatives += [first + _joined(form[1:]) for first in form[0]]
        return re.compile(b"|".join(alternatives))

    def _at(self, data: bytes, start: int) -> Found | None:
        for form in self._forms:
            if form.beginning.match(data, start) and (match := form.whole.match(data, start)):
                return Found(start, match.end(), form.key)
        return None

    def _cut_short(self, data: bytes, start: int) -> Found | None:
        """A key of which the data holds but the beginning, at its very end."""
        longest = len(self._forms[0].ways) * _LONGEST_SPELLING
        start = max(start, len(data) - longest)
        while match := self._beginning.search(data, start):
            rest = data[match.start() :]
            for form in self._forms:
                if form.told(rest) >= SHORTEST_CUT:
                    return Found(match.start(), len(data), form.key)
            start = match.start() + 1
        return None


Ways = tuple[tuple[bytes, ...], ...]
"""For each character the patterns of all the ways to write it; each begins with a literal."""


@dataclass(frozen=True)
class _Form:
    """A key, or what base64 makes of it."""

    ways: Ways
    key: str
    """Its name."""

    @cached_property
    def beginning(self) -> re.Pattern[bytes]:
        return re.compile(_joined(self.ways[:_BEGINNING]))

    @cached_property
    def whole(self) -> re.Pattern[bytes]:
        return re.compile(_joined(self.ways))

    def told(self, data: bytes) -> int:
        """How many of the characters data holds that breaks off within them; 0 where it does not."""
        most, ends = 0, {0}
        for number, ways in enumerate(self.ways, start=1):
            patterns = [re.compile(each) for each in ways]
            matches = [each.match(data, end) for each in patterns for end in ends]
            ends = {match.end() for match in matches if match}
            if any(end == len(data) or _TORN.match(data, end) for end in ends):
                most = number
        return most


def _joined(ways: Ways) -> bytes:
    return b"".join(b"(?:" + b"|".join(each) + b")" for each in ways)


def _forms(value: str) -> Iterator[Ways]:
    yield tuple(map(_spellings, value))
    for encoding in ("utf-8", "latin-1"):
        try:
            raw = value.encode(encoding)
        except UnicodeEncodeError:
            continue
        for core in {core for shift in range(3) for core in _base64_cores(raw, shift)}:
            yield tuple(map(_base64_spellings, core))


def _base64_cores(raw: bytes, shift: int) -> Iterator[str]:
    """The part of base64 that is the same whatever stands before (`user:`) and behind the key."""
    encoded = base64.b64encode(b"\0" * shift + raw).decode("ascii")
    first = (0, 2, 3)[shift]  # characters that hold bits of what stands before
    core = encoded[first : (shift + len(raw)) * 8 // 6]  # the next one holds bits of what follows
    for form in (core, core if shift else encoded.rstrip("=")):
        if len(form) >= _BASE64_CORE:
            yield form


@cache
def _spellings(character: str) -> tuple[bytes, ...]:
    """Patterns of all the ways to write one character."""
    encoded = {character.encode("utf-8", "surrogatepass")}
    if ord(character) < 256:  # noqa: PLR2004 - what latin-1 has
        encoded.add(character.encode("latin-1"))
    ways = [b"".join(_PERCENT + _hex(f"{byte:02x}") for byte in each) for each in encoded]
    units = character.encode("utf-16-be", "surrogatepass")
    ways.append(
        b"".join(
            _BACKSLASHES + b"u" + _hex(units[at : at + 2].hex()) for at in range(0, len(units), 2)
        )
    )
    if ord(character) < 256:  # noqa: PLR2004 - Python and JavaScript write them shorter
        ways[-1] = _BACKSLASHES + b"(?:u00|x)" + _hex(f"{ord(character):02x}")
    if character in _SHORT_ESCAPES:
        ways.append(_BACKSLASHES + re.escape(_SHORT_ESCAPES[character].encode()))
    if character == "\\":
        ways.append(rb"\\{2}")
    if character == " ":
        ways.append(rb"\+")
    return (*ways, *map(re.escape, encoded))


@cache
def _base64_spellings(character: str) -> tuple[bytes, ...]:
    other = {"+": "-", "/": "_"}.get(character)  # the alphabet for URLs
    return (*_spellings(character), *((other.encode(),) if other else ()))


def _hex(digits: str) -> bytes:
    """In either case."""
    return "".join(
        f"[{digit.upper()}{digit}]" if digit.isalpha() else digit for digit in digits
    ).encode()
