"""Every tool call of an answer has an id, and no two have the same.

For TOOL-002.
"""

from __future__ import annotations

import secrets

from conformance.shims.mend import Json, Mend, calls, choices


class CallIds(Mend):
    """Of whole answers. The server never learns of the new ids but through the history."""

    def answer(self, body: Json) -> Json:
        seen: set[str] = set()
        for call in (call for choice in choices(body) for call in calls(choice)):
            if not isinstance(call.get("id"), str) or call["id"] in {"", *seen}:
                call["id"] = f"call_{secrets.token_hex(12)}"
            seen.add(call["id"])
        return body
