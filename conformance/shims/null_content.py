"""Empty content beside tool calls goes out as null.

For RT-007.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class NullContent(Mend):
    """For servers that refuse `""` there; most others take both."""

    def ask(self, body: Json) -> Json:
        for message in body.get("messages", []):
            if message.get("tool_calls") and not message.get("content"):
                message["content"] = None
        return body
