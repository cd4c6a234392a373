"""How a text goes on: the older kind of completion, which has no roles."""

from __future__ import annotations

import re

from conformance.reference.model import say
from conformance.reference.model.facts import Facts, attended
from conformance.reference.model.voice import Voice

_COUNTING = re.compile(r"(\d{1,6}),?\s+(\d{1,6}),?\s*\Z")
_FURTHER = 60


def continued(prompt: str, voice: Voice) -> str:
    """What follows a prompt. Counting goes on; anything else is answered as a question would be."""
    counting = _COUNTING.search(prompt)
    if counting and int(counting[2]) == int(counting[1]) + 1:
        first = int(counting[2]) + 1
        return " " + ", ".join(str(first + each) for each in range(_FURTHER)) + "."
    return " " + say.answer(say.Prompt(Facts(attended(prompt)), (), voice), ())
