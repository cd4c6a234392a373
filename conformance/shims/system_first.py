"""All system messages are merged into one, which comes first; so are two turns of one role.

For CREQ-016, RSN-019.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class SystemFirst(Mend):
    """For chat templates that raise where roles do not take turns."""

    def ask(self, body: Json) -> Json:
        if "messages" not in body:
            return body
        made: list[Json] = []
        for each in sorted(body["messages"], key=lambda one: one.get("role") != "system"):
            if made and mergeable(made[-1], each):
                made[-1] = {**made[-1], "content": f"{made[-1]['content']}\n\n{each['content']}"}
            else:
                made.append(each)
        return {**body, "messages": made}


def mergeable(one: Json, other: Json) -> bool:
    """Both are plain text of one role."""
    plain = all(isinstance(each.get("content"), str) for each in (one, other))
    calls = any(each.get("tool_calls") for each in (one, other))
    return plain and not calls and one["role"] == other["role"] != "tool"
