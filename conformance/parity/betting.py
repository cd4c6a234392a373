"""Bets on a bounded mean: evidence that stays valid wherever one stops."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

_STAKES = (0.1, 0.25, 0.5, 0.75, 0.95)
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Bet:
    """The null hypothesis that a mean in [0, 1] lies at `mean` or below (`over`: bets on more).

    Each stake g turns a fortune of 1 into the product of 1 + g / mean * (x - mean); with `over`
    false, of 1 + g / (1 - mean) * (mean - x). Under the null each is a non-negative
    supermartingale, so is their average, and by Ville's inequality the chance that it ever
    reaches 1 / level is at most `level`: one may look after every observation (Waudby-Smith and
    Ramdas 2023). Assumes that every observation has, given the past, a mean within the null.
    """

    mean: float
    over: bool
    stakes: tuple[float, ...] = _STAKES

    def fortunes(self, seen: Iterable[float]) -> tuple[float, ...]:
        """Log of the average fortune after each observation."""
        sums, path = [0.0] * len(self.stakes), []
        for value in seen:
            edge = (
                (value - self.mean) / self.mean
                if self.over
                else (self.mean - value) / (1 - self.mean)
            )
            sums = [
                total + _log1p(stake * edge) for total, stake in zip(sums, self.stakes, strict=True)
            ]
            path.append(_log_mean_exp(sums))
        return tuple(path)


def crossing(path: Sequence[float], level: float, since: int = 1) -> int | None:
    """After how many observations, `since` at the earliest, a fortune stands at 1 / level or over."""
    goal = -math.log(level)
    return next((n for n, log in enumerate(path, 1) if n >= since and log >= goal), None)


def bounds(seen: Sequence[float], level: float = 0.05) -> tuple[float, float]:
    """Where a mean in [0, 1] lies: the means that neither bet has ruled out at level / 2.

    Valid at every number of observations at once, because the running fortune's highest point is
    looked at.
    """
    goal = -math.log(level / 2)

    def ruled_out(mean: float, *, over: bool) -> bool:
        return max(Bet(mean, over).fortunes(seen), default=0.0) >= goal

    middle = min(max(sum(seen) / len(seen), 1e-6), 1 - 1e-6) if seen else 0.5
    low = _edge(0.0, middle, over=True, ruled_out=ruled_out)
    high = _edge(1.0, middle, over=False, ruled_out=ruled_out)
    return low, high


def still_needed(path: Sequence[float], level: float) -> int | None:
    """Observations until a fortune reaches 1 / level if it goes on growing as it did; None: never."""
    if not path:
        return None
    half = path[
        len(path) // 2 :
    ]  # the first bets are spread over stakes that soon count for nothing
    growth = (half[-1] - half[0]) / (len(half) - 1) if len(half) > 1 else path[-1]
    if growth <= 0:
        return None
    return max(1, math.ceil((-math.log(level) - path[-1]) / growth))


class _RuledOut(Protocol):
    def __call__(self, mean: float, *, over: bool) -> bool: ...


def _edge(outside: float, inside: float, *, over: bool, ruled_out: _RuledOut) -> float:
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        if ruled_out(middle, over=over):
            outside = middle
        else:
            inside = middle
    return outside


def _log1p(value: float) -> float:
    return math.log1p(value) if value > -1 else -math.inf


def _log_mean_exp(logs: Sequence[float]) -> float:
    top = max(logs)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(each - top) for each in logs) / len(logs))
