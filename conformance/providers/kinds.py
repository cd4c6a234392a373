"""Kinds of values that a key may have: one description for the strict reader and for the JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string."""

    about: str
    choices: tuple[str, ...] = ()
    pattern: str = ""
    pattern_means: str = ""
    """The pattern in words, for the message."""
    references: bool = False
    """`${VAR}` is replaced here."""
    key: bool = False
    """Only a reference may stand here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number at or above `least` (or strictly above it)."""

    about: str
    least: float = 0
    above: bool = False
    most: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """true or false."""

    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list of one kind."""

    about: str
    of: Kind
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Known keys only."""

    about: str
    keys: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Names of the user's choosing (or among `names`), all of one kind."""

    about: str
    of: Kind
    names: tuple[str, ...] = ()
    noun: str = "name"
    pattern: str = ""
    pattern_means: str = ""
    dotted: bool = False
    """Names may hold a dot; TOML's nested tables are read as such names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Anything that JSON can say."""

    about: str


Kind = Text | Number | Flag | Many | Table | Named | Data
