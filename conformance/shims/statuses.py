"""Statuses that make the SDK raise the wrong class, or try again in vain, become the usual ones.

For AUTH-003, ERR-008, ERR-009, ERR-011, ERR-013, ERR-019, ERR-021, ERR-023, ERR-024, TRANS-023.
"""

from __future__ import annotations

import json
import re

from conformance.shims.mend import Mend

RULES = (
    ((403, 500), r"\bapi[ _-]?key\b|unauthori[sz]ed|authentication", 401, "invalid_api_key"),
    (
        (413, 422, 500, 503),
        r"context (length|window|size)|maximum context|(prompt|input) is too long",
        400,
        "context_length_exceeded",
    ),
    ((400, 500), r"model\b.*(not found|does not exist|unknown)", 404, "model_not_found"),
    ((422,), r"", 400, None),
)
"""Statuses, what the text of the error says, the status that fits, and a code where none stands."""


class Statuses(Mend):
    """The first rule that fits counts. Add what your server says."""

    def whole(self, status: int, text: str) -> tuple[int, str]:
        for wrong, words, right, code in RULES:
            if status in wrong and re.search(words, text, re.IGNORECASE | re.DOTALL):
                return right, with_code(text, code)
        return super().whole(status, text)


def with_code(text: str, code: str | None) -> str:
    """The error with this code; its own stays."""
    try:
        body = json.loads(text)
        body["error"]["code"] = body["error"].get("code") or code
    except (ValueError, TypeError, KeyError, AttributeError):
        return text
    return json.dumps(body)
