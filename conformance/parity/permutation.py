"""Do two pools of short answers come from one distribution? A permutation test within prompts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from conformance.parity.pools import Floats, Table

_FOR_EACH = 5  # permutations for each 1 / level: what is decided is not decided by a single one
_FIRST, _BATCH = 50, 1200


class Statistic(Protocol):
    """A number for each row of counts that might be the candidate's: the larger, the farther."""

    def __call__(self, drawn: Iterable[Floats]) -> Floats:
        """`drawn`: for each prompt, rows of counts."""
        ...


Question = Callable[[Sequence[Table]], Statistic]
"""What is asked of tables: fixed by sums that no relabelling changes."""


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One prompt's pooled answers, and what of them no relabelling changes."""

    pooled: Floats  # how often each string came from either
    scores: Floats  # log of that, centred
    baseline: int
    candidate: int
    variances: Floats  # of the parts, under the null

    def parts(self, drawn: Floats) -> Floats:
        """The two parts for rows of counts that are called the candidate's."""
        m, n = self.baseline, self.candidate
        left = self.pooled - drawn
        mmd = ((left**2).sum(-1) - m) / (m * (m - 1)) + ((drawn**2).sum(-1) - n) / (n * (n - 1))
        mmd -= 2 * (left * drawn).sum(-1) / (m * n)
        return np.stack([mmd, (drawn / n - left / m) @ self.scores])


def _prompt(table: Table) -> _Prompt:
    pooled = table.baseline + table.candidate
    m, n = int(table.baseline.sum()), int(table.candidate.sum())
    total = m + n
    share = pooled / total
    scores = np.log(pooled + 0.5)
    scores -= share @ scores
    linear = share @ scores**2 * total**2 / (m * n * (total - 1))
    variances = np.array([2 * (1 / m + 1 / n) ** 2 * _trace(share), linear])
    return _Prompt(pooled, scores, m, n, variances)


def _trace(share: Floats) -> float:
    """The trace of the squared covariance of one answer: what the MMD's variance is made of."""
    squares = (share**2).sum()
    return float(squares - 2 * (share**3).sum() + squares**2)


def unlike(tables: Sequence[Table]) -> Statistic:
    """Whether the distributions differ at all.

    Two parts, each summed over prompts and divided by a scale that no relabelling changes: the
    unbiased one-token MMD, sum_v [a(a-1)/(m(m-1)) + b(b-1)/(n(n-1)) - 2ab/(mn)], and the mean log
    frequency, in both pools together, of the candidate's answers less the baseline's. The
    statistic is the sum of their squares (of the first only where it is positive), which finds
    fp8 in a tenth more of audits than the larger of the two.
    """
    prompts = [_prompt(each) for each in tables]
    scale = np.sqrt(np.sum([each.variances for each in prompts], axis=0))[:, None]
    scale[scale == 0] = 1.0

    def statistic(drawn: Iterable[Floats]) -> Floats:
        parts = [each.parts(rows) for each, rows in zip(prompts, drawn, strict=True)]
        farther, scored = np.sum(parts, axis=0) / scale
        squares: Floats = np.maximum(farther, 0.0) ** 2 + scored**2
        return squares

    return statistic


def p_value(tables: Sequence[Table], seed: int, level: float, question: Question = unlike) -> float:
    """The chance, with one distribution a prompt, of a statistic at least as large.

    Labels are permuted within each prompt: exact under exchangeability (Gretton et al. 2012;
    Phipson and Smyth 2010 for the +1). Drawing stops once p can't come to `level` any more, and
    what is returned is then over it.
    """
    statistic = question(tables)
    pooled = [(each.baseline + each.candidate).astype(np.int64) for each in tables]
    sizes = [int(each.candidate.sum()) for each in tables]
    rng = np.random.default_rng(seed)

    def null(rows: int) -> Floats:
        return statistic(_relabelled(*each, rows, rng) for each in zip(pooled, sizes, strict=True))

    return exceeding(statistic(each.candidate[None] for each in tables)[0], null, level)


def exceeding(seen: float, null: Callable[[int], Floats], level: float) -> float:
    """A p-value: how often `null`, which draws as many statistics as it is told to, comes to `seen`.

    No more are drawn once p can't come to `level`: first a few, because most pairs are far from it.
    """
    permutations = math.ceil(_FOR_EACH / level) - 1
    beyond, drawn = 0, 0
    while drawn < permutations and 1 + beyond <= level * (permutations + 1):
        rows = min(max(_FIRST, 3 * drawn), _BATCH, permutations - drawn)
        beyond += int((null(rows) >= seen - 1e-12).sum())
        drawn += rows
    return (1 + beyond) / (1 + drawn)


def _relabelled(
    pooled: NDArray[np.int64], size: int, rows: int, rng: np.random.Generator
) -> Floats:
    """Counts of random choices of as many answers as the candidate gave."""
    drawn = rng.multivariate_hypergeometric(pooled, size, size=rows, method="count")
    return drawn.astype(float)


@dataclass(frozen=True, slots=True)
class Distance:
    """D2, the mean over prompts of sum (pA - pB)^2, and the standard error of its estimate."""

    squared: float
    error: float

    def below(self, errors: float) -> float:
        return self.squared + errors * self.error


def distance(tables: Sequence[Table]) -> Distance:
    """D2 by the U-statistic without bias, and its standard error by plug-in.

    Of one prompt, with counts a of m and b of n: sum_v [a(a-1)/(m(m-1)) + b(b-1)/(n(n-1)) -
    2ab/(mn)] (Gretton et al. 2012, MMD^2_u). With h = 1/m + 1/n, p the shares in both together,
    S = diag(p) - pp' and g = a/m - b/n its variance is 2 h^2 tr(S^2) + 4 h g'Sg (Hoeffding 1948:
    the quadratic and the linear part); g'Sg holds noise of its own, h tr(S^2) on average, which is
    taken off. Assumed: answers are independent draws, prompts are independent, and both endpoints'
    covariances are near S; that the mean over prompts is normal is what `sampled.ERRORS` makes up for.
    """
    estimates, variances = [], []
    for table in tables:
        a, b = table.baseline, table.candidate
        m, n = a.sum(), b.sum()
        h, p, gap = 1 / m + 1 / n, (a + b) / (m + n), a / m - b / n
        same = ((a * a).sum() - m) / (m * (m - 1)) + ((b * b).sum() - n) / (n * (n - 1))
        estimates.append(same - 2 * (a * b).sum() / (m * n))
        trace = _trace(p)
        linear = (p * gap**2).sum() - (p * gap).sum() ** 2
        variances.append(2 * h**2 * trace + 4 * h * max(linear - h * trace, 0.0))
    return Distance(sum(estimates) / len(tables), math.sqrt(sum(variances)) / len(tables))
