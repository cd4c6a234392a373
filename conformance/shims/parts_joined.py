"""Content that is a list of text parts goes out as one text.

For CREQ-005, CREQ-006, RT-008.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class PartsJoined(Mend):
    """Leaves messages alone that hold an image or another part that is no text."""

    def ask(self, body: Json) -> Json:
        for message in body.get("messages", []):
            content = message.get("content")
            if isinstance(content, list) and all(part.get("type") == "text" for part in content):
                message["content"] = "".join(part["text"] for part in content)
        return body
