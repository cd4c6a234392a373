"""A whole answer to a request with `stream: true` becomes a stream of two chunks.

For SSE-018.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend, calls, choices, said


class JsonAsStream(Mend):
    """For code that always streams, at a server that never does."""

    asked = False

    def ask(self, body: Json) -> Json:
        self.asked = bool(body.get("stream"))
        return body

    def answer(self, body: Json) -> Json:
        if self.asked and "choices" in body:
            body["object"] = "chat.completion.chunk"
            for choice in choices(body):
                for index, call in enumerate(calls(choice)):
                    call["index"] = index
                choice["delta"] = {**said(choice)}
                choice.pop("message", None)
        return body

    def whole(self, status: int, text: str) -> tuple[int, str]:
        status, text = super().whole(status, text)
        plain = self.asked and status < 300 and text.startswith("{")  # noqa: PLR2004 - HTTP
        return status, f"data: {text}\n\ndata: [DONE]\n\n" if plain else text
