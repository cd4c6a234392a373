"""How far two requests to the same weights lie apart: never assumed silently."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from conformance.parity.lists import first, mean_sigma, sigma
from conformance.parity.model import Answer

Cached = Mapping[str, Sequence[Answer]]
ASSUMED = 0.07  # logits; of one model of 135M parameters: larger ones are likely quieter
_LARGER = 1.5
_FARTHEST = 3.0  # floors
_ENOUGH = 24  # answers of other nights: as many as one night asks again


class Source(StrEnum):
    """Where a floor comes from."""

    REPLICA = "measured between two machines of the baseline"
    OWN = "assumed: the baseline's own floor, which knows nothing of other machines"
    FAMILY = "assumed: configured for this model or its family"
    UNKNOWN = (
        "assumed: nobody has said one of this model; so far apart machines of one small model are"
    )


class Own(NamedTuple):
    """How far the baseline's own answers to one prompt lie apart, in logits, and which of them."""

    sigma: float
    which: str  # "asked together", say


@dataclass(frozen=True, slots=True)
class Floor:
    """The noise floor in logit units, and whose it is."""

    sigma: float
    source: Source

    @property
    def assumed(self) -> bool:
        return self.source is not Source.REPLICA


def own_floor(cached: Cached) -> float | None:
    """The mean distance between the baseline's own answers to the same prompt."""
    distances = [
        sigma(first(one), first(other))
        for answers in cached.values()
        for one, other in itertools.combinations([each for each in answers if first(each)], 2)
    ]
    return sum(distances) / len(distances) if distances else None


def load_floor(cached: Cached, alone: Sequence[Answer]) -> float | None:
    """The mean distance of answers given alone to those given together, where that is larger.

    Of the same prompts, by half at least: the larger of two guesses is always too large.
    """
    asked = {each.ask.prompt: each for each in alone if first(each)}
    together = {
        prompt: [each for each in cached.get(prompt, ()) if each is not one]
        for prompt, one in asked.items()
    }
    known = {prompt: answers for prompt, answers in together.items() if any(map(first, answers))}
    own = own_floor(known)
    if own is None:
        return None
    apart = sum(mean_sigma(asked[each], known[each]) for each in known) / len(known)
    return apart if apart > _LARGER * own else None


def replica_floor(cached: Cached, replica: Sequence[Answer]) -> float | None:
    """The mean distance of a second machine of the baseline to what the baseline said."""
    distances = [
        mean_sigma(answer, cached[answer.ask.prompt])
        for answer in replica
        if first(answer) and any(first(each) for each in cached.get(answer.ask.prompt, ()))
    ]
    return sum(distances) / len(distances) if distances else None


def past_floor(ratios: Sequence[float], floor: float) -> float | None:
    """The mean distance, in logits, of what was asked on other nights to what is kept.

    `ratios`: in units of `floor`, each counted as at most _FARTHEST, as drift does: one odd answer
    makes no noise. Of a few nothing follows.
    """
    if len(ratios) < _ENOUGH:
        return None
    return floor * sum(min(each, _FARTHEST) for each in ratios) / len(ratios)


def largest(together: float | None, loaded: float | None, past: float | None) -> Own | None:
    """The baseline's own floor: the largest that was seen, whatever made it."""
    known = [
        Own(value, which)
        for value, which in (
            (together, "asked together"),
            (loaded, "asked alone and together"),
            (past, "asked on different nights"),
        )
        if value is not None
    ]
    return max(known, key=lambda each: each.sigma, default=None)


def choose(own: float | None, replica: float | None, configured: float | None) -> Floor:
    """A second machine's floor, never below the own one; else the larger of own and configured.

    Never the own one alone: a baseline that repeats itself exactly has none, by which the same
    weights on any other machine would be another model. Where nobody has said a value, ASSUMED.
    """
    if replica is not None:
        return Floor(max(replica, own or 0.0), Source.REPLICA)
    least = ASSUMED if configured is None else configured
    if own is not None and own > least:
        return Floor(own, Source.OWN)
    return Floor(least, Source.UNKNOWN if configured is None else Source.FAMILY)
