"""POST /embeddings."""

from __future__ import annotations

import base64

from conformance.reference.answer import Reply
from conformance.reference.api.core import Call, route
from conformance.reference.ask import Json
from conformance.reference.model.vectors import embedded, packed
from conformance.reference.validate.embedding import VectorAsk, read_vector_ask


@route("/v1/embeddings", "POST")
def embeddings(call: Call) -> Reply:
    """A vector for each input, in their order."""
    ask = read_vector_ask(call.body, call.models)
    spent = sum(each.tokens for each in ask.inputs)
    return Reply(
        document={
            "object": "list",
            "data": [_entry(ask, index) for index in range(len(ask.inputs))],
            "model": ask.model,
            "usage": {"prompt_tokens": spent, "total_tokens": spent},
        }
    )


def _entry(ask: VectorAsk, index: int) -> Json:
    vector = embedded(ask.inputs[index].text, ask.dimensions)
    told = base64.b64encode(packed(vector)).decode() if ask.base64 else list(vector)
    return {"object": "embedding", "index": index, "embedding": told}
