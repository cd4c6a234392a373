"""The anchor of benchmarks/parity.py: Model Equality Testing (Gao, Liang, Guestrin, ICLR 2025) beside stage 2.

Its statistic is the MMD with a Hamming kernel on answers of many tokens. It is computed by the
package `model-equality-testing` where that can be imported (it brings torch), else by the same
formula here. Both tests see the same simulated endpoints and get the same real false alarm: the
anchor's threshold is the 99 % quantile of its statistic over audits of the same weights with other
numerics, which spares its permutations and is kinder to it than they are.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import parity_audits as audits
import parity_world as recorded

from conformance.parity.model import Says
from conformance.parity.simulated import Endpoint, endpoint

SAMPLES = (5, 10, 20, 40, 80, 160)  # answers of each prompt, of each side
PROMPTS, TOKENS = 10, 16
LEVEL = 0.01
POWERS = (0.8, 0.95)
CHANGED = ("int4", "int8 activations", "fp8", "T0.7", "T0.9")
SAME = "same"


def statistics(about: str, seed: int) -> audits.Row:
    """The anchor's statistic at each number of samples, as JSON; the tokens of the largest."""
    n, rng = seed % 20, np.random.default_rng([seed, 15])
    mmd = _of_the_package() or hamming
    known, said = (_texts(about if side else "", n, rng) for side in (0, 1))
    found = [mmd(known[:, :size], said[:, :size]) for size in SAMPLES]
    return json.dumps(found), PROMPTS * TOKENS * SAMPLES[-1]


def ours(about: str) -> partial[audits.Row]:
    """Stage 2 of the same endpoints."""
    if about in recorded.FORCED:
        return partial(audits.simulated_cold, recorded.FORCED[about].temperature)
    return partial(audits.simulated_short, audits.CHANGES[about])


def hamming(known: np.ndarray, said: np.ndarray) -> float:
    """MMD without bias within prompts; the kernel is the share of places with the same token."""
    k, n = known.shape[1], said.shape[1]
    total = 0.0
    for one, other in zip(known, said, strict=True):
        both = np.concatenate([one, other])
        equal = sum(
            (column[:, None] == column[None]).astype(np.float32) for column in both.T
        ) / len(both.T)
        np.fill_diagonal(equal, 0.0)
        total += equal[:k, :k].sum() / (k * (k - 1)) + equal[k:, k:].sum() / (n * (n - 1))
        total -= 2 * equal[:k, k:].mean()
    return float(total / len(known))


@cache
def _of_the_package() -> Callable[[np.ndarray, np.ndarray], float] | None:
    try:
        tests = importlib.import_module("model_equality_testing.tests")
        distribution = importlib.import_module("model_equality_testing.distribution")
    except ImportError:
        return None

    def sample(texts: np.ndarray) -> Any:
        which = np.repeat(np.arange(len(texts)), texts.shape[1])
        return distribution.CompletionSample(which, texts.reshape(-1, TOKENS), len(texts))

    return lambda known, said: float(tests.mmd_hamming(sample(known), sample(said)))


def computed_by() -> str:
    return "the package" if _of_the_package() else "the same formula, without the package"


def _texts(about: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Answers as numbers of tokens, prompts x samples x places; nothing: the baseline's."""
    sums, rows = _sums(about, n)
    size = (PROMPTS, SAMPLES[-1])
    which = rng.integers(len(sums), size=size)
    row = np.repeat(np.array(rows)[:, None], size[1], axis=1)
    said = []
    for _ in range(TOKENS):
        chances = sums[which, row]
        token = (rng.random((*size, 1)) * chances[..., -1:] > chances).sum(-1)
        said.append(token)
        row = token % sums.shape[1]
    return np.stack(said, axis=-1)


@cache
def _sums(about: str, n: int) -> tuple[np.ndarray, list[int]]:
    of = _served(about, n)
    rows = [of.prompts.index(prompt) for prompt in audits.chosen(of.prompts, 5, 5)]
    return np.cumsum(np.apply_along_axis(of.sampler, -1, of.logits), axis=-1), rows


def _served(about: str, n: int) -> Endpoint:
    if not about:
        return audits.a_baseline(n)
    sampler = recorded.FORCED.get(about, audits.a_baseline(n).sampler)
    change = audits.CHANGES.get(about, 0.0)
    return endpoint(audits.a_world(n), "b", 50 + n, change=change, sampler=sampler)


Found = Callable[[partial[audits.Row]], Sequence[audits.Row]]


def table(found: Found) -> list[str]:
    """Output tokens of the candidate that both take, and how many times the anchor's are ours."""
    null = np.array([json.loads(said) for said, _ in found(partial(statistics, SAME))])
    quantiles = np.quantile(null, 1 - LEVEL, axis=0)
    alarms = [said == Says.DIFFERENT for said, _ in found(ours(SAME))]
    errs = f"errs in {LEVEL:.0%} of {len(null)} audits of the same weights"
    ours_errs = f"stage 2 in {np.mean(alarms):.1%} of {len(alarms)}"
    rows = [
        f"\nMMD-Hamming by {computed_by()}; its threshold {errs}, {ours_errs}.\n",
        "| change | power | tokens, ours | tokens, MMD-Hamming | times |\n|---|---|---|---|---|",
    ]
    for about in CHANGED:
        known = np.array([json.loads(said) for said, _ in found(partial(statistics, about))])
        shares = dict(zip(SAMPLES, (known > quantiles).mean(0), strict=True))
        mine = found(ours(about))
        rows += [
            _row(about, power, _ours_at(mine, power), _anchor_at(shares, power)) for power in POWERS
        ]
    return rows


def _row(about: str, power: float, mine: int | None, its: int | None) -> str:
    most = PROMPTS * TOKENS * SAMPLES[-1]
    times = f"{its / mine:.0f}" if its and mine else f"over {most / mine:.0f}" if mine else "-"
    return f"| {about} | {power:.0%} | {mine or 'not within 960'} | {its or f'over {most}'} | {times} |"


def _ours_at(rows: Sequence[audits.Row], power: float) -> int | None:
    """The first look by which this share has been called different."""
    looks = sorted({tokens for _, tokens in rows})
    return next(
        (
            look
            for look in looks
            if np.mean([said == Says.DIFFERENT and at <= look for said, at in rows]) >= power
        ),
        None,
    )


def _anchor_at(shares: Mapping[int, float], power: float) -> int | None:
    return next((PROMPTS * TOKENS * n for n, share in shares.items() if share >= power), None)
