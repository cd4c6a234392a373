"""How the model chooses where it is free to: by temperature, top_p, top_k and seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_FALL = 0.85
"""At temperature 1 each further option is that much less likely than the one before it."""
_GREEDY = 0.01
"""Below this temperature the likeliest option is always taken."""


class Voice:
    """One choice's source of variety. Greedy at temperature 0; equal seeds make equal choices."""

    def __init__(
        self, *, temperature: float, top_p: float, seed: str, top_k: int | None = None
    ) -> None:
        self._temperature = temperature
        self._top_p = top_p
        self._top_k = top_k
        self._seed = seed
        self._random: random.Random | None = None

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, the likeliest standing first."""
        if self._temperature < _GREEDY or len(options) == 1:
            return options[0]
        if self._random is None:
            self._random = random.Random(self._seed)  # noqa: S311 - variety, not secrecy
        options = options[: self._top_k]
        weights = [_FALL ** (rank / self._temperature) for rank in range(len(options))]
        nucleus = self._top_p * sum(weights)
        totals = list(itertools.accumulate(weights))
        kept = next((n for n, total in enumerate(totals, 1) if total >= nucleus), len(totals))
        return self._random.choices(options[:kept], weights[:kept])[0]
