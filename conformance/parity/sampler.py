"""Stage 2b: which sampler parameters are honoured, by likelihood ratios at `high` prompts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from conformance.parity.lists import first
from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Layer,
    Ranked,
    Says,
    Settings,
    StageName,
    Step,
)
from conformance.parity.pools import Floats, spoken
from conformance.parity.tilts import Sampler

WRONG_IGNORED, WRONG_HONOURED = 0.004, 0.002  # over all parameters; for each
_ROUND = 8  # asks of each parameter between two looks
_MOST = 40
_DRAWS = 64  # of numerics, over which an honoured distribution is averaged
_SLACK = 0.01  # the chance of anything at all, whatever the sampler
_FLIPS = 0.3  # greedy answers that differ between two asks of one endpoint, at most


class Said(StrEnum):
    """What is known of one parameter."""

    HONOURED = "honoured"
    IGNORED = "ignored"
    OPEN = "undecided"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting that is tried, and what a server that honours it does."""

    name: str
    settings: Settings

    @property
    def sampler(self) -> Sampler:
        asked = self.settings
        return Sampler(asked.temperature, asked.top_p, asked.top_k or 0)


def parameters(*, top_k: bool, blind: bool) -> tuple[Parameter, ...]:
    """What is tried: `blind`, without logprobs, only what leaves one answer."""
    tried = (
        [Settings(temperature=0.05), Settings(top_p=0.01)]
        if blind
        else [
            Settings(temperature=0.0),
            Settings(temperature=0.2),
            Settings(top_p=0.1),
        ]
    )
    if top_k:
        tried += [Settings(top_k=1)] + [Settings(top_k=5)] * (not blind)
    return tuple(Parameter(_named(each), each) for each in tried)


def _named(asked: Settings) -> str:
    if asked.top_k is not None:
        return f"top_k {asked.top_k}"
    return f"top_p {asked.top_p:g}" if asked.top_p < 1 else f"temperature {asked.temperature:g}"


