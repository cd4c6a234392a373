"""Which prompts are asked: chosen from the baseline alone, before any candidate was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conformance.parity.lists import collision
from conformance.parity.model import Ranked
from conformance.parity.pools import Pool, agreement

PILOT, FRESH = 6, 18  # answers of each candidate; of those kept, for the choice itself
MID, HIGH = 16, 4
_KEPT = (0.15, 0.60)  # collision rates with two to four effective tokens
_BEST = 0.40
_NEW = 10  # one prompt in so many is new, where the baseline is live


@dataclass(frozen=True, slots=True)
class Chosen:
    """Prompts whose answers vary among a few, and some whose answers vary among many."""

    mid: tuple[str, ...]
    high: tuple[str, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        return (*self.mid, *self.high)


def kept(pilot: Pool) -> tuple[str, ...]:
    """Candidates worth fresh answers, from a few answers of each."""
    low, high = _KEPT
    return tuple(prompt for prompt in sorted(pilot) if low <= agreement(pilot[prompt]) <= high)


def chosen(pilot: Pool, fresh: Pool, mid: int = MID, high: int = HIGH) -> Chosen:
    """The kept prompts nearest 0.40 by their fresh answers, and those that agree least.

    Never by the answers that kept them: these were picked for chance, too, and are twice as dear.
    """
    near = sorted(fresh, key=lambda prompt: (abs(agreement(fresh[prompt]) - _BEST), prompt))
    loose = sorted(
        (prompt for prompt in pilot if prompt not in fresh),
        key=lambda prompt: (agreement(pilot[prompt]), prompt),
    )
    return Chosen(tuple(near[:mid]), tuple(loose[:high]))


def chosen_by_lists(
    lists: Mapping[str, Sequence[Sequence[Ranked]]], mid: int = MID, high: int = HIGH
) -> Chosen:
    """The same from logprobs: half of what the baseline said keeps, the other half chooses.

    Of a prompt that was asked once, as most of a pilot are, the one list does both, and needs no
    fresh one: it states the chances, where six answers guess them. Sixteen prompts chosen by one
    recorded list of each lay 0.081 from 0.40 by that list and 0.083 by others of the same weights,
    where no choice could have come nearer than 0.081; chosen by six answers of each they lay 0.07
    from it by these, and 0.25 in truth. What is compared in the end was in no case what chose.
    """
    first = {p: _mean(each[: max(1, len(each) // 2)]) for p, each in lists.items()}
    second = {p: _mean(each[len(each) // 2 :]) for p, each in lists.items()}
    low, most = _KEPT
    keeps = [prompt for prompt in lists if low <= first[prompt] <= most]
    near = sorted(keeps, key=lambda prompt: (abs(second[prompt] - _BEST), prompt))
    loose = sorted((p for p in lists if p not in keeps), key=lambda p: (first[p], p))
    return Chosen(tuple(near[:mid]), tuple(loose[:high]))


def drawn(
    prompts: Sequence[str], seed: int, number: int = 96, fresh: Sequence[str] = ()
) -> tuple[str, ...]:
    """The prompts of one audit in its order; where `fresh` are offered, one in ten is of them.

    The seed goes into the record: an endpoint can't learn what is asked, and an audit can be
    planned again.
    """
    rng = np.random.default_rng(seed)
    new = [fresh[n] for n in rng.permutation(len(fresh))[: number // _NEW]]
    old = [prompts[n] for n in rng.permutation(len(prompts))[: number - len(new)]]
    mixed = old + new
    return tuple(mixed[n] for n in rng.permutation(len(mixed)))


def drawn_long(
    prompts: Sequence[str], seed: int, number: int, answered: Sequence[str] = ()
) -> tuple[str, ...]:
    """The prompts of one audit's long answers: those that a kept baseline has answered come first."""
    known = tuple(each for each in answered if each in prompts)[:number]
    others = [each for each in prompts if each not in known]
    return (*known, *drawn(others, seed + 3, number - len(known)))


def _mean(lists: Sequence[Sequence[Ranked]]) -> float:
    return sum(map(collision, lists)) / len(lists)
