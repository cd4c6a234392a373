"""Two endpoints under one load, block by block: by what factor one is slower, and how sure that is.

A pair is a block of one and a block of the other that ran right after each other, so that whatever
drifts drifts for both. Pairs are drawn, not requests, which are not independent of each other: the
standard error of a ratio of quantiles (on a logarithmic scale) is that of a bootstrap over pairs,
and the interval reaches as many of them as Student's t says for so few pairs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from conformance.latency.quantiles import Estimate, draws, quantile, weighted
from conformance.latency.reading import Reading
from conformance.latency.student import reach
from conformance.latency.summary import METRICS, SHARES

LEAST_PAIRS = 4
"""Of fewer nobody can say how much they differ."""
DRAWS = 200
_MS = 1e6
THROUGHPUT = "throughput"

Draw = Callable[[Sequence[int]], float]
"""A figure of one side, of pairs each as often as is said."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is compared: a quantile of a metric, or output tokens a second of all streams."""

    metric: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.metric}_{self.name}" if self.name else self.metric

    @property
    def more_is_better(self) -> bool:
        """Of times less is better."""
        return self.metric == THROUGHPUT


USUAL = (
    Figure("ttft", "p50"),
    Figure("ttft", "p95"),
    Figure("itl", "p50"),
    Figure("itl", "p95"),
    Figure("tpot", "p50"),
    Figure("e2e", "p50"),
    Figure(THROUGHPUT),
)
"""Compared where nothing else is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A block of each, one right after the other."""

    candidate: Sequence[Reading]
    baseline: Sequence[Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both; times in milliseconds."""

    figure: Figure
    candidate: float
    baseline: float
    ratio: Estimate
    """Candidate over baseline."""
    difference: Estimate
    """Candidate minus baseline."""
    pairs: int
    block: float
    """Seconds of a block, on average of those of the side whose are shorter."""


def compare(pairs: Sequence[Pair], figure: Figure, outside: float) -> Compared | None:
    """Both sides, with intervals that miss the truth in a share of `outside` of all cases.

    None where either side has no such figure. The good readings count only.
    """
    known = [pair for pair in pairs if _known(pair.candidate) and _known(pair.baseline)]
    if not known:
        return None
    count = len(known)
    one = _side([_known(pair.candidate) for pair in known], figure)
    other = _side([_known(pair.baseline) for pair in known], figure)
    if one is None or other is None:
        return None
    candidate, baseline = one([1] * count), other([1] * count)
    if candidate <= 0 or baseline <= 0:
        return None
    often = draws(count, DRAWS) if count >= LEAST_PAIRS else ()
    drawn = [(one(weights), other(weights)) for weights in often]
    logs = [math.log(mine / yours) for mine, yours in drawn]
    apart = [mine - yours for mine, yours in drawn]
    log = _around(math.log(candidate / baseline), logs, count, outside)
    return Compared(
        figure=figure,
        candidate=candidate,
        baseline=baseline,
        ratio=Estimate(math.exp(log.value), _exp(log.low), _exp(log.high)),
        difference=_around(candidate - baseline, apart, count, outside),
        pairs=count,
        block=min(
            sum(_seconds(_known(pair.candidate)) for pair in known),
            sum(_seconds(_known(pair.baseline)) for pair in known),
        )
        / count,
    )


def _known(block: Iterable[Reading]) -> list[Reading]:
    return [one for one in block if not one.failure]


def _around(value: float, drawn: Sequence[float], pairs: int, outside: float) -> Estimate:
    if not drawn:
        return Estimate(value)
    middle = sum(drawn) / len(drawn)
    spread = math.sqrt(sum((each - middle) ** 2 for each in drawn) / (len(drawn) - 1))
    step = spread * math.sqrt(pairs / (pairs - 1)) * reach(pairs - 1, outside)
    return Estimate(value, value - step, value + step)


def _exp(value: float | None) -> float | None:
    return None if value is None else math.exp(value)


def _side(blocks: Sequence[Sequence[Reading]], figure: Figure) -> Draw | None:
    if figure.more_is_better:
        return _rate(blocks)
    values = METRICS[figure.metric]
    ordered = [
        sorted(value / _MS for one in block for value in values(one) if value is not None)
        for block in blocks
    ]
    merged = sorted(value for block in ordered for value in block)
    if not merged or merged[0] <= 0 or not all(ordered):  # no draw may be without a value
        return None
    share = SHARES[figure.name]

    def draw(weights: Sequence[int]) -> float:
        if all(weight == 1 for weight in weights):
            return quantile(merged, share)
        return weighted(ordered, weights, merged, share)

    return draw


def _rate(blocks: Sequence[Sequence[Reading]]) -> Draw | None:
    sums = [(sum(one.tokens or 0 for one in block), _seconds(block)) for block in blocks]
    if not all(tokens and seconds for tokens, seconds in sums):
        return None

    def draw(weights: Sequence[int]) -> float:
        tokens = sum(weight * each for weight, (each, _) in zip(weights, sums, strict=True))
        return tokens / sum(weight * each for weight, (_, each) in zip(weights, sums, strict=True))

    return draw


def _seconds(block: Sequence[Reading]) -> float:
    """From the first request to the last end."""
    if not block:
        return 0.0
    return (max(one.ended for one in block) - min(one.sent for one in block)) / 1e9
