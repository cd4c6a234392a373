"""What a sampler makes of a distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformance.parity.pools import Floats

_GREEDY = 1e-3  # a temperature of nothing, without dividing by it


@dataclass(frozen=True, slots=True)
class Sampler:
    """Temperature first, then what is kept: the order of vLLM and of transformers."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0

    def __call__(self, logits: Floats) -> Floats:
        """The chances from which a token is drawn."""
        chances = softmax(logits / max(self.temperature, _GREEDY))
        ranked = np.argsort(-chances)
        sorted_ = chances[ranked]
        keep = (np.cumsum(sorted_) - sorted_) <= self.top_p
        keep &= sorted_ >= self.min_p * sorted_[0]
        if self.top_k:
            keep[self.top_k :] = False
        kept = np.where(keep, sorted_, 0.0)
        out: Floats = np.empty_like(kept)
        out[ranked] = kept / kept.sum()
        return out


PLAIN = Sampler()


def softmax(logits: Floats) -> Floats:
    """Chances from logits."""
    weights: Floats = np.exp(logits - logits.max())
    weights /= weights.sum()
    return weights
