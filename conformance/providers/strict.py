"""Read TOML strictly: every value is of the kind the grammar says, or the error names line and remedy."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, assert_never

from conformance.errors import SecretError, SourceError, did_you_mean
from conformance.providers.kinds import Data, Flag, Kind, Many, Named, Number, Table, Text
from conformance.providers.places import Path, Places, places
from conformance.providers.references import (
    SECRET_NAME,
    WELL_FORMED,
    flaw,
    is_reference,
    looks_like_key,
    references,
)

KEYS_BELONG_ELSEWHERE = (
    "Put the key into an environment variable and refer to it: ${VAR} "
    "(or let a program print it: auth.command). A key in a file ends up in a repository"
)
_SYNTAX_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_TYPES = {bool: "true or false", str: "a string", int: "a number", float: "a number"}


def parse(text: str, file: str) -> tuple[dict[str, Any], Places]:
    """TOML as data, with the places of its keys. Raises SourceError where it is not TOML."""
    try:
        return tomllib.loads(text), places(text, file)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text, file) from error
    except RecursionError:
        raise SourceError(f"{file}:1", "is nested too deeply") from None


def _syntax(message: str, text: str, file: str) -> SourceError:
    found = _SYNTAX_PLACE.search(message)
    reason = _SYNTAX_PLACE.sub("", message)
    if found and found[1]:
        place = f"{file}:{found[1]}:{found[2]}"
    else:
        place = f"{file}:{len(text.splitlines()) or 1}"
    return SourceError(place, f"is not TOML: {reason}", 'strings need quotes: name = "value"')


def dotted(path: Path) -> str:
    """`providers.local.deviations[1].reason`."""
    words = ""
    for step in path:
        word = step if isinstance(step, str) else ""
        quoted = word if re.fullmatch(r"[A-Za-z0-9_-]+", word) else f'"{word}"'
        words += f"[{step}]" if isinstance(step, int) else f".{quoted}"
    return words.removeprefix(".")


@dataclass(frozen=True, slots=True)
class Reader:
    """Checks data against the grammar and returns it as plain values."""

    places: Places

    def read(self, kind: Kind, value: Any, path: Path) -> Any:
        """The value, checked; tables of dotted names are flattened. Raises SourceError, SecretError."""
        match kind:
            case Text():
                return self._text(kind, value, path)
            case Number():
                return self._number(kind, value, path)
            case Flag():
                if not isinstance(value, bool):
                    self.wrong_type(path, "true or false", value)
                return value
            case Many():
                return self._many(kind, value, path)
            case Table():
                return self._table(kind, value, path)
            case Named():
                return self._named(kind, value, path)
            case Data():
                return self._data(value, path)
            case _:
                assert_never(kind)

    def fail(self, path: Path, reason: str, remedy: str = "") -> NoReturn:
        """Raise SourceError at the place of a key."""
        raise SourceError(self.places.of(path), f"{dotted(path)} {reason}".strip(), remedy)

    def refuse_key(self, path: Path, reason: str, shown: Path | None = None) -> NoReturn:
        """Raise SecretError at the place of a key. The value is never shown.

        `shown` stands for the path in the message where the path itself holds the secret.
        """
        name = dotted(path if shown is None else shown)
        raise SecretError(f"{self.places.of(path)}: {name} {reason}\n  {KEYS_BELONG_ELSEWHERE}")

    def wrong_type(self, path: Path, wanted: str, value: Any) -> NoReturn:
        self.fail(path, f"must be {wanted}, not {_said(value)}")

    def _text(self, kind: Text, value: Any, path: Path) -> str:
        if not isinstance(value, str):
            self.wrong_type(path, "a string", value)
        if kind.key or _carries_key(path):
            self._reference(kind, value, path)
        self._no_key(value, path)
        if kind.references or kind.key:
            if problem := flaw(value):
                self.fail(path, problem, WELL_FORMED)
        elif references(value):
            self.fail(path, "may not refer to variables")
        if kind.choices and value not in kind.choices:
            hint = did_you_mean(value, kind.choices)
            self.fail(
                path, f"is {value!r}{hint or ', but must be one of ' + ', '.join(kind.choices)}"
            )
        if kind.pattern and not re.fullmatch(kind.pattern, value):
            self.fail(path, f"is {value!r}, but must be {kind.pattern_means}")
        return value

    def _reference(self, kind: Text, value: str, path: Path) -> None:
        if problem := flaw(value):
            self.fail(path, problem, WELL_FORMED)
        if not (is_reference(value) if kind.key else references(value)):
            self.refuse_key(path, "holds a literal value where only a reference may stand")

    def _no_key(self, value: str, path: Path, shown: Path | None = None) -> None:
        if looks_like_key(value):
            self.refuse_key(path, "holds something that looks like a key", shown)

    def _number(self, kind: Number, value: Any, path: Path) -> float:
        wanted = "a whole number" if kind.whole else "a number"
        if isinstance(value, bool) or not isinstance(value, int if kind.whole else int | float):
            self.wrong_type(path, wanted, value)
        low = value <= kind.least if kind.above else value < kind.least
        if low or not math.isfinite(value) or (kind.most is not None and value > kind.most):
            bound = f"above {kind.least:g}" if kind.above else f"at least {kind.least:g}"
            top = f" and at most {kind.most:g}" if kind.most is not None else ""
            self.fail(path, f"is {value}, but must be {bound}{top}")
        return value

    def _many(self, kind: Many, value: Any, path: Path) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self.wrong_type(path, "a list", value)
        if len(value) < kind.least:
            self.fail(path, "is empty")
        return tuple(self.read(kind.of, each, (*path, at)) for at, each in enumerate(value))

    def _table(self, kind: Table, value: Any, path: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong_type(path, "a table", value)
        for name in value:
            if name not in kind.keys:
                self._unknown("key", name, tuple(kind.keys), (*path, name))
        for name in kind.required:
            if name not in value:
                self.fail(path, f"lacks {name!r}: {kind.keys[name].about}")
        return {
            name: self.read(kind.keys[name], each, (*path, name)) for name, each in value.items()
        }

    def _named(self, kind: Named, value: Any, path: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong_type(path, "a table", value)
        flat = _flat(value, path) if kind.dotted else [(n, (*path, n), v) for n, v in value.items()]
        for name, where, _ in flat:
            self._no_key(name, where, path)
            if kind.names and name not in kind.names:
                self._unknown(kind.noun, name, kind.names, where)
            if kind.pattern and not re.fullmatch(kind.pattern, name):
                self.fail(where, f"must be {kind.pattern_means}")
        return {name: self.read(kind.of, each, where) for name, where, each in flat}

    def _unknown(self, noun: str, name: str, known: tuple[str, ...], path: Path) -> NoReturn:
        self._no_key(name, path, path[:-1])
        self.fail(
            path, f"is not a known {noun}{did_you_mean(name, known)}", f"known: {', '.join(known)}"
        )

    def _data(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {name: self._data(each, (*path, name)) for name, each in value.items()}
        if isinstance(value, list):
            return [self._data(each, (*path, at)) for at, each in enumerate(value)]
        if isinstance(value, str):
            self._no_key(value, path)
        elif not isinstance(value, bool | int | float):
            self.wrong_type(path, "a value that JSON knows", value)
        elif not math.isfinite(value):
            self.fail(path, f"is {value}, which JSON cannot say")
        return value


def _flat(value: Mapping[str, Any], path: Path, before: str = "") -> list[tuple[str, Path, Any]]:
    """Names and values of a table whose names may be nested: `tool_choice.required = false`."""
    found: list[tuple[str, Path, Any]] = []
    for name, each in value.items():
        if isinstance(each, dict):
            found += _flat(each, (*path, name), f"{before}{name}.")
        else:
            found.append((before + name, (*path, name), each))
    return found


def _carries_key(path: Path) -> bool:
    """A header or query parameter (or variable of a server) that is named like a key."""
    if len(path) < 2 or path[-2] not in {"headers", "query", "environment"}:  # noqa: PLR2004  # parent and name
        return False
    return SECRET_NAME.search(str(path[-1])) is not None


def _said(value: Any) -> str:
    """The type of a value in words; never the value, which may be a key."""
    match value:
        case bool() | str() | int() | float():
            return _TYPES[type(value)]
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"
