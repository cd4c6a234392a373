"""GET /models and GET /models/{id}."""

from __future__ import annotations

from conformance.reference.answer import Reply
from conformance.reference.api.core import Call, route
from conformance.reference.ask import Json
from conformance.reference.refusal import Refusal, shown

MODEL_CREATED = 1_735_689_600


@route("/v1/models", "GET", "HEAD")
def models(call: Call) -> Reply:
    """What is served."""
    return Reply(document={"object": "list", "data": [*map(_model, call.models)]})


@route("/v1/models/", "GET", "HEAD")
def one_model(call: Call) -> Reply:
    """One of them. Raises Refusal for any other."""
    if call.rest not in call.models:
        raise Refusal(
            f"The model {shown(call.rest)} does not exist or you do not have access to it.",
            status=404,
            code="model_not_found",
            param="model",
        )
    return Reply(document=_model(call.rest))


def _model(name: str) -> Json:
    return {
        "id": name,
        "object": "model",
        "created": MODEL_CREATED,
        "owned_by": "conformance",
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    }
