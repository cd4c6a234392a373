"""Stage 2: sampled answers of one token, text only, looked at a few times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from conformance.parity import explain, sizes
from conformance.parity.cut import cut
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
from conformance.parity.permutation import Distance, Question, distance, p_value, unlike
from conformance.parity.pools import Pool, pooled, spaced, spoken, tables

MARGIN = 0.010  # D2: the size of fp8, or of temperature 0.9 for 1
ERRORS = (
    1.96  # standard errors of a 95 % bound: 1.645 errs in 6 % exactly at the margin, and 1.75 in 5
)
WITNESSES = 0.9  # the share of a look's asks that must have said something
_SPACED = 0.2
_KEPT = 8  # looks: those of one stage
_REPEATED = 1e-6  # the chance of what is called a cache, did none exist
_SUSPECT = 0.05  # of what is, before anything is called different
_CACHE = "every prompt got one answer however often it was asked: a cache or a fixed seed"


_Frozen = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Design:
    """When is looked, and for what."""

    stage: StageName
    layer: Layer
    looks: tuple[int, ...]  # answers of each prompt
    spent: tuple[float, ...]  # at each look, of the chance of a wrong `different`
    question: Question = unlike  # by what the candidate's answers are compared
    certifies: bool = True  # whether the last look may say `same`
    finds: tuple[str, ...] = ()  # besides sizes: what is found with 95 % by all looks together


SHORT = Design(
    StageName.SAMPLED, Layer.WEIGHTS, (3, 6, 12, 24, 48), (0.0004, 0.0008, 0.0015, 0.002, 0.0033)
)
# Prompts with many answers: a tail that the server cuts (top_p, min_p, top_k), whatever was asked.
TAIL = Design(
    StageName.SAMPLER,
    Layer.SAMPLER,
    (25, 50, 100, 200),
    (0.0005, 0.0010, 0.0015, 0.0020),
    question=cut,
    certifies=False,
    finds=("top_p 0.95", "min_p 0.05"),
)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The stage: the baseline's pool of the prompts chosen, and the seed of this audit."""

    pool: Pool
    seed: int
    design: Design = SHORT
    silent: float = 0.0  # the share of the baseline's answers that say nothing but whitespace
    spaced: float | None = None  # the share of the baseline's answers with whitespace around them
    salted: bool = False  # every ask with a prefix of its own; the pool was collected so too
    margin: float = MARGIN
    neutral: Neutral = ()

    def next(self, seen: Sequence[Answer]) -> Step:
        decision = self.judge(seen)
        looks = self._looks(seen)
        if (
            decision.says is not Says.INCONCLUSIVE
            or decision.notices
            or looks == len(self.design.looks)
        ):
            return Step((), decision)
        asked = {each.ask.order for each in seen}
        return Step(tuple(each for each in self._asks(looks) if each.order not in asked), decision)

    def judge(self, seen: Sequence[Answer]) -> Decision:
        """Judges at the last complete look: what came after it is left for the next."""
        looked: list[tuple[float, Distance]] = []
        used: list[Answer] = []
        apart: Distance | None = None
        for look, spent in enumerate(self.design.spent[: self._looks(seen)]):
            used = [
                each for each in seen if each.ask.order < self.design.looks[look] * len(self.pool)
            ]
            repeats = 1.0 if self.salted else self._repeats(pooled(used))
            notice = _CACHE if repeats < _REPEATED else self._unusable(used)
            if notice:
                return self._decide(used, seen, Says.INCONCLUSIVE, looked, notices=(notice,))
            told = _frozen(self.pool), _frozen(pooled(used))
            p, apart = _looked(*told, self.seed + look, spent, self.design.question)
            looked.append((p, apart))
            if p <= spent and repeats < _SUSPECT:
                return self._decide(used, seen, Says.INCONCLUSIVE, looked, notices=(_CACHE,))
            if p <= spent:
                weights = self.design.layer is Layer.WEIGHTS
                cause = explain.sampler(tables(*map(dict, told))) if weights else ""
                return self._decide(used, seen, Says.DIFFERENT, looked, apart, cause=cause)
        near = apart is not None and apart.below(ERRORS) < self.margin
        same = near and self.design.certifies and len(looked) == len(self.design.looks)
        return self._decide(
            used, seen, Says.SAME_COARSE if same else Says.INCONCLUSIVE, looked, apart
        )

    def _decide(
        self,
        used: Sequence[Answer],
        seen: Sequence[Answer],
        says: Says,
        looked: Sequence[tuple[float, Distance]],
        apart: Distance | None = None,
        notices: tuple[str, ...] = (),
        cause: str | None = "",
    ) -> Decision:
        spent = sum(each.tokens for each in used)
        bound = apart.below(ERRORS) if apart else math.inf
        open_ = says is Says.INCONCLUSIVE
        whole = open_ and not notices and len(looked) == len(self.design.looks)
        more = open_ and not notices and self.design.certifies
        return Decision(
            stage=self.design.stage,
            says=says,
            why=notices[0] if notices else _why(says, len(used), bound, self.margin),
            layer=self._layer(cause) if says is Says.DIFFERENT else None,
            detail=cause or "",
            ratio=_ratio(apart, self.margin) if apart else None,
            requests=len(used),
            tokens=spent,
            needed=_needed(apart, spent, self.margin) if more else None,
            found=(sizes.over_squared(bound) if open_ else ()) + self.design.finds * whole,
            missed=sizes.under_squared(bound) if says is not Says.DIFFERENT else (),
            level=sum(self.design.spent),
            troubled=sum(not spoken(each) for each in seen),
            notices=notices,
            remarks=self._trimmed(used),
            p_values=tuple(p for p, _ in looked),
            ratios=tuple(_ratio(each, self.margin) for _, each in looked),
        )

    def _layer(self, cause: str | None) -> Layer | None:
        if cause is None:
            return None  # by text alone it can't be told
        return Layer.SAMPLER if cause else self.design.layer

    def _looks(self, seen: Sequence[Answer]) -> int:
        """How many looks are complete: every ask of theirs was answered, whatever with."""
        asked = {each.ask.order for each in seen}
        whole = next((n for n in range(len(asked) + 1) if n not in asked), 0)
        return sum(whole >= look * len(self.pool) for look in self.design.looks)

    def _asks(self, look: int) -> list[Ask]:
        """The asks of one look, in rounds that ask every prompt once, each shuffled by the seed."""
        looks = self.design.looks
        before = looks[look - 1] if look else 0
        prompts, rng = sorted(self.pool), np.random.default_rng([self.seed, look])
        rounds = range(before, looks[look])
        shuffled = [place for _ in rounds for place in rng.permutation(len(prompts))]
        first = before * len(self.pool)
        return [
            Ask(
                stage=self.design.stage,
                prompt=prompts[place],
                order=first + n,
                settings=Settings(neutral=self.neutral),
                salt=f"{self.seed}-{first + n}" if self.salted else "",
            )
            for n, place in enumerate(shuffled)
        ]

    def _unusable(self, used: Sequence[Answer]) -> str:
        """Why these answers can't be compared, or nothing."""
        said = pooled(used)
        if sum(map(len, said.values())) < WITNESSES * (1 - self.silent) * len(used):
            return "too many answers were errors or empty: nothing can be said by their text"
        return ""

    def _trimmed(self, used: Sequence[Answer]) -> tuple[str, ...]:
        """Whitespace is not compared, but that it is handled otherwise is said."""
        if self.spaced is None or not used:
            return ()
        gap = spaced(used) - self.spaced
        if abs(gap) < _SPACED:
            return ()
        return (
            "the candidate " + ("adds" if gap > 0 else "trims") + " whitespace around its answers",
        )

    def _repeats(self, said: Pool) -> float:
        """The chance, were they drawn from the pool, that of each prompt's answers all but one are equal.

        But one: asks that are in flight at once go past a cache. 1 where any prompt has more answers.
        """
        chance = 1.0
        for prompt, texts in said.items():
            most = Counter(texts).most_common(1)[0][1]
            if most < len(texts) - 1:
                return 1.0
            counts = Counter(self.pool[prompt]).values()
            total = sum(counts)
            equal = sum(stats.binom.sf(most - 1, len(texts), count / total) for count in counts)
            chance *= min(1.0, float(equal))
        return chance


