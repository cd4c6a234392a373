"""What a model that reasons thinks before it answers: plain sentences, more of them with more effort."""

from __future__ import annotations

from itertools import cycle, islice

from conformance.reference.ask import Ask
from conformance.reference.model import tokens
from conformance.reference.model.facts import attended

THINKER = "-thinking"
"""How the id of a model ends that thinks."""
SENTENCES = {"none": 0, "minimal": 1, "low": 2, "medium": 4, "high": 8}
"""Efforts that the model knows, and how many sentences each is worth."""
_QUOTED = 200
"""Characters of the question that the first sentence repeats."""
_MUSINGS = (
    "Let me see what kind of answer is wanted here.",
    "There may be a rule of mine that fits, so I go through them one by one.",
    "The first that fits is good enough.",
    "I check it once more against the question.",
    "Nothing speaks against it.",
)


def thought(ask: Ask) -> tuple[str, ...]:
    """The tokens of what is thought about a request; none where no thinking is wanted."""
    wanted = SENTENCES[ask.effort]
    if not wanted:
        return ()
    asked = [each.text for each in ask.messages if each.role == "user"] or [ask.messages[-1].text]
    question = " ".join(attended(asked[-1])[:_QUOTED].split())
    told = (f"The user says: {question}", *islice(cycle(_MUSINGS), wanted - 1))
    return tokens.split(" ".join(told))
