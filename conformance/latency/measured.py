"""One provider under one load: everything that was found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.latency.audit import Audit
from conformance.latency.reading import Reading
from conformance.latency.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures, how far they can be trusted, and the readings that they were made of."""

    provider: str
    model: str
    streams: int
    summary: Summary
    audit: Audit
    readings: Sequence[Reading]
