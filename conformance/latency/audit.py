"""How far the instrument can be trusted: what it says about its own error, and where it says no more.

Let a share of at least 1 - d of all errors be no larger than E. Then the true quantile q lies
between the measured quantiles q - d and q + d, give or take E; and where a share f was left out
because its times are in doubt, between q - d - f and q + d + f. That is the **error bar**. E comes
from two calibrations against a clock, before and after, and from the measurement itself: how long
it took to hand over each request. Of N errors that were seen none is larger than the largest, so
at most 3 / N of all are (the rule of three); all but a few are much smaller. Either pair of d and E
is a bar, and the narrower one is printed. A bar that exceeds the difference to be judged means that
there is nothing to be judged: *inconclusive: instrument*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.latency.quantiles import quantile
from conformance.latency.reading import Reading
from conformance.latency.summary import METRICS, SHARES
from conformance.latency.truth import Errors

BEYOND = 0.002
"""The share of errors that is set aside where all but a few are looked at: d."""
_THREE = 3
"""With 95 % certainty no more than so many over N of all lie beyond the largest of N."""
FLOOR = 5_000
"""Nanoseconds: two readings of a clock, and what offsets between clocks are off."""
LATE = 1_000_000
"""A request that was sent so much later than it was meant to be is a late dispatch."""
_MS = 1e6
_PER_TOKEN = ("itl", "tpot")
_BETWEEN = ("icl", *_PER_TOKEN)
"""Differences of stamps: how long it took to send plays no part."""
_FROM_SENDING = ("ttfb", "ttft", "ttft_intended", "ttfa", "e2e", "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """By how much a quantile may be off, in milliseconds."""

    below: float
    above: float

    @property
    def widest(self) -> float:
        """The larger side."""
        return max(self.below, self.above)


_UNBOUNDED = Bar(below=math.inf, above=math.inf)
"""Of a gap over a number of tokens that nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the instrument says of itself."""

    kernel: bool
    """All stamps are the kernel's; if not, they hold this process's own delay."""
    lag_p50: float
    """From the kernel's stamp to this process's, in milliseconds: what is not in the figures."""
    lag_p99: float
    doubted: float
    """The share of tokens whose times are in doubt, because they merged before they were read."""
    late: float
    """The share of requests that were sent late."""
    stepped: bool
    """The system's clock was set meanwhile."""
    calibrated: bool
    """Against a clock, before and after."""
    bars: Mapping[str, Mapping[str, Bar]]
    """By metric and quantile."""
    span: float = math.inf
    """By how much a time from sending to anything else may be off, in milliseconds."""

    def rate(self, value: float, seconds: float) -> float:
        """How far a rate may be off that was counted over so many seconds."""
        return value * off / (1 - off) if (off := self.span / 1e3 / seconds) < 1 else math.inf

    def objection(self, metric: str, name: str, margin: float) -> str:
        """Why a difference of `margin` milliseconds can't be judged; empty where it can."""
        bar = self.bars.get(metric, {}).get(name)
        if bar is None:
            return f"inconclusive: instrument: {metric} {name} was not measured"
        if self.stepped:
            return "inconclusive: instrument: the system's clock was set meanwhile"
        if not self.calibrated:
            return "inconclusive: instrument: it was not calibrated before and after"
        if bar.widest > margin:
            return (
                f"inconclusive: instrument: {metric} {name} may be off by {bar.widest:.3g} ms, "
                f"more than the {margin:.3g} ms to be judged"
            )
        return ""


def audit(
    readings: Sequence[Reading], before: Errors | None = None, after: Errors | None = None
) -> Audit:
    """Everything that speaks for or against some readings. The calibrations ran at the same load."""
    good = [one for one in readings if not one.failure]
    lags = sorted(lag for one in good for lag in one.lags)
    both = [each for each in (before, after) if each is not None and each.ttft and each.gaps]
    doubted = share_in_doubt(good)
    return Audit(
        kernel=all(one.kernel for one in good),
        lag_p50=quantile(lags, 0.5) / _MS if lags else 0.0,
        lag_p99=quantile(lags, 0.99) / _MS if lags else 0.0,
        doubted=doubted,
        late=sum(one.begun - one.intended > LATE for one in good) / len(good) if good else 0.0,
        stepped=any(one.stepped for one in good),
        calibrated=len(both) == len((before, after)),
        bars=_bars(good, both),
        span=_span(good, both) if len(both) == len((before, after)) else math.inf,
    )


