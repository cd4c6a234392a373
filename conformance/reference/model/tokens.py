"""A tokenizer of our own: small pieces, characters always whole, joined again the same text."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

_PIECE = re.compile(r" ?[A-Za-z]{1,5}|[^\W\d_]{1,2}|\d{1,3}|\s|.", re.DOTALL)

MESSAGE_OVERHEAD = 4
"""Tokens that the chat template spends on each message."""
PROMPT_OVERHEAD = 3
"""... and once, to begin the answer."""
ALTERNATIVES = (
    "The",
    " a",
    " I",
    "Yes",
    "No",
    " is",
    "1",
    ".",
    " of",
    "It",
    " to",
    " and",
    " in",
    "2",
    "A",
    ",",
    "\n",
    " we",
    "So",
    " on",
    " as",
    "3",
    " it",
    "We",
)


def split(text: str) -> tuple[str, ...]:
    """The tokens of a text; joined they are the text."""
    return tuple(_PIECE.findall(text))


def count(text: str) -> int:
    """How many tokens a text has."""
    return sum(1 for _ in _PIECE.finditer(text))


def count_json(value: Any) -> int:
    """How many tokens a JSON value has, written compactly."""
    return count(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def logprob(token: str, place: int) -> float:
    """The log probability of a chosen token: a stable number between -0.36 and -0.001."""
    return -0.001 - (zlib.crc32(f"{place}:{token}".encode()) % 360) / 1000


def alternatives(token: str, place: int, how_many: int) -> list[tuple[str, float]]:
    """The likeliest tokens at a place, the chosen one first, in falling order."""
    chosen = [(token, logprob(token, place))]
    others = [each for each in ALTERNATIVES if each != token]
    shift = zlib.crc32(token.encode()) % len(others)
    others = others[shift:] + others[:shift]
    return (chosen + [(each, -4.6 - 0.25 * rank) for rank, each in enumerate(others)])[:how_many]
