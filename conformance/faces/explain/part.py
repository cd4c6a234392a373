"""A part of an explanation, and how it stands on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill

from conformance.report.escape import visible

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A label with words, or with a block that is not to be wrapped."""

    label: str
    words: str = ""
    block: str = ""
    """Made fit for a terminal already."""


Explanation = Iterator[Part]


def shown(part: Part) -> str:
    """The part as lines."""
    if part.block:
        return f"{part.label}:\n{part.block}"
    text = f"{part.label}: {part.words}" if part.label else part.words
    return fill(visible(text), WIDTH, subsequent_indent="    ", break_on_hyphens=False)
