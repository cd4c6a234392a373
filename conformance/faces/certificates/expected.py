"""The right answers, as they were written down before the first run."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import SourceError, did_you_mean
from conformance.verdict.model import Answer

PAIRS = Path(__file__).with_name("pairs.toml")
PROFILES = Path(__file__).with_name("profiles.toml")
REFERENCE = "reference"
"""The server without faults, where a persona's name could stand."""
_NAMED = ("application", "candidate", "profile", "answer")
_KEYS = (*_NAMED, "why", "amended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An application on one product, a product to move to, and whether it may."""

    application: str
    candidate: str
    profile: str
    answer: Answer
    why: str
    amended: str = ""
    """Why the answer is another than was first written down."""

    @property
    def pair(self) -> tuple[str, str]:
        """What one run asks."""
        return self.application, self.candidate

    @property
    def name(self) -> str:
        """Of the question."""
        return f"{self.application} -> {self.candidate}, {self.profile}"


def read_expected(
    products: Collection[str], profiles: Collection[str], path: Path = PAIRS
) -> tuple[Expected, ...]:
    """All of them, in the order of the file. Raises SourceError with the number of the pair."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {
        "application": products,
        "candidate": products,
        "profile": profiles,
        "answer": tuple(Answer),
    }
    listed = [
        _expected(row, f"{path.name}, pair {number}", known)
        for number, row in enumerate(data["pairs"], 1)
    ]
    seen: set[str] = set()
    for one in listed:
        if one.name in seen:
            raise SourceError(path.name, f"{one.name}: answered twice")
        seen.add(one.name)
    return tuple(listed)


def _expected(row: Mapping[str, Any], where: str, known: Mapping[str, Collection[str]]) -> Expected:
    for key in row:
        if key not in _KEYS:
            raise SourceError(where, f"unknown key {key!r}{did_you_mean(key, _KEYS)}")
    for key in (*_NAMED, "why"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise SourceError(where, f"{key} has to be a text")
    for key in _NAMED:
        if row[key] not in known[key]:
            hint = did_you_mean(row[key], known[key])
            raise SourceError(where, f"no {key} is called {row[key]!r}{hint}")
    return Expected(**{**row, "answer": Answer(row["answer"])})
