"""Tool calls that stand in the content as `<tool_call>{...}</tool_call>` become tool calls.

For CRESP-026, RSN-018, TOOL-001.
"""

from __future__ import annotations

import json
import re
import secrets

from conformance.shims.mend import Json, Mend, calls, choices, said

BLOCK = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)
"""As Hermes, Qwen and many others write it. Another model's form: change this."""


class CallsInText(Mend):
    """Of whole answers. The cause is on the server: its tool parser is missing, or another model's."""

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            message, text = said(choice), said(choice).get("content") or ""
            found = [call for call in map(call_of, BLOCK.findall(text)) if call]
            if found and not calls(choice):
                message["tool_calls"] = found
                message["content"] = BLOCK.sub("", text).strip() or None
                choice["finish_reason"] = "tool_calls"
        return body


def call_of(block: str) -> Json | None:
    """The call; None where the block is no JSON of a call."""
    try:
        held = json.loads(block)
    except ValueError:
        return None
    if "name" not in held:
        return None
    function = {"name": held["name"], "arguments": json.dumps(held.get("arguments") or {})}
    return {"id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}
