"""Tool calls by the three classes in which routers of models count them.

A client that dispatches a call reads its arguments, looks the name up, and validates: that is the
order here, and where it stops is the class of the call. Whatever case brought a call about, it
counts; so these are rates of this run, not of an application's traffic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from conformance.checks.facts import Called, facts
from conformance.checks.fits import misfit
from conformance.stats.rates import rate_bounds
from conformance.verdict.call_counts import CallCounts, Share
from conformance.verdict.outcome import Interval
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

WHOLE, STREAMED = "whole", "streamed"
_FINE = "fine"
_CLASSES = ("invalid_json", "unknown_name", "schema_mismatch")


def note_calls(seen: dict[str, Counter[str]], exchange: Exchange) -> None:
    """Count the calls of an answer; those that the end of its tokens cut off are none yet."""
    found = facts(exchange)
    if not found.tools:
        return
    way = STREAMED if exchange.streamed else WHOLE
    seen[way].update(_class_of(each) for each in found.calls if not each.said.cut)


def _class_of(one: Called) -> str:
    custom = one.call.type == "custom" or (one.tool is not None and one.tool.custom)
    text = one.call.arguments
    value, ok = jsontext.quick(text) if isinstance(text, str) else (None, False)
    if not custom and not ok:
        return "invalid_json"
    if one.tool is None:
        return "unknown_name"
    if not custom and (not isinstance(value, dict) or misfit(value, one.tool.parameters)):
        return "schema_mismatch"
    return _FINE


def counted(seen: Mapping[str, Counter[str]]) -> dict[str, CallCounts]:
    """By the way in which calls came: `whole`, `streamed`; only what there was."""
    return {way: _counts(classes) for way, classes in sorted(seen.items()) if classes.total()}


def _counts(classes: Counter[str]) -> CallCounts:
    total = classes.total()
    shares = {name: _share(classes[name], total) for name in _CLASSES}
    return CallCounts(calls=total, **shares)


def _share(count: int, total: int) -> Share:
    bounds = rate_bounds(count, total - count)
    return Share(
        count=count, rate=count / total, interval=Interval(low=bounds.low, high=bounds.high)
    )
