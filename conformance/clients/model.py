"""What a real client made of a recorded answer, and where that is not what the wire said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_SHORT = 80


class How(StrEnum):
    """How it ended for the application."""

    PARSED = "parsed"
    """An object with something in it."""
    EMPTY = "empty"
    """No exception, and nothing in it: no choice, no chunk, no entry; or a plain `str`."""
    RAISED = "raised"
    HUNG = "hung"
    """Nothing more came, and only the client's own timeout ended it."""


class Severity(StrEnum):
    """How bad it is that the client got something else, the worst first."""

    SILENT = "silent loss"
    """Something is gone or wrong, and no exception tells."""
    CRASH = "crash"
    """An exception that an application does not expect there."""
    HANG = "hang"
    DIFFERS = "differs"
    """Another value, or one of a type that the client's own annotations exclude."""

    @property
    def rank(self) -> int:
        """For sorting: the worst is 0."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What an application finds. Texts and arguments are kept as `brief` makes them."""

    type: str = ""
    """Class of the object, or of the last chunk."""
    chunks: int = 0
    choices: tuple[Mapping[str, Any], ...] = ()
    """`role text refusal reasoning finish`, and `calls` as pairs of name and arguments."""
    usage: Mapping[str, Any] | None = None
    items: tuple[str, ...] = ()
    """Models' ids, or the lengths of embeddings."""
    mistyped: tuple[str, ...] = ()
    """`choices.*.index: Input should be a valid integer`: against the client's own types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOutcome:
    """One exchange, as one client saw it."""

    exchange: str
    """Exchange id."""
    how: How
    raised: str = ""
    """The exception's class."""
    own: bool = False
    """The exception is one of the client's: what applications catch."""
    where: str = ""
    """`reading` the response, or `accumulating` its chunks into one completion."""
    words: str = ""
    told: Mapping[str, Any] | None = None
    """`code`, `type` and `param` of the exception."""
    got: Got = Got()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """What the wire meant and what the client got, where that is not the same."""

    severity: Severity
    what: str
    """In words that are the same for all exchanges of the kind: `the usage is lost`."""
    meant: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Which client played."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All that one client made of one record."""

    client: Client
    outcomes: Mapping[str, ClientOutcome]
    """By exchange id."""
    reason: str = ""
    """Why it is not all: the client could not be started, or its process ended early."""


def brief(value: Any) -> str | None:
    """A value so that equal ones stay equal: short text as it is, long text by its digest."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace")  # a lone surrogate is written out
        if len(value) <= _SHORT:
            return text.decode()
        return f"{len(value)} characters, sha256 {hashlib.sha256(text).hexdigest()[:16]}"
    as_json = json.dumps(value, sort_keys=True, default=repr)
    return f"{type(value).__name__} {brief(as_json)}"


def described(outcome: ClientOutcome) -> str:
    """`raises APIError`, `hangs`, `returns nothing, silently`, `takes it`."""
    match outcome.how:
        case How.RAISED:
            own = "" if outcome.own or outcome.where == "accumulating" else ", none of its own"
            where = " in its accumulator" if outcome.where == "accumulating" else ""
            return f"raises {outcome.raised}{where}{own}"
        case How.HUNG:
            return "hangs"
        case How.EMPTY:
            what = f"a plain {outcome.got.type}" if outcome.got.type == "str" else "nothing"
            return f"returns {what}, silently"
        case How.PARSED:
            return "takes it"
