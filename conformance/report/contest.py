"""Two providers under one load, as text: both figures, their ratio, and what may be said of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from conformance.latency.contest import Contest, Finding, Half
from conformance.latency.paired import Compared, Figure
from conformance.report import latency

_WIDTH, _COLUMN, _RATIO = 28, 12, 36


def lines(found: Contest) -> Iterator[str]:
    """A line a figure: candidate, baseline, ratio with its interval, and the answer."""
    mine, yours = found.candidate, found.baseline
    yield (
        f"{mine.provider} ({mine.model}) beside {yours.provider} ({yours.model}): "
        f"{found.streams} at once, {found.pairs} pairs of blocks in {found.seconds:.1f} s"
    )
    yield (
        f"{'ms':<{_WIDTH}}{'candidate':<{_COLUMN}}{'baseline':<{_COLUMN}}{'ratio':<{_RATIO}}answer"
    )
    for each in found.findings:
        yield _row(each)
    for half in (mine, yours):
        yield from (f"{half.provider}: {line}" for line in _rest(half))


def document(found: Contest) -> dict[str, Any]:
    """The same for programs; null where something has no bound."""
    whole: dict[str, Any] = latency.finite(asdict(found))
    return whole


def title(figure: Figure) -> str:
    """In words."""
    return f"{latency.TITLES.get(figure.metric, figure.metric)} {figure.name}".rstrip()


def _row(each: Finding) -> str:
    one, judged = each.compared, each.judged
    cells = _cells(one, judged.error) if one else ("-", "-", "-")
    answer = f"{each.margin}: {judged.answer}" if each.margin else str(judged.answer)
    return (
        f"{title(each.figure):<{_WIDTH}}{cells[0]:<{_COLUMN}}{cells[1]:<{_COLUMN}}"
        f"{cells[2]:<{_RATIO}}{answer}{f' ({judged.words})' if judged.words else ''}"
    )


def _cells(one: Compared, error: float) -> tuple[str, str, str]:
    ratio = f"{one.ratio.value:.4f}"
    if one.ratio.low is not None and one.ratio.high is not None:
        ratio += f" [{one.ratio.low:.4f}, {one.ratio.high:.4f}]"
    ratio += f" ± {error:.4f}" if math.isfinite(error) else " ± ?"
    return f"{one.candidate:.2f}", f"{one.baseline:.2f}", ratio


def _rest(half: Half) -> Iterator[str]:
    """No rates: the other one was asked in the meantime."""
    yield f"{half.summary.good} answers" + (
        f", {half.summary.stalls} stalls" if half.summary.stalls else ""
    )
    yield from latency.failures(half.summary)
    yield from latency.instrument(half.audit)
