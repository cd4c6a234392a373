"""Tools go out without `strict`, without references, and with `anyOf` in place of a list of types.

For CREQ-050, SO-024, TOOL-028.
"""

from __future__ import annotations

from typing import Any

from conformance.shims.mend import Json, Mend


class ToolsPlain(Mend):
    """For engines whose grammar or template takes simple schemas only. Not for recursive ones."""

    def ask(self, body: Json) -> Json:
        for tool in body.get("tools") or []:
            function = tool.get("function") or {}
            function.pop("strict", None)
            schema = function.get("parameters") or {}
            function["parameters"] = plain(schema, schema)
        return body


def plain(node: Any, root: Json) -> Any:
    """The same schema in simpler words."""
    if isinstance(node, list):
        return [plain(each, root) for each in node]
    if not isinstance(node, dict):
        return node
    if str(node.get("$ref", "")).startswith("#/$defs/"):
        return plain(root["$defs"][node["$ref"].removeprefix("#/$defs/")], root)
    made = {name: plain(value, root) for name, value in node.items() if name != "$defs"}
    if isinstance(kinds := made.get("type"), list):
        del made["type"]
        return {
            "anyOf": [
                {"type": kind, **made} if kind != "null" else {"type": "null"} for kind in kinds
            ]
        }
    return made
