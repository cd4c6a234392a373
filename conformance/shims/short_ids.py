"""Ids of tool calls in the history go out in nine letters and digits, which every server takes.

For RT-012, TOOL-003.
"""

from __future__ import annotations

import hashlib

from conformance.shims.mend import Json, Mend


class ShortIds(Mend):
    """The same id always becomes the same, so calls and results still fit together."""

    def ask(self, body: Json) -> Json:
        for message in body.get("messages", []):
            if message.get("tool_call_id"):
                message["tool_call_id"] = short(message["tool_call_id"])
            for call in message.get("tool_calls") or []:
                call["id"] = short(call["id"])
        return body


def short(name: str) -> str:
    """Nine letters and digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:9]