def share_in_doubt(readings: Sequence[Reading]) -> float:
    """Of all arrivals, each by its tokens where they are known."""
    weights = [(each.tokens or 1, each.doubtful) for one in readings for each in one.arrivals]
    whole = sum(weight for weight, _ in weights)
    return sum(weight for weight, doubtful in weights if doubtful) / whole if whole else 0.0


def _bars(good: Sequence[Reading], both: Sequence[Errors]) -> dict[str, dict[str, Bar]]:
    gaps = sorted(abs(error) for each in both for error in each.gaps)
    sending = _sending(good, both)
    least = _least_tokens(good)
    bars: dict[str, dict[str, Bar]] = {}
    for metric in (*_FROM_SENDING, *_BETWEEN):
        values = sorted(
            value for one in good for value in METRICS[metric](one) if value is not None
        )
        if not values:
            continue
        more = FLOOR + (0 if metric in _BETWEEN else sending)
        per = least if metric in _PER_TOKEN else 1.0
        lost = _lost(good, metric)
        pairs = [(lost + beyond, (error + more) / per) for beyond, error in _pairs(gaps)]
        if metric == "itl" and any(one.estimated for one in good):
            bars[metric] = dict.fromkeys(SHARES, _UNBOUNDED)
            continue
        bars[metric] = {
            name: min((_bar(values, share, *pair) for pair in pairs), key=lambda bar: bar.widest)
            for name, share in SHARES.items()
        }
    return bars


def _sending(good: Sequence[Reading], both: Sequence[Errors]) -> int:
    """No request was sent so much later than its stamp says."""
    errors = (abs(error) for each in both for error in each.ttft)
    return max([0, *(one.handing for one in good), *errors])


def _span(good: Sequence[Reading], both: Sequence[Errors]) -> float:
    largest = max((abs(error) for each in both for error in each.gaps), default=0)
    return (FLOOR + largest + _sending(good, both)) / _MS


def _pairs(gaps: Sequence[int]) -> list[tuple[float, float]]:
    """Shares of stamps, and what no other stamp is off: pairs of d and E."""
    if not gaps:
        return [(BEYOND, 0.0)]
    pairs = [(_THREE / len(gaps), float(gaps[-1]))]
    if len(gaps) * BEYOND > _THREE:
        pairs.append((BEYOND, quantile(gaps, 1 - BEYOND / 2)))
    return pairs


def _bar(values: Sequence[float], share: float, lost: float, error: float) -> Bar:
    """Beyond the largest value that was seen, what was left out may be of any size."""
    middle = quantile(values, share)
    low = quantile(values, share - lost) if share > lost else 0.0
    high = quantile(values, share + lost) if share + lost < 1 else math.inf
    return Bar(below=(middle - low + error) / _MS, above=(high - middle + error) / _MS)


def _least_tokens(good: Sequence[Reading]) -> float:
    counts = [gap.tokens for one in good for gap in one.gaps if gap.tokens]
    return max(1.0, min(counts, default=1.0))


def _lost(good: Sequence[Reading], metric: str) -> float:
    """The share of values that are left out because they are in doubt."""
    if metric in {"icl", "itl"}:
        gaps = [gap.doubtful for one in good for gap in one.gaps]
        merged = sum(len(one.arrivals) and _hidden(one) for one in good)
        return (sum(gaps) + merged) / (len(gaps) + merged) if gaps else 0.0
    if metric in {"ttft", "ttft_intended"}:
        first = [one.first_doubtful for one in good if one.arrivals]
        return sum(first) / len(first) if first else 0.0
    return 0.0


def _hidden(one: Reading) -> int:
    """Gaps that are not even seen, because what they lay between became one arrival."""
    usual = [each.tokens for each in one.arrivals if each.tokens and not each.doubtful]
    if not usual:
        return 0
    size = sorted(usual)[len(usual) // 2]
    merged = [each.tokens for each in one.arrivals if each.doubtful and each.tokens]
    return sum(max(0, round(tokens / size) - 1) for tokens in merged)
