"""What numbers don't show, as PNG and SVG: how times are spread, and what each stream did when.

Drawn by matplotlib (the extra `latency`), without its windows and without its global state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from conformance.latency.quantiles import quantile
from conformance.latency.reading import Reading
from conformance.latency.summary import METRICS
from conformance.latency.sweep import Knee, Level

COLOURS = ("#0072b2", "#d55e00")
"""Told apart by everybody (Okabe and Ito): the candidate's, the baseline's."""
STREAMS = 64
"""So many requests are shown, the first ones."""
_POINTS = 500
_WIDE, _HIGH, _ROW = 8.0, 3.4, 0.09
_LEAST_ROOM, _DPI = 1.4, 130
_MARKS = (0.5, 0.95)
_MS = 1e6
_COMMENT = re.compile(rb"<!--.*?-->\n?", re.DOTALL)
"""Where matplotlib repeats each text."""

Sides = Mapping[str, Sequence[Reading]]
"""Readings by the name of whom they are of, the candidate's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One picture in two formats. In the SVG, dots that are many are pixels."""

    png: bytes
    svg: bytes


def spread(sides: Sides, metric: str, title: str) -> Drawn | None:
    """The share of values up to each; None where nobody has one."""
    drawn = {name: _values(readings, metric) for name, readings in sides.items()}
    if not any(drawn.values()):
        return None
    figure, axes = _canvas(_HIGH)
    for (name, values), colour in zip(drawn.items(), COLOURS, strict=False):
        if values:
            shares = [number / _POINTS for number in range(_POINTS + 1)]
            places = [quantile(values, share) for share in shares]
            axes.step(places, shares, where="post", color=colour, label=_label(name, values))
    for share in _MARKS:
        axes.axhline(share, color="#999999", linewidth=0.6, linestyle=":")
    axes.set(xlabel=f"{title}, ms", ylabel="share of all up to it", ylim=(0, 1.01))
    axes.legend(loc="lower right", frameon=False)
    return _drawn(figure)


def timeline(sides: Sides) -> Drawn | None:
    """A line a request: grey until its first token, then its own colour, a dot for each arrival."""
    rows = [
        (number, one)
        for number, readings in enumerate(sides.values())
        for one in readings
        if one.arrivals
    ]
    rows = sorted(rows, key=lambda row: row[1].sent)[:STREAMS]
    if not rows:
        return None
    figure, axes = _canvas(_LEAST_ROOM + _ROW * len(rows))
    origin = rows[0][1].sent
    for row, (number, one) in enumerate(rows):
        times = [(each.at - origin) / _MS for each in one.arrivals]
        colour = COLOURS[number]
        axes.plot([(one.sent - origin) / _MS, times[0]], [row, row], color="#bbbbbb", linewidth=1)
        axes.plot([times[0], times[-1]], [row, row], color=colour, linewidth=0.7)
        axes.scatter(times, [row] * len(times), color=colour, s=2.5, zorder=3, rasterized=True)
    for name, colour in zip(sides, COLOURS, strict=False):
        axes.plot([], [], color=colour, label=_plain(name))
    axes.plot([], [], color="#bbbbbb", label="waiting for the first token")
    axes.set(xlabel="ms", ylabel="request", ylim=(len(rows), -1))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8, ncols=3)
    return _drawn(figure)


def throughput(levels: Sequence[Level], bend: Knee) -> Drawn | None:
    """What comes of more requests at once, beside what could: as much more as there are more."""
    known = [(each.streams, each.throughput, each.unit) for each in levels if each.throughput]
    if not known:
        return None
    figure, axes = _canvas(_HIGH)
    places = [streams for streams, _, _ in known]
    values = [found.value for _, found, _ in known]
    below = [
        found.value - (found.value if found.low is None else found.low) for _, found, _ in known
    ]
    above = [
        (found.value if found.high is None else found.high) - found.value for _, found, _ in known
    ]
    axes.errorbar(places, values, [below, above], color=COLOURS[0], marker="o", capsize=3)
    ideal = [values[0] * place / places[0] for place in places]
    axes.plot(places, ideal, color="#bbbbbb", linestyle=":", label="as much more as there are more")
    if bend.streams is not None:
        axes.axvline(bend.streams, color=COLOURS[1], linestyle="--", label=f"knee: {bend.streams}")
    axes.set_xscale("log", base=2)
    axes.set_xticks(places, [str(place) for place in places])
    axes.set(xlabel="requests at once", ylabel=known[0][2], ylim=(0, 1.3 * max(values)))
    axes.legend(loc="upper left", frameon=False)
    return _drawn(figure)


def _values(readings: Sequence[Reading], metric: str) -> list[float]:
    """In milliseconds and in order; of the good ones, what is in doubt left out."""
    values = METRICS[metric]
    return sorted(
        value / _MS
        for one in readings
        if not one.failure
        for value in values(one)
        if value is not None
    )


def _label(name: str, values: Sequence[float]) -> str:
    middle, tail = (quantile(values, share) for share in _MARKS)
    return f"{_plain(name)}: p50 {middle:.2f}, p95 {tail:.2f}"


def _canvas(high: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDE, high), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _plain(name: str) -> str:
    """Not read as mathematics."""
    return name.replace("$", r"\$")


def _drawn(figure: Figure) -> Drawn:
    """The same each time it is drawn of the same; letters are shapes, so that no font is needed."""
    png, svg = BytesIO(), BytesIO()
    figure.savefig(png, format="png", dpi=_DPI, metadata={"Software": None})
    with rc_context({"svg.hashsalt": "conformance", "svg.fonttype": "path"}):
        figure.savefig(svg, format="svg", dpi=_DPI, metadata={"Date": None, "Creator": None})
    return Drawn(png=png.getvalue(), svg=_COMMENT.sub(b"", svg.getvalue()))
