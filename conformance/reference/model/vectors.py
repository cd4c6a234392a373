"""Embeddings of our own making: hashed tokens, summed, and brought to length 1.

Texts with tokens in common point in similar directions, which is all that a contract can ask.
"""

from __future__ import annotations

import math
import struct
from hashlib import shake_256

from conformance.reference.model import tokens

DIMENSIONS = 48
"""Of a whole vector; shorter ones are its beginning, brought to length 1 again."""


def embedded(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """The vector of a text that is not empty, in float32."""
    summed = [0.0] * DIMENSIONS
    for token in tokens.split(text.lower()):
        for place, value in enumerate(_direction(token.strip() or token)):
            summed[place] += value
    kept = summed[:dimensions]
    length = math.hypot(*kept) or 1.0
    return struct.unpack(f"<{dimensions}f", packed([each / length for each in kept]))


def _direction(token: str) -> tuple[int, ...]:
    """A direction for a token: as good as random, and always the same."""
    return struct.unpack(f"<{DIMENSIONS}h", shake_256(token.encode()).digest(2 * DIMENSIONS))


def packed(vector: list[float] | tuple[float, ...]) -> bytes:
    """Little-endian float32, as base64 carries it."""
    return struct.pack(f"<{len(vector)}f", *vector)
