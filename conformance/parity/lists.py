"""Two lists of likeliest tokens: joined by bytes, and how far apart they lie."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from conformance.parity.model import Answer, Ranked

_SPACES = ("\u2581".encode(), "\u0120".encode())  # how vocabularies write a leading space


def sigma(one: Sequence[Ranked], other: Sequence[Ranked]) -> float:
    """p-weighted standard deviation of the logprob difference over the union of two lists.

    d(t) = log p(t) - log q(t),  w(t) = (p(t) + q(t)) / 2,  sigma^2 = sum w (d - mean)^2 / sum w.
    A token that one list lacks takes the other's lowest logprob there, so that two lists which
    share a single token do not look equal. The wider list is cut to the narrower one. In logit
    units: a constant shift of all logprobs (another normaliser) does not count.
    """
    one, other = comparable(one, other)
    width = min(len(one), len(other))
    if not width:
        raise ValueError("a list without tokens has no distance")
    left = {each.token: each.logprob for each in one[:width]}
    right = {each.token: each.logprob for each in other[:width]}
    least_left, least_right = min(left.values()), min(right.values())
    differences, weights = [], []
    for token in left | right:
        p = left[token] if token in left else min(right[token], least_left)
        q = right[token] if token in right else min(left[token], least_right)
        differences.append(p - q)
        weights.append((math.exp(p) + math.exp(q)) / 2)
    total = sum(weights) or 1e-9
    mean = sum(w * d for w, d in zip(weights, differences, strict=True)) / total
    spread = sum(w * (d - mean) ** 2 for w, d in zip(weights, differences, strict=True))
    return math.sqrt(spread / total)


def comparable(
    one: Sequence[Ranked], other: Sequence[Ranked]
) -> tuple[Sequence[Ranked], Sequence[Ranked]]:
    """Both as wide as the narrower one; parts of characters are one token where either doesn't name them."""
    width = min(len(one), len(other))
    one, other = one[:width], other[:width]
    if all(each.token for each in (*one, *other)):
        return one, other
    return blurred(one), blurred(other)


def blurred(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """A list in which all parts of characters are one token without a name.

    Some servers name them by their bytes, and some only say that there is one.
    """
    parts = [each for each in ranked if not _whole(each.token)]
    if not parts:
        return tuple(ranked)
    together = Ranked(b"", math.log(sum(math.exp(each.logprob) for each in parts) or 1e-300))
    rest = [each for each in ranked if _whole(each.token)]
    return tuple(sorted([*rest, together], key=lambda each: (-each.logprob, each.token)))


def _whole(token: bytes) -> bool:
    try:
        token.decode()
    except UnicodeDecodeError:
        return False
    return bool(token)


def first(answer: Answer) -> tuple[Ranked, ...]:
    """The list in the place of an answer's first token, or nothing."""
    return answer.positions[0].top if answer.positions else ()


def mean_sigma(answer: Answer, cached: Sequence[Answer]) -> float:
    """An answer's distance to the baseline: the mean over what the baseline said each time."""
    lists = [first(each) for each in cached if first(each)]
    return sum(sigma(first(answer), each) for each in lists) / len(lists)


def collision(ranked: Sequence[Ranked]) -> float:
    """The chance that two draws are equal, sum p^2, as far as the list shows it."""
    return sum(math.exp(2 * each.logprob) for each in ranked)


def matched(pairs: Sequence[tuple[Answer, Answer]], written: Callable[[bytes], bytes]) -> float:
    """The share of pairs in which the likeliest token of each stands in the other's list."""
    joined = 0
    for one, other in pairs:
        left = [written(each.token) for each in first(one)]
        right = [written(each.token) for each in first(other)]
        joined += bool(left and right) and left[0] in right and right[0] in left
    return joined / len(pairs)


def plain(token: bytes) -> bytes:
    """A token without what servers add or trim: spaces and a vocabulary's sign for one."""
    for sign in _SPACES:
        token = token.removeprefix(sign)
    return token.strip()


def join_fault(pairs: Sequence[tuple[Answer, Answer]]) -> str:
    """Why two endpoints' tokens can't be joined, or nothing.

    A missing match is imputed by `sigma`, so a wrong join would look like another model.
    """
    if matched(pairs, bytes) >= _JOINED:
        return ""
    if matched(pairs, plain) >= _JOINED:
        return "one endpoint trims or marks the spaces of its tokens"
    for side, answers in (
        ("baseline", [a for a, _ in pairs]),
        ("candidate", [b for _, b in pairs]),
    ):
        tokens = [each.token for answer in answers for each in first(answer)]
        if tokens and all(_is_number(token) for token in tokens):
            return f"the {side} writes token ids instead of tokens"
    if not any(
        {each.token for each in first(one)} & {each.token for each in first(other)}
        for one, other in pairs
    ):
        return "the lists have not one token in common"
    return ""


def ungreedy(answer: Answer) -> bool:
    """Whether an answer at temperature 0 holds a token that is not the best of its own list.

    Then the list is not what the server sampled from (speculative decoding, a shortcut).
    """
    return any(
        position.top and position.logprob < position.top[0].logprob - _TIED
        for position in answer.positions
    )


def _is_number(token: bytes) -> bool:
    return token.removeprefix(b"token_id:").strip().isdigit()


_JOINED = 0.5  # most prompts: what one sees of the same model, however quantised
_TIED = 1e-3  # equal logprobs may come in either order
