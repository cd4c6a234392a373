"""Id, type and name of a streamed call come in its first fragment, whole, and only there.

For STOOL-004, STOOL-005, STOOL-006, STOOL-008, STOOL-009, TOOL-004.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices


class FragmentHeads(Mend):
    """Goes by the index of fragments: where that is wrong too, FragmentIndexes comes first."""

    def __init__(self) -> None:
        self.opened: set[tuple[object, object]] = set()

    def answer(self, body: Json) -> Json:
        for call in (call for choice in choices(body) for call in calls(choice)):
            call["type"] = call.get("type") or "function"
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            for call in calls(choice):
                function = call["function"] = call.get("function") or {}
                function["arguments"] = function.get("arguments") or ""
                key = choice.get("index"), call.get("index")
                if key not in self.opened:
                    call["type"] = "function"
                    self.opened.add(key)
                else:
                    call.pop("id", None)
                    function.pop("name", None)
        yield chunk
