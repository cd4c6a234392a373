"""Finish reasons of other makes become those of OpenAI; an empty one becomes null.

For CRESP-011, CRESP-015, STRM-008, STRM-009.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices

NAMES = {
    **dict.fromkeys(("eos", "eos_token", "end_turn", "stop_sequence", "end", "completed"), "stop"),
    **dict.fromkeys(("max_tokens", "length_capped", "max_length"), "length"),
    **dict.fromkeys(("tool_use", "tool_call"), "tool_calls"),
    **dict.fromkeys(("safety", "content_filtered", "sensitive"), "content_filter"),
    "": None,
}
"""What your server says more: add it here. What is not named stays, so that you see it."""


class FinishReasons(Mend):
    """Looks at whole answers and at chunks alike."""

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            reason = choice.get("finish_reason")
            choice["finish_reason"] = NAMES.get(str(reason).lower(), reason)
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)
