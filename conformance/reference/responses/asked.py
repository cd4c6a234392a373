"""What a request for a response asks beyond what the model needs."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.ask import Ask, Json, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """`reasoning`, resolved: what is thought before the answer, and how much of it is told."""

    thought: str = ""
    """Empty where nothing is thought."""
    summarized: bool = False
    encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A valid request for a response, with every default filled in."""

    ask: Ask
    conversation: tuple[Message, ...]
    """What a later request goes on from: all that was said, without the instructions."""
    thinking: Thinking
    stored: bool
    echo: Json
    """The members of the response that say what was asked for."""
