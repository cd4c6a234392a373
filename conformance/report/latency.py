"""What was measured of a provider's speed, as text: figures, intervals, and how wrong they may be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from conformance.latency.audit import Audit, Bar
from conformance.latency.measured import Course, Measured
from conformance.latency.quantiles import Estimate
from conformance.latency.summary import Distribution, Summary

TITLES: Mapping[str, str] = {
    "ttft": "time to first token",
    "ttfa": "time to first answer token",
    "icl": "between arrivals",
    "itl": "between tokens",
    "tpot": "per output token",
    "e2e": "end to end",
    "stop": "stopped after hanging up",
    "ttfb": "time to first byte",
    "queueing": "queueing",
    "connect": "connecting",
    "tls": "TLS",
    "throughput": "output tokens/s",
}
SHOWN = ("p50", "p95", "p99")
_WIDTH = 28
_COLUMN = 36


def lines(found: Measured) -> Iterator[str]:
    """A table in milliseconds: value, 95 % interval in brackets, and the instrument's error bar."""
    summary, audit = found.summary, found.audit
    yield f"{'ms':<{_WIDTH}}" + "".join(f"{name:<{_COLUMN}}" for name in SHOWN).rstrip()
    for metric, title in TITLES.items():
        known = summary.metrics.get(metric)
        if known is not None:
            yield _row(title, known, audit.bars.get(metric, {}))
    yield from about(found)


def about(found: Measured) -> Iterator[str]:
    """What stands beside the figures."""
    yield from _counts(found.summary, found.audit)
    yield from course(found.course)
    yield from instrument(found.audit)


def document(found: Measured) -> dict[str, Any]:
    """The same for programs; null where something has no bound."""
    whole: dict[str, Any] = finite(
        {
            "summary": asdict(found.summary),
            "instrument": asdict(found.audit),
            "course": asdict(found.course),
        }
    )
    return whole


def finite(value: Any) -> Any:
    """Without numbers that JSON can't say."""
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _row(title: str, found: Distribution, bars: Mapping[str, Bar]) -> str:
    cells = (cell(found.quantiles[name], bars.get(name)) for name in SHOWN)
    return f"{title:<{_WIDTH}}" + "".join(f"{cell:<{_COLUMN}}" for cell in cells).rstrip()


def cell(estimate: Estimate, bar: Bar | None) -> str:
    """Value, interval, error bar."""
    text = f"{estimate.value:.2f}"
    if estimate.low is not None and estimate.high is not None:
        text += f" [{estimate.low:.2f}, {estimate.high:.2f}]"
    if bar is not None:
        text += " ± ?" if math.isinf(bar.widest) else f" ± {bar.widest:.3f}"
    return text


def _counts(summary: Summary, audit: Audit) -> Iterator[str]:
    said = (
        f"{summary.good} answers in {summary.seconds:.1f} s: "
        f"{summary.requests_per_second:.2f} requests/s"
    )
    if summary.tokens_per_second:  # none are known where no usage came, as from who was cut short
        off = audit.rate(summary.tokens_per_second, summary.seconds)
        said += f", {summary.tokens_per_second:.1f} tokens/s"
        said += f" ± {off:.2g}" if math.isfinite(off) else " ± ?"
    if summary.per_stream:
        said += f", {summary.per_stream.value:.1f} tokens/s a stream"
    yield said
    if summary.stalls:
        yield f"{summary.stalls} stalls"
    yield from remarks(summary)
    yield from failures(summary)
    if summary.goodput:
        yield (
            f"goodput: {summary.goodput.share:.1%} of all requests, "
            f"{summary.goodput.requests_per_second:.2f} requests/s"
        )


def remarks(summary: Summary) -> Iterator[str]:
    """What figures don't show by themselves."""
    if summary.buffered.found:
        yield (
            f"not streamed: {summary.buffered.bursts} of {summary.buffered.of} answers came in one "
            "burst at their end (TRANS-007): whoever shows words as they come shows nothing until "
            "then; look for a proxy that buffers"
        )
    if summary.hung_up.count:
        yield (
            f"hung up on {summary.hung_up.count} requests; {summary.hung_up.went_on} were answered "
            "to their end all the same"
        )
    if summary.estimated:
        yield (
            f"how many tokens an arrival brought is a guess in {summary.estimated} answers, from the "
            "total of their usage: per output token is right, between tokens may be anything"
        )


def failures(summary: Summary) -> Iterator[str]:
    """What is in no figure."""
    for why, number in sorted(summary.failures.items()):
        yield f"failed: {number} ({why}); not among the figures"
    if summary.to_error is not None:
        p50, p99 = (summary.to_error.quantiles[name].value for name in ("p50", "p99"))
        yield f"time until a failure was known: {p50:.0f} ms (p50), {p99:.0f} ms (p99)"


def course(of: Course) -> Iterator[str]:
    """What became of the load itself."""
    if of.waited:
        yield f"after failures, streams waited {of.waited:.1f} s in all before they asked again"
    if of.broken:
        yield f"ended early, and that is our fault: {of.broken}"
    elif of.stopped:
        yield f"ended early: {of.stopped}"


def instrument(audit: Audit) -> Iterator[str]:
    """What the instrument says of itself."""
    stamps = "the kernel's" if audit.kernel else "this process's own, with its delays"
    yield (
        f"instrument: stamps are {stamps}; read {audit.lag_p50:.3f} ms later (p50), "
        f"{audit.lag_p99:.3f} ms (p99); {audit.doubted:.2%} of the tokens in doubt; "
        f"{audit.late:.2%} of the requests sent late"
    )
    if audit.stepped:
        yield "instrument: the system's clock was set meanwhile: nothing here is to be believed"
    if not audit.calibrated:
        yield "instrument: not calibrated against a clock before and after"
