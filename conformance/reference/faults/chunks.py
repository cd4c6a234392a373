"""Streams of gateways and vendors whose chunks are not quite those of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import UNTOLD
from conformance.reference.circumstances import streamed
from conformance.reference.dress import compact
from conformance.reference.edit import (
    DONE,
    each_chunk,
    each_chunk_choice,
    each_event,
    finishing,
    without,
)
from conformance.reference.fault import REPLY, RESPONSE, fault

_PREFIX = b"data: {"
_NOBODY: Json = {"id": "", "object": "", "created": 0, "model": ""}
"""How Azure fills what it does not know yet."""
_EMPTY_DELTAS = 20
_NOTHING = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_PROMPT = 10
"""Tokens that a prompt is said to have by whoever tells a usage that was not asked for."""


def _in_events(edit: Callable[[Json], Json | None]) -> Callable[[bytes], bytes]:
    """Edit the JSON of an event; None drops it. `[DONE]` stays."""

    def edited(event: bytes) -> bytes:
        if not event.startswith(_PREFIX):
            return event
        told = edit(json.loads(event[len(_PREFIX) - 1 :]))
        return b"" if told is None else b"data: " + compact(told) + b"\n\n"

    return edited


@fault(
    "filter-result-without-delta", at=REPLY, level="must", of=streamed,
    sources=["microsoft/autogen#6465", "langchain-ai/langchain#18977", "CopilotKit/CopilotKit#2468"],
    field=["final-chunk-without-delta"],
    primary=["STRM-007"],
    cascades=["CRESP-030", "STRM-001", "STRM-002", "STRM-003", "STRM-004", "STRM-008", "STRM-013", "STRM-014",
              "STRM-018", "STRM-019", "STRM-025"],
    amended="several choices of one answer share its id: CRESP-030",
)  # fmt: skip
def filter_result_without_delta(reply: Reply) -> Reply:
    """After the finish comes what a filter found, in a choice without a delta."""
    results = {"hate": {"filtered": False, "severity": "safe"}}
    choice: Json = {"index": 0, "finish_reason": None, "content_filter_results": results}
    found = {**_NOBODY, "choices": [choice]}
    at = len(reply.chunks) - (not reply.chunks[-1]["choices"]) if reply.chunks else 0
    return replace(reply, chunks=(*reply.chunks[:at], found, *reply.chunks[at:]))


@fault(
    "first-chunk-says-nothing", at=REPLY, level="must", of=streamed,
    sources=["microsoft/semantic-kernel#3650", "AbanteAI/archive-old-cli-mentat#429"],
    field=["first-chunk-empty-choices-empty-strings"],
    primary=["STRM-001"],
    cascades=["CRESP-030", "STRM-002", "STRM-003", "STRM-004", "STRM-018", "STRM-025", "CRESP-001", "CRESP-004", "CRESP-005"],
    amended="several choices of one answer share its id: CRESP-030",
)  # fmt: skip
def first_chunk_says_nothing(reply: Reply) -> Reply:
    """A stream begins with results of a filter: no choices, and its id, object and model are empty."""
    if not reply.chunks:
        return reply
    results = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
    return replace(reply, chunks=({**_NOBODY, "choices": [], **results}, *reply.chunks))


@fault(
    "chunks-of-a-vendor", at=RESPONSE, level="must", of=streamed, takes=["the finish of streams"],
    sources=["alfredapp/openai-workflow#52"], field=["minimal-chunks-without-object-finish-done"],
    primary=["STRM-001", "STRM-008", "SSE-010"],
    cascades=["CREQ-041", "ERR-033", "STRM-021", *UNTOLD, "SSE-012", "STRM-017", "STRM-018", "STRM-019", "STRM-020", "STRM-024", "USAGE-*", "LOGP-*"],
    amended="log probabilities are neither given nor refused: CREQ-041, ERR-033; a count in each chunk is a running one that does not run: STRM-021",
)  # fmt: skip
def chunks_of_a_vendor(response: Response) -> Response:
    """Chunks have neither `object` nor `finish_reason`, usage in each, and no `[DONE]` ends them."""
    usage = {"prompt_tokens": _PROMPT, "completion_tokens": 1, "total_tokens": _PROMPT + 1}

    def minimal(chunk: Json) -> Json | None:
        if not chunk.get("choices"):
            return chunk if "error" in chunk else None
        kept = [{"index": each["index"], "delta": each["delta"]} for each in chunk["choices"]]
        return {**without(chunk, "object"), "version": "v1", "choices": kept, "usage": usage}

    edit = _in_events(minimal)
    return each_event(response, lambda event: b"" if event == DONE else edit(event))


@fault(
    "gateway-in-few-words", at=RESPONSE, level="must", of=streamed,
    sources=["karthink/gptel#592"], field=["data-no-space-role-each-delta-no-usage"],
    primary=["STRM-011", "STRM-017"],
    cascades=["USAGE-003", "STRM-018", "STRM-019", "STRM-025", "CRESP-008", "USAGE-013"],
    amended="where no usage comes the tokens of a call are not counted: USAGE-003",
)  # fmt: skip
def gateway_in_few_words(response: Response) -> Response:
    """No space follows `data:`, each delta has the role, and no usage comes."""

    def told(chunk: Json) -> Json | None:
        if not chunk.get("choices"):
            return chunk if "error" in chunk else None
        choices = [
            {**each, "delta": {"role": "assistant", **each["delta"]}} for each in chunk["choices"]
        ]
        return {**chunk, "choices": choices}

    edit = _in_events(told)
    return each_event(response, lambda event: edit(event).replace(b"data: ", b"data:", 1))


@fault(
    "empty-deltas-in-a-row", at=REPLY, level="must", of=streamed,
    sources=["siliconstorm (MindIE): streaming inference example"], field=["mindie-empty-content-deltas"],
    primary=["STRM-011"], cascades=["STRM-025", "CRESP-008"],
)  # fmt: skip
def empty_deltas_in_a_row(reply: Reply) -> Reply:
    """A stream begins with many deltas of the role and an empty text, while tokens are not readable yet."""
    if not reply.chunks:
        return reply
    return replace(reply, chunks=(*reply.chunks[:1] * _EMPTY_DELTAS, *reply.chunks[1:]))


@fault(
    "usage-zero-in-every-chunk", at=REPLY, level="must", of=streamed, takes=["the usage"],
    sources=["mudler/LocalAI#1744"], field=["usage-zero-every-chunk"],
    primary=["STRM-008", "STRM-020"],
    cascades=["STRM-017", "STRM-018", "STRM-019", "STRM-025", "USAGE-*", "CREQ-*", "CRESP-016", "RSN-*", "LOGP-009", "LOGP-*"],
)  # fmt: skip
def usage_zero_in_every_chunk(reply: Reply) -> Reply:
    """Every chunk has a usage of zeros, and none but the last has `finish_reason`."""

    def bare(choice: Json) -> Json:
        return choice if choice["finish_reason"] else without(choice, "finish_reason")

    counted = each_chunk(reply, lambda one: {**one, "usage": _NOTHING})
    return each_chunk_choice(counted, bare)


@fault(
    "usage-beside-the-finish", at=REPLY, level="must", of=streamed, takes=["the usage"],
    sources=["Ascend/MindIE-LLM: EncodeStreamJsonObject"], field=["usage-on-finish-chunk-always"],
    primary=["STRM-017"], cascades=["STRM-018", "STRM-019", "STRM-020", "STRM-025", "USAGE-*"],
)  # fmt: skip
def usage_beside_the_finish(reply: Reply) -> Reply:
    """The usage stands beside the finish reason, asked for or not; other chunks have no such member."""
    spoken = [one for one in reply.chunks if one["choices"]]
    asked = next((one["usage"] for one in reply.chunks if not one["choices"]), None)
    count = sum(any(_says(each) for each in one["choices"]) for one in spoken)
    usage = asked or {
        "prompt_tokens": _PROMPT, "completion_tokens": count, "total_tokens": _PROMPT + count,
    }  # fmt: skip
    told = [
        {**without(one, "usage"), **({"usage": usage} if finishing(one) else {})} for one in spoken
    ]
    return replace(reply, chunks=tuple(told))


def _says(choice: Any) -> bool:
    return any(value for name, value in choice["delta"].items() if name != "role")


_INFLATED = (
    "USAGE-*", "CREQ-019", "CREQ-020", "CRESP-016", "STRM-025", "RSN-004", "RSN-007", "RSN-016",
    "LOGP-009", "TOOL-025",
)  # fmt: skip
"""What may fail where more tokens are counted than were said."""
_ADDED = 300
_TOKEN = 154829


def _counting(reply: Reply, count: Callable[[int], int]) -> Reply:
    """The tokens of a stream's usage counted in another way."""

    def counted(chunk: Json) -> Json:
        usage = chunk.get("usage")
        if not usage:
            return chunk
        spent = count(usage["completion_tokens"])
        total = usage["prompt_tokens"] + spent
        return {**chunk, "usage": {**usage, "completion_tokens": spent, "total_tokens": total}}

    return each_chunk(reply, counted)


