"""Two providers under one load, as text: both figures, their ratio, and what may be said of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from conformance.latency.contest import Contest, Finding
from conformance.latency.measured import Measured
from conformance.latency.paired import Figure
from conformance.report import latency

_WIDTH, _COLUMN, _RATIO = 28, 12, 35
_LARGE = 100


def lines(found: Contest) -> Iterator[str]:
    """A line a figure: candidate, baseline, ratio with its interval, and the answer."""
    mine, yours = found.candidate, found.baseline
    yield (
        f"{mine.provider} ({mine.model}) beside {yours.provider} ({yours.model}): "
        f"{found.streams} at once, {found.pairs} pairs of blocks in {found.seconds:.1f} s"
    )
    yield (
        f"{'ms':<{_WIDTH}}{'candidate':<{_COLUMN}}{'baseline':<{_COLUMN}}{'ratio':<{_RATIO}} answer"
    )
    for each in found.findings:
        yield _row(each)
    for half in (mine, yours):
        yield from (f"{half.provider}: {line}" for line in about(half))


def document(found: Contest) -> dict[str, Any]:
    """The same for programs; null where something has no bound."""
    whole: dict[str, Any] = {
        "streams": found.streams,
        "pairs": found.pairs,
        "seconds": found.seconds,
        "findings": [latency.finite(asdict(each)) for each in found.findings],
    }
    for name, half in (("candidate", found.candidate), ("baseline", found.baseline)):
        figures = latency.document(half)
        whole[name] = {"provider": half.provider, "model": half.model, **figures}
    return whole


def title(figure: Figure) -> str:
    """In words."""
    return f"{latency.TITLES.get(figure.metric, figure.metric)} {figure.name}".rstrip()


def cells(each: Finding) -> tuple[str, str, str]:
    """Candidate, baseline, and their ratio with its interval and the instrument's part."""
    one = each.compared
    if one is None:
        return "-", "-", "-"
    ratio = _number(one.ratio.value)
    if one.ratio.low is not None and one.ratio.high is not None:
        ratio += f" [{_number(one.ratio.low)}, {_number(one.ratio.high)}]"
    error = each.judged.error
    ratio += f" ± {_number(error)}" if math.isfinite(error) else " ± ?"
    return f"{one.candidate:.2f}", f"{one.baseline:.2f}", ratio


def _number(ratio: float) -> str:
    """Where few pairs leave nearly everything possible, not to its last digit."""
    return f"{ratio:.4f}" if ratio < _LARGE else f"{ratio:.2g}"


def _row(each: Finding) -> str:
    mine, yours, ratio = cells(each)
    answer = f"{each.margin}: {each.judged.answer}" if each.margin else str(each.judged.answer)
    return (
        f"{title(each.figure):<{_WIDTH}}{mine:<{_COLUMN}}{yours:<{_COLUMN}}{ratio:<{_RATIO}} "
        f"{answer}{f' ({each.judged.words})' if each.judged.words else ''}"
    )


def about(half: Measured) -> Iterator[str]:
    """No rates: the other one was asked in the meantime."""
    stalls = f", {half.summary.stalls} stalls" if half.summary.stalls else ""
    yield f"{half.summary.good} answers{stalls}"
    yield from latency.remarks(half.summary)
    yield from latency.failures(half.summary)
    yield from latency.course(half.course)
    yield from latency.instrument(half.audit)
