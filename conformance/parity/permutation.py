"""Do two pools of short answers come from one distribution? A permutation test within prompts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformance.parity.pools import Floats, Table

_FIRST, _BATCH = 200, 1200


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One prompt's pooled answers and what of them no relabelling changes."""

    items: Floats  # one-hot, a row an answer
    pooled: Floats  # how often each string came from either
    scores: Floats  # log of that, centred
    baseline: int
    candidate: int
    scale: Floats  # variances under the null of the two parts

    def parts(self, drawn: Floats) -> Floats:
        """The two parts for rows of counts that are called the candidate's."""
        m, n = self.baseline, self.candidate
        left = self.pooled - drawn
        mmd = ((left**2).sum(-1) - m) / (m * (m - 1)) + ((drawn**2).sum(-1) - n) / (n * (n - 1))
        mmd -= 2 * (left * drawn).sum(-1) / (m * n)
        return np.stack([mmd, drawn @ self.scores / n - left @ self.scores / m])


def _prompt(table: Table) -> _Prompt:
    pooled = table.baseline + table.candidate
    m, n = int(table.baseline.sum()), int(table.candidate.sum())
    total = m + n
    share = pooled / total
    scores = np.log(pooled + 0.5)
    scores -= share @ scores
    squares = (share**2).sum()
    trace = squares - 2 * (share**3).sum() + squares**2
    frequency = (share @ scores**2) * total**2 / (m * n * (total - 1))
    scale = np.array([2 * (1 / m + 1 / n) ** 2 * trace, frequency])
    items = np.repeat(np.eye(len(pooled)), pooled.astype(int), axis=0)
    return _Prompt(items, pooled, scores, m, n, scale)


def p_value(tables: Sequence[Table], seed: int, level: float, permutations: int = 4999) -> float:
    """The chance, with one distribution a prompt, of a statistic at least as large.

    Two parts, each summed over prompts and divided by a scale that no relabelling changes:
    the unbiased one-token MMD, sum_v [a(a-1)/(m(m-1)) + b(b-1)/(n(n-1)) - 2ab/(mn)], and the mean
    log frequency, in both pools together, of the candidate's answers less the baseline's; the
    statistic is the larger of the first and the second's size. Labels are permuted within each
    prompt: exact under exchangeability (Gretton et al. 2012; Phipson and Smyth 2010 for the +1).
    Drawing stops once p can't come to `level` any more, and what is returned is then over it.
    """
    prompts = [_prompt(each) for each in tables]
    scale = np.sqrt(sum((each.scale for each in prompts), np.zeros(2)))
    scale[scale == 0] = 1.0
    seen = _statistic(
        sum(
            (p.parts(t.candidate[None]) for p, t in zip(prompts, tables, strict=True)),
            np.zeros((2, 1)),
        ),
        scale,
    )[0]
    rng = np.random.default_rng(seed)
    beyond, drawn = 0, 0
    while drawn < permutations:
        rows = min(_BATCH if drawn else _FIRST, permutations - drawn)
        parts = sum(
            (each.parts(_relabelled(each, rows, rng)) for each in prompts), np.zeros((2, rows))
        )
        beyond += int((_statistic(parts, scale) >= seen - 1e-12).sum())
        drawn += rows
        if 1 + beyond > level * (permutations + 1):
            break
    return (1 + beyond) / (1 + drawn)


def _statistic(parts: Floats, scale: Floats) -> Floats:
    larger: Floats = np.maximum(parts[0] / scale[0], np.abs(parts[1]) / scale[1])
    return larger


def _relabelled(prompt: _Prompt, rows: int, rng: np.random.Generator) -> Floats:
    """Counts of random choices of as many answers as the candidate gave."""
    total = prompt.baseline + prompt.candidate
    chosen = np.zeros((rows, total))
    order = rng.random((rows, total)).argpartition(prompt.candidate - 1, axis=1)
    np.put_along_axis(chosen, order[:, : prompt.candidate], 1.0, axis=1)
    return chosen @ prompt.items


@dataclass(frozen=True, slots=True)
class Distance:
    """D2, the mean over prompts of sum (pA - pB)^2, and the standard error of its estimate."""

    squared: float
    error: float

    def below(self, errors: float) -> float:
        return self.squared + errors * self.error


def distance(tables: Sequence[Table]) -> Distance:
    """D2 by the U-statistic without bias, its plug-in error (own noise taken off the linear term)."""
    estimates, variances = [], []
    for table in tables:
        a, b = table.baseline, table.candidate
        m, n = a.sum(), b.sum()
        h, p, gap = 1 / m + 1 / n, (a + b) / (m + n), a / m - b / n
        same = ((a * a).sum() - m) / (m * (m - 1)) + ((b * b).sum() - n) / (n * (n - 1))
        estimates.append(same - 2 * (a * b).sum() / (m * n))
        squares = (p**2).sum()
        trace = squares - 2 * (p**3).sum() + squares**2
        linear = (p * gap**2).sum() - (p * gap).sum() ** 2
        variances.append(2 * h**2 * trace + 4 * h * max(linear - h * trace, 0.0))
    return Distance(sum(estimates) / len(tables), math.sqrt(sum(variances)) / len(tables))
