"""Names of tools come back as they were given, where the server changes case or signs.

For TOOL-005, TOOL-026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, calls, choices


class ToolNames(Mend):
    """A name that is like none of the tools stays, for the application to refuse."""

    known: dict[str, str]

    def ask(self, body: Json) -> Json:
        names = [str(each.get("function", {}).get("name")) for each in body.get("tools") or []]
        self.known = {alike(name): name for name in names}
        return body

    def answer(self, body: Json) -> Json:
        for function in (
            call.get("function") or {} for one in choices(body) for call in calls(one)
        ):
            if name := function.get("name"):
                function["name"] = self.known.get(alike(name), name)
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        yield self.answer(chunk)


def alike(name: str) -> str:
    """What is left of a name when case and signs are taken off."""
    return re.sub(r"[^a-z0-9]", "", name.rpartition(".")[2].lower())
