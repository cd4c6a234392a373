"""Stories of any length, out of a handful of parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.reference.model import bank
from conformance.reference.model.voice import Voice

_LONG = 700
"""Words of a text that is to be very long."""
_SHORT = 60
_STORY = 320
_MOST_WORDS = 6000
_LINES = 4

_PROSE = re.compile(
    r"\b(story|stories|essay|poem|haiku|long|describe|explain|tale|novel|paragraphs?|article|report|"
    r"write about|tell me about|summary|summarize|discuss|speech|write a letter|monologue|detail(?:ed)?|"
    r"(?:in|of|with|least|about|than|exactly) \d+ words)\b",
    re.IGNORECASE,
)


def written(text: str, voice: Voice) -> str | None:
    """The prose that a text asks for; None where it asks for none."""
    match = _PROSE.search(text)
    if not match:
        return None
    wanted = re.search(r"\b(\d{1,5})[ -]words?\b", text)
    if wanted:
        return _words(voice, min(int(wanted[1]), _MOST_WORDS))
    if re.search(r"\b(?:very|extremely|as) long|\bnovel\b|\blong(?:est)?\b", text, re.IGNORECASE):
        return _words(voice, _LONG)
    if match[1].lower() in (
        "story",
        "stories",
        "essay",
        "tale",
        "article",
        "report",
        "speech",
        "write a letter",
    ):
        return _words(voice, _STORY)
    if match[1].lower() in ("poem", "haiku"):
        return "\n".join(
            sentence for sentence, _ in zip(_sentences(voice), range(_LINES), strict=False)
        )
    return _words(voice, _SHORT)


def _words(voice: Voice, wanted: int) -> str:
    """Sentences, cut to a number of words."""
    words: list[str] = []
    for sentence in _sentences(voice):
        words += sentence.split()
        if len(words) >= wanted:
            break
    return " ".join(words[:wanted]).rstrip(",.") + "."


def _sentences(voice: Voice) -> Iterator[str]:
    yield voice.pick(bank.OPENINGS)
    place = 0
    while True:
        parts = (bank.WHO, bank.DID, bank.WHAT, bank.HOW)
        turned = [
            part[(place + n) % len(part) :] + part[: (place + n) % len(part)]
            for n, part in enumerate(parts)
        ]
        sentence = " ".join(voice.pick(part) for part in turned)
        yield f"{sentence[0].upper()}{sentence[1:]}."
        place += 1
