"""Failures that are told in a vendor's own way, or as if nothing had failed."""

from __future__ import annotations

import json
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, REFUSED
from conformance.reference.circumstances import chat, every, streamed, texts, whole
from conformance.reference.dress import compact
from conformance.reference.edit import ERROR
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import Send

_UNREADABLE = (
    "ERR-*", "AUTH-*", "MODELS-011", "MODELS-012", "TRANS-016", "TRANS-018", "TRANS-021",
    "TRANS-022", "TRANS-023", "CREQ-*", "RT-*", "SO-*", "RSN-*", "RESP-*", "CMPL-*", "EMB-*",
)  # fmt: skip
"""What asks for the standard error, for a status, or for what is read out of either."""
_OK = 200
_MOST_BYTES = 4 * 1024 * 1024
_TEN = every(10)


def _ok(reply: Reply) -> bool:
    return reply.status == _OK


def _inner(reply: Reply) -> Json:
    """The standard error object of a refusal; empty where there is none."""
    held = reply.document if isinstance(reply.document, dict) else {}
    inner = held.get("error")
    return inner if reply.status >= ERROR and isinstance(inner, dict) else {}


@fault(
    "error-in-a-list", at=REPLY, level="must", takes=["the body of errors"],
    sources=["0xsline/OpenChatCut#6", "TokenRhythm/opensquilla#225"],
    field=["error-wrapped-in-array"],
    primary=["ERR-001", "ERR-006"], cascades=_UNREADABLE,
)  # fmt: skip
def error_in_a_list(reply: Reply) -> Reply:
    """Errors come in a list of one, with a number for a code and a status in place of a type."""
    inner = _inner(reply)
    if not inner:
        return reply
    told = {"code": reply.status, "message": inner["message"], "status": "INVALID_ARGUMENT"}
    return replace(reply, document=[{"error": told}])


@fault(
    "error-message-alone", at=REPLY, level="must", takes=["the body of errors"],
    sources=["Mintplex-Labs/anything-llm#3164"], field=["error-message-only-body"],
    primary=["ERR-001"], cascades=_UNREADABLE,
)  # fmt: skip
def error_message_alone(reply: Reply) -> Reply:
    """Errors are a message at the top level, and nothing else."""
    inner = _inner(reply)
    return replace(reply, document={"message": inner["message"]}) if inner else reply


@fault(
    "error-as-base-resp", at=REPLY, level="must", of=whole, takes=["the body of errors"],
    sources=["adrianlyjak/obsidian-aloud-tts#114", "QwenLM/qwen-code#8322", "infiniflow/ragflow#1717"],
    field=["minimax-status-codes-in-200"],
    primary=["ERR-007"], cascades=[*_UNREADABLE, "CRESP-*", "USAGE-*", "TRANS-*"],
)  # fmt: skip
def error_as_base_resp(reply: Reply) -> Reply:
    """Errors come with status 200, no choices, and a code of the vendor's beside them."""
    inner = _inner(reply)
    told = {"status_code": 2013, "status_msg": inner.get("message")}
    return Reply(document={"choices": None, "base_resp": told}) if inner else reply


@fault(
    "error-in-two-texts", at=REPLY, level="must", of=whole, rate=0.2, takes=["the body of answers"],
    sources=["vercel/ai#11671", "vercel/ai#15338"], field=["error-200-code-error-strings"],
    primary=["ERR-007"], cascades=["ERR-*", *NO_ANSWER],
)  # fmt: skip
def error_in_two_texts(reply: Reply) -> Reply:
    """An overload comes with status 200, its code and its error being sentences."""
    told = {
        "code": "The service is currently unavailable",
        "error": "Timed out waiting for first token",
    }
    return Reply(document=told) if _ok(reply) else reply


@fault(
    "error-said-by-the-assistant", at=RESPONSE, level="must", of=whole, takes=["the body of errors"],
    sources=["ChatGPTNextWeb/NextChat#3202"], field=["error-delivered-as-assistant-text"],
    primary=["ERR-007"], cascades=[*_UNREADABLE, "CRESP-*", "USAGE-*", "TRANS-*", "TOOL-*", "LOGP-*"],
)  # fmt: skip
def error_said_by_the_assistant(response: Response) -> Response:
    """What is refused with 400 is answered by the assistant, with the error in a code fence."""
    if response.status != ERROR:
        return response
    error = json.loads(b"".join(act.data for act in response.body if isinstance(act, Send)))
    text = f"```json\n{json.dumps(error, indent=2)}\n```"
    date = dict(response.headers)["Date"]
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    document: Json = {
        "id": "chatcmpl-upstream",
        "object": "chat.completion",
        "created": int(parsedate_to_datetime(date).timestamp()),
        "model": "upstream",
        "choices": [choice],
        "usage": {"prompt_tokens": 9, "completion_tokens": 40, "total_tokens": 49},
    }
    return replace(response, status=_OK, body=(Send(compact(document)),))


