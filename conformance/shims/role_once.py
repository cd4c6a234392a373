"""The role stands in the first delta of each choice, and only there.

For CRESP-008, STRM-010, STRM-011.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices, said


class RoleOnce(Mend):
    """Says `assistant` where a choice begins, and drops what the server says of it."""

    def __init__(self) -> None:
        self.begun: set[object] = set()

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            said(choice)["role"] = "assistant"
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            delta = choice.get("delta") or {}
            delta.pop("role", None)
            if choice.get("index") not in self.begun:
                self.begun.add(choice.get("index"))
                choice["delta"] = {"role": "assistant", **delta}
        yield chunk
