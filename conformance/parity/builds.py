"""Ratios to the floor by who says that it answered, and by the hour: a router over several builds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scipy import stats

from conformance.parity.first import Apart
from conformance.parity.logprobs import CLIP
from conformance.parity.model import Build, Estimate

_LEVEL = 0.95
_LEAST, _CHANCE = 5, 0.01


@dataclass(frozen=True, slots=True)
class Group:
    """First tokens of one build in one hour: how many, and their mean distance in floors."""

    build: Build
    hour: str  # "2026-12-01 14h", UTC
    prompts: int
    ratio: Estimate
    """The mean, clipped at CLIP floors as stage 1 does; of one prompt without an interval."""
    ratios: tuple[float, ...]


def groups(apart: Iterable[Apart], started: str) -> tuple[Group, ...]:
    """Those that there are, in the order of their coming. `started`: the run's begin, ISO 8601."""
    found: dict[tuple[Build, str], list[float]] = {}
    for each in apart:
        key = (each.build, _hour(started, each.at))
        found.setdefault(key, []).append(min(each.ratio, CLIP))
    return tuple(
        Group(build, hour, len(ratios), _mean(ratios), tuple(ratios))
        for (build, hour), ratios in found.items()
    )


def told_apart(found: Sequence[Group]) -> bool:
    """They are not alike: by chance they lie so far apart in fewer than 1 of 100 audits.

    By ranks (Kruskal and Wallis 1952), over groups of enough prompts for its approximation.
    """
    known = [each.ratios for each in found if each.prompts >= _LEAST]
    if len(known) < 2 or len({ratio for ratios in known for ratio in ratios}) < 2:  # noqa: PLR2004 - nothing to compare
        return False
    return bool(stats.kruskal(*known).pvalue < _CHANCE)


def _hour(started: str, at: float | None) -> str:
    if at is None:
        return ""
    begun = datetime.fromisoformat(started)
    return (begun + timedelta(seconds=at)).strftime("%Y-%m-%d %Hh")


def _mean(ratios: Sequence[float]) -> Estimate:
    """With Student's 95 % interval."""
    mean = sum(ratios) / len(ratios)
    if len(ratios) == 1:
        return Estimate(mean, mean, mean)
    error = float(stats.sem(ratios))
    if not error:
        return Estimate(mean, mean, mean)
    low, high = stats.t.interval(_LEVEL, len(ratios) - 1, loc=mean, scale=error)
    return Estimate(mean, max(0.0, float(low)), float(high))
