"""Streams that go wrong: chunks, their order, and how they arrive."""

from __future__ import annotations

import gzip
from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Ask, Json
from conformance.reference.edit import (
    DONE,
    EVENT_END,
    at_once,
    cut,
    each_chunk,
    each_chunk_choice,
    each_delta,
    each_event,
    joined_choices,
)
from conformance.reference.fault import ASK, REPLY, RESPONSE, SCRIPT, fault
from conformance.reference.script import HangUp, Script, Send

_LOST_STREAM = (
    "SSE-010", "SSE-012", "SSE-013", "STRM-008", "STRM-010", "STRM-017", "STRM-019", "STRM-025",
    "STRM-026", "STOOL-007", "STOOL-012", "STOOL-014", "CRESP-031", "USAGE-013", "SO-018",
)  # fmt: skip
"""What cannot hold any more where the end of a stream does not arrive, or not as events."""


@fault(
    "role-in-every-chunk", at=REPLY, level="must",
    sources=["Ascend/MindIE-LLM: single_req_vllm_openai_infer_interface.cpp", "LMDeploy", "xAI"],
    field=["role-repeated-in-every-delta"],
    primary=["STRM-011"], cascades=["STRM-025", "CRESP-008"],
)  # fmt: skip
def role_in_every_chunk(reply: Reply) -> Reply:
    """Every delta that says something begins with the role again."""
    return each_delta(reply, lambda delta: {"role": "assistant", **delta} if delta else delta)


@fault(
    "chunk-id-changes", at=REPLY, level="must",
    sources=["BerriAI/litellm#1571", "open-webui/open-webui#23917"],
    field=["chunk-id-different-per-chunk"],
    primary=["STRM-002"], cascades=["STRM-025", "CRESP-030"],
    amended="several choices of one answer share its id: CRESP-030",
)  # fmt: skip
def chunk_id_changes(reply: Reply) -> Reply:
    """Each chunk has an id of its own."""
    numbered = enumerate(reply.chunks)
    return replace(
        reply, chunks=tuple({**chunk, "id": f"{chunk['id']}-{n}"} for n, chunk in numbered)
    )


@fault(
    "done-missing", at=RESPONSE, level="must",
    sources=["huggingface/text-generation-inference#2221", "can1357/oh-my-pi#14481"],
    field=["missing-done-sentinel"],
    primary=["SSE-010", "SSE-012"], cascades=["CMPL-011"],
    amended="streamed text completions end with [DONE] as well: CMPL-011",
)  # fmt: skip
def done_missing(response: Response) -> Response:
    """The stream ends with its last chunk, without `[DONE]`."""
    return each_event(response, lambda event: b"" if event == DONE else event)


@fault(
    "usage-chunk-missing", at=REPLY, level="must", sources=["sgl-project/sglang#954"],
    field=["stream-usage-null-despite-include"],
    primary=["STRM-017"], cascades=["STRM-019", "USAGE-013", "USAGE-003"],
    amended="a streamed call is not counted, either: USAGE-003",
)  # fmt: skip
def usage_chunk_missing(reply: Reply) -> Reply:
    """`include_usage` is accepted, but no usage ever comes."""
    return replace(reply, chunks=tuple(chunk for chunk in reply.chunks if chunk["choices"]))


@fault(
    "usage-before-the-end", at=REPLY, level="must",
    sources=["contract appendix A: usage on finish chunk, later chunk without usage"],
    primary=["STRM-019"], cascades=["STRM-025", "USAGE-013"],
)  # fmt: skip
def usage_before_the_end(reply: Reply) -> Reply:
    """The usage chunk stands before the chunk with the finish reason, so that the SDK loses it."""
    if not reply.chunks or reply.chunks[-1]["choices"]:
        return reply
    *before, finish, usage = reply.chunks
    return replace(reply, chunks=(*before, usage, finish))


@fault(
    "usage-on-finish-chunk", at=REPLY, level="must",
    sources=["Ascend/MindIE-LLM: EncodeStreamJsonObject", "Groq"],
    primary=["STRM-017"], cascades=["STRM-018", "STRM-019", "USAGE-013"],
)  # fmt: skip
def usage_on_finish_chunk(reply: Reply) -> Reply:
    """The usage comes with the finish reason, and no chunk has empty choices."""
    if not reply.chunks or reply.chunks[-1]["choices"]:
        return reply
    *before, finish, usage = reply.chunks
    return replace(reply, chunks=(*before, {**finish, "usage": usage["usage"]}))


