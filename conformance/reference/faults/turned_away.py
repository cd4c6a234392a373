"""Requests that should be served, or refused with 400, and are answered with 500 or with a success."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import chat, responding, texts, with_schema
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import crash
from conformance.reference.script import Send

_REFUSED = 400
_LOST = (*NO_ANSWER, *LOST_STREAM, "STRM-*", "SSE-*", "ERR-*", "TRANS-*", "STOOL-*")
_PAST_CALLS = (
    "RT-*",
    "CREQ-009",
    "CREQ-010",
    "CREQ-011",
    "CREQ-012",
    "CREQ-013",
    "TOOL-*",
    "ERR-*",
    "RSN-*",
)


def _plain(response: Response, words: str) -> Response:
    headers = response.with_header("Content-Type", "text/plain; charset=utf-8")
    return replace(
        response, status=500, headers=headers, stream=False, body=(Send(words.encode()),)
    )


def _in_parts(request: HttpRequest) -> bool:
    return chat(request) and any(isinstance(each.get("content"), list) for each in request.messages)


@fault(
    "parts-crash-in-plain-text", at=RESPONSE, level="must", of=_in_parts, takes=["the body of answers"],
    sources=["tmc/langchaingo#667"], field=["text-parts-500-plain"],
    primary=["CREQ-005"], cascades=_LOST,
)  # fmt: skip
def parts_crash_in_plain_text(response: Response) -> Response:
    """Content as a list of parts is answered with 500 and the words of a JSON library."""
    return _plain(response, "500 Internal Server Error\ntype must be string, but is array")


def _pictured(request: HttpRequest) -> bool:
    return chat(request) and b'"image_url"' in request.body


@fault(
    "images-crash-in-plain-text", at=RESPONSE, level="must", of=_pictured, takes=["the body of answers"],
    sources=["vllm-project/vllm-ascend#10426", "vllm-project/vllm#11629"],
    field=["image-for-text-model-500-plain"],
    primary=["ERR-001"], cascades=_LOST,
)  # fmt: skip
def images_crash_in_plain_text(response: Response) -> Response:
    """A model without eyes answers an image with 500 and plain words."""
    return _plain(response, "Internal Server Error")


@fault(
    "echo-crashes", at=REQUEST, level="should", of=texts,
    sources=["vllm-project/vllm#2706", "EleutherAI/lm-evaluation-harness#1411"], field=["completions-echo-500"],
    primary=["CMPL-007"], cascades=["CMPL-004", "CMPL-008", "CMPL-015", "ERR-*"],
    amended="several prompts are asked with their echo: CMPL-004",
)  # fmt: skip
def echo_crashes(request: HttpRequest) -> HttpRequest:
    """`echo` is answered with 500."""
    if request.json.get("echo") is True:
        raise crash()
    return request


@fault(
    "schemas-crash", at=REQUEST, level="must", of=with_schema,
    sources=["ggml-org/llama.cpp#23463"], field=["json-schema-500"],
    primary=["SO-003"], cascades=["SO-*", "CREQ-047", "ERR-*", "TRANS-016", "STAT-*", "CRESP-*", "RSN-*"],
)  # fmt: skip
def schemas_crash(_request: HttpRequest) -> HttpRequest:
    """A `response_format` with a schema, which is not known, is answered with 500."""
    raise crash()


@fault(
    "torn-arguments-crash", at=REQUEST, level="should", of=chat,
    sources=["vllm-project/vllm#48922", "am17an/llama.cpp#43", "local-inference-lab/vllm#684"],
    field=["malformed-arguments-in-history-500"],
    primary=["RT-005"], cascades=[*_PAST_CALLS, "TRANS-016"],
    amended="a call of the past without its function has no arguments that can be read: TRANS-016",
)  # fmt: skip
def torn_arguments_crash(request: HttpRequest) -> HttpRequest:
    """A conversation with a call whose arguments were cut off is answered with 500, again and again."""
    for message in request.messages:
        for call in message.get("tool_calls") or ():
            try:
                json.loads(call["function"]["arguments"])
            except (ValueError, KeyError, TypeError):
                raise crash("Failed to parse tool call arguments as JSON") from None
    return request


@fault(
    "half-a-character-crashes", at=REQUEST, level="must",
    sources=["JustVugg/colibri#1589", "Kilo-Org/kilocode#10467"], field=["lone-surrogate-500"],
    primary=["ERR-008"], cascades=["ERR-*", "TRANS-*", "CREQ-004"],
)  # fmt: skip
def half_a_character_crashes(request: HttpRequest) -> HttpRequest:
    """A text with one half of a surrogate pair is answered with 500."""
    try:
        json.dumps(request.json, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise crash("The engine failed to process the request.") from None
    return request


@fault(
    "unknown-model-is-a-success", at=REPLY, level="must", of=chat, takes=["the body of answers"],
    sources=["runpod-workers/worker-vllm#57"], field=["unknown-model-200-flat"],
    primary=["ERR-011"], cascades=["ERR-*", "CREQ-001", "MODELS-*", "AUTH-*", "CRESP-*", "TRANS-*"],
)  # fmt: skip
def unknown_model_is_a_success(reply: Reply) -> Reply:
    """A model that is not there is status 200, and an error at the top level with 404 for a code."""
    held = reply.document if isinstance(reply.document, dict) else {}
    error = held.get("error")
    if not isinstance(error, dict) or error.get("code") != "model_not_found":
        return reply
    flat = {
        "object": "error",
        "message": error["message"],
        "type": "NotFoundError",
        "param": None,
        "code": 404,
    }
    return Reply(document=flat)


@fault(
    "stop-lists-crash", at=REQUEST, level="must", of=chat,
    sources=["lm-sys/FastChat#1923"], field=["stop-list-500"],
    primary=["CREQ-031"], cascades=["CREQ-032", "CREQ-033", "STRM-028", "ERR-*", "RSN-010", *NO_ANSWER],
)  # fmt: skip
def stop_lists_crash(request: HttpRequest) -> HttpRequest:
    """Stop strings in a list are answered with 500; one string works."""
    if isinstance(request.json.get("stop"), list):
        raise crash()
    return request


@fault(
    "invalid-responses-crash", at=REPLY, level="should", of=responding,
    sources=["sgl-project/sglang#22980"], field=["responses-invalid-tool-500"],
    primary=["RESP-026"], cascades=["RESP-*", "ERR-*", "RSTRM-*"],
)  # fmt: skip
def invalid_responses_crash(reply: Reply) -> Reply:
    """What is not valid in a request for a response is answered with 500."""
    return replace(reply, status=500) if reply.status == _REFUSED else reply
