"""An answer with tool calls ends with `tool_calls`, one without them with `stop`.

For CRESP-017, STOOL-012, TOOL-001.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices


class FinishOfCalls(Mend):
    """Goes by the calls that were seen, and leaves `length` and `content_filter` alone."""

    def __init__(self) -> None:
        self.called: set[object] = set()

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            if calls(choice):
                self.called.add(choice.get("index"))
            if choice.get("finish_reason") in ("stop", "tool_calls", "function_call"):
                called = choice.get("index") in self.called
                choice["finish_reason"] = "tool_calls" if called else "stop"
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
