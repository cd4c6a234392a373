"""Streams told over again by an adapter, and answers that a cache gives to somebody else."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

from conformance.reference.answer import Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, responding, streamed, texts, whole
from conformance.reference.edit import each_chunk, each_delta
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.faults.response_events import told
from conformance.reference.incoming import HttpRequest


@fault(
    "usage-chunk-has-a-choice", at=REPLY, level="must", of=streamed,
    sources=["ARahim3/mlx-dspark#37"],
    primary=["STRM-017"], cascades=["STRM-008", "STRM-014", "STRM-018", "STRM-019", "STRM-025"],
)  # fmt: skip
def usage_chunk_has_a_choice(reply: Reply) -> Reply:
    """The usage chunk has a choice with an empty delta."""

    def chosen(chunk: Json) -> Json:
        return chunk if chunk["choices"] else {**chunk, "choices": [{"index": 0, "delta": {}}]}

    return each_chunk(reply, chosen)


@fault(
    "texts-stream-without-an-end", at=REPLY, level="must", of=texts,
    sources=["huggingface/text-generation-inference#2336"],
    primary=["CMPL-011"], cascades=["CMPL-*", "SSE-010", "CRESP-031"],
    amended="asked whole and streamed, answers are compared: CRESP-031",
)  # fmt: skip
def texts_stream_without_an_end(reply: Reply) -> Reply:
    """Every chunk of a text has an empty finish reason, and none has a usage."""
    chunks = tuple(
        {
            **chunk,
            "choices": [{**each, "finish_reason": ""} for each in chunk["choices"]],
            "usage": None,
        }
        for chunk in reply.texts
    )
    return replace(reply, texts=chunks)


@fault(
    "later-roles-empty", at=REPLY, level="must", of=streamed, takes=["the roles of deltas"],
    sources=["MiniMax-AI/MiniMax-M2.5#2"],
    primary=["STRM-011"], cascades=["STRM-013", "STRM-025"],
)  # fmt: skip
def later_roles_empty(reply: Reply) -> Reply:
    """Deltas after the first have an empty text for a role."""
    return each_delta(reply, lambda delta: delta if "role" in delta else {"role": "", **delta})


@fault(
    "streamed-responses-cannot-be-gone-on-from", at=REPLY, level="should", of=responding,
    sources=["lmstudio-ai/lmstudio-bug-tracker#1188"],
    primary=["RESP-020"], cascades=["RESP-021", "RESP-022", "RESP-023"],
)  # fmt: skip
def streamed_responses_cannot_be_gone_on_from(reply: Reply) -> Reply:
    """What was streamed is stored under another id than the client was told."""

    def renamed(event: Json) -> list[Json]:
        held: Any = event.get("response")
        if not isinstance(held, dict):
            return [event]
        return [{**event, "response": {**held, "id": held["id"] + "s"}}]

    return told(reply, renamed)


@fault(
    "cached-answers-keep-their-id", at=COMPLETION, level="must", of=chat,
    sources=["vllm-project/semantic-router#940"],
    primary=["CRESP-001"],
)  # fmt: skip
def cached_answers_keep_their_id(completion: Completion) -> Completion:
    """Whoever asks the same again gets the answer of before, with its id."""
    asked = blake2b(repr(completion.ask.messages).encode(), digest_size=12).hexdigest()
    return replace(completion, id=f"chatcmpl-{asked}")


_KEY = ("model", "messages", "tools", "response_format", "seed", "temperature")
"""What the cache goes by; it keeps what is asked at temperature 0, or at none."""
_CAPS = ("max_completion_tokens", "max_tokens")


def _cached(request: HttpRequest) -> tuple[str, ...] | None:
    """What the cache knows a request by; None for one that it leaves alone."""
    held = request.json
    capped = all(
        held.get(name) is None or (isinstance(held[name], int) and held[name] > 0) for name in _CAPS
    )
    if not whole(request) or held.get("temperature") or not capped:
        return None
    return tuple(repr(held.get(name)) for name in _KEY)


@fault(
    "cache-does-not-know-the-cap", at=REQUEST, level="must", of=whole,
    sources=["Continuum-AI-Corp/OrcaRouter-Lite#84"],
    primary=["USAGE-004"],
    cascades=["CREQ-019", "CREQ-020", "CREQ-022", "CRESP-016", "CRESP-031", "USAGE-*", "SO-016", "TOOL-025", "RSN-007"],
)  # fmt: skip
def cache_does_not_know_the_cap(request: HttpRequest) -> HttpRequest:
    """Who asks the same with another cap gets the answer to whom asked first, up to that one's cap."""
    key = _cached(request)
    before = [each.json for each in request.earlier if key is not None and _cached(each) == key]
    if not before:
        return request
    return request.edited(**{name: before[-1].get(name) for name in _CAPS})
