"""What gateways do now and then: they pass on upstream's trouble as if it were an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import chat, streamed, whole
from conformance.reference.edit import both, each_message
from conformance.reference.fault import REPLY, RESPONSE, fault
from conformance.reference.script import Send

_LOST_CHUNKS = (
    *NO_ANSWER, "STRM-008", "STRM-010", "STRM-012", "STRM-016", "STRM-017", "STRM-018", "STRM-019",
    "STRM-024", "STRM-025", "STRM-026", "STOOL-*",
)  # fmt: skip
"""What may fail where chunks of a stream are missing: whatever they said."""
_LONG = 4
"""Chunks that a stream has at least to be worth cutting."""


def _ok(reply: Reply) -> bool:
    return reply.status == 200  # noqa: PLR2004


@fault(
    "upstream-error-as-success", at=REPLY, level="must", of=whole, rate=0.2, takes=["the body of answers"],
    sources=["pydantic/pydantic-ai#2409", "Aider-AI/aider#3550", "vercel/ai#11671"],
    field=["http-200-error-body"],
    primary=["ERR-007"],
    cascades=["ERR-001", "ERR-002", "ERR-003", "ERR-004", "ERR-005", "ERR-006", "ERR-008", *NO_ANSWER],
    amended="a request that has to be refused comes back as 200 as well: ERR-008",
)  # fmt: skip
def upstream_error_as_success(reply: Reply) -> Reply:
    """Upstream's 429 comes with status 200, its code a number inside the body."""
    inner = {"code": 429, "message": "Provider returned error", "metadata": {"provider": "x"}}
    return replace(reply, document={"error": inner}) if _ok(reply) else reply


