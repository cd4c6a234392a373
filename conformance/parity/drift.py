"""An endpoint against its own past, night after night: was the model changed without a word?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from conformance.parity.betting import Bet
from conformance.parity.logprobs import CLIP, MARGIN
from conformance.parity.model import Decision, Layer, Says, StageName
from conformance.parity.permutation import p_value
from conformance.parity.pools import Pool, tables

NIGHTS = 30  # in which a false alarm has at most the chance LEVEL
LEVEL = 0.01
LOOK_LEVEL = LEVEL / (2 * NIGHTS)  # of one night's short answers, and of two nights' together
TOGETHER = 2  # nights whose short answers are also looked at as one


def by_logprobs(nights: Sequence[Sequence[float]]) -> Decision:
    """Distances to the kept baseline, in floors, of each night since it was collected.

    A bet against "the mean is at most the margin" is opened anew each night with one part in
    NIGHTS of the stake, and goes on: the sum of fortunes starts at 1 and is a supermartingale
    under the null, so that the chance of ever reaching 1 / LEVEL within NIGHTS is at most LEVEL
    (Shin, Ramdas and Rinaldo 2024, e-detectors). A bet opened long ago would have lost what it
    needs to notice a change tonight. After NIGHTS one begins anew.
    """
    window = nights[(len(nights) - 1) // NIGHTS * NIGHTS :] if nights else nights
    path = [_fortune(window[: n + 1]) for n in range(len(window))]
    at = next((n for n, log in enumerate(path, 1) if log >= -math.log(LEVEL)), None)
    found = _decide(at, len(window), sum(map(len, window)), told=bool(window and window[-1]))
    return replace(found, path=tuple(path))


def by_texts(pool: Pool, nights: Sequence[Pool], seed: int) -> Decision:
    """Short answers of each night against the kept pool.

    A permutation test a night, and one of the last two nights together, each at LOOK_LEVEL: the union bound, since nights share a pool and are not independent.
    """
    level = LOOK_LEVEL
    start = (len(nights) - 1) // NIGHTS * NIGHTS if nights else 0
    values: list[float] = []
    for n in range(start, len(nights)):
        both = _joined(nights[max(start, n - TOGETHER + 1) : n + 1])
        looks = (nights[n], both) if n > start else (nights[n],)
        values.append(min(_p(pool, each, seed + 2 * n + k, level) for k, each in enumerate(looks)))
    at = next((n for n, p in enumerate(values, 1) if p <= level), None)
    spent = sum(len(texts) for night in nights[start:] for texts in night.values())
    found = _decide(at, len(values), spent, told=bool(nights and nights[-1]))
    return replace(found, p_values=tuple(values))


def _p(pool: Pool, night: Pool, seed: int, level: float) -> float:
    """1 where no prompt was answered in that night."""
    both = tables(pool, night)
    return p_value(both, seed, level) if both else 1.0


def _fortune(nights: Sequence[Sequence[float]]) -> float:
    """Log of the summed fortunes of bets opened each night, and of stakes not yet placed."""
    bet, total = Bet(MARGIN / CLIP, over=True), 1.0 - len(nights) / NIGHTS
    for opened in range(len(nights)):
        seen = [min(each, CLIP) / CLIP for night in nights[opened:] for each in night]
        total += math.exp(bet.fortunes(seen)[-1] if seen else 0.0) / NIGHTS
    return float(np.log(max(total, 1e-300)))


def _joined(nights: Sequence[Pool]) -> dict[str, tuple[str, ...]]:
    prompts = sorted({prompt for night in nights for prompt in night})
    return {p: tuple(text for night in nights for text in night.get(p, ())) for p in prompts}


def _decide(at: int | None, nights: int, tokens: int, *, told: bool) -> Decision:
    """`told`: whether it answered in the last night, by which alone it is the same now."""
    changed = at is not None
    return Decision(
        stage=StageName.DRIFT,
        says=Says.DIFFERENT if changed else Says.SAME if told else Says.INCONCLUSIVE,
        why=f"the model behind the endpoint changed: noticed in night {at} since the baseline was kept"
        if changed
        else f"no change against its own past in {nights} nights",
        layer=Layer.WEIGHTS if changed else None,
        requests=tokens,
        tokens=tokens,
        level=LEVEL,
    )
