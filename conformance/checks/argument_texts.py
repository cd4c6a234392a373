"""TOOL-024: texts in arguments that were not carried through as they are, as arguments themselves show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.facts import Called, facts
from conformance.checks.markup import strings
from conformance.checks.show import shown
from conformance.checks.torn import TORN, around, lost
from conformance.wire.exchange import Exchange

_WORDS = re.compile(r"[^\x00-\x7f]{2,}")
"""Runs of characters beyond ASCII: read in the wrong encoding, each becomes four strange ones or more."""


def _with_arguments(exchange: Exchange) -> Sequence[tuple[Called, str]]:
    """Calls whose arguments are a text."""
    told = [(each, each.call.arguments) for each in facts(exchange).calls]
    return [(each, text) for each, text in told if isinstance(text, str) and text]


@check("TOOL-024", over=_with_arguments, always=True)
def arguments_are_unicode(subject: tuple[Called, str]) -> Iterator[Problem]:
    """Arguments hold no torn characters that the model cannot have written."""
    one, text = subject
    if why := lost(text, one.said.facts.asked, capped=one.said.cut):
        at = f"{one.at}.function.arguments"
        yield Problem(message=f"U+FFFD in {around(text, TORN)}: {why}", at=at)


@check("TOOL-024", over=_with_arguments, always=True)
def arguments_are_decoded(subject: tuple[Called, str]) -> Iterator[Problem]:
    """No word of the request comes back in arguments as UTF-8 that was read as Latin-1."""
    one, text = subject
    asked = "\n".join(strings(one.said.facts.asked))
    for word in dict.fromkeys(_WORDS.findall(asked)):
        misread = word.encode("utf-8", "replace").decode("latin-1")
        if misread in text and misread not in asked:
            at = f"{one.at}.function.arguments"
            yield Problem(message=f"{shown(misread)} in place of {shown(word)}", at=at)
            return
