"""Quantiles, and where they lie. Requests that run together are not independent: blocks are.

The interval is a percentile bootstrap over blocks. Its draws are made by a fixed sequence of
numbers, so that the same readings always give the same interval.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

DRAWS = 400
CONFIDENCE = 0.95
_LEAST_BLOCKS = 5
"""Of fewer blocks nobody can say how much they differ."""
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and the interval in which it lies; None where that cannot be said."""

    value: float
    low: float | None = None
    high: float | None = None


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in ascending order, of which there is one at least; linear in between."""
    place = share * (len(ordered) - 1)
    below = int(place)
    if below + 1 == len(ordered):
        return ordered[below]
    part = place - below
    return ordered[below] * (1 - part) + ordered[below + 1] * part


def estimate(blocks: Sequence[Sequence[float]], share: float) -> Estimate | None:
    """A quantile of all values, and its interval over the blocks; None where there is no value."""
    sorted_blocks = [sorted(block) for block in blocks if block]
    merged = sorted(value for block in sorted_blocks for value in block)
    if not merged:
        return None
    value = quantile(merged, share)
    if len(sorted_blocks) < _LEAST_BLOCKS:
        return Estimate(value)
    drawn = sorted(
        weighted(sorted_blocks, weights, merged, share) for weights in draws(len(sorted_blocks))
    )
    edge = (1 - CONFIDENCE) / 2
    return Estimate(value, quantile(drawn, edge), quantile(drawn, 1 - edge))


def mean(blocks: Sequence[Sequence[float]]) -> Estimate | None:
    """The mean of all values, in the same way."""
    sums = [(sum(block), len(block)) for block in blocks if block]
    if not sums:
        return None
    value = sum(one for one, _ in sums) / sum(count for _, count in sums)
    if len(sums) < _LEAST_BLOCKS:
        return Estimate(value)
    drawn = sorted(_ratio(sums, weights) for weights in draws(len(sums)))
    edge = (1 - CONFIDENCE) / 2
    return Estimate(value, quantile(drawn, edge), quantile(drawn, 1 - edge))


def draws(blocks: int, count: int = DRAWS) -> Iterator[list[int]]:
    """How often each block is drawn, with replacement; so many times."""
    numbers = _numbers()
    for _ in range(count):
        weights = [0] * blocks
        for _ in range(blocks):
            weights[next(numbers) % blocks] += 1
        yield weights


def _ratio(sums: Sequence[tuple[float, int]], weights: Sequence[int]) -> float:
    total = sum(weight * one for weight, (one, _) in zip(weights, sums, strict=True))
    return total / sum(weight * count for weight, (_, count) in zip(weights, sums, strict=True))


def weighted(
    blocks: Sequence[Sequence[float]],
    weights: Sequence[int],
    merged: Sequence[float],
    share: float,
) -> float:
    """A quantile of the blocks, each as often as its weight says. By halving: nothing is sorted."""
    drawn = [(block, weight) for block, weight in zip(blocks, weights, strict=True) if weight]
    size = sum(len(block) * weight for block, weight in drawn)

    def up_to(value: float) -> int:
        return sum(bisect_right(block, value) * weight for block, weight in drawn)

    place = share * (size - 1)
    below = _first(merged, lambda value: up_to(value) > int(place))
    part = place - int(place)
    if not part or up_to(below) > int(place) + 1:
        return below
    above = _first(merged, lambda value: up_to(value) > int(place) + 1)
    return below * (1 - part) + above * part


def _first(ordered: Sequence[float], fits: Callable[[float], bool]) -> float:
    """The first value that fits; all after it do, too."""
    low, high = 0, len(ordered) - 1
    while low < high:
        middle = (low + high) // 2
        if fits(ordered[middle]):
            high = middle
        else:
            low = middle + 1
    return ordered[low]


def _numbers() -> Iterator[int]:
    """splitmix64 (Steele, Lea and Flood 2014), from a fixed start."""
    state = 0
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        yield mixed ^ (mixed >> 31)
