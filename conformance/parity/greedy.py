"""Stage 3 at temperature 0: how many answers leave the baseline's before their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from conformance.parity.defaults import SHOWN
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
ASSUMED, EXTRA = 0.35, 0.10  # answers of 16 tokens that numerics split, and some beyond
ODDS = 1.5  # of being the one that leaves, against the second run
TOKENS = 16


@dataclass(frozen=True, slots=True)
class Greedy:
    """The stage: what the baseline said to each prompt, and a second run of the same weights."""

    known: Mapping[str, tuple[str, str]]
    neutral: Neutral = ()
    second: str = "its own second run"

    @property
    def floor(self) -> float:
        """The share of the baseline's answers that the second run leaves."""
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
        pairs = [(spoken(each), *map(str.strip, self.known[each.ask.prompt])) for each in told]
        left = sum(said != known for said, known, _ in pairs)
        alone = sum(said != known == again for said, known, again in pairs)
        second = sum(said == known != again for said, known, again in pairs)
        whole = len(seen) == len(self.known) and bool(told)
        different = whole and departures(left, len(told), alone, second) <= WRONG_DIFFERENT
        share = left / len(told) if told else 0.0
        return Decision(
            stage=StageName.LONG,
            says=Says.DIFFERENT if different else Says.INCONCLUSIVE,
            why=f"{left} of {len(told)} greedy answers leave the baseline's, and {self.floor:.0%} of {self.second}",
            layer=Layer.WEIGHTS if different else None,
            ratio=_interval(left, len(told), share),
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            missed=("changes smaller than int4",) if not different else (),
            level=WRONG_DIFFERENT,
            troubled=len(seen) - len(told),
        )


def departures(left: int, answers: int, alone: int, second: int) -> float:
    """The chance of so many answers that leave the baseline's, if only numerics do.

    The larger of two exact one-sided binomials, so that each of two excuses is enough. First, that
    `left` of `answers` leave at the rate that numerics were seen to cause and EXTRA: never exact
    match, and a baseline that repeats itself exactly knows nothing of other machines. Second, that
    of the answers which only one of candidate and second run leaves, the candidate's (`alone`) are
    not more than ODDS to one of the `second`'s (McNemar's test with a margin): where numerics
    split more, they split both, and nothing is estimated by a rate that a few prompts gave.
    """
    more = stats.binom.sf(left - 1, answers, ASSUMED + EXTRA)
    oftener = stats.binom.sf(alone - 1, alone + second, ODDS / (1 + ODDS))
    return float(max(more, oftener))


def parted(on: Sequence[Answer], off: Sequence[Answer]) -> bool:
    """Whether one side's answers are seen to change once something is switched off: more than numerics do."""
    before, after = (
        {each.ask.prompt: spoken(each) for each in run if spoken(each)} for run in (on, off)
    )
    shared = before.keys() & after.keys()
    left = sum(before[prompt] != after[prompt] for prompt in shared)
    return departures(left, len(shared), left, 0) <= SHOWN


def _interval(left: int, answers: int, share: float) -> Estimate:
    """The share with Clopper and Pearson's 95 % bounds."""
    low = float(stats.beta.ppf(0.025, left, answers - left + 1)) if left else 0.0
    high = float(stats.beta.ppf(0.975, left + 1, answers - left)) if left < answers else 1.0
    return Estimate(share, low, high)
