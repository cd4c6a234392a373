"""How far two requests to the same weights lie apart: never assumed silently."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.errors import UsageError
from conformance.parity.lists import first, mean_sigma, sigma
from conformance.parity.model import Answer

Cached = Mapping[str, Sequence[Answer]]
_LARGER = 1.5


class Source(StrEnum):
    """Where a floor comes from."""

    REPLICA = "measured between two machines of the baseline"
    OWN = "assumed: the baseline's own floor, which knows nothing of other machines"
    FAMILY = "assumed: configured for the model family"


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


def choose(own: float | None, replica: float | None, configured: float | None) -> Floor:
    """A second machine's floor, never below the own one; else the larger of own and configured.

    A baseline that repeats itself exactly has an own floor of nothing, by which the same weights
    on any other machine would be another model: without a second machine a value must be given.
    """
    if replica is not None:
        return Floor(max(replica, own or 0.0), Source.REPLICA)
    if configured is None:
        raise UsageError(
            "the noise floor is not known: name a second replica of the baseline, or give a floor for its model family"
        )
    if own is not None and own > configured:
        return Floor(own, Source.OWN)
    return Floor(configured, Source.FAMILY)
