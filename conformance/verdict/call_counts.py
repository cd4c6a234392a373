"""How many tool calls of a provider could be run, and why the others could not: values."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.verdict.outcome import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Calls of one class among all calls."""

    count: int
    rate: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCounts:
    """Calls that were made to their end. Each is counted in the first class that it belongs to."""

    calls: int
    invalid_json: Share
    """Arguments that are no JSON text, or not a text at all."""
    unknown_name: Share
    """Names that the request does not offer."""
    schema_mismatch: Share
    """Arguments that are no object, or break the schema of the function's parameters."""
