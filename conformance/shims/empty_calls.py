"""An empty list of tool calls is left out, for code that asks `is not None`.

For CRESP-014, STOOL-013.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices, said


class EmptyCalls(Mend):
    """Looks at whole answers and at deltas."""

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            if said(choice).get("tool_calls") == []:
                del said(choice)["tool_calls"]
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
