"""Stage 2b: are penalties honoured? By the candidate's own lists, over answers of several tokens."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import fmean

from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Position,
    Settings,
    StageName,
    Step,
)
from conformance.parity.sampler import Said, compared

PENALTIES = ("presence_penalty", "frequency_penalty")
PENALTY = 2.0  # nats: the most that the standard allows
WRONG_IGNORED, WRONG_HONOURED = 0.001, 0.002  # over both; for each
_ROUND, _MOST = 4, 16  # answers between two looks, and at most
_FIRST = 4000  # the first number of its asks, far from those of any plan
_SLACK = 0.01  # the chance of any token at all, whatever the sampler
_ENOUGH = 3  # places where lists can be compared
_GREEDY = 4500  # the number of asks at temperature 0
_KEPT = 256  # answers: judged anew at each look


@dataclass(frozen=True, slots=True)
class Penalised:
    """The stage. `lists`: what the lists themselves say of those that draws say are ignored.

    What the baseline itself ignores (`shared`) is no difference; where it is not known what the
    baseline does (`unknown`), nobody knows whether it is one.
    """

    prompts: tuple[str, ...]
    settings: Settings  # a penalty is added to them
    lists: Mapping[str, Said] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

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
        return replace(
            compared(said, self.shared, self.unknown, "penalties are"),
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            level=WRONG_IGNORED,
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
        found = {name: self._said(self._of(name, seen)) for name in PENALTIES}
        return {
            name: self.lists.get(name, each) if each is Said.IGNORED else each
            for name, each in found.items()
        }

    def greedy(self, names: Sequence[str]) -> tuple[Ask, ...]:
        """Each prompt at temperature 0: without a penalty, and with each of these."""
        plain = replace(self.settings, temperature=0.0)
        every = [
            plain,
            *(replace(plain, neutral=(*plain.neutral, (each, PENALTY))) for each in names),
        ]
        return tuple(
            Ask(stage=StageName.SAMPLER, prompt=prompt, order=_GREEDY, settings=settings)
            for settings in every
            for prompt in self.prompts
        )

    def _said(self, answers: Sequence[Answer]) -> Said:
        """Wald's sequential test (1945) of draws, unless the lists are those after penalties.

        With L the product over tokens of P(token | the list, penalised) / P(token | the list):
        `honoured` at L >= 1 / b, at most b = WRONG_HONOURED if it is ignored; `ignored` at
        L <= a / 2, with a = WRONG_IGNORED over both penalties (Ville, union bound). Assumed:
        answers are independent given the prompt, and drawn from such lists but for _SLACK of
        anything at all; that the lists are those before penalties is seen from `weighed`.
        """
        low = math.log(WRONG_IGNORED / len(PENALTIES))
        for size in range(_ROUND, len(answers) + 1, _ROUND):
            log = sum(map(odds, answers[:size]))
            if log >= -math.log(WRONG_HONOURED):
                return Said.HONOURED
            if log <= low:
                return Said.IGNORED
        return Said.OPEN

    def _of(self, name: str, seen: Sequence[Answer]) -> list[Answer]:
        orders = {each.order for each in self._asks(name)}
        mine = [each for each in seen if each.ask.order in orders and _witness(each)]
        return sorted(mine, key=lambda each: each.ask.order)

    def _asks(self, name: str) -> list[Ask]:
        first = _FIRST + PENALTIES.index(name) * _MOST
        settings = replace(self.settings, neutral=(*self.settings.neutral, (name, PENALTY)))
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
    name = _asked(answer)
    seen: Counter[bytes] = Counter()
    total = 0.0
    for position in answer.positions:
        total += _step(position, seen, by_count=name == "frequency_penalty")
        seen[position.token] += 1
    return total


def weighed(name: str, heard: Sequence[Answer]) -> Said:
    """Whether lists are those after the penalty, from greedy answers with it and without.

    As long as both have said the same, their lists answer the same context. There, tokens that came
    before lie lower by the penalty if the lists hold it, and as high as without it if they don't.
    Lists that hold it and draws that follow them: it is honoured.
    """
    plain = {each.ask.prompt: each for each in heard if not _asked(each)}
    pairs = [
        (plain[each.ask.prompt], each)
        for each in heard
        if _asked(each) == name and each.ask.prompt in plain
    ]
    shifts = [one for pair in pairs for one in _shifts(*pair)]
    if len(shifts) < _ENOUGH:
        return Said.OPEN
    return Said.HONOURED if fmean(shifts) < -PENALTY / 2 else Said.IGNORED


def _shifts(plain: Answer, penalised: Answer) -> Iterator[float]:
    """At each place with the same context: how far what came before has moved beside the rest."""
    seen: set[bytes] = set()
    for one, other in zip(plain.positions, penalised.positions, strict=False):
        before = {each.token: each.logprob for each in one.top if each.token}
        moved = {t.token: t.logprob - before[t.token] for t in other.top if t.token in before}
        again = [move for token, move in moved.items() if token in seen]
        rest = [move for token, move in moved.items() if token not in seen]
        if again and rest:
            yield fmean(again) - fmean(rest)
        if one.token != other.token:
            return
        seen.add(one.token)


def _asked(answer: Answer) -> str:
    return next((name for name, _ in answer.ask.settings.neutral if name in PENALTIES), "")


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