@fault(
    "finish-never-set", at=REPLY, level="must",
    sources=["ModelTC/LightLLM#130", "vllm-project/vllm#27572", "abetlen/llama-cpp-python#735"],
    field=["finish-reason-never-set"],
    primary=["STRM-008"],
    cascades=["STRM-025", "CRESP-011", "CRESP-015", "CRESP-016", "CRESP-017", "CRESP-031",
              "STOOL-012", "TOOL-001", "TOOL-025", "CRESP-029"],
    amended="a refusal ends with stop: CRESP-029",
)  # fmt: skip
def finish_never_set(reply: Reply) -> Reply:
    """`finish_reason` is null in every chunk, the last one included."""
    return each_chunk_choice(reply, lambda choice: {**choice, "finish_reason": None})


@fault(
    "finish-empty-string", at=REPLY, level="should", sources=["sgl-project/sglang#3912", "ollama/ollama#4357"],
    field=["finish-reason-empty-string-stream"],
    primary=["STRM-009"], cascades=["STRM-008"],
)  # fmt: skip
def finish_empty_string(reply: Reply) -> Reply:
    """`finish_reason` is an empty string where it should be null."""
    return each_chunk_choice(
        reply, lambda choice: {**choice, "finish_reason": choice["finish_reason"] or ""}
    )


@fault(
    "finish-chunk-without-delta", at=REPLY, level="must",
    sources=["contract appendix A: finish chunk without delta"],
    primary=["STRM-007"], cascades=["STRM-013", "STRM-025"],
)  # fmt: skip
def finish_chunk_without_delta(reply: Reply) -> Reply:
    """The chunk with the finish reason has `delta: null`."""
    return each_chunk_choice(
        reply, lambda choice: {**choice, "delta": None} if choice["finish_reason"] else choice
    )


@fault(
    "usage-chunk-choices-null", at=REPLY, level="must",
    sources=["contract appendix A: choices null in a chunk"],
    primary=["STRM-005"], cascades=["STRM-017", "STRM-019", "STRM-025", "USAGE-013"],
)  # fmt: skip
def usage_chunk_choices_null(reply: Reply) -> Reply:
    """The usage chunk has `choices: null`, which breaks the SDK's accumulator."""
    return each_chunk(
        reply, lambda chunk: chunk if chunk["choices"] else {**chunk, "choices": None}
    )


@fault(
    "byte-order-mark", at=RESPONSE, level="must", sources=["contract appendix A: leading BOM"],
    primary=["SSE-001"], cascades=["SSE-004", "STRM-010", "STRM-025"],
)  # fmt: skip
def byte_order_mark(response: Response) -> Response:
    """The stream begins with a byte order mark, and clients lose its first event."""
    if not response.stream:
        return response
    return replace(response, body=(Send(b"\xef\xbb\xbf"), *response.body))


@fault(
    "single-newline-between-events", at=RESPONSE, level="must",
    sources=["contract appendix A: events separated by one newline"],
    primary=["SSE-003"],
    cascades=["SSE-004", "SSE-005", "SSE-014", "STRM-001", "STRM-002", "STRM-005", *_LOST_STREAM,
              "SSE-017", "SSE-018", "TRANS-007", "STOOL-016", "CMPL-011"],
    amended="streamed text completions are read event by event as well: CMPL-011",
)  # fmt: skip
def single_newline_between_events(response: Response) -> Response:
    """Events end with one newline, so that all of them are one."""
    return each_event(response, lambda event: event.removesuffix(EVENT_END) + b"\n")


@fault(
    "retry-event-without-data", at=RESPONSE, level="must",
    sources=["contract appendix A: event with only retry"],
    primary=["SSE-008"], cascades=["STRM-025"],
)  # fmt: skip
def retry_event_without_data(response: Response) -> Response:
    """The stream begins with an event that holds only `retry:`; the SDK chokes on it."""
    if not response.stream:
        return response
    return replace(response, body=(Send(b"retry: 3000\n\n"), *response.body))


