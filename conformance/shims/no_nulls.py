"""Parameters that are null are left out.

For TRANS-017, CREQ-011.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend


class NoNulls(Mend):
    """Null means the default; in messages only `content: null` has a meaning of its own."""

    def ask(self, body: Json) -> Json:
        kept = {name: value for name, value in body.items() if value is not None}
        if isinstance(kept.get("messages"), list):
            kept["messages"] = [
                {
                    name: value
                    for name, value in each.items()
                    if value is not None or name == "content"
                }
                for each in kept["messages"]
            ]
        return kept
