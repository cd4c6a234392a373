"""Stage 3 at temperature 0: how many answers leave the baseline's before their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Estimate,
    Layer,
    Neutral,
    Says,
    Settings,
    StageName,
    Step,
)
from conformance.parity.pools import spoken

WRONG_DIFFERENT = 0.0025
EXTRA = 0.10  # answers that may leave the baseline's, beyond what it leaves itself
TOKENS = 16


@dataclass(frozen=True, slots=True)
class Greedy:
    """The stage: what the baseline said to each prompt in two runs of its own."""

    known: Mapping[str, tuple[str, str]]
    neutral: Neutral = ()

    @property
    def floor(self) -> float:
        """The share of the baseline's own answers that the second run leaves."""
        return sum(one != other for one, other in self.known.values()) / len(self.known)

    def next(self, seen: Sequence[Answer]) -> Step:
        asked = {each.ask.order for each in seen}
        settings = Settings(temperature=0.0, max_tokens=TOKENS, neutral=self.neutral)
        asks = tuple(
            Ask(stage=StageName.LONG, prompt=prompt, order=order, settings=settings)
            for order, prompt in enumerate(sorted(self.known))
            if order not in asked
        )
        return Step(asks, self.judge(seen))

    def judge(self, seen: Sequence[Answer]) -> Decision:
        """Judged once, when every prompt has been asked."""
        told = [each for each in seen if spoken(each)]
        left = sum(spoken(each) != self.known[each.ask.prompt][0].strip() for each in told)
        whole = len(seen) == len(self.known) and bool(told)
        different = whole and departures(left, len(told), self.floor) <= WRONG_DIFFERENT
        share = left / len(told) if told else 0.0
        return Decision(
            stage=StageName.LONG,
            says=Says.DIFFERENT if different else Says.INCONCLUSIVE,
            why=f"{left} of {len(told)} greedy answers leave the baseline's, which leaves itself in {self.floor:.0%}",
            layer=Layer.WEIGHTS if different else None,
            ratio=_interval(left, len(told), share),
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            missed=("changes smaller than int4",) if not different else (),
            level=WRONG_DIFFERENT,
            troubled=len(seen) - len(told),
        )


def departures(left: int, answers: int, floor: float) -> float:
    """The chance of so many answers that leave the baseline's, at its own rate and EXTRA.

    Exact binomial, one-sided. Never exact match: numerics alone split a third of answers of 16
    tokens.
    """
    return float(stats.binom.sf(left - 1, answers, min(0.99, floor + EXTRA)))


def _interval(left: int, answers: int, share: float) -> Estimate:
    """The share with Clopper and Pearson's 95 % bounds."""
    low = float(stats.beta.ppf(0.025, left, answers - left + 1)) if left else 0.0
    high = float(stats.beta.ppf(0.975, left + 1, answers - left)) if left < answers else 1.0
    return Estimate(share, low, high)
