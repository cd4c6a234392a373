"""Errors of other shapes become `{"error": {...}}`, so that the exception has message, type and code.

For ERR-001, ERR-002, ERR-003, ERR-004, ERR-005, ERR-006, ERR-023, ERR-031, RESP-026, TRANS-023.
"""

from __future__ import annotations

import json
import re

from conformance.shims.mend import Json, Mend


class ErrorObject(Mend):
    """Knows `{"detail"}`, `{"message"}`, `{"error": "text"}`, a list around it, HTML and plain text."""

    def whole(self, status: int, text: str) -> tuple[int, str]:
        if status < 400:  # noqa: PLR2004 - HTTP
            return super().whole(status, text)
        try:
            body = json.loads(text)
        except ValueError:
            body = {"message": " ".join(re.sub(r"<[^>]*>", " ", text).split())}
        return status, json.dumps({"error": error_object(status, body)})


def error_object(status: int, body: object) -> Json:
    """The members that the SDK reads, from wherever they stand."""
    if isinstance(body, list):
        body = body[0] if body else {}
    inner = body.get("error", body.get("detail", body)) if isinstance(body, dict) else body
    known = inner if isinstance(inner, dict) else body if isinstance(body, dict) else {}
    words = known.get("message") or (json.dumps(inner) if isinstance(inner, list) else inner)
    code = known.get("code")
    return {
        "message": words if words and isinstance(words, str) else f"status {status}",
        "type": known.get("type") or "error",
        "param": known.get("param"),
        "code": None if code is None else str(code),
    }
