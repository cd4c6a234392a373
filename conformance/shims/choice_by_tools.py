"""What `tool_choice` forbids is not offered at all: `none`, one function, allowed tools.

For CREQ-055, CREQ-057, CREQ-058, TOOL-013, TOOL-021, TOOL-022.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class ChoiceByTools(Mend):
    """A model cannot call what it does not know of. A forced call is still for the server to force."""

    def ask(self, body: Json) -> Json:
        choice, tools = body.get("tool_choice"), body.get("tools") or []
        if choice == "none":
            body.pop("tools", None)
            del body["tool_choice"]
        elif isinstance(choice, dict):
            allowed = choice.get("allowed_tools") or {"mode": "required", "tools": [choice]}
            names = {name_of(each) for each in allowed["tools"]}
            body["tools"] = [each for each in tools if name_of(each) in names]
            body["tool_choice"] = allowed["mode"]
        return body


def name_of(tool: Json) -> str:
    """The name of a tool, or of one that is chosen."""
    return str((tool.get("function") or tool.get("custom") or {}).get("name"))
