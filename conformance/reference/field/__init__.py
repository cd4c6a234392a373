"""Faults that were seen in the field, each with its sources, and which of ours show them.

A fault of the field is one report (or several) about a server; a fault of ours is a small rewrite
that shows the class it stands for. `@fault(..., field=["tool-ids-reset-per-response"])` says which
reports it shows.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.reference.fault import FAULTS, PARITY, TIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One row of `faults.jsonl`."""

    id: str
    area: str
    level: str
    """`must`, `should` or `may`: the strongest rule that it breaks."""
    determinism: str
    """`every response`, `some responses`, `under load` ...: how often it was seen."""
    servers: tuple[str, ...]
    sources: tuple[str, ...]
    request: str
    conformant: str
    faulty: str
    inject: str
    """How a server shows it."""
    user_impact: str


@cache
def field_faults() -> Mapping[str, FieldFault]:
    """All of them, by id."""
    lines = (files(__name__) / "faults.jsonl").read_text(encoding="utf-8").splitlines()
    return {one.id: one for one in map(_row, lines)}


def _row(line: str) -> FieldFault:
    row: dict[str, Any] = json.loads(line)
    for key in ("servers", "sources"):
        row[key] = tuple(row[key])
    return FieldFault(**row)


@cache
def not_shown() -> Mapping[str, str]:
    """Id to why no server on one machine can show it."""
    found: dict[str, str] = tomllib.loads((files(__name__) / "not_shown.toml").read_text("utf-8"))
    return found


def shown_by(name: str) -> tuple[str, ...]:
    """The faults of ours (once they are loaded) that show a fault of the field."""
    ours = (one for known in (FAULTS, PARITY, TIMES) for one in known.values())
    return tuple(one.name for one in ours if name in one.field)
