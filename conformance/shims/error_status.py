"""An error that comes with status 200 gets a status of its own, so that the SDK raises.

For ERR-007.
"""

from __future__ import annotations

import json

from conformance.shims.mend import Json, Mend


class ErrorStatus(Mend):
    """The status is the one in the error, where that is one, else 502: the SDK then tries again."""

    def whole(self, status: int, text: str) -> tuple[int, str]:
        try:
            body = json.loads(text)
        except ValueError:
            return status, text
        if status < 400 and isinstance(body, dict) and body.get("error"):  # noqa: PLR2004 - HTTP
            return told(body["error"]), text
        return super().whole(status, text)


def told(error: Json | str) -> int:
    """The status that the error itself names."""
    members = error if isinstance(error, dict) else {}
    for name in ("status_code", "status", "code", "http_code"):
        if str(members.get(name)).isdigit() and 400 <= int(members[name]) < 600:  # noqa: PLR2004
            return int(members[name])
    return 502
