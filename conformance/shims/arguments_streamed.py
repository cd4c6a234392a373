"""Arguments of streamed calls are pieces of text: no objects, no snapshots, and `{}` where there are none.

For STOOL-007, STOOL-008, STOOL-014.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices


class ArgumentsStreamed(Mend):
    """Goes by the index of fragments: where that is wrong too, FragmentIndexes comes first."""

    def __init__(self) -> None:
        self.so_far: dict[tuple[object, object], str] = {}

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            for call in calls(choice):
                function = call["function"] = call.get("function") or {}
                key = choice.get("index"), call.get("index")
                function["arguments"] = self.piece(key, function.get("arguments"))
            if choice.get("finish_reason"):
                self.fill(choice)
        yield chunk

    def piece(self, key: tuple[object, object], given: object) -> str:
        """What is new in it."""
        text = given if isinstance(given, str) else json.dumps(given) if given else ""
        before = self.so_far.get(key, "")
        new = text[len(before) :] if before.strip() and text.startswith(before) else text
        self.so_far[key] = before + new
        return new

    def fill(self, choice: Json) -> None:
        """Gives calls without arguments an empty object, before the choice ends."""
        delta = choice["delta"] = choice.get("delta") or {}
        for (of, index), text in self.so_far.items():
            if of == choice.get("index") and not text:
                piece = {"index": index, "function": {"arguments": "{}"}}
                delta["tool_calls"] = [*(delta.get("tool_calls") or []), piece]
