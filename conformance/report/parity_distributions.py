"""Answers of both side by side, at the prompts where they are farthest apart: as bars."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.parity.model import Ranked
from conformance.parity.pair import Pair
from conformance.parity.pools import farthest, shares
from conformance.report import svg

_PROMPTS, _TOKENS = 6, 4
_ROW, _GAP, _COLUMNS = 14, 26, 2
_NAME, _FULL = 112, 178
PARTS = "parts of characters"
"""What a token without a name is."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One prompt: the chance of each answer at both, and what stands where one has none."""

    title: str
    known: Mapping[str, float]
    said: Mapping[str, float]
    missing: str


def listed(pair: Pair) -> list[Cell]:
    """Of first tokens, the prompts farthest apart."""
    chosen = sorted(pair.audited.apart, key=lambda each: -each.ratio)[:_PROMPTS]
    return [
        Cell(
            f"{_short(pair.texts.get(each.prompt, each.prompt))} · {each.ratio:.1f} floors",
            _chances(each.known),
            _chances(each.said),
            "not listed",
        )
        for each in chosen
    ]


def _chances(side: Sequence[Ranked]) -> dict[str, float]:
    return {
        repr(one.token.decode("utf-8", "replace")) if one.token else PARTS: math.exp(one.logprob)
        for one in side
    }


def counted(pair: Pair) -> list[Cell]:
    """The same of short answers."""
    pool, said = pair.audited.pool, pair.audited.said
    return [
        Cell(
            _short(pair.texts.get(prompt, prompt)),
            _quoted(pool[prompt]),
            _quoted(said[prompt]),
            "never",
        )
        for prompt in farthest(pool, said)[:_PROMPTS]
    ]


def _quoted(texts: Sequence[str]) -> dict[str, float]:
    return {repr(text): share for text, share in shares(texts).items()}


def _short(asked: str) -> str:
    return asked if len(asked) <= 34 else f"{asked[:33]}…"  # noqa: PLR2004 - what fits


def distributions(cells: Sequence[Cell], title: str) -> str:
    """Prompts two in a row; of each the likeliest answers at both."""
    if not cells:
        return ""
    high = _GAP + _TOKENS * 2 * _ROW + 18
    parts = [
        svg.bar(0, 2, 10, 10, svg.ONE),
        svg.text(14, 11, "baseline", colour=svg.INK),
        svg.bar(84, 2, 10, 10, svg.OTHER),
        svg.text(98, 11, "candidate", colour=svg.INK),
    ]
    for number, each in enumerate(cells):
        x = number % _COLUMNS * (svg.WIDE / _COLUMNS)
        parts += _side_by_side(each, x, 22.0 + number // _COLUMNS * high)
    rows = math.ceil(len(cells) / _COLUMNS)
    return svg.picture(svg.WIDE, 22 + rows * high, title, parts)


def _side_by_side(cell: Cell, x: float, y: float) -> Iterator[str]:
    known, said = cell.known, cell.said
    likely = sorted(
        {**known, **said}, key=lambda one: (-max(known.get(one, 0), said.get(one, 0)), one)
    )
    yield svg.text(x, y + 14, cell.title, colour=svg.INK)
    for number, name in enumerate(likely[:_TOKENS]):
        top = y + _GAP + number * 2 * _ROW
        yield svg.text(x + _NAME - 6, top + _ROW, name[:20], anchor="end")
        for row, (side, colour) in enumerate(((known, svg.ONE), (said, svg.OTHER))):
            share = side.get(name, 0.0)
            yield svg.bar(x + _NAME, top + row * 12, share * _FULL, 9, colour)
            told = f"{share:.0%}" if name in side else cell.missing
            yield svg.text(x + _NAME + share * _FULL + 4, top + row * 12 + 8, told)
