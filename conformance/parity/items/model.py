"""An item, what it wants, and what was said to it. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an item tries."""

    ARITHMETIC = "arithmetic"
    COPYING = "copying"
    EXTRACTION = "extraction"
    TRIGGER = "trigger"
    ARGUMENTS = "arguments"
    REFUSAL = "refusal"
    LENGTH = "length"
    LANGUAGE = "language"
    OWN = "own"


class Metric(StrEnum):
    """What is counted. Each is 1 or 0 for one answer, or says nothing of the item."""

    EXACT = "exact answer"
    TRIGGERED = "tool called"
    CALL = "right call"
    VALID = "valid arguments"
    SCHEMA = "valid schema"
    ANSWERED = "not refused"
    LENGTH = "length kept"
    LANGUAGE = "language kept"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is wanted: for each argument, all values that are right.

    An argument that may be left out has `ABSENT` among them.
    """

    name: str
    arguments: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


ABSENT = ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is right, as far as the item says; what is None is compared with the baseline only."""

    text: str | None = None
    value: Any = None  # as JSON
    calls: tuple[Call, ...] | None = None  # in any order; empty: none may be made
    words: tuple[int, int] | None = None  # at least, at most
    script: str | None = None  # of the language that was asked for (score.SCRIPTS)
    answerable: bool = False  # a refusal is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One task: what is sent, the same bytes to every endpoint, and what is right."""

    id: str
    kind: Kind
    messages: tuple[Mapping[str, Any], ...]
    family: str = ""  # items of one template: their errors go together
    tools: tuple[Mapping[str, Any], ...] = ()
    schema: Mapping[str, Any] | None = None
    language: str = "en"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """How it is sampled, where it says so itself."""
    expected: Expected = Expected()

    @property
    def as_baseline(self) -> bool:
        """Nothing says what is right with its tools: that is what the baseline does."""
        return bool(self.tools) and self.schema is None and self.expected == Expected()

    def body(self) -> dict[str, Any]:
        """What it adds to a request."""
        body: dict[str, Any] = {"messages": [dict(each) for each in self.messages]}
        if self.tools:
            body["tools"] = [dict(each) for each in self.tools]
        if self.schema is not None:
            shape = {"name": "answer", "strict": True, "schema": dict(self.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return {**body, **self.parameters}


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made; `arguments` as they came."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an endpoint answered. An error is none: it has no Said."""

    text: str = ""
    calls: tuple[Made, ...] = ()
    refused: bool = False
