"""Are an endpoint's tokens drawn from the lists that it reports? Needs no baseline.

Where logprobs are those before the sampler (stage 1b), each token of an answer sampled at
temperature 1 comes from its list with the chances that stand there. A server that forces a
penalty, a nucleus or a temperature draws otherwise, and each such way is a rival hypothesis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from conformance.parity.betting import crossing
from conformance.parity.model import Answer, Position

PENALTIES = (0.25, 0.5, 1.0, 2.0)  # nats that a token loses once it has come
NUCLEI = (0.95, 0.9, 0.8)
LEAST = (0.02, 0.05, 0.1)  # min_p: as a share of the best
HEAT = (0.7, 0.85, 1.2)
_KEPT = 512  # answers: those of one stage, of both sides
_WRONG = 0.001  # the chance that honest draws are called another's
_EPSILON = 0.02  # of a cut set's chance: what a rival allows for numerics at its edge


class Unlike(NamedTuple):
    """A sampler that nobody asked for, and what shows it."""

    sampler: str
    proof: str


@lru_cache(_KEPT)
def rivals(answer: Answer) -> Mapping[str, float]:
    """The log likelihood ratio of each rival to honest draws, over one answer.

    Kept, because a stage judges all its answers anew at each of its looks.
    """
    sums: dict[str, float] = {}
    seen: set[bytes] = set()
    for position in answer.positions:
        if position.top:
            for name, step in _steps(position, seen):
                sums[name] = sums.get(name, 0.0) + step
        seen.add(position.token)
    return sums


def fortunes(answers: Sequence[Answer]) -> tuple[tuple[float, ...], str]:
    """The log of the mean likelihood ratio after each answer, and the rival that won most.

    A mean of likelihood ratios to one null is a non-negative martingale under it: its chance of
    ever reaching 1 / level is at most level (Ville), so one may stop after any answer.
    """
    names = [f"penalty of about {each:g}" for each in PENALTIES]
    names += [f"top_p {each:g}" for each in NUCLEI] + [f"min_p {each:g}" for each in LEAST]
    names += [f"temperature {each:g}" for each in HEAT]
    sums, path = dict.fromkeys(names, 0.0), []
    for answer in answers:
        for name, step in rivals(answer).items():
            sums[name] += step
        top = max(sums.values())
        path.append(top + math.log(sum(math.exp(each - top) for each in sums.values()) / len(sums)))
    return tuple(path), max(sums, key=lambda name: sums[name])


def unlike(answers: Sequence[Answer]) -> Unlike | None:
    """How tokens are drawn that don't follow their own lists, though nothing was asked for.

    Only by lists that name every token: what counts as one is not drawn as one.
    """
    used = [each for each in answers if not each.trouble and _named(each)]
    path, rival = fortunes(used)
    if not crossing(path, _WRONG):
        return None
    odds = f"{math.exp(min(path[-1], 50)):.1g} times likelier than by its lists"
    cut = _cut_off(used) if rival.startswith("min_p") else None
    return cut or Unlike(f"something like {rival}", odds)


def _cut_off(answers: Sequence[Answer]) -> Unlike | None:
    """Whether nothing unlikely ever came: a tail that is cut relative to the best token, as by min_p."""
    positions = [each.positions[0] for each in answers]
    least = min(each.logprob - each.top[0].logprob for each in positions)
    lost = sum(_below(each, least) for each in positions)
    if math.exp(-lost) > _WRONG:
        return None
    return Unlike(
        f"a tail that is cut at {math.exp(least):.1g} of the best token (min_p or top_k)",
        f"none of {len(positions)} first tokens lies below, where its lists leave {lost:.0f} at least",
    )


def _below(position: Position, least: float) -> float:
    """The chance of a token below that, as far as the list reaches."""
    edge = position.top[0].logprob + least
    if position.top[-1].logprob >= edge:
        return 0.0
    return max(
        0.0, 1 - sum(math.exp(each.logprob) for each in position.top if each.logprob >= edge)
    )


def _named(answer: Answer) -> bool:
    return all(
        each.token and each.top and all(one.token for one in each.top)
        for each in answer.positions[:1]
    ) and bool(answer.positions)


def _steps(position: Position, seen: set[bytes]) -> Iterator[tuple[str, float]]:
    chances = {each.token: math.exp(each.logprob) for each in position.top}
    again = sum(p for token, p in chances.items() if token in seen)
    if 0 < again < 1:
        came = position.token in seen and position.token in chances
        for penalty in PENALTIES:
            left = again * math.exp(-penalty)
            yield f"penalty of about {penalty:g}", _odds(came, again, left / (left + 1 - again))
    ranked = [(each.token, chances[each.token]) for each in position.top]
    for share in NUCLEI:
        if sum(chances.values()) >= share:
            yield f"top_p {share:g}", _cut(position.token, _nucleus(ranked, share), chances)
    best, last = ranked[0][1], ranked[-1][1]
    for least in LEAST:
        if last < least * best:
            kept = {token for token, p in ranked if p >= least * best}
            yield f"min_p {least:g}", _cut(position.token, kept, chances)
    for heat in HEAT:
        yield f"temperature {heat:g}", _heated(position.token, chances, heat)


def _odds(happened: bool, null: float, rival: float) -> float:  # noqa: FBT001 - it is an outcome
    return math.log(rival / null) if happened else math.log((1 - rival) / (1 - null))


def _nucleus(ranked: Sequence[tuple[bytes, float]], share: float) -> set[bytes]:
    kept, total = set(), 0.0
    for token, p in ranked:
        if total > share:
            break
        kept.add(token)
        total += p
    return kept


def _cut(token: bytes, kept: set[bytes], chances: dict[bytes, float]) -> float:
    outside = max(1 - sum(chances[each] for each in kept), 1e-6)
    return _odds(token not in kept, outside, _EPSILON * outside)


def _heated(token: bytes, chances: dict[bytes, float], heat: float) -> float:
    """The rest is as many tokens as the list's least likely one would make."""
    least = min(chances.values())
    rest = max(1 - sum(chances.values()), 1e-4)
    unlisted = rest / least * least ** (1 / heat)
    total = sum(p ** (1 / heat) for p in chances.values()) + unlisted
    if token in chances:
        return math.log(chances[token] ** (1 / heat) / total / chances[token])
    return math.log(unlisted / total / rest)
