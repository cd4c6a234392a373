"""One provider under one load: everything that was found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.latency.audit import Audit
from conformance.latency.reading import Reading
from conformance.latency.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of the load itself."""

    stopped: str = ""
    """Why it ended before its time."""
    broken: str = ""
    """What of ours broke; the figures are of what was recorded until then."""
    waited: float = 0.0
    """Seconds, of all streams, in which an endpoint that failed was left alone."""


UNDISTURBED = Course()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures, how far they can be trusted, and the readings that they were made of."""

    provider: str
    model: str
    streams: int
    summary: Summary
    audit: Audit
    readings: Sequence[Reading]
    course: Course = UNDISTURBED
