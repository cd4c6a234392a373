"""Embeddings as the subjects of checks: their vectors, in whichever encoding they came."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.facts import EXCUSED, Facts, facts
from conformance.checks.parts import Body
from conformance.checks.paths import EMBEDDINGS
from conformance.checks.show import kind, shown
from conformance.checks.texts import ABSENT, listed
from conformance.wire.exchange import Exchange

_FLOAT32 = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vector:
    """One entry of `data`."""

    facts: Facts
    place: int
    index: Any
    coded: bool
    """It came as text."""
    numbers: tuple[float, ...]
    """Empty where they cannot be read."""
    flaw: str
    """Why they cannot."""

    @property
    def at(self) -> str:
        return f"$.data[{self.place}].embedding"


def is_vector_request(one: Facts) -> bool:
    return one.fits and one.endpoint == EMBEDDINGS


def inputs(one: Facts) -> list[Any]:
    """The inputs of a request: texts and lists of token ids."""
    return listed(one.asked.get("input"))


def decided(exchange: Exchange) -> Sequence[Facts]:
    """Requests with a JSON object for a body, and any decided answer of an endpoint that is there."""
    found = facts(exchange)
    answered = found.status is not None and found.status not in EXCUSED | ABSENT
    asked = isinstance(exchange.request.json, dict)
    return (found,) if is_vector_request(found) and answered and asked else ()


def bodies(exchange: Exchange) -> Sequence[Body]:
    """Answers with status 200 that tell of no error."""
    found = facts(exchange)
    return found.documents if is_vector_request(found) and found.ok and not found.failed else ()


def answers(exchange: Exchange) -> Sequence[Facts]:
    """The same, as far as they have a list of entries."""
    return [facts(exchange) for body in bodies(exchange) if entries_of(body) is not None]


def entries_of(body: Body) -> list[Any] | None:
    """The entries of `data`; None where it is no list."""
    data = body.value.get("data") if isinstance(body.value, dict) else None
    return data if isinstance(data, list) else None


def vectors(exchange: Exchange) -> Sequence[Vector]:
    """The vectors of an answer, in order of arrival."""
    found = facts(exchange)
    return [
        _vector(found, place, entry)
        for body in bodies(exchange)
        for place, entry in enumerate(entries_of(body) or ())
        if isinstance(entry, dict) and "embedding" in entry
    ]


def _vector(one: Facts, place: int, entry: dict[str, Any]) -> Vector:
    told = entry["embedding"]
    numbers, flaw = _decoded(told) if isinstance(told, str) else _listed(told)
    return Vector(
        facts=one,
        place=place,
        index=entry.get("index"),
        coded=isinstance(told, str),
        numbers=numbers,
        flaw=flaw,
    )


def _decoded(told: str) -> tuple[tuple[float, ...], str]:
    """What the openai SDK reads: float32, the smallest byte first."""
    try:
        raw = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return (), f"{shown(told)} is no base64"
    if not raw or len(raw) % _FLOAT32:
        return (), f"{len(raw)} bytes in base64 are no float32"
    numbers = struct.unpack(f"<{len(raw) // _FLOAT32}f", raw)
    if not all(map(math.isfinite, numbers)):
        return (), "the base64 holds what is no number"
    return numbers, ""


def _listed(told: Any) -> tuple[tuple[float, ...], str]:
    if not isinstance(told, list):
        return (), f"{kind(told)} {shown(told)} is no vector"
    if not told:
        return (), "the vector is empty"
    odd = next((each for each in told if not _is_number(each)), None)
    if odd is not None or None in told:
        return (), f"{shown(odd)} in a vector"
    return tuple(map(float, told)), ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """How far two vectors of one length lie apart, as a share of the longer one's length."""
    length = max(math.hypot(*one), math.hypot(*other))
    return math.dist(one, other) / length if length else 0.0
