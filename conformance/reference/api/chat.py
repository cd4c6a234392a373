"""POST /chat/completions."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.api.core import Call, route
from conformance.reference.fault import ASK, BUILD, COMPLETION, rewritten
from conformance.reference.model.complete import complete
from conformance.reference.model.sampler import Build, sampled, samples
from conformance.reference.replies import reply
from conformance.reference.validate.body import read_ask

_BLOCK = 64
"""Tokens that the prompt cache keeps together."""


@route("/v1/chat/completions", "POST")
def chat(call: Call) -> Reply:
    """A chat completion, streamed or not."""
    ask = rewritten(call.faults, ASK, read_ask(call.body, call.models))
    if samples(ask):
        build = rewritten(call.faults, BUILD, Build())
        completion = sampled(ask, build, name=call.name, created=call.now)
    else:
        completion = complete(ask, name=call.name, created=call.now)
    completion = replace(completion, cached=_cached(call, ask.prompt_tokens))
    return reply(rewritten(call.faults, COMPLETION, completion))


def _cached(call: Call, size: int) -> int:
    """Tokens of a prompt that was asked before; whole blocks of it."""
    prompt = json.dumps([call.body.get("messages"), call.body.get("tools")]).encode()
    return (size - 1) // _BLOCK * _BLOCK if call.memory.asked_before(prompt) else 0
