"""How two endpoints write: features of long answers, and whether they are alike."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from conformance.parity.model import Answer
from conformance.parity.permutation import exceeding
from conformance.parity.pools import Floats, spoken

FEATURES = (
    "words that came before",
    "pairs of words that came before",
    "rare words",
    "length",
    "ends",
)
_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]|\w+")


class Features(NamedTuple):
    """What is counted in an answer, in the order of FEATURES."""

    words: float
    pairs: float
    common: float
    length: float
    ended: float


def text_p_value(
    known: Mapping[str, Sequence[Answer]], said: Sequence[Answer], seed: int, level: float
) -> tuple[float, str]:
    """The chance of features as far apart if both wrote alike, and the one that is farthest.

    The statistic is max_f |sum_p (mean_B - mean_A)| / sqrt(sum_p N^2 s^2 / (m n (N - 1))): of each
    feature the differences of means over prompts, by their exact spread under relabelling (m
    answers of the baseline, n of the candidate, N of both, whose variance is s^2). Answers are
    relabelled within each prompt: exact if those to one prompt are exchangeable when both write
    alike, whatever their distribution; a cache or a fixed seed breaks that. How rare a word is was
    counted in both together, so no relabelling changes it. The largest of several statistics
    under common permutations: Westfall and Young 1993; the +1: Phipson and Smyth 2010.
    """
    prompts = [_Prompt.of(known[p], [a for a in said if a.ask.prompt == p]) for p in sorted(known)]
    prompts = [each for each in prompts if each.candidate > 1 and each.baseline > 1]
    if not prompts:
        return 1.0, ""
    scale = np.sqrt(np.sum([each.variances() for each in prompts], axis=0))
    scale[scale == 0] = math.inf
    seen = np.abs(np.sum([each.gap(each.labels()) for each in prompts], axis=0) / scale)[0]
    rng = np.random.default_rng(seed)

    def null(rows: int) -> Floats:
        gaps = np.sum([each.gap(each.relabelled(rows, rng)) for each in prompts], axis=0)
        largest: Floats = np.abs(gaps / scale).max(-1)
        return largest

    return exceeding(float(seen.max()), null, level), FEATURES[int(seen.argmax())]


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One prompt's answers as rows of centred features, the baseline's first."""

    rows: Floats
    baseline: int
    candidate: int

    @classmethod
    def of(cls, known: Sequence[Answer], said: Sequence[Answer]) -> _Prompt:
        left, right = ([each for each in side if spoken(each)] for side in (known, said))
        rows = np.array(_features([*left, *right]), dtype=float).reshape(-1, len(FEATURES))
        return cls(rows - rows.mean(0) if len(rows) else rows, len(left), len(right))

    def labels(self) -> Floats:
        return np.repeat([0.0, 1.0], [self.baseline, self.candidate])[None]

    def relabelled(self, rows: int, rng: np.random.Generator) -> Floats:
        mixed: Floats = rng.permuted(np.repeat(self.labels(), rows, axis=0), axis=1)
        return mixed

    def gap(self, labels: Floats) -> Floats:
        """Candidate's mean less the baseline's; the rows are centred."""
        total = self.baseline + self.candidate
        means: Floats = labels @ self.rows * (total / (self.baseline * self.candidate))
        return means

    def variances(self) -> Floats:
        total = self.baseline + self.candidate
        spread: Floats = (self.rows**2).mean(0) * total**2
        return spread / (self.baseline * self.candidate * (total - 1))


def _features(answers: Sequence[Answer]) -> list[Features]:
    words = [_WORD.findall(each.text.lower()) for each in answers]
    counts = Counter(word for each in words for word in each)
    return [
        Features(
            _repeated(each),
            _repeated(list(itertools.pairwise(each))),
            sum(math.log(counts[word]) for word in each) / max(1, len(each)),
            len(each),
            float(answer.finish == "stop"),
        )
        for answer, each in zip(answers, words, strict=True)
    ]


def _repeated(items: Sequence[object]) -> float:
    return 1 - len(set(items)) / len(items) if items else 0.0
