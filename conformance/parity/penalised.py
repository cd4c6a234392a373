"""Stage 2b: are penalties honoured? By the candidate's own lists, over answers of several tokens."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy import stats

from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Layer,
    Position,
    Says,
    Settings,
    StageName,
    Step,
)
from conformance.parity.sampler import Said

PENALTIES = ("presence_penalty", "frequency_penalty")
PENALTY = 2.0  # nats: the most that the standard allows
WRONG_IGNORED, WRONG_HONOURED = 0.001, 0.002  # over both; for each
_ROUND, _MOST = 4, 16  # answers between two looks, and at most
_FIRST = 4000  # the first number of its asks, far from those of any plan
_SLACK = 0.01  # the chance of any token at all, whatever the sampler
_LEAST = math.exp(-PENALTY / 2)  # of what came before: half of the penalty, in nats
_KEPT = 256  # answers: judged anew at each look


@dataclass(frozen=True, slots=True)
class Penalised:
    """The stage: `plain` is what the candidate said to the same prompts when nothing was asked for.

    What the baseline itself ignores (`shared`) is no difference.
    """

    prompts: tuple[str, ...]
    plain: Sequence[Answer]
    settings: Settings  # of the plain ones: a penalty is added
    shared: frozenset[str] = frozenset()

    def next(self, seen: Sequence[Answer]) -> Step:
        """Rounds of each that is open; one that not one answer of a round is a witness of is not."""
        asked = {each.ask.order for each in seen}
        said = self.said(seen)
        asks: list[Ask] = []
        for name in PENALTIES:
            left = [each for each in self._asks(name) if each.order not in asked]
            refused = len(left) <= _MOST - _ROUND and not self._of(name, seen)
            if said[name] is Said.OPEN and not refused:
                asks += left[:_ROUND]
        return Step(tuple(asks), self.judge(seen))

    def judge(self, seen: Sequence[Answer]) -> Decision:
        said = self.said(seen)
        ignored = [n for n, each in said.items() if each is Said.IGNORED and n not in self.shared]
        left = [name for name, each in said.items() if each is Said.OPEN]
        says = Says.DIFFERENT if ignored else Says.INCONCLUSIVE if left else Says.SAME
        return Decision(
            stage=StageName.SAMPLER,
            says=says,
            why=_why(says, ignored, left),
            layer=Layer.SAMPLER if ignored else None,
            detail=", ".join(f"{each} is ignored" for each in ignored),
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            level=WRONG_IGNORED,
            found=tuple(f"{n} ignored" for n, each in said.items() if each is Said.HONOURED),
            troubled=sum(not _witness(each) for each in seen),
            table=tuple(
                (
                    f"{name} {PENALTY:g}",
                    str(said[name]),
                    f"{sum(map(odds, self._of(name, seen))):+.1f}",
                )
                for name in PENALTIES
            ),
        )

    def said(self, seen: Sequence[Answer]) -> Mapping[str, Said]:
        """Of each penalty, at its first complete look that decides."""
        return {name: self._said(self._of(name, seen)) for name in PENALTIES}

    def _said(self, answers: Sequence[Answer]) -> Said:
        """Wald's sequential test (1945) of draws, unless the lists are those after penalties.

        With L the product over tokens of P(token | the list, penalised) / P(token | the list):
        `honoured` at L >= 1 / b, at most b = WRONG_HONOURED if it is ignored (Ville). `ignored` at
        L <= a / 4, with a = WRONG_IGNORED over both penalties: at most that if lists are those
        before penalties and it is honoured. If they are those after, draws follow them, and what
        came before holds less of them than in plain answers, by the penalty: that must be refuted,
        too, at a / 4 (Mann and Whitney 1947, against half of the penalty, so that answers which
        wander elsewhere are allowed for); lists that hold less than plain ones, at b by the same
        test, show that it is honoured. Assumed: answers are independent, and drawn from such
        lists but for _SLACK of anything at all.
        """
        low = math.log(WRONG_IGNORED / 2 / len(PENALTIES))
        for size in range(_ROUND, len(answers) + 1, _ROUND):
            used = answers[:size]
            log = sum(map(odds, used))
            if log >= -math.log(WRONG_HONOURED):
                return Said.HONOURED
            if log <= low:
                shown = self._shown(used)
                if shown is not Said.OPEN:
                    return shown
        return Said.OPEN

    def _shown(self, used: Sequence[Answer]) -> Said:
        """Whether lists show the penalty, which nothing in the draws does."""
        plain = [again(each) for each in self.plain if _witness(each)]
        mine = [again(each) for each in used]
        if not plain:
            return Said.OPEN
        weak = [_LEAST * each for each in plain]
        wrong = stats.mannwhitneyu(mine, weak, alternative="greater", method="exact").pvalue
        if wrong <= WRONG_IGNORED / 2 / len(PENALTIES):
            return Said.IGNORED
        less = stats.mannwhitneyu(mine, plain, alternative="less", method="exact").pvalue
        return Said.HONOURED if less <= WRONG_HONOURED else Said.OPEN

    def _of(self, name: str, seen: Sequence[Answer]) -> list[Answer]:
        orders = {each.order for each in self._asks(name)}
        mine = [each for each in seen if each.ask.order in orders and _witness(each)]
        return sorted(mine, key=lambda each: each.ask.order)

    def _asks(self, name: str) -> list[Ask]:
        first = _FIRST + PENALTIES.index(name) * _MOST
        settings = Settings(
            max_tokens=self.settings.max_tokens,
            top_logprobs=self.settings.top_logprobs,
            neutral=(*self.settings.neutral, (name, PENALTY)),
        )
        return [
            Ask(
                stage=StageName.SAMPLER,
                prompt=self.prompts[n % len(self.prompts)],
                order=first + n,
                settings=settings,
            )
            for n in range(_MOST)
        ]


@lru_cache(_KEPT)
def odds(answer: Answer) -> float:
    """The log of P(tokens | penalised) / P(tokens | not), over one answer."""
    name = next((n for n, _ in answer.ask.settings.neutral if n in PENALTIES), "")
    seen: Counter[bytes] = Counter()
    total = 0.0
    for position in answer.positions:
        total += _step(position, seen, by_count=name == "frequency_penalty")
        seen[position.token] += 1
    return total


@lru_cache(_KEPT)
def again(answer: Answer) -> float:
    """The mean chance, by its lists, of tokens that came before in it; the first has none."""
    seen: set[bytes] = set()
    masses = []
    for position in answer.positions:
        masses.append(sum(math.exp(one.logprob) for one in position.top if one.token in seen))
        seen.add(position.token)
    return sum(masses[1:]) / max(1, len(masses) - 1)


def _step(position: Position, seen: Counter[bytes], *, by_count: bool) -> float:
    def left(token: bytes) -> float:
        times = seen[token] if token else 0
        return math.exp(-PENALTY * (times if by_count else min(times, 1)))

    if not position.token:  # a part of a character that is not named: it can't be known again
        return 0.0
    chances = {one.token: math.exp(one.logprob) for one in position.top}
    rest = max(0.0, 1 - sum(chances.values()))
    total = rest + sum(p * left(token) for token, p in chances.items())
    honoured = left(position.token) / max(total, 1e-9)
    return math.log((1 - _SLACK) * honoured + _SLACK)


def _witness(answer: Answer) -> bool:
    return len(answer.positions) > 1 and not answer.trouble


def _why(says: Says, ignored: Sequence[str], left: Sequence[str]) -> str:
    if says is Says.DIFFERENT:
        return f"the candidate samples as if these had not been asked for: {', '.join(ignored)}"
    if says is Says.SAME:
        return "penalties are honoured, or ignored by both"
    return f"too few answers to tell whether these are honoured: {', '.join(left)}"
