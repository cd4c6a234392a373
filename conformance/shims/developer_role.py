"""The role `developer` goes out as `system`.

For CREQ-003.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class DeveloperRole(Mend):
    """Means the same to every model but a few of OpenAI."""

    def ask(self, body: Json) -> Json:
        for message in body.get("messages", []):
            if message.get("role") == "developer":
                message["role"] = "system"
        return body
