"""Many readings as distributions. What failed is counted, timed and kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.latency.buffered import Buffered, bursts
from conformance.latency.quantiles import Estimate, estimate, mean
from conformance.latency.reading import Reading

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
BLOCKS = 20
_MS = 1e6

Values = Callable[[Reading], Iterable[float | None]]

METRICS: Mapping[str, Values] = {
    "ttfb": lambda one: [one.ttfb],
    "ttft": lambda one: [] if one.first_doubtful else [one.ttft],
    "ttft_intended": lambda one: [] if one.first_doubtful else [one.response_time],
    "ttfa": lambda one: [one.ttfa],
    "icl": lambda one: [gap.ns for gap in one.gaps if not gap.doubtful],
    "itl": lambda one: [gap.per_token for gap in one.gaps if not gap.doubtful],
    "tpot": lambda one: [one.tpot],
    "e2e": lambda one: [] if one.stop is not None else [one.e2e],
    "queueing": lambda one: [one.queueing],
    "connect": lambda one: [one.connect] if one.connect else [],
    "tls": lambda one: [one.tls] if one.tls else [],
    "stop": lambda one: [one.stop],
}
"""Names in reports and profiles; each in nanoseconds of one reading, any number of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Of one metric, in milliseconds."""

    count: int
    mean: Estimate
    quantiles: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A service level objective, in milliseconds; None: no limit."""

    ttft: float | None = None
    tpot: float | None = None
    e2e: float | None = None

    def met(self, one: Reading) -> bool:
        """Everything that is limited is known and within its limit; a failure meets nothing."""
        limits = ((self.ttft, one.ttft), (self.tpot, one.tpot), (self.e2e, one.e2e))
        return not one.failure and all(
            limit is None or (value is not None and value <= limit * _MS) for limit, value in limits
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodput:
    """What was served as it should be."""

    share: float
    requests_per_second: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """Requests that were given up on purpose."""

    count: int
    went_on: int
    """So many of them were answered to their end all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Of one load on one endpoint."""

    good: int
    failures: Mapping[str, int]
    metrics: Mapping[str, Distribution]
    """Of the good ones; those that have no value are left out."""
    to_error: Distribution | None
    """Time until a failure was known."""
    stalls: int
    """Gaps that are long for their stream."""
    estimated: int
    """Answers of which it is not known for sure which arrival brought how many tokens."""
    buffered: Buffered
    hung_up: HungUp
    seconds: float
    """From the first request to the last end."""
    requests_per_second: float
    tokens_per_second: float
    """Of all streams together."""
    per_stream: Estimate | None
    """Tokens per second of one stream, on average."""
    goodput: Goodput | None


def summarize(readings: Sequence[Reading], objective: Objective | None = None) -> Summary:
    """Distributions with intervals over blocks of time."""
    ordered = sorted(readings, key=lambda one: one.sent)
    good = [one for one in ordered if not one.failure]
    bad = [one for one in ordered if one.failure]
    seconds = (max(one.ended for one in ordered) - ordered[0].sent) / 1e9 if ordered else 0.0
    blocks = blocked(good)
    metrics = {name: distribution(blocks, values) for name, values in METRICS.items()}
    return Summary(
        good=len(good),
        failures=dict(Counter(one.failure for one in bad)),
        metrics={name: found for name, found in metrics.items() if found is not None},
        to_error=distribution(blocked(bad), lambda one: [one.e2e]),
        stalls=sum(gap.stalled for one in good for gap in one.gaps),
        estimated=sum(one.estimated for one in good),
        buffered=bursts(good),
        hung_up=HungUp(
            count=sum(one.stop is not None for one in good),
            went_on=sum(one.went_on for one in good),
        ),
        seconds=seconds,
        requests_per_second=len(good) / seconds if seconds else 0.0,
        tokens_per_second=sum(one.tokens or 0 for one in good) / seconds if seconds else 0.0,
        per_stream=mean([_present(one.tokens_per_second for one in block) for block in blocks]),
        goodput=_goodput(ordered, objective, seconds) if objective and seconds else None,
    )


def blocked(readings: Sequence[Reading], count: int = BLOCKS) -> list[Sequence[Reading]]:
    """Neighbours in time together: what ran at the same time had the same circumstances."""
    size = -(-len(readings) // count)
    return [readings[start : start + size] for start in range(0, len(readings), size or 1)]


def distribution(blocks: Sequence[Sequence[Reading]], values: Values) -> Distribution | None:
    """Of one metric; None where no reading has it."""
    found = [
        [value / _MS for one in block for value in values(one) if value is not None]
        for block in blocks
    ]
    average = mean(found)
    if average is None:
        return None
    quantiles = {name: estimate(found, share) for name, share in SHARES.items()}
    return Distribution(
        count=sum(map(len, found)),
        mean=average,
        quantiles={name: each for name, each in quantiles.items() if each is not None},
    )


def _goodput(readings: Sequence[Reading], objective: Objective, seconds: float) -> Goodput:
    served = [one for one in readings if objective.met(one)]
    return Goodput(
        share=len(served) / len(readings),
        requests_per_second=len(served) / seconds,
        tokens_per_second=sum(one.tokens or 0 for one in served) / seconds,
    )


def _present(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
