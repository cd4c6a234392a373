"""Is the answer streamed, or kept back somewhere and let go at its end?

An application that shows words as they come shows nothing for the whole time, and all at once then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.latency.reading import Reading

TOKENS = 8
"""Of an answer, so that one burst is no coincidence."""
LASTS = 200_000_000
"""Nanoseconds from sending to the last token, so that its course says something."""
_SHARE = 20
"""A burst takes less than one part in so many of the whole time (as TRANS-007 is judged in a run) ..."""
_PER_TOKEN = 200_000
"""... and less than so many nanoseconds a token: no model writes 5,000 tokens a second."""
_LEAST = 3
"""Bursts: one or two may have a cause that goes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffered:
    """Of the answers that are long enough to show it."""

    bursts: int
    of: int

    @property
    def found(self) -> bool:
        """Most of them came in one burst."""
        return self.bursts >= _LEAST and 2 * self.bursts > self.of


def bursts(readings: Sequence[Reading]) -> Buffered:
    """How many came in one burst, of answers with enough tokens that took long enough."""
    telling = [one for one in readings if _tokens(one) >= TOKENS and _whole(one) >= LASTS]
    return Buffered(bursts=sum(map(_burst, telling)), of=len(telling))


def _tokens(one: Reading) -> float:
    """Those that came; thoughts that are kept back are none."""
    return sum(each.tokens or 0 for each in one.arrivals)


def _whole(one: Reading) -> int:
    return one.arrivals[-1].at - one.sent if one.arrivals else 0


def _burst(one: Reading) -> bool:
    span = one.arrivals[-1].at - one.arrivals[0].at
    return span * _SHARE < _whole(one) and span < _PER_TOKEN * _tokens(one)
