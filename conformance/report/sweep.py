"""Throughput and times over the number of requests at once, as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from conformance.latency.quantiles import Estimate
from conformance.latency.sweep import Knee, Level
from conformance.report import latency

_COLUMNS = (
    ("ttft", "p50"),
    ("ttft", "p95"),
    ("itl", "p50"),
    ("itl", "p95"),
)
HEADS = ("at once", "requests/s", "output", *(f"{metric} {name}" for metric, name in _COLUMNS))
_WIDTH, _WIDE = 24, 46


def lines(levels: Sequence[Level], knee: Knee) -> Iterator[str]:
    """A row for each level: throughput with its 95 % interval; times in ms with the error bar."""
    widths = (9, 12, _WIDE, *(_WIDTH for _ in _COLUMNS))
    for row in (HEADS, *map(cells, levels)):
        yield "".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from remarks(levels)
    yield f"knee: {knee.said}"


def remarks(levels: Sequence[Level]) -> Iterator[str]:
    """What qualifies the figures."""
    for each in levels:
        for why, number in sorted(each.found.summary.failures.items()):
            yield f"{each.streams} at once: failed: {number} ({why}); not among the figures"
        for line in latency.course(each.found.course):
            yield f"{each.streams} at once: {line}"
    for each in levels:
        if not each.found.audit.calibrated or each.found.audit.stepped:
            yield f"{each.streams} at once: the instrument was not calibrated or its clock was set"


def document(levels: Sequence[Level], knee: Knee) -> dict[str, Any]:
    """The same for programs."""
    return {
        "levels": [
            {
                "streams": each.streams,
                "unit": each.unit,
                "throughput": asdict(each.throughput) if each.throughput else None,
                "throughput_bar": latency.finite(each.bar),
                **latency.document(each.found),
            }
            for each in levels
        ],
        "knee": asdict(knee),
    }


def cells(one: Level) -> list[str]:
    """Of one level, under HEADS."""
    summary, bars = one.found.summary, one.found.audit.bars
    row = [str(one.streams), f"{summary.requests_per_second:.2f}", _rate(one)]
    for metric, name in _COLUMNS:
        found = summary.metrics.get(metric)
        cell = "-"
        if found is not None:
            value = Estimate(found.quantiles[name].value)
            cell = latency.cell(value, bars.get(metric, {}).get(name))
        row.append(cell)
    return row


def _rate(one: Level) -> str:
    found = one.throughput
    if found is None:
        return "-"
    interval = "" if found.low is None else f" [{found.low:.1f}, {found.high:.1f}]"
    bar = f" ± {one.bar:.1f}" if math.isfinite(one.bar) else " ± ?"
    return f"{found.value:.1f}{interval}{bar} {one.unit}"
