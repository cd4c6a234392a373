"""How exchanges are named in findings and reports."""

from __future__ import annotations

from conformance.wire.exchange import Exchange, TrialKey


def exchange_id(key: TrialKey, exchange: Exchange) -> str:
    """`tools/round-trip[x-stream-true]#0/ask.1`: trial, step and attempt (from 1)."""
    return f"{key}/{exchange.step}.{exchange.attempt}"