@fault(
    "error-octet-stream", at=RESPONSE, level="should", sources=["SaladDay/cc-switch-cli#170"],
    field=["error-json-octet-stream-content-type"],
    primary=["ERR-031"], cascades=["TRANS-021", "TRANS-022", "AUTH-008"],
)  # fmt: skip
def error_octet_stream(response: Response) -> Response:
    """Errors are JSON that calls itself `application/octet-stream`."""
    if response.status < ERROR:
        return response
    return replace(
        response, headers=response.with_header("Content-Type", "application/octet-stream")
    )


def _completed(request: HttpRequest) -> bool:
    """What such a proxy passes on."""
    return chat(request) or texts(request)


@fault(
    "client-errors-become-500", at=RESPONSE, level="must", of=_completed, takes=["the body of errors"],
    sources=["vllm-project/vllm-ascend#12170", "vllm-project/vllm-ascend#12097"],
    field=["pd-proxy-4xx-becomes-500-text"],
    primary=["ERR-008", "ERR-001"], cascades=["TOOL-010", *_UNREADABLE],
    amended="a schema that is not supported has to be refused readably: TOOL-010",
)  # fmt: skip
def client_errors_become_500(response: Response) -> Response:
    """A proxy turns every refusal into 500 and the plain words `Internal Server Error`."""
    if not ERROR <= response.status < 500:  # noqa: PLR2004
        return response
    headers = response.with_header("Content-Type", "text/plain; charset=utf-8")
    return replace(response, status=500, headers=headers, body=(Send(b"Internal Server Error"),))


@fault(
    "errors-masked-by-a-parser", at=REPLY, level="must", rate=0.5, takes=["the body of errors"],
    sources=["ollama/ollama#14828"], field=["upstream-non-json-error-masked"],
    primary=["ERR-003"], cascades=["TOOL-010", *_UNREADABLE],
    amended="a schema that is not supported has to be refused readably: TOOL-010",
)  # fmt: skip
def errors_masked_by_a_parser(reply: Reply) -> Reply:
    """In place of an error comes 500 with what the parser said of it."""
    message = "invalid character 'e' looking for beginning of value"
    return Reply(status=500, document={"error": {"message": message}}) if _inner(reply) else reply


@fault(
    "overflow-424", at=REPLY, level="must", takes=["the body of errors"],
    sources=["Ascend/MindIE-LLM: single_llm_pnd_req_handler.cpp", "docs: MindIE Motor, RESTful response status codes"],
    field=["enqueue-failure-424"],
    primary=["ERR-001", "ERR-016", "ERR-021"],
    cascades=["ERR-006", "ERR-008", "TRANS-018", "RESP-026", "RESP-030", "CMPL-*", "EMB-*"],
)  # fmt: skip
def overflow_424(reply: Reply) -> Reply:
    """What does not fit is refused with 424, by the queue, in a text."""
    if _inner(reply).get("code") != "context_length_exceeded":
        return reply
    told = {"error": "Failed to enqueue inferRequest.", "error_type": "Generation Error"}
    return Reply(status=424, document=told)


def _large(request: HttpRequest) -> bool:
    return len(request.body) > _MOST_BYTES


@fault(
    "too-large-in-a-message", at=REPLY, level="must", of=_large, takes=["the body of errors"],
    sources=["Ascend/MindIE-LLM: http_server.cpp (error handler)"],
    field=["payload-too-large-message-only"],
    primary=["TRANS-018"], cascades=["ERR-001", "ERR-006", "ERR-016"],
)  # fmt: skip
def too_large_in_a_message(_reply: Reply) -> Reply:
    """A body that is too large is refused with 413 and a message at the top level."""
    told = "Request body too large. Maximum allowed size is 4MB."
    return Reply(status=413, document={"message": told})


@fault(
    "backend-errors-in-vendor-codes", at=REPLY, level="should", of=chat, rate=0.1, takes=["the body of answers"],
    sources=["docs: CTyun, Chat API"], field=["error-code-string-vendor"],
    primary=["ERR-005"], cascades=REFUSED,
)  # fmt: skip
def backend_errors_in_vendor_codes(reply: Reply) -> Reply:
    """Now and then the backend fails, and the error has the vendor's codes and no `param`."""
    told = {"code": "500001", "type": "INVOKE_MODEL_ERROR", "message": "服务接口异常,请联系管理员"}
    return Reply(status=500, document={"error": told}) if _ok(reply) else reply


