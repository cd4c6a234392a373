"""Stage 4: is another build good enough? Paired by item, clustered by family, against a margin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from conformance.parity.model import Ask, Decision, Estimate, Says, Settings, StageName, Step
from conformance.parity.pools import Floats

LEVEL, POWER = 0.05, 0.8  # one-sided
PILOT = 60
_FEW = 10  # discordant items: fewer have no normal distribution
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """One item as both endpoints did it: 1 passed, 0 failed, or any score in between."""

    item: str
    order: int  # in the plan
    family: str = ""  # items of one template or document; empty: of none but itself
    baseline: float
    candidate: float
    tokens: int = 1  # that the candidate wrote


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean of candidate less baseline with one-sided bounds, and what it rests on."""

    difference: Estimate
    items: int
    worse: int
    better: int
    design_effect: float  # how many items of a family are worth one on its own

    @property
    def discordance(self) -> float:
        return (self.worse + self.better) / self.items


def compare(pairs: Sequence[Paired], level: float = LEVEL) -> Comparison:
    """Mean difference with standard errors clustered by family (statsmodels), t with G - 1 degrees.

    Few discordant items have no normal distribution: below ten the lower bound is at most minus
    the exact (Clopper-Pearson) upper bound of the share that got worse, the upper bound at least
    that of the share that got better.
    """
    gaps = np.array([each.candidate - each.baseline for each in pairs])
    families = _families(pairs)
    worse, better, n = int((gaps < 0).sum()), int((gaps > 0).sum()), len(gaps)
    plain = gaps.std(ddof=1) / math.sqrt(n) if n > 1 else 0.0
    error = _clustered(gaps, families) if plain > 0 else 0.0
    effect = max(1.0, (error / plain) ** 2) if plain > 0 else 1.0
    reach = float(stats.t.ppf(1 - level, max(1, len(set(families)) - 1))) * max(error, plain)
    mean = float(gaps.mean())
    low, high = mean - reach, mean + reach
    if worse + better < _FEW:
        low = min(low, -_at_most(worse, n / effect, level))
        high = max(high, _at_most(better, n / effect, level))
    return Comparison(Estimate(mean, low, high), n, worse, better, effect)


def items_needed(discordance: float, margin: float, design_effect: float = 1.0) -> int:
    """Items for non-inferiority with 80 % power when there is no true difference.

    n = (z_95 + z_80)^2 * discordance / margin^2 (the variance of a paired difference of passes is
    the discordance), times the design effect (Schuirmann 1987; Connett, Smith and McHugh 1987).
    """
    z = float(stats.norm.ppf(1 - LEVEL) + stats.norm.ppf(POWER))
    return math.ceil(z**2 * discordance / margin**2 * design_effect)


