"""Reasoning is called `reasoning_content`, whatever the server calls it.

For CRESP-028, RSN-001, RSN-003.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices, said

NAMES = ("reasoning", "thinking", "thoughts", "reasoning_text")
"""What servers call it."""


class ReasoningName(Mend):
    """Looks at whole answers and at deltas; the server's own member stays."""

    def answer(self, body: Json) -> Json:
        for message in map(said, choices(body)):
            for name in NAMES:
                if isinstance(message.get(name), str) and message[name]:
                    message.setdefault("reasoning_content", message[name])
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
