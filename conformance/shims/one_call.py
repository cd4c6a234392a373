"""Where `parallel_tool_calls` is false, an answer has one tool call: the first.

For CREQ-061.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices, said


class OneCall(Mend):
    """The model asks for the others again once it has the result of the first."""

    single = False

    def ask(self, body: Json) -> Json:
        self.single = body.get("parallel_tool_calls") is False
        return body

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            if self.single and calls(choice):
                first = [call for call in calls(choice) if call.get("index", 0) == 0]
                said(choice)["tool_calls"] = first[:1] if "message" in choice else first
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
