"""How long to wait for an endpoint, and how much to take from it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.providers.model import Limits

MOST_PIECES = 250_000
"""Reads of one response; a body that drips byte by byte would else take a hundredfold its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of one exchange. Seconds and bytes."""

    connect: float
    """Until a connection stands, TLS included."""
    read: float
    """Longest silence, and longest wait for the endpoint to take bytes of the request."""
    total: float
    response_bytes: int
    pieces: int = MOST_PIECES


def bounds(limits: Limits, timeout: float | None = None) -> Bounds:
    """The provider's limits; a case's own `timeout` stands in place of its total."""
    total = limits.total_seconds if timeout is None else timeout
    return Bounds(
        connect=min(limits.connect_seconds, total),
        read=min(limits.read_seconds, total),
        total=total,
        response_bytes=limits.response_bytes,
    )