def _frozen(pool: Pool) -> _Frozen:
    return tuple((prompt, tuple(pool[prompt])) for prompt in sorted(pool))


@lru_cache(_KEPT)
def _looked(
    pool: _Frozen, said: _Frozen, seed: int, spent: float, question: Question
) -> tuple[float, Distance]:
    """What one look sees; kept, because a stage that goes on judges its earlier looks anew."""
    found = tables(dict(pool), dict(said))
    return p_value(found, seed, spent, question), distance(found)


def _why(says: Says, requests: int, bound: float, margin: float) -> str:
    if says is Says.DIFFERENT:
        return "short answers are drawn from other distributions than the baseline's"
    if says is Says.SAME_COARSE:
        return f"short answers lie closer than D2 = {margin:g}, the size of fp8 weights or of temperature 0.9 for 1"
    if math.isinf(bound):
        return "too few answers for a first look"
    return f"no difference found in {requests} short answers; with 95 % D2 is under {bound:.4f}"


def _ratio(apart: Distance, margin: float) -> Estimate:
    """D2 in units of the margin."""
    low, high = max(apart.below(-ERRORS), 0.0), max(apart.below(ERRORS), 0.0)
    return Estimate(max(apart.squared, 0.0) / margin, low / margin, high / margin)


def _needed(apart: Distance | None, spent: int, margin: float) -> int | None:
    """Tokens until the bound lies under the margin, if D2 stays where it is: errors shrink as 1/n."""
    if apart is None or apart.squared >= margin:
        return None
    return max(
        0, math.ceil(spent * (ERRORS * apart.error / (margin - max(apart.squared, 0.0)) - 1))
    )
