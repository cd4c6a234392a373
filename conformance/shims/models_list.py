"""The list of models has the form that `client.models.list()` reads, and every model its members.

For MODELS-001, MODELS-003, MODELS-004, MODELS-005.
"""

from __future__ import annotations

import json

from conformance.shims.mend import Json, Mend


class ModelsList(Mend):
    """Knows a bare list, and `{"models": [...]}`; a model may be a name only."""

    def whole(self, status: int, text: str) -> tuple[int, str]:
        try:
            body = json.loads(text)
        except ValueError:
            return status, text
        found = body.get("data", body.get("models")) if isinstance(body, dict) else body
        if status < 300 and isinstance(found, list) and all(map(is_model, found)):  # noqa: PLR2004
            return status, json.dumps({"object": "list", "data": [model(each) for each in found]})
        return super().whole(status, text)


def is_model(each: object) -> bool:
    """A name, or an object with one, and no vector."""
    return isinstance(each, str) or (isinstance(each, dict) and ("id" in each or "name" in each))


def model(each: Json | str) -> Json:
    """The model with all members that OpenAI's have."""
    given = {"id": each} if isinstance(each, str) else {"id": each.get("name"), **each}
    created = given.get("created")
    whole = int(created) if isinstance(created, int | float) else 0
    return {**given, "object": "model", "created": whole, "owned_by": given.get("owned_by") or ""}
