"""At the gateway's door: limits told to nobody, budgets, codings and lengths of what was unpacked, paths, forms."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import NO_ANSWER, REFUSED
from conformance.reference.circumstances import accepting, chat, every, streamed, texts, whole
from conformance.reference.edit import at_once
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import HangUp, Script, Send

_TEN = every(10)
_OK = 200
_LENGTH = b"Content-Length: "


@fault(
    "throttled-with-an-empty-body", at=RESPONSE, level="must", of=chat, when=_TEN, takes=["the body of answers"],
    sources=["agentgateway/agentgateway#3329"],
    primary=["ERR-001", "ERR-017"], cascades=REFUSED,
)  # fmt: skip
def throttled_with_an_empty_body(response: Response) -> Response:
    """Each tenth request is refused with 429, no body, and the wait in a header that no client reads."""
    if response.status != _OK:
        return response
    headers = (*response.with_header("Content-Type", "text/plain"), ("x-ratelimit-reset", "12"))
    return replace(response, status=429, headers=headers, stream=False, body=(Send(b""),))


@fault(
    "wait-told-under-another-name", at=REPLY, level="should", of=chat, when=_TEN, takes=["the body of answers"],
    sources=["BerriAI/litellm#21553"],
    primary=["ERR-017"],
)  # fmt: skip
def wait_told_under_another_name(reply: Reply) -> Reply:
    """Each tenth request is refused with 429, and how long to wait stands in `llm_provider-retry-after`."""
    kind = "rate_limit_exceeded"
    told = {"message": "Rate limit reached.", "type": "requests", "param": None, "code": kind}
    waits = (("llm_provider-retry-after", "30"),)
    limited = Reply(status=429, document={"error": told}, headers=waits)
    return limited if reply.status == _OK else reply


@fault(
    "spent-budget-is-a-wrong-key", at=REPLY, level="must", of=chat, when=_TEN, takes=["the body of answers"],
    sources=["BerriAI/litellm#1554"],
    primary=["ERR-001"], cascades=[*REFUSED, "ERR-014"],
)  # fmt: skip
def spent_budget_is_a_wrong_key(reply: Reply) -> Reply:
    """A key whose budget is spent is refused now and then: 401, and `detail` in place of an error."""
    words = "Authentication Error, ExceededTokenBudget: Current spend for token: 7.2e-05"
    return Reply(status=401, document={"detail": words}) if reply.status == _OK else reply


@fault(
    "plain-and-called-packed", at=RESPONSE, level="should", of=whole, when=accepting("gzip"),
    takes=["the body of answers"], sources=["agentgateway/agentgateway#3040"],
    primary=["TRANS-009"], cascades=[*NO_ANSWER, "TRANS-*", "ERR-*", "AUTH-*"],
)  # fmt: skip
def plain_and_called_packed(response: Response) -> Response:
    """The body was unpacked on its way, and `Content-Encoding` still says that it is packed."""
    if response.status != _OK:
        return response
    return replace(response, headers=response.with_header("Content-Encoding", "gzip"))


@fault(
    "length-of-what-was-packed", at=SCRIPT, level="must", of=whole, when=accepting("gzip"),
    takes=["the body of answers"], sources=["BerriAI/litellm#25624"],
    primary=["TRANS-005"], cascades=[*NO_ANSWER, "TRANS-*", "ERR-*", "AUTH-*"],
)  # fmt: skip
def length_of_what_was_packed(script: Script) -> Script:
    """The body was unpacked on its way, and its `Content-Length` is that of the packed one."""
    pauses, data = at_once(script)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or _LENGTH not in head:
        return script
    before, _, after = head.partition(_LENGTH)
    length = len(gzip.compress(body))
    rest = after.partition(b"\r\n")[2]
    told = before + _LENGTH + str(length).encode() + (b"\r\n" + rest if rest else b"")
    return (*pauses, Send(told + b"\r\n\r\n" + body[:length]), HangUp())


@fault(
    "keep-alive-before-the-role", at=REPLY, level="must", of=streamed,
    sources=["jundot/omlx#2074", "jundot/omlx#1478"],
    primary=["STRM-010"], cascades=["STRM-004", "STRM-011", "CRESP-005"],
)  # fmt: skip
def keep_alive_before_the_role(reply: Reply) -> Reply:
    """A stream begins with a chunk of an empty text, of a model `keepalive`, and without a role."""
    if not reply.chunks:
        return reply
    first = reply.chunks[0]
    one = {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": None}
    return replace(reply, chunks=({**first, "model": "keepalive", "choices": [one]}, *reply.chunks))


@fault(
    "slashed-models-not-found", at=REQUEST, level="should",
    sources=["BerriAI/litellm#37275", "ollama/ollama#10139", "ogx-ai/ogx#1038"],
    primary=["MODELS-010"], cascades=["MODELS-009"],
)  # fmt: skip
def slashed_models_not_found(request: HttpRequest) -> HttpRequest:
    """A model whose id has a slash is not found by it, however the slash is written."""
    _, named, rest = request.path.partition("/models/")
    if named and ("/" in rest or "%2f" in rest.lower()):
        raise Refusal("Not Found", status=404, code="not_found")
    return request


@fault(
    "nothing-said-becomes-a-word", at=REQUEST, level="must", of=chat,
    sources=["raullenchai/Rapid-MLX#923"],
    primary=["ERR-027"], cascades=["ERR-008"],
)  # fmt: skip
def nothing_said_becomes_a_word(request: HttpRequest) -> HttpRequest:
    """A message of the user whose content is null is accepted, and the model reads `None`."""
    listed: Any = request.json.get("messages")
    if not isinstance(listed, list):
        return request

    def read(held: Any) -> Any:
        silent = (
            isinstance(held, dict)
            and held.get("role") == "user"
            and held.get("content", "") is None
        )
        return {**held, "content": "None"} if silent else held

    return request.edited(messages=[*map(read, listed)])


@fault(
    "echo-refused-in-streams", at=REQUEST, level="should", of=texts,
    sources=["vllm-project/vllm#15119"],
    primary=["CMPL-007"], cascades=["CMPL-*", "ERR-033"],
)  # fmt: skip
def echo_refused_in_streams(request: HttpRequest) -> HttpRequest:
    """A text completion that is streamed refuses `echo`, which a whole one takes."""
    if request.json.get("stream") is True and request.json.get("echo") is True:
        raise Refusal("1 validation error for CompletionStreamResponse", kind="BadRequestError")
    return request
