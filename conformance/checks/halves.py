"""What was cut in half: characters between fragments of arguments, tags between reasoning and content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.parts import Fragment
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_TAG = re.compile(r"</?(?:think|thinking|thought|reasoning)>")
_LONGEST = 12
"""Characters of the longest tag."""
_HALF = re.compile(r"[\ud800-\udfff]")
"""JSON reads the escapes of a pair as one character: what is left of them is a half alone."""


def _torn(exchange: Exchange) -> Sequence[Said]:
    """Answers with both reasoning and content."""
    found = facts(exchange).choices
    return [one for one in found if isinstance(one.choice.content, str) and one.choice.reasoning]


@check("RSN-018", over=_torn, always=True)
def no_tag_is_torn(one: Said) -> Iterator[Problem]:
    """No think tag stands half at the end of the reasoning and half at the beginning of the content."""
    before = str(one.choice.reasoning).rstrip()[-_LONGEST:]
    after = one.choice.content.lstrip()[:_LONGEST]
    for found in _TAG.finditer(before + after):
        if found.start() < len(before) < found.end():
            message = (
                f"{shown(found[0])} stands in halves at the end of the reasoning and in the content"
            )
            yield Problem(message=message, at=f"{one.at}.message.content")


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
