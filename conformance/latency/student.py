"""Student's t: how many standard errors an interval reaches when few blocks tell how wide it is."""

from __future__ import annotations

import math

_STEPS = 60
"""Halvings: far below any difference that is printed."""


def reach(freedom: int, outside: float) -> float:
    """The t beyond which, on both sides together, a share of `outside` lies."""
    low, high = 0.0, 1.0
    while within(high, freedom) < 1 - outside:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if within(middle, freedom) < 1 - outside:
            low = middle
        else:
            high = middle
    return high


def within(t: float, freedom: int) -> float:
    """The share between -t and t. Abramowitz and Stegun 26.7.3 and 26.7.4: exact, no series cut off."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    factor, part, total = math.cos(angle) ** 2, math.cos(angle) if odd else 1.0, 0.0
    for number in range(1 + odd, freedom, 2):
        total += part
        part *= factor * number / (number + 1)
    if odd:
        return (angle + math.sin(angle) * total) * 2 / math.pi
    return math.sin(angle) * total
