"""The smallest facts: bytes, and when they were seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Ns = NewType("Ns", int)
"""Nanoseconds on the engine's monotonic clock, counted from the start of the run."""

Headers = tuple[tuple[str, str], ...]
"""Header names as they were written, values decoded as latin-1 so that any byte survives."""


class Stamp(StrEnum):
    """Where the time of a piece comes from; says how far it may be trusted."""

    USER = "user"
    """Read by this process after it was woken: includes scheduling and event-loop delay."""
    KERNEL = "kernel"
    """Stamped by the kernel when the segment arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes that were sent or arrived together."""

    at: Ns
    data: bytes
    stamp: Stamp = Stamp.USER
