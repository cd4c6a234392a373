"""Content is text: lists of parts are joined, and null without a tool call is empty.

For CRESP-009, CRESP-013, CRESP-025, STRM-012.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices, said


class ContentText(Mend):
    """Looks at whole answers and at deltas."""

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            message = said(choice)
            text = joined(message.get("content"))
            message["content"] = text if text is not None or calls(choice) else ""
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        for choice in choices(chunk):
            if "content" in said(choice):
                said(choice)["content"] = joined(said(choice)["content"])
        yield chunk


def joined(content: object) -> str | None:
    """The text of all parts."""
    if isinstance(content, list):
        parts = (each if isinstance(each, dict) else {"text": each} for each in content)
        return "".join(str(part.get("text") or "") for part in parts)
    return None if content is None else str(content)
