"""Throughput over the number of requests at once, and the knee: where more of them stop paying.

**Throughput** is counted in slices of time, from the first token on until nothing more is begun, so
that neither the start nor the end of a load counts; in output tokens where all are known, else in
requests. **The knee**: from one level to the next the endpoint could gain as much as there are more
requests at once. A step that gains at least half of that pays; the knee is the last level before the
first step that does not. Where the interval of a step's gain lies on both sides of a half the knee is
undecided, and so it is where throughput has no interval.

**The error bar** of throughput: what came so near to either end of that time, or merged across it, that
it may have come on the other side; and that time itself may be longer or shorter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.latency.measured import Measured
from conformance.latency.quantiles import Estimate, mean
from conformance.latency.reading import Arrival, Reading

PAYS = 0.5
SLICES = 20
TOKENS, REQUESTS = "tokens/s", "requests/s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One number of requests at once."""

    found: Measured
    unit: str
    """What throughput is counted in."""
    throughput: Estimate | None
    """None: nothing came in that time."""
    bar: float = 0.0
    """By how much it may be off for the instrument's part."""

    @property
    def streams(self) -> int:
        """How many at once."""
        return self.found.streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """Where more requests at once stop paying."""

    streams: int | None
    """None: undecided, or not reached."""
    decided: bool
    said: str


def level(found: Measured, seconds: float) -> Level:
    """A load that began requests for so many seconds, as one level of a sweep."""
    good = [one for one in found.readings if not one.failure]
    known = all(one.tokens is not None for one in good)
    moments = [moment for one in good for moment in _moments(one, tokens=known)]
    window = _window(good, moments, seconds)
    throughput = _throughput(moments, window) if window else None
    return Level(
        found=found,
        unit=TOKENS if known else REQUESTS,
        throughput=throughput,
        bar=_bar(found, good, throughput.value, window) if throughput and window else 0.0,
    )


def knee(levels: Sequence[Level]) -> Knee:
    """By the rule above; levels in ascending order."""
    for former, later in pairwise(levels):
        step = f"from {former.streams} to {later.streams}"
        if former.unit != later.unit:
            return Knee(streams=None, decided=False, said=f"undecided: no common unit {step}")
        gain = _gain(former, later)
        if gain is None:
            return Knee(streams=None, decided=False, said=f"undecided: too few answers {step}")
        low, high = gain
        words = f"{step} it gains {low:.0%} to {high:.0%} of what it could"
        if high < PAYS:
            return Knee(streams=former.streams, decided=True, said=f"{former.streams}: {words}")
        if low < PAYS:
            return Knee(streams=None, decided=False, said=f"undecided: {words}")
    last = levels[-1].streams
    return Knee(streams=None, decided=True, said=f"not reached with {last} at once")


def _gain(former: Level, later: Level) -> tuple[float, float] | None:
    """Of what could be gained, at least and at most; None where that can't be said."""
    one, two = former.throughput, later.throughput
    if one is None or two is None or not one.low or one.high is None:
        return None
    if two.low is None or two.high is None:
        return None
    most = later.streams / former.streams - 1
    lowest = max(0.0, two.low - later.bar) / (one.high + former.bar)
    if one.low <= former.bar:  # nothing can be said of the most
        return (lowest - 1) / most, math.inf
    return (lowest - 1) / most, ((two.high + later.bar) / (one.low - former.bar) - 1) / most


def _moments(one: Reading, *, tokens: bool) -> list[tuple[int, float]]:
    """When it brought how much."""
    if not tokens:
        return [(one.ended, 1.0)]
    return [(each.at, each.tokens or 0.0) for each in one.arrivals]


Window = tuple[float, float]


def _window(
    good: Sequence[Reading], moments: Sequence[tuple[int, float]], seconds: float
) -> Window | None:
    """From the first token on until nothing more is begun."""
    if not moments:
        return None
    begun = min(one.arrivals[0].at if one.arrivals else one.sent for one in good)
    until = min(one.sent for one in good) + seconds * 1e9
    end = min(until, max(at for at, _ in moments))
    return (begun, end) if end > begun else None


def _throughput(moments: Sequence[tuple[int, float]], window: Window) -> Estimate | None:
    begun, end = window
    width = (end - begun) / SLICES
    slices = [0.0] * SLICES
    for at, amount in moments:
        place = int((at - begun) / width)
        if place < SLICES:
            slices[place] += amount
    return mean([[amount * 1e9 / width] for amount in slices])


def _bar(found: Measured, good: Sequence[Reading], value: float, window: Window) -> float:
    audit, seconds = found.audit, (window[1] - window[0]) / 1e9
    if not math.isfinite(audit.span):
        return math.inf
    off = audit.span * 1e6
    near = sum(
        each.tokens or 1.0
        for one in good
        for former, each in zip((None, *one.arrivals), one.arrivals, strict=False)
        if any(_first(one, former, each) - off <= edge <= each.at + off for edge in window)
    )
    return near / seconds + audit.rate(value, seconds)


def _first(one: Reading, former: Arrival | None, each: Arrival) -> int:
    """When it may have come at the earliest."""
    if not each.doubtful:
        return each.at
    return former.at if former is not None else one.sent
