"""POST /chat/completions."""

from __future__ import annotations

from conformance.reference.answer import Reply
from conformance.reference.api.core import Call, route
from conformance.reference.fault import ASK, COMPLETION, rewritten
from conformance.reference.model.complete import complete
from conformance.reference.replies import reply
from conformance.reference.validate.body import read_ask


@route("/v1/chat/completions", "POST")
def chat(call: Call) -> Reply:
    """A chat completion, streamed or not."""
    ask = rewritten(call.faults, ASK, read_ask(call.body, call.models))
    completion = complete(ask, name=call.name, created=call.now)
    return reply(rewritten(call.faults, COMPLETION, completion))
