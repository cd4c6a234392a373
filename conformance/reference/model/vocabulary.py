"""Token ids: our tokenizer has none of its own, so each id stands for a piece of a fixed list."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.reference.model import tokens

SIZE = 50_000
"""Ids from 0 up to this one are known."""
_PIECES = (*tokens.ALTERNATIVES, *(chr(code) for code in range(32, 127)))


def decoded(ids: Iterable[int]) -> str:
    """The text of token ids."""
    return "".join(_PIECES[each % len(_PIECES)] for each in ids)
