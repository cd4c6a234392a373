"""Stored responses, for whoever asks for one again or goes on from it; the oldest are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from conformance.reference.ask import Json, Message

MOST = 1000
"""Responses; none holds more than fits into the context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A response as it was sent, and the conversation up to its end, without instructions."""

    document: Json
    conversation: tuple[Message, ...]


class Shelf:
    """Responses by id."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Stored] = OrderedDict()

    def put(self, stored: Stored) -> None:
        """Keep a response under its id."""
        self._held[stored.document["id"]] = stored
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def find(self, name: str) -> Stored | None:
        """The response with that id, if it is (still) here."""
        return self._held.get(name)

    def drop(self, name: str) -> bool:
        """Forget a response. False where there was none."""
        return self._held.pop(name, None) is not None
