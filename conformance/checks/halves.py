"""Characters that were cut in half: a surrogate of a pair is no character, and no fragment may end with one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.facts import facts
from conformance.checks.parts import Fragment
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_HALF = re.compile(r"[\ud800-\udfff]")
"""JSON reads the escapes of a pair as one character: what is left of them is a half alone."""


def _spoken(exchange: Exchange) -> Sequence[tuple[Fragment, str]]:
    """Fragments of calls with a piece of their arguments."""
    told = [(each, each.function.get("arguments")) for each in facts(exchange).fragments]
    return [(each, text) for each, text in told if isinstance(text, str) and text]


@check("TOOL-024", over=_spoken, always=True)
def fragments_hold_whole_characters(told: tuple[Fragment, str]) -> Iterator[Problem]:
    """A fragment of arguments holds whole characters, so that whoever writes it on can do so."""
    fragment, text = told
    if _HALF.search(text):
        yield Problem(
            message=f"arguments {shown(text)} hold half a character",
            at=f"{fragment.at}.function.arguments",
        )
