"""The cap goes out as `max_completion_tokens`, for servers that refuse or ignore `max_tokens`.

For CREQ-020, USAGE-004.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class NewCap(Mend):
    """Only for chat: text completions know the old name alone."""

    def ask(self, body: Json) -> Json:
        if "max_tokens" in body and "messages" in body:
            body.setdefault("max_completion_tokens", body.pop("max_tokens"))
        return body
