"""Is the tail of one's distributions cut? A likelihood ratio, for a permutation test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.special import logsumexp

from conformance.parity.permutation import Statistic
from conformance.parity.pools import Floats, Table

_SHARES = (0.03, 0.05, 0.1, 0.2, 0.4)  # of the answers, that lie in the tail
_LEAK = 0.02  # what a rival allows for a string that others or numerics put into the tail
_MOST = 40  # answers of one string, beyond which more say nothing new


def cut(tables: Sequence[Table]) -> Statistic:
    """Whether one of two never says what both together hold unlikely.

    A server that forces top_p, min_p or top_k draws from its model's distribution without the
    tail. Which strings are the tail is not known, but they are the rarest. Let a string have come
    c times in both pools, b of them from the candidate, and let the share q of all answers to this
    prompt be the baseline's. Given c, b is binomial(c, 1 - q) where nothing is cut; of a string of
    the tail that the candidate lacks b = 0, which has the chance q^c otherwise. With pi(c) the
    chance that a string which came c times is of the tail, its likelihood ratio is

        1 - pi(c) + pi(c) [b = 0] / q^c

    (that the candidate says the others a little more often is left out), and the same with b = c
    and 1 - q for a tail that the baseline lacks. For a tail of the share s, pi fills it with the
    rarest: 1 for counts whose answers and those of all rarer strings are less than s of all, what
    is left of s for the next count, 0 above. The statistic is the log of the mean, over shares and
    both sides, of the product over strings and prompts. pi and q rest on sums of both pools, so a
    permutation of labels is exact; as ratios are products, prompts whose nucleus holds few rare
    strings decide, by themselves.

    Assumed: answers to one prompt are exchangeable if nothing is cut; that counts are binomial and
    strings independent is only the model of the rival, and costs power where it is wrong, never
    level. Ours: an average of likelihood ratios over alternatives is the most powerful test
    against their mixture (Neyman and Pearson; Lehmann and Romano 2005).
    """
    lacking: list[tuple[Floats, Floats, Floats]] = []
    constant = np.zeros(len(_SHARES))
    for table in tables:
        pooled = table.baseline + table.candidate
        q, in_tail = table.baseline.sum() / pooled.sum(), _in_tail(pooled)
        there, came = np.log1p(-in_tail), np.minimum(pooled, _MOST)[:, None]
        sides = [np.log(1 - in_tail + in_tail * share**-came) - there for share in (q, 1 - q)]
        lacking.append((pooled, sides[0], sides[1]))
        constant += there.sum(0)

    def statistic(drawn: Iterable[Floats]) -> Floats:
        both = [
            ((rows == 0) @ candidate, (rows == pooled) @ baseline)
            for rows, (pooled, candidate, baseline) in zip(drawn, lacking, strict=True)
        ]
        logs = np.concatenate(np.sum(both, axis=0) + constant, axis=-1)
        mixed: Floats = logsumexp(logs, axis=-1) - np.log(logs.shape[-1])
        return mixed

    return statistic


def _in_tail(pooled: Floats) -> Floats:
    """For each string and each share, the chance that it is of the tail: strings x shares."""
    counts, which = np.unique(pooled, return_inverse=True)
    mass = counts * np.bincount(which) / pooled.sum()
    rarer = np.cumsum(mass) - mass
    chances = np.clip((np.array(_SHARES) - rarer[:, None]) / mass[:, None], 0.0, 1 - _LEAK)
    filled: Floats = chances[which]
    return filled
