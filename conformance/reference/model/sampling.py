"""What penalties and biases do to a text, as far as a model of rules can show it."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import product
from string import ascii_lowercase

VOCABULARY = 32_768
"""Ids of tokens; those beyond it are known to nobody, and a bias on them does nothing."""
_DECISIVE = 50
"""From here on a bias forces or forbids a token, whatever else is likely."""
_SHORT, _WEAK, _STRONG = 3, 1.5, 8.0
"""Letters of words that come easily, and how much penalty they and longer ones withstand."""


def penalized(text: str, *, frequency: float, presence: float) -> str:
    """A text without the words that had been said too often by then."""
    if frequency <= 0 and presence <= 0:
        return text
    said: Counter[str] = Counter()
    kept = []
    for written in re.findall(r"\S+\s*|\s+", text):
        word = "".join(filter(str.isalnum, written)).lower()
        penalty = presence * (said[word] > 0) + frequency * said[word]
        if word and penalty > (_WEAK if len(word) <= _SHORT else _STRONG):
            continue
        said[word] += 1
        kept.append(written)
    return "".join(kept)


def forced(bias: Mapping[int, float]) -> str | None:
    """The token that a bias leaves no way around; None where there is none."""
    strongest = max(bias, key=lambda each: bias[each], default=-1)
    if strongest < 0 or strongest >= VOCABULARY or bias[strongest] < _DECISIVE:
        return None
    return _token(strongest)


def allowed(tokens: tuple[str, ...], bias: Mapping[int, float]) -> tuple[str, ...]:
    """The tokens that no bias forbids."""
    return tuple(each for each in tokens if bias.get(number(each), 0) > -_DECISIVE)


def number(token: str) -> int:
    """The id of a token."""
    return zlib.crc32(token.encode()) % VOCABULARY


@cache
def _token(wanted: int) -> str:
    """A word that is one token and has that id; there is one for every id."""
    words = (" " + "".join(letters) for letters in product(ascii_lowercase, repeat=4))
    return next(each for each in words if number(each) == wanted)