def _limited(reply: Reply, **error: Any) -> Reply:
    return Reply(status=429, document={"error": error}) if _ok(reply) else reply


@fault(
    "rate-limit-of-the-upstream", at=REPLY, level="should", of=chat, when=_TEN, takes=["the body of answers"],
    sources=["BerriAI/litellm#4695", "griffinwork40/agent-afk#536", "digiogithub/pando#8"],
    field=["429-without-retry-after"],
    primary=["ERR-017", "ERR-004"], cascades=["ERR-003", "ERR-005", "ERR-014"],
)  # fmt: skip
def rate_limit_of_the_upstream(reply: Reply) -> Reply:
    """Each tenth request is refused with the upstream's 429, and nobody says when to come back."""
    return _limited(reply, message="Provider returned error", code=429, metadata={"raw": "x"})


@fault(
    "quota-ends-at-a-local-time", at=REPLY, level="should", of=chat, when=_TEN, takes=["the body of answers"],
    sources=["can1357/oh-my-pi#11014"], field=["reset-timestamp-without-timezone"],
    primary=["ERR-017"],
)  # fmt: skip
def quota_ends_at_a_local_time(reply: Reply) -> Reply:
    """When a quota is filled anew stands in the message alone, as a time without a zone."""
    words = "Usage limit reached. Your limit will reset at 2026-11-30 08:00:00"
    kind = "rate_limit_exceeded"
    return _limited(reply, message=words, type=kind, param=None, code=kind)


@fault(
    "filtered-with-an-inner-error", at=REPLY, level="must", of=whole, rate=0.1, takes=["the body of answers"],
    sources=["openai/openai-dotnet#55", "compl-ai/compl-ai#20"],
    field=["azure-content-filter-400-inner"],
    primary=["ERR-003"], cascades=REFUSED,
)  # fmt: skip
def filtered_with_an_inner_error(reply: Reply) -> Reply:
    """Some prompts are refused by a filter, in an error whose type is null."""
    told = {
        "message": "The response was filtered due to the prompt triggering the content policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation"},
    }
    return Reply(status=400, document={"error": told}) if _ok(reply) else reply


@fault(
    "quota-told-in-the-stream", at=RESPONSE, level="must", of=streamed, rate=0.1, takes=["the body of answers"],
    sources=["vercel/ai#15922"], field=["early-stream-error-insufficient-quota"],
    primary=["ERR-028"], cascades=REFUSED,
)  # fmt: skip
def quota_told_in_the_stream(response: Response) -> Response:
    """Some streams begin and end with an event that says that the quota is used up."""
    if not response.stream:
        return response
    told = {"message": "You exceeded your current quota.", "type": "insufficient_quota"}
    event = {"error": {**told, "param": None, "code": "insufficient_quota"}}
    return replace(response, body=(Send(b"data: " + compact(event) + b"\n\n"),))


def _misplacing(request: HttpRequest) -> bool:
    shape = request.json.get("response_format")
    return chat(request) and isinstance(shape, dict) and "schema" in shape


@fault(
    "misplaced-schema-dropped", at=REQUEST, of=_misplacing, level="must",
    sources=["vllm-project/vllm#35438", "Continuum-AI-Corp/OrcaRouter-Lite#124"],
    field=["unknown-field-silently-dropped"],
    primary=["ERR-008"],
    amended="was said to be left open; but a format that lacks its part is invalid: ERR-008",
)  # fmt: skip
def misplaced_schema_dropped(request: HttpRequest) -> HttpRequest:
    """A schema that stands beside its type is dropped in silence, and any text comes."""
    return request.edited(response_format=None)


@fault(
    "misplaced-schema-crashes", at=REPLY, level="must", of=_misplacing, takes=["the body of errors"],
    sources=["vllm-project/vllm#35438"], field=["invalid-response-format-500-empty-message"],
    primary=["ERR-002", "TRANS-016"], cascades=["ERR-*", "SO-*", "CREQ-047", "CREQ-048"],
)  # fmt: skip
def misplaced_schema_crashes(_reply: Reply) -> Reply:
    """A schema that stands beside its type ends in an error of the server without a word."""
    told = {"message": "", "type": "InternalServerError", "param": None, "code": 500}
    return Reply(status=500, document={"error": told})
