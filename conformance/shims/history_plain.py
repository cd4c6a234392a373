"""Messages of the assistant go back with the members only that every server takes.

For CREQ-010, CREQ-011, CREQ-012, RSN-006, RT-005, RT-006, RT-013, RT-014.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend

KEPT = {"role", "content", "name", "tool_calls", "tool_call_id"}
CALL = {"id", "type", "function"}
FUNCTION = {"name", "arguments"}


class HistoryPlain(Mend):
    """Without reasoning, refusals, annotations, `index` and `parsed_arguments`.

    A server that demands its reasoning back (DeepSeek with tools) needs it left in: add its name.
    """

    def ask(self, body: Json) -> Json:
        return (
            {**body, "messages": [plain(each) for each in body["messages"]]}
            if "messages" in body
            else body
        )


def plain(message: Json) -> Json:
    """The message with known members; beside calls its content is `""` in place of null."""
    kept = {name: value for name, value in message.items() if name in KEPT and value is not None}
    if kept.get("tool_calls"):
        kept["tool_calls"] = [
            {name: call[name] for name in CALL & call.keys()} for call in kept["tool_calls"]
        ]
        for call in kept["tool_calls"]:
            function = call.get("function") or {}
            call["function"] = {name: function[name] for name in FUNCTION & function.keys()}
    return {**kept, "content": kept.get("content", "")}