@fault(
    "rate-limit-text-in-stream", at=RESPONSE, level="must", of=streamed, rate=0.3,
    takes=["the end of the stream"], sources=["can1357/oh-my-pi: CHANGELOG 18.2.1"],
    field=["plain-text-429-inside-200-stream"],
    primary=["SSE-004"], cascades=["SSE-008", "ERR-030", *LOST_STREAM, *_LOST_CHUNKS],
)  # fmt: skip
def rate_limit_text_in_stream(response: Response) -> Response:
    """In mid-stream the text of a refusal stands where an event should, and the stream ends."""
    if not response.stream:
        return response
    half = response.body[: len(response.body) // 2]
    return replace(response, body=(*half, Send(b"429 Too Many Requests\n\n")))


@fault(
    "stream-ends-without-finish", at=REPLY, level="must", of=streamed, rate=0.3,
    takes=["the finish of streams"], sources=["vercel/ai#19169", "can1357/oh-my-pi: CHANGELOG 17.3.5"],
    field=["stream-without-finish-reason-treated-ok"],
    primary=["STRM-008"], cascades=_LOST_CHUNKS,
)  # fmt: skip
def stream_ends_without_finish(reply: Reply) -> Reply:
    """A stream that upstream broke off is ended with `[DONE]`, without a finish reason."""
    return replace(reply, chunks=reply.chunks[: max(2, len(reply.chunks) // 2)])


@fault(
    "finish-network-error", at=REPLY, level="must", of=streamed, rate=0.3,
    takes=["the finish of streams"], sources=["can1357/oh-my-pi: openai-completions.ts", "z.ai GLM"],
    field=["finish-reason-network-error"],
    primary=["STRM-008"], cascades=[*_LOST_CHUNKS, "STRM-029"],
    amended="a refusal ends with that reason as well: STRM-029",
)  # fmt: skip
def finish_network_error(reply: Reply) -> Reply:
    """A stream ends in the middle with `finish_reason: network_error`."""
    if len(reply.chunks) < _LONG:
        return reply
    *kept, last = reply.chunks[: len(reply.chunks) // 2]
    broken = [
        {**choice, "delta": {}, "finish_reason": "network_error"} for choice in last["choices"]
    ]
    return replace(reply, chunks=(*kept, {**last, "choices": broken}))


@fault(
    "vendor-error-in-stream", at=REPLY, level="must", of=streamed, rate=0.3,
    sources=["infiniflow/ragflow#1717"],
    field=["minimax-stream-error-mid-way"],
    primary=["STRM-005"],
    cascades=["STRM-001", "STRM-002", "STRM-003", "STRM-004", "STRM-006", "ERR-029", "ERR-030", *_LOST_CHUNKS],
)  # fmt: skip
def vendor_error_in_stream(reply: Reply) -> Reply:
    """A chunk in mid-stream is the vendor's own error, without `choices`."""
    if len(reply.chunks) < _LONG:
        return reply
    middle = len(reply.chunks) // 2
    error: Json = {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}
    return replace(reply, chunks=(*reply.chunks[:middle], error, *reply.chunks[middle + 1 :]))


@fault(
    "text-so-far-in-deltas", at=REPLY, level="should", of=streamed, rate=0.5, takes=["the text of deltas"],
    sources=["NVIDIA/TensorRT-LLM#3280"],
    field=["chunk-contains-full-text-not-delta"],
    primary=["CRESP-031"],
    cascades=["CRESP-*", "CREQ-*", "SO-*", "RT-*", "LOGP-*", "STRM-012", "STRM-024", "STRM-025", "STRM-028", "TOOL-*", "USAGE-011"],
    amended="one stream alone does not show what its text should have been, only the whole answer beside it: CRESP-031; what is said again is more than was counted: USAGE-011",
)  # fmt: skip
def text_so_far_in_deltas(reply: Reply) -> Reply:
    """Each second delta carries the whole text so far in place of what is new."""
    said: dict[int, list[str]] = {}

    def grown(choice: Json) -> Json:
        text = choice["delta"].get("content")
        if not text:
            return choice
        so_far = said.setdefault(choice["index"], [])
        so_far.append(text)
        if len(so_far) % 2:
            return choice
        return {**choice, "delta": {**choice["delta"], "content": "".join(so_far)}}

    chunks = ({**one, "choices": [*map(grown, one["choices"])]} for one in reply.chunks)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "deltas-dropped", at=REPLY, level="should", of=streamed, rate=0.5, takes=["the text of deltas"],
    sources=["anomalyco/opencode#13515"],
    field=["stream-text-cut-inside"],
    primary=["CRESP-031"],
    cascades=["CRESP-*", "CREQ-*", "SO-*", "RT-*", "LOGP-*", "STRM-012", "STRM-025", "STRM-026", "TOOL-*"],
)  # fmt: skip
def deltas_dropped(reply: Reply) -> Reply:
    """Each second piece of the text never comes when streamed, and with it its log probabilities."""
    kept: list[Json] = []
    texts = 0
    for chunk in reply.chunks:
        is_text = any(choice["delta"].get("content") for choice in chunk["choices"])
        texts += is_text
        if not (is_text and texts % 2 == 0):
            kept.append(chunk)
    return replace(reply, chunks=tuple(kept))


@fault(
    "usage-null-now-and-then", at=REPLY, level="must", of=chat, rate=0.3, takes=["the usage"],
    sources=["maximhq/bifrost#5425", "can1357/oh-my-pi: CHANGELOG 18.4.0"],
    field=["usage-null-or-null-members"],
    primary=["USAGE-001"],
    cascades=["USAGE-*", "CREQ-019", "CREQ-020", "CRESP-020", "CRESP-025", "STRM-017", "STRM-019", "STRM-025"],
)  # fmt: skip
def usage_null_now_and_then(reply: Reply) -> Reply:
    """The counts of the usage are null, and the total is 0."""
    nothing = {"prompt_tokens": None, "completion_tokens": None, "total_tokens": 0}

    def emptied(held: Json) -> Json:
        return {**held, "usage": nothing} if held.get("usage") else held

    return both(reply, emptied)


@fault(
    "content-as-parts", at=REPLY, level="must", of=whole, rate=0.3, takes=["the content of messages"],
    sources=["vercel/ai#8072", "vercel/ai#4777"],
    field=["mistral-content-parts-array-output"],
    primary=["CRESP-009"], cascades=NO_ANSWER,
    amended="the request after a prompt that is too long is valid, and answered as badly: TRANS-018, ERR-021",
)  # fmt: skip
def content_as_parts(reply: Reply) -> Reply:
    """The content of an answer is an array of parts."""

    def parted(message: Json) -> Json:
        text: Any = message["content"]
        if not isinstance(text, str):
            return message
        return {**message, "content": [{"type": "text", "text": text}]}

    return each_message(reply, parted)
