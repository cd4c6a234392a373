"""The cap goes out as `max_tokens`, for servers that know no `max_completion_tokens`.

For CREQ-019, USAGE-004.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class OldCap(Mend):
    """Not for reasoning models of OpenAI, which refuse the old name."""

    def ask(self, body: Json) -> Json:
        if "max_completion_tokens" in body:
            body.setdefault("max_tokens", body.pop("max_completion_tokens"))
        return body
