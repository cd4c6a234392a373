"""How long to wait for an endpoint, and how much to take from it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.providers.model import Limits

MOST_PIECES = 250_000
"""Reads of one response; a body that drips byte by byte would else take a hundredfold its size."""
MOST_EVENTS = 50_000
"""Events of one stream; each takes a hundredfold the bytes of the shortest one when it is judged."""
KEPT = 1024 * 1024
"""Bytes that are kept of what was cut off: more of them would show nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of one exchange. Seconds and bytes."""

    connect: float
    """Until a connection stands, TLS included."""
    first_byte: float
    """Longest wait for the answer to begin."""
    read: float
    """Longest silence, and longest wait for the endpoint to take bytes of the request."""
    total: float
    response_bytes: int
    stream_bytes: int = 2**63
    """Where the response is a stream; never more than `response_bytes`."""
    kept: int = KEPT
    """Bytes of what is cut off."""
    events: int = MOST_EVENTS
    pieces: int = MOST_PIECES


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a run as a whole keeps to, whatever the providers' entries allow."""

    concurrency: int | None = None
    """In place of every provider's own."""
    rate: float | None = None
    """Requests per second, in place of every provider's own."""
    wait: float = 0.0
    """Seconds to wait for an endpoint that does not answer yet."""
    tokens: int | None = None
    """No more than these, over all providers."""
    money: float | None = None
    """USD; no more than this, over all providers."""
    spent_tokens: int = 0
    """By earlier sessions of the same run: they count against the limit."""
    spent_money: float = 0.0


def bounds(limits: Limits, timeout: float | None = None) -> Bounds:
    """The provider's limits; a case's own `timeout` stands in place of its total."""
    total = limits.total_seconds if timeout is None else timeout
    return Bounds(
        connect=min(limits.connect_seconds, total),
        first_byte=min(limits.first_byte_seconds or limits.read_seconds, total),
        read=min(limits.read_seconds, total),
        total=total,
        response_bytes=limits.response_bytes,
        stream_bytes=limits.stream_bytes,
    )
