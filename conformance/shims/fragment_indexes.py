"""Fragments of streamed tool calls are numbered from 0, a number for each call.

For STOOL-001, STOOL-002, STOOL-003.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices


class FragmentIndexes(Mend):
    """A fragment opens a new call where it brings an id not seen yet, else it goes on with the last."""

    def __init__(self) -> None:
        self.seen: dict[object, list[object]] = {}

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            ids = self.seen.setdefault(choice.get("index"), [])
            for call in calls(choice):
                if call.get("id") and call["id"] not in ids:
                    ids.append(call["id"])
                known = call.get("id") in ids
                call["index"] = ids.index(call["id"]) if known else max(len(ids) - 1, 0)
        yield chunk
