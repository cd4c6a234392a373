"""Arguments of tool calls are the text of one JSON object: no object, nothing twice encoded, no fence.

For TOOL-006, TOOL-007, TOOL-008.
"""

from __future__ import annotations

import json
import re

from conformance.shims.mend import Json, Mend, calls, choices


class ArgumentsText(Mend):
    """Of whole answers; for streams: ArgumentsStreamed."""

    def answer(self, body: Json) -> Json:
        for call in (call for choice in choices(body) for call in calls(choice)):
            function = call.get("function") or {}
            function["arguments"] = mended_arguments(function.get("arguments"))
        return body


def mended_arguments(given: object) -> str:
    """The text of the object; what is no JSON at all stays, for the application to refuse."""
    text = given.strip() if isinstance(given, str) else json.dumps(given)
    text = re.sub(r"^```(?:json)?\s*|\s*```$", "", text)
    if text in ("", "null", "[]"):
        return "{}"
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return mended_arguments(value) if isinstance(value, str) else text
