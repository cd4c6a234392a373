"""Choices are numbered from 0, also where the server begins with 1 or gives no number.

For CRESP-007, STRM-006, STRM-015, STRM-016.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices


class ChoiceIndexes(Mend):
    """Numbers choices in the order in which they are first seen."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def answer(self, body: Json) -> Json:
        for place, choice in enumerate(choices(body)):
            choice["index"] = place
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            if choice.get("index") not in self.seen:
                self.seen.append(choice.get("index"))
            choice["index"] = self.seen.index(choice.get("index"))
        yield chunk
