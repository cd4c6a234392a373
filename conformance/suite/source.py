"""Read the plain-data subset of YAML, and remember where every key and value came from.

JSON is part of it, so bodies can be pasted. Only `null`, `true`, `false` and JSON numbers are
typed: `no`, `on`, `010` and `2026-11-23` stay text. Anchors, aliases, tags, doubled keys and
several documents are errors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from conformance.errors import SourceError

At = tuple[str | int, ...]
"""Where in the data: keys and indexes from the root."""

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 64
SHOWN = 10
"""So many complaints about one file are shown at once."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "false": False,
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = (
    "an escape that YAML does not know",
    "write characters beyond \\uFFFF as themselves, not as two surrogate escapes",
)
# libyaml is many times faster than PyYAML's own scanner; both give the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Something wrong in a file of the user's."""

    at: At
    reason: str
    remedy: str = ""
    of_key: bool = False
    """The key itself is wrong, rather than its value."""
    consequence: bool = False
    """Something is missing, perhaps because something else is misspelt: told after the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain data, and where each part of it was written."""

    path: str
    data: Any
    values: Mapping[At, tuple[int, int]] = field(default_factory=dict)
    """Line and column, both from 1; empty for data that came from no file."""
    keys: Mapping[At, tuple[int, int]] = field(default_factory=dict)

    def place(self, at: At, *, of_key: bool = False) -> str:
        """`file:line:column` of a value (or its key), or of the nearest thing around it."""
        found = self._nearest(at, of_key=of_key)
        if found:
            return f"{self.path}:{found[0]}:{found[1]}"
        return f"{self.path}: {dotted(at)}" if at else self.path

    def line(self, at: At) -> str:
        """`file:line`, for values that are referred to later."""
        found = self._nearest(at, of_key=True)
        return f"{self.path}:{found[0]}" if found else self.path

    def _nearest(self, at: At, *, of_key: bool) -> tuple[int, int] | None:
        if of_key and at in self.keys:
            return self.keys[at]
        for length in range(len(at), -1, -1):
            if at[:length] in self.values:
                return self.values[at[:length]]
        return None

    def refuse(self, complaints: Iterable[Complaint]) -> None:
        """Raise SourceError if there is any complaint; the first in the file leads."""
        found = sorted(complaints, key=self._order)
        if not found:
            return
        first, *others = dict.fromkeys(found)
        lines = [first.remedy] if first.remedy else []
        lines += [f"{self._place(each)}: {each.reason}" for each in others[: SHOWN - 1]]
        if len(others) >= SHOWN:
            lines.append(f"and {len(others) - SHOWN + 1} more")
        raise SourceError(self._place(first), first.reason, "\n  ".join(lines))

    def _order(self, each: Complaint) -> tuple[bool, tuple[int, ...]]:
        return each.consequence, self._nearest(each.at, of_key=each.of_key) or ()

    def _place(self, complaint: Complaint) -> str:
        return self.place(complaint.at, of_key=complaint.of_key)


def dotted(at: At) -> str:
    """`cases[2].expect`: a place in data that has no lines."""
    words = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in at)
    return words.removeprefix(".")


def read(text: str, path: str) -> Document:
    """A document from the text of a file. Raises SourceError with line and column."""
    if len(text) > MAX_CHARACTERS:
        raise SourceError(path, f"longer than {MAX_CHARACTERS} characters", "split the file")
    reader = _Reader(path)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        problem = error.problem or "cannot be read as YAML"
        if "escape" in problem:
            problem, remedy = _ESCAPE
        else:
            remedy = "quote texts that hold any of  : # ? , { } [ ]"
        raise SourceError(place, problem, remedy) from error
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        raise SourceError(
            _odd_character(text, path),
            "a character that YAML does not allow",
            "write control characters as escapes in double quotes",
        ) from error
    return reader.document()


def _odd_character(text: str, path: str) -> str:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if not found:
        return path
    before = text[: found.start()]
    return f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    at: At
    made: dict[str, Any] | list[Any]
    key: str | None = None


class _Reader:
    """Builds plain data from YAML events, without recursion."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: list[Any] = []
        self.values: dict[At, tuple[int, int]] = {}
        self.keys: dict[At, tuple[int, int]] = {}
        self.open: list[_Open] = []
        self.documents = 0

    def document(self) -> Document:
        data = self.root[0] if self.root else None
        return Document(path=self.path, data=data, values=self.values, keys=self.keys)

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self.error(
                        event, "a second document begins here", "use one file for each"
                    )
            case yaml.AliasEvent():
                raise self.error(event, "aliases are not accepted", "write the value out")
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.open.pop()
            case yaml.MappingStartEvent():
                self.begin(event, {})
            case yaml.SequenceStartEvent():
                self.begin(event, [])
            case yaml.ScalarEvent():
                self.scalar(event)

    def begin(self, event: Any, made: dict[str, Any] | list[Any]) -> None:
        self.plain(event)
        if self.open and isinstance(self.open[-1].made, dict) and self.open[-1].key is None:
            raise self.error(event, "a key is text, never a mapping or list")
        if len(self.open) >= MAX_DEPTH:
            raise self.error(event, f"nested deeper than {MAX_DEPTH} levels")
        at = self.put(event, made)
        self.open.append(_Open(at, made))

    def scalar(self, event: Any) -> None:
        self.plain(event)
        around = self.open[-1] if self.open else None
        if around and isinstance(around.made, dict) and around.key is None:
            self.key(event, around)
        else:
            self.put(event, self.value(event))

    def key(self, event: Any, around: _Open) -> None:
        name = self.text(event)
        at = (*around.at, name)
        if name in around.made:
            line = self.keys[at][0]
            raise self.error(event, f"{name!r} is written twice (first in line {line})")
        self.keys[at] = _place(event)
        around.key = name

    def put(self, event: Any, value: Any) -> At:
        """Hang a value in where it belongs, and say where that is."""
        if not self.open:
            at: At = ()
            self.root.append(value)
        else:
            around = self.open[-1]
            if isinstance(around.made, list):
                at = (*around.at, len(around.made))
                around.made.append(value)
            else:
                assert around.key is not None
                at = (*around.at, around.key)
                around.made[around.key] = value
                around.key = None
        self.values[at] = _place(event)
        return at

    def value(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # quoted, or a block
            return self.text(event)
        if text in _WORDS:
            return _WORDS[text]
        if not _NUMBER.fullmatch(text):
            return self.text(event)
        try:
            number = int(text) if _INTEGER.fullmatch(text) else float(text)
        except ValueError:  # more digits than Python converts
            number = math.inf
        if number in (math.inf, -math.inf):
            raise self.error(event, "a number too large", "quote it if text is meant")
        return number

    def text(self, event: Any) -> str:
        written: str = event.value
        if _SURROGATE.search(written):  # libyaml refuses these by itself, PyYAML lets them through
            raise self.error(event, *_ESCAPE)
        return written

    def plain(self, event: Any) -> None:
        if event.anchor:
            raise self.error(event, "anchors are not accepted", "write the value out")
        if event.tag:
            raise self.error(event, f"tags are not accepted ({event.tag})")

    def error(self, event: Any, reason: str, remedy: str = "") -> SourceError:
        line, column = _place(event)
        return SourceError(f"{self.path}:{line}:{column}", reason, remedy)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def walk(value: Any, at: At = ()) -> Iterator[tuple[At, Any]]:
    """Every value inside, outer ones first."""
    yield at, value
    inside = (
        value.items()
        if isinstance(value, Mapping)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in inside:
        yield from walk(each, (*at, key))