@dataclass(frozen=True, slots=True)
class Honoured:
    """The stage: `known` is what the candidate's own logprobs say at temperature 1, by prompt.

    Its own, so that another build which honours what it is asked isn't called deaf. Without
    logprobs `known` is empty, and prompts are asked twice each at settings that leave one answer.
    What the baseline itself ignores (`shared`) is no difference; where it is not known what the
    baseline does (`unknown`), nobody knows whether it is one.
    """

    parameters: tuple[Parameter, ...]
    prompts: tuple[str, ...]
    known: Mapping[str, Sequence[Ranked]]
    floor: float = 0.07
    shared: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    def next(self, seen: Sequence[Answer]) -> Step:
        ratios = self.ratios(seen)
        asked = {each.ask.order for each in seen}
        asks = [
            ask
            for parameter in self.parameters
            if self._said(ratios[parameter.name]) is Said.OPEN
            for ask in self._asks(parameter, asked)
        ]
        return Step(tuple(asks), self.judge(seen))

    def judge(self, seen: Sequence[Answer]) -> Decision:
        ratios = self.ratios(seen)
        said = {name: self._said(path) for name, path in ratios.items()}
        return replace(
            compared(said, self.shared, self.unknown, "every sampler parameter that was tried is"),
            requests=len(seen),
            tokens=sum(each.tokens for each in seen),
            level=WRONG_IGNORED,
            missed=("settings near the default",),
            troubled=sum(not spoken(each) for each in seen),
            table=tuple(
                (name, str(said[name]), f"{_last(path):+.1f}") for name, path in ratios.items()
            ),
        )

    def ratios(self, seen: Sequence[Answer]) -> dict[str, tuple[float, ...]]:
        """For each parameter, the log likelihood ratio honoured / ignored after each witness."""
        return {
            parameter.name: tuple(np.cumsum(self._steps(parameter, seen)).tolist())
            for parameter in self.parameters
        }

    def _said(self, path: Sequence[float]) -> Said:
        """Wald's sequential test (1945), looked at after each round; the first line crossed decides.

        With L the product over answers of P(answer | honoured) / P(answer | ignored): `ignored` at
        L <= a / k, which has at most that chance if it is honoured, at any time (Ville), and over
        all k parameters at most a = WRONG_IGNORED (union bound); `honoured` at L >= 1 / b, at most
        b = WRONG_HONOURED if it is ignored. Assumed: answers are independent given the prompt, and
        drawn from the candidate's own lists, but for numerics and _SLACK of anything at all.
        """
        low = math.log(WRONG_IGNORED / len(self.parameters))
        size = _ROUND if self.known else _ROUND // 2
        for log in path[size - 1 :: size]:
            if log <= low:
                return Said.IGNORED
            if log >= -math.log(WRONG_HONOURED):
                return Said.HONOURED
        return Said.OPEN

    def _steps(self, parameter: Parameter, seen: Sequence[Answer]) -> list[float]:
        place = self.parameters.index(parameter)
        mine = sorted(
            (each for each in seen if each.ask.order // _MOST == place and spoken(each)),
            key=lambda each: each.ask.order,
        )
        if not self.known:
            return _pairs(mine)
        return [
            _step(each, self.known[each.ask.prompt], parameter.sampler, self.floor) for each in mine
        ]

    def _asks(self, parameter: Parameter, asked: set[int]) -> list[Ask]:
        """The next round of one parameter: prompts in turn; without logprobs each twice in a row."""
        first_ = self.parameters.index(parameter) * _MOST
        left = [order for order in range(first_, first_ + _MOST) if order not in asked]
        twice = 1 if self.known else 2
        return [
            Ask(
                stage=StageName.SAMPLER,
                prompt=self.prompts[(order - first_) // twice % len(self.prompts)],
                order=order,
                settings=parameter.settings,
            )
            for order in left[:_ROUND]
        ]


def compared(
    said: Mapping[str, Said], shared: frozenset[str], unknown: frozenset[str], what: str
) -> Decision:
    """What follows of what the candidate makes of each parameter; `what`: words for all of them."""
    alone = [name for name, each in said.items() if each is Said.IGNORED and name not in shared]
    ignored = [name for name in alone if name not in unknown]
    left = [name for name, each in said.items() if each is Said.OPEN or name in unknown]
    says = Says.DIFFERENT if ignored else Says.INCONCLUSIVE if left else Says.SAME
    return Decision(
        stage=StageName.SAMPLER,
        says=says,
        why={
            Says.DIFFERENT: f"the candidate samples as if these had not been asked for: {', '.join(ignored)}",
            Says.SAME: f"{what} honoured, or ignored by both",
        }.get(says, f"too few answers to tell whether these are honoured: {', '.join(left)}"),
        layer=Layer.SAMPLER if ignored else None,
        detail=", ".join(f"{each} is ignored" for each in ignored),
        found=tuple(f"{name} ignored" for name, each in said.items() if each is Said.HONOURED),
    )


def known_from(answers: Mapping[str, Sequence[Answer]]) -> dict[str, tuple[Ranked, ...]]:
    """The mean chances over what an endpoint said to each prompt at temperature 1."""
    out = {}
    for prompt, each in answers.items():
        lists = [first(answer) for answer in each if first(answer)]
        sums: dict[bytes, float] = {}
        for top in lists:
            for one in top:
                sums[one.token] = sums.get(one.token, 0.0) + math.exp(one.logprob) / len(lists)
        ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        out[prompt] = tuple(Ranked(token, math.log(p)) for token, p in ranked)
    return out


def _step(answer: Answer, known: Sequence[Ranked], sampler: Sampler, floor: float) -> float:
    """The log of P(token | honoured) / P(token | ignored), over the baseline's list and the rest.

    The honoured chances are averaged over logits disturbed by numerics (the floor is the size of
    a difference of two, so each gets floor / sqrt 2), so that a greedy answer which another
    machine would turn round is no evidence against.
    """
    tokens = [each.token.decode(errors="replace").strip() for each in known]
    chances = _spread([math.exp(each.logprob) for each in known])
    honoured = _averaged(np.log(chances), sampler, floor)
    places = [n for n, token in enumerate(tokens) if token == spoken(answer)]
    at = places or slice(len(known), None)
    return float(np.log((1 - _SLACK) * honoured[at].sum() / chances[at].sum() + _SLACK))


def _spread(listed: Sequence[float]) -> Floats:
    """The listed chances, and what is left of 1 as tokens none of which is likelier than those."""
    rest = max(1.0 - sum(listed), 1e-4)
    unlisted = math.ceil(rest / min(listed))
    return np.array([*listed, *[rest / unlisted] * unlisted])


def _averaged(logits: Floats, sampler: Sampler, floor: float) -> Floats:
    noise = np.random.default_rng(0).normal(0, floor / math.sqrt(2), (_DRAWS, len(logits)))
    mean: Floats = np.mean([sampler(logits + each) for each in noise], axis=0)
    return mean


def _pairs(answers: Sequence[Answer]) -> list[float]:
    """Two answers to one prompt at a setting that leaves one: equal but for flips, if honoured.

    If ignored they agree as often as two of the `high` prompts' answers do: one in ten at most.
    """
    steps = []
    for one, other in zip(answers[::2], answers[1::2], strict=False):
        if one.ask.prompt == other.ask.prompt:
            equal = spoken(one) == spoken(other)
            steps.append(math.log((1 - _FLIPS) / 0.1) if equal else math.log(_FLIPS / 0.9))
    return steps


def _last(path: Sequence[float]) -> float:
    return path[-1] if path else 0.0
