"""How many tool calls could not be run, by class: a section of the report, and the same as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.report.escape import code
from conformance.report.matrix import table
from conformance.verdict.call_counts import CallCounts, Share
from conformance.verdict.model import ProviderResult, Run

_WORDS = {"whole": "not streamed", "streamed": "streamed"}


def tool_calls(run: Run) -> Iterator[str]:
    """One row per provider and way; nothing where no tool was called at all."""
    rows = [
        [code(provider.name), _WORDS[way], str(one.calls), *map(_cell, _shares(one).values())]
        for provider in run.providers
        for way, one in provider.tool_calls.items()
    ]
    if not rows:
        return
    yield "## Tool calls that cannot be run"
    yield (
        "All calls of this run that were made to their end, in whatever case; each counts in the first "
        "class that it belongs to. In brackets where the rate lies, at 95 % confidence."
    )
    yield table(
        ["Provider", "", "calls", "invalid JSON", "unknown name", "arguments break the schema"],
        rows,
    )


def tool_calls_data(one: ProviderResult) -> dict[str, Any]:
    """The same as plain data."""
    return {way: _data(each) for way, each in sorted(one.tool_calls.items())}


def _data(one: CallCounts) -> dict[str, Any]:
    shares = {
        name: {
            "count": share.count,
            "rate": share.rate,
            "interval": [share.interval.low, share.interval.high],
        }
        for name, share in _shares(one).items()
    }
    return {"calls": one.calls, **shares}


def _shares(one: CallCounts) -> dict[str, Share]:
    return {
        "invalid_json": one.invalid_json,
        "unknown_name": one.unknown_name,
        "schema_mismatch": one.schema_mismatch,
    }


def _cell(share: Share) -> str:
    low, high = share.interval.low, share.interval.high
    return f"{share.count} ({share.rate:.1%}; {low:.1%} to {high:.1%})"
