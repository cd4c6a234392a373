"""Short answers as strings, and how often each came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conformance.parity.model import Answer

Floats = NDArray[np.float64]
_PART = "\ufffd"
Pool = Mapping[str, Sequence[str]]  # what the baseline said to each prompt, one string an answer


def spoken(answer: Answer) -> str:
    """What an answer says without the whitespace that servers trim or add; empty: no witness.

    Nor with a part of a character at its ends: one server writes a sign for it, another nothing.
    """
    return "" if answer.trouble else answer.text.strip().strip(_PART).strip()


def pooled(answers: Iterable[Answer]) -> dict[str, tuple[str, ...]]:
    """Answers by prompt, in the plan's order, without those that say nothing."""
    by: dict[str, list[str]] = {}
    for answer in sorted(answers, key=lambda each: each.ask.order):
        if spoken(answer):
            by.setdefault(answer.ask.prompt, []).append(spoken(answer))
    return {prompt: tuple(texts) for prompt, texts in by.items()}


def silent(answers: Sequence[Answer]) -> float:
    """The share of answers that are no witnesses though nothing went wrong."""
    told = [each for each in answers if not each.trouble]
    return sum(not spoken(each) for each in told) / len(told)


def spaced(answers: Sequence[Answer]) -> float:
    """The share of answers with whitespace around them."""
    return sum(each.text != each.text.strip() for each in answers) / len(answers)


def agreement(texts: Sequence[str]) -> float:
    """The share of pairs of answers that are equal: an unbiased estimate of sum p^2."""
    n = len(texts)
    return sum(k * (k - 1) for k in Counter(texts).values()) / (n * (n - 1)) if n > 1 else 0.0


def shares(texts: Sequence[str]) -> dict[str, float]:
    """How often each string came, the most frequent first."""
    counts = sorted(Counter(texts).items(), key=lambda item: (-item[1], item[0]))
    return {text: times / len(texts) for text, times in counts}


def farthest(pool: Pool, said: Pool) -> list[str]:
    """Prompts that both answered, those whose shares are farthest apart first; for a report."""
    both = sorted(pool.keys() & said.keys())
    return sorted(both, key=lambda prompt: -_apart(shares(pool[prompt]), shares(said[prompt])))


def _apart(known: Mapping[str, float], said: Mapping[str, float]) -> float:
    return sum((known.get(each, 0.0) - said.get(each, 0.0)) ** 2 for each in {**known, **said})


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one prompt: a column a string, what the baseline and the candidate said."""

    baseline: Floats
    candidate: Floats


def tables(pool: Pool, said: Pool) -> list[Table]:
    """A table for each prompt that both answered at least twice."""
    return [
        _table(pool[prompt], said[prompt])
        for prompt in sorted(pool.keys() & said.keys())
        if len(pool[prompt]) > 1 and len(said[prompt]) > 1
    ]


def _table(known: Sequence[str], said: Sequence[str]) -> Table:
    left, right = Counter(known), Counter(said)
    columns = sorted(left | right)
    return Table(
        np.array([left[each] for each in columns], dtype=float),
        np.array([right[each] for each in columns], dtype=float),
    )