@fault(
    "empty-chunks-are-counted", at=REPLY, level="must", of=streamed, rate=0.5, takes=["the usage"],
    sources=["vllm-project/vllm-ascend#16941"],
    field=["stop-reason-token-id-empty-chunks-inflated-usage"],
    primary=["USAGE-004"], cascades=["CRESP-029", "SO-017", *_INFLATED],
    amended="a refusal has an empty content beside it: CRESP-029, SO-017",
)  # fmt: skip
def empty_chunks_are_counted(reply: Reply) -> Reply:
    """Hundreds of empty deltas come before the finish, and each is counted as a token."""
    place = next((n for n, one in enumerate(reply.chunks) if finishing(one)), None)
    if place is None:
        return reply
    end = reply.chunks[place]
    silent = {**end, "choices": [{**each, "delta": {"content": ""}, "finish_reason": None} for each in end["choices"]]}  # fmt: skip
    chunks = (*reply.chunks[:place], *(silent,) * _ADDED, *reply.chunks[place:])
    told = each_chunk_choice(
        replace(reply, chunks=chunks),
        lambda one: {**one, "stop_reason": _TOKEN} if one["finish_reason"] else one,
    )
    return _counting(told, lambda spent: spent + _ADDED)


@fault(
    "tokens-so-far-summed", at=REPLY, level="must", of=streamed, takes=["the usage"],
    sources=["vllm-project/vllm-omni#2313", "vllm-project/vllm#8625"],
    field=["stream-completion-tokens-cumulative-sum"],
    primary=["USAGE-004"], cascades=_INFLATED,
)  # fmt: skip
def tokens_so_far_summed(reply: Reply) -> Reply:
    """The usage of a stream is the sum of the counts so far at each of its tokens."""
    return _counting(reply, lambda spent: spent * (spent + 1) // 2)