@fault(
    "stream-in-one-burst", at=RESPONSE, level="must",
    sources=["ggml-org/llama.cpp#15681", "gateways that buffer 16 KiB"],
    field=["gateway-buffers-16kb"],
    primary=["TRANS-007"], cascades=["SSE-017"],
)  # fmt: skip
def stream_in_one_burst(response: Response) -> Response:
    """All events are held back until the last one is there."""
    if not response.stream:
        return response
    pauses, data = at_once(response.body)
    return replace(response, body=(*pauses, Send(data)))


@fault(
    "gzip-holds-the-stream", at=RESPONSE, level="should",
    sources=["tower-rs/tower-http#419", "Kludex/starlette#2753"],
    field=["gzip-buffers-sse"],
    primary=["TRANS-009"], cascades=["TRANS-007", "SSE-017"],
)  # fmt: skip
def gzip_holds_the_stream(response: Response) -> Response:
    """The stream is compressed as a whole and leaves at its end."""
    if not response.stream:
        return response
    pauses, data = at_once(response.body)
    return replace(
        response,
        headers=response.with_header("Content-Encoding", "gzip"),
        body=(*pauses, Send(gzip.compress(data))),
    )


@fault(
    "content-in-one-chunk", at=REPLY, level="should", sources=["ggml-org/llama.cpp#15681"],
    primary=["STRM-026"], cascades=["SSE-017", "TRANS-007"],
)  # fmt: skip
def content_in_one_chunk(reply: Reply) -> Reply:
    """The whole text comes in one delta with all its log probabilities, just before the finish."""
    held: dict[int, Json] = {}
    kept: list[Json] = []
    for chunk in reply.chunks:
        choice = chunk["choices"][0] if chunk["choices"] else {"delta": {}}
        if choice["delta"].get("content"):
            before = held.get(choice["index"])
            held[choice["index"]] = joined_choices(before, choice) if before else choice
            continue
        if choice.get("finish_reason") and choice["index"] in held:
            kept.append({**chunk, "choices": [held.pop(choice["index"])]})
        kept.append(chunk)
    return replace(reply, chunks=tuple(kept))


@fault(
    "stream-reset", at=SCRIPT, level="must", takes=["the end of the stream"],
    sources=["openai/openai-python#2065", "chatchat-space/Langchain-Chatchat#4383"],
    primary=["SSE-010"], cascades=[*_LOST_STREAM, "TRANS-020", "ERR-029", "RSTRM-012", "CMPL-011"],
    amended="a streamed response has no end either: RSTRM-012; nor have streamed text completions: CMPL-011",
)  # fmt: skip
def stream_reset(script: Script) -> Script:
    """The connection is reset in the middle of the stream."""
    return cut(script, HangUp("reset"))


@fault(
    "stream-cut-short", at=SCRIPT, level="must", takes=["the end of the stream"],
    sources=["run-llama/llama_index#10231", "openai/openai-python#2065"],
    field=["incomplete-chunked-read"],
    primary=["SSE-010"], cascades=[*_LOST_STREAM, "TRANS-020", "ERR-029", "RSTRM-012", "CMPL-011"],
    amended="a streamed response has no end either: RSTRM-012; nor have streamed text completions: CMPL-011",
)  # fmt: skip
def stream_cut_short(script: Script) -> Script:
    """The connection closes in the middle of the stream, without the last chunk of its framing."""
    return cut(script, HangUp("close"))


@fault(
    "stream-answered-with-json", at=ASK, level="must",
    sources=["contract appendix A: plain JSON body for a stream request", "Amm1rr/WebAI-to-API#57"],
    field=["stream-answered-whole"],
    primary=["SSE-018"],
    cascades=["TRANS-007", "SSE-010", "SSE-012", "SSE-016", "SSE-017", "SSE-019", *_LOST_STREAM],
)  # fmt: skip
def stream_answered_with_json(ask: Ask) -> Ask:
    """`stream: true` is ignored, and one JSON document comes back."""
    return replace(ask, stream=False)


@fault(
    "stream-called-json", at=RESPONSE, level="must",
    sources=["vLLM-Ascend disaggregated-prefill proxy: stream with application/json"],
    field=["pd-proxy-stream-content-type-json"],
    primary=["TRANS-007"], cascades=["SSE-019", "SSE-018"],
)  # fmt: skip
def stream_called_json(response: Response) -> Response:
    """A stream is sent with `Content-Type: application/json`."""
    if not response.stream:
        return response
    return replace(response, headers=response.with_header("Content-Type", "application/json"))
