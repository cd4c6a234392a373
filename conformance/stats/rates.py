"""Bounds on a success rate that hold at every sample size at once.

A fixed-sample interval looked at repeatedly errs more often than it says. These bounds may be
looked at after every sample: with probability >= `confidence` the true rate lies inside *all* of
them. Formula: the beta-binomial mixture martingale (Robbins 1970; Howard et al. 2021)

    M(p) = B(a + s, b + f) / B(a, b) / (p^s * (1 - p)^f),   a = b = 1/2,

is a non-negative martingale with mean 1 when p is the true rate, so by Ville's inequality the set
{p : M(p) < 1 / (1 - confidence)} covers p for all sample sizes simultaneously. Assumes that
samples are independent with one common rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_A = _B = 0.5
_STEPS = 60  # halvings: far below any difference that a report prints


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a rate lies."""

    low: float
    high: float


def rate_bounds(successes: int, failures: int, confidence: float = 0.95) -> Bounds:
    """Anytime-valid bounds on the success rate. Of no samples, everything is possible."""
    if successes == failures == 0:
        return Bounds(0.0, 1.0)
    if successes < 0 or failures < 0 or not 0 < confidence < 1:
        raise ValueError("counts are not negative, and confidence lies between 0 and 1")
    limit = -math.log(1 - confidence)
    mixture = _log_beta(_A + successes, _B + failures) - _log_beta(_A, _B)

    def excluded(rate: float) -> bool:
        return mixture - _log_likelihood(rate, successes, failures) >= limit

    seen = successes / (successes + failures)
    low = 0.0 if successes == 0 else _edge(excluded, 0.0, seen)
    high = 1.0 if failures == 0 else _edge(excluded, 1.0, seen)
    return Bounds(low, high)


def _edge(excluded: Callable[[float], bool], outside: float, inside: float) -> float:
    """The border between an excluded rate and one that is not, by bisection."""
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        if excluded(middle):
            outside = middle
        else:
            inside = middle
    return outside


def _log_likelihood(rate: float, successes: int, failures: int) -> float:
    if (rate <= 0 and successes) or (rate >= 1 and failures):
        return -math.inf
    won = successes * math.log(rate) if successes else 0.0
    lost = failures * math.log1p(-rate) if failures else 0.0
    return won + lost


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
