"""More that the contract leaves open: forms of vectors, connections, browsers, sizes, typing errors."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import busy, chat, listing_models, vectors
from conformance.reference.edit import is_model_list, without
from conformance.reference.fault import REPLY, REQUEST, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.preflight import asks_before
from conformance.reference.refusal import Refusal
from conformance.reference.script import HangUp, Pause, Script, Send

_MOST = 4 * 1024 * 1024
_TURN = 0.3
"""Seconds that those in front take."""


@fault(
    "vectors-in-numbers-always", at=REQUEST, of=vectors, level="may",
    sources=["openai/openai-node#2150", "sgl-project/sglang#30434", "BerriAI/litellm#42421"],
    changes=["embeddings/as-the-sdk-asks", "embeddings/several-as-the-sdk-asks"],
    field=["embeddings-floats-despite-base64-quarter-width"],
)  # fmt: skip
def vectors_in_numbers_always(request: HttpRequest) -> HttpRequest:
    """Vectors come as lists of numbers, whatever encoding is asked for."""
    return request.edited(encoding_format="float")


@fault(
    "connections-closed-as-told", at=SCRIPT, level="may",
    sources=["Ascend/MindIE-LLM: http_rest_resource.cpp (Connection: close)"],
    changes=["transport/connection-is-kept"], field=["connection-close-on-every-response"],
)  # fmt: skip
def connections_closed_as_told(script: Script) -> Script:
    """Each answer says that its connection will be closed, and so it is."""
    if not script or not isinstance(script[0], Send):
        return script
    head = script[0].data.replace(b"Connection: keep-alive", b"Connection: close", 1)
    closed = (Send(head), *script[1:])
    return closed if isinstance(script[-1], HangUp) else (*closed, HangUp())


@fault(
    "browsers-may-not-bring-keys", at=REPLY, of=asks_before, level="may", sources=["ollama/ollama#4001"],
    changes=["transport/preflight"], field=["cors-authorization-header-not-allowed"],
)  # fmt: skip
def browsers_may_not_bring_keys(reply: Reply) -> Reply:
    """Browsers are told that they may send some headers, but not `Authorization`."""
    kept = tuple(pair for pair in reply.headers if pair[0] != "Access-Control-Allow-Headers")
    allowed = ("Access-Control-Allow-Headers", "Origin,Content-Length,Content-Type")
    return replace(reply, headers=(*kept, allowed))


@fault(
    "browsers-need-a-key-to-ask", at=REPLY, of=asks_before, level="may", sources=["dphnAI/sonar#434"],
    changes=["transport/preflight"], field=["options-requires-auth-401"],
)  # fmt: skip
def browsers_need_a_key_to_ask(_reply: Reply) -> Reply:
    """Browsers are asked for a key before they may ask whether they may bring one."""
    kind = "invalid_request_error"
    error: Json = {"message": "No API key.", "type": kind, "param": None, "code": "invalid_api_key"}
    return Reply(status=401, document={"error": error})


@fault(
    "models-without-modalities", at=REPLY, of=listing_models, level="may", sources=["antirez/ds4#950"],
    changes=["models/list"], field=["models-list-no-vision-flag-strips-images"],
)  # fmt: skip
def models_without_modalities(reply: Reply) -> Reply:
    """The list of models does not say which of them see."""
    held = reply.document
    if not (isinstance(held, dict) and is_model_list(held)):
        return reply
    listed = [without(each, "architecture") for each in held["data"]]
    return replace(reply, document={**held, "data": listed})


@fault(
    "large-messages-refused", at=REQUEST, of=chat, level="may",
    sources=["docs: hiascend MindIE 2.3.0, Inference API mindie_service0319"],
    changes=["multimodal/image-of-megabytes"], field=["message-total-size-limit-4mb"],
)  # fmt: skip
def large_messages_refused(request: HttpRequest) -> HttpRequest:
    """Messages of more than four megabytes are refused, be they few tokens."""
    if len(json.dumps(request.json.get("messages"))) > _MOST:
        raise Refusal("'messages' must not be larger than 4 MB.", param="messages")
    return request


def _reserving(request: HttpRequest) -> bool:
    held = request.json
    caps = [held[name] for name in ("max_tokens", "max_completion_tokens") if name in held]
    return chat(request) and not caps


@fault(
    "quota-charged-by-the-cap", at=REPLY, of=_reserving, level="may", takes=["the body of answers"],
    sources=["docs: can1357/oh-my-pi, packages/catalog/src/compat/openai.ts"],
    changes=["chat/no-limit-given"], field=["tpm-charged-by-max-tokens"],
)  # fmt: skip
def quota_charged_by_the_cap(reply: Reply) -> Reply:
    """A request without a cap is charged for the longest answer there is, and meets the limit."""
    if reply.status != 200:  # noqa: PLR2004
        return reply
    kind, words = "rate_limit_exceeded", "Token quota exceeded."
    error: Json = {"message": words, "type": kind, "param": None, "code": kind}
    return Reply(status=429, document={"error": error}, headers=(("Retry-After", "1"),))


@fault(
    "queue-without-end", at=SCRIPT, of=chat, when=busy(3), level="may",
    sources=["vllm-project/vllm#18826", "vllm-project/vllm#13395", "vllm-project/vllm#41250"],
    changes=["streaming/not-in-one-burst"], field=["unbounded-queue-no-429"],
)  # fmt: skip
def queue_without_end(script: Script) -> Script:
    """Whoever comes while others are served waits in line, and is not told to come back later."""
    return (Pause(_TURN), *script)