@dataclass(frozen=True, slots=True)
class Trigger:
    """How well the candidate calls a tool when the baseline does (K2 Vendor Verifier's metric)."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


def trigger(pairs: Sequence[Paired], seed: int, confidence: float = 0.95) -> Trigger:
    """Precision, recall and F1 with the baseline's calls as truth; intervals by whole families.

    `baseline` and `candidate` are 1 where a tool was called. Percentile bootstrap over families
    (Efron 1979): items of one family are drawn together.
    """
    truth = np.array([each.baseline > 0 for each in pairs])
    called = np.array([each.candidate > 0 for each in pairs])
    families = _families(pairs)
    counts = np.array(
        [
            [
                (truth & called & (families == f)).sum(),
                (called & (families == f)).sum(),
                (truth & (families == f)).sum(),
            ]
            for f in sorted(set(families))
        ]
    )
    drawn = np.random.default_rng(seed).integers(len(counts), size=(_RESAMPLES, len(counts)))
    seen, resampled = _rates(counts.sum(0)[None]), _rates(counts[drawn].sum(1))
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return Trigger(
        *(
            Estimate(float(v), float(a), float(b))
            for v, a, b in zip(seen[0], low, high, strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Tasks:
    """The stage for one metric: a pilot tells the discordance, that the number of items; one look.

    The number of items depends on the pilot's discordance alone, not on who was better, so that
    the look at the end keeps its level.
    """

    items: tuple[str, ...]  # in the order drawn for this audit
    margin: float
    settings: Settings
    metric: str = "passed"

    def next(self, seen: Sequence[Paired]) -> Step:
        asked = {each.order for each in seen}
        left = [n for n in range(self.planned(seen)) if n not in asked]
        asks = tuple(
            Ask(stage=StageName.TASKS, prompt=self.items[n], order=n, settings=self.settings)
            for n in left
        )
        return Step(asks, self.judge(seen))

    def planned(self, seen: Sequence[Paired]) -> int:
        """How many items are asked in all, as far as is known."""
        pilot = [each for each in seen if each.order < PILOT]
        if len(pilot) < min(PILOT, len(self.items)):
            return min(PILOT, len(self.items))
        found = compare(pilot)
        if math.isinf(found.design_effect):  # one family: no number of its items is enough
            return len(self.items)
        share = (found.worse + found.better + 1) / (found.items + 2)  # of none seen, not none
        return min(
            max(PILOT, items_needed(share, self.margin, found.design_effect)), len(self.items)
        )

    def judge(self, seen: Sequence[Paired]) -> Decision:
        planned = self.planned(seen)
        used = [each for each in seen if each.order < planned]
        if len(used) < planned:
            return self._decide(Says.INCONCLUSIVE, used, None)
        found = compare(used)
        if found.difference.low > -self.margin:
            return self._decide(Says.SAME, used, found)
        worse = found.difference.high < -self.margin
        return self._decide(Says.DIFFERENT if worse else Says.INCONCLUSIVE, used, found)

    def _decide(self, says: Says, used: Sequence[Paired], found: Comparison | None) -> Decision:
        needed = None
        if found and says is Says.INCONCLUSIVE and math.isfinite(found.design_effect):
            whole = items_needed(
                max(found.discordance, 1 / found.items), self.margin, found.design_effect
            )
            needed = max(1, whole - found.items)
        tokens = sum(each.tokens for each in used)
        return Decision(
            stage=StageName.TASKS,
            says=says,
            why=_why(says, self.metric, self.margin, found),
            ratio=found.difference if found else None,
            requests=len(used),
            tokens=tokens,
            needed=math.ceil(needed * tokens / len(used)) if needed else None,
            level=LEVEL,
        )


def _why(says: Says, metric: str, margin: float, found: Comparison | None) -> str:
    if found is None:
        return f"{metric}: not every item that was planned has been asked"
    if math.isinf(found.design_effect):
        return f"{metric}: all {found.items} items are of one family, and tell nothing of others: give each template its own `family`"
    gap = f"{metric}: {found.difference.value:+.1%} on {found.items} items ({found.worse} worse, {found.better} better)"
    return {
        Says.SAME: f"{gap}: good enough, not worse by {margin:.0%}",
        Says.DIFFERENT: f"{gap}: worse by more than {margin:.0%}",
    }.get(says, f"{gap}: too few to tell whether it is worse by {margin:.0%}")


def _families(pairs: Sequence[Paired]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    names = [each.family or f"\0{each.item}" for each in pairs]
    numbers = {name: n for n, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[each] for each in names])


def _clustered(gaps: Floats, families: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """The standard error of a mean, clustered, with statsmodels' small-sample correction."""
    if len(set(families)) < 2:  # noqa: PLR2004 - one family has no spread
        return math.inf
    from statsmodels.regression.linear_model import OLS

    fit = OLS(gaps, np.ones(len(gaps))).fit(cov_type="cluster", cov_kwds={"groups": families})
    return float(fit.bse[0])


def _at_most(count: int, n: float, level: float) -> float:
    """Clopper and Pearson's upper bound of a share."""
    return float(stats.beta.ppf(1 - level, count + 1, max(n - count, 1e-9)))


def _rates(counts: Floats) -> Floats:
    """Precision, recall and F1 from rows of (both, candidate's calls, baseline's calls)."""
    both, called, truth = counts.T.astype(float)
    precision = np.divide(both, called, out=np.zeros_like(both), where=called > 0)
    recall = np.divide(both, truth, out=np.zeros_like(both), where=truth > 0)
    f1 = np.divide(2 * both, called + truth, out=np.zeros_like(both), where=called + truth > 0)
    return np.stack([precision, recall, f1], axis=1)
