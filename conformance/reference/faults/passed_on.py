"""Refusals that a gateway passes on unframed, as comments, in a stream, with the key, or never."""

from __future__ import annotations

import json
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, REFUSED
from conformance.reference.circumstances import (
    busy,
    chat,
    every,
    responding,
    streamed,
    texts,
)
from conformance.reference.dress import compact
from conformance.reference.edit import ERROR, error
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Act, Pause, Script, Send

_HOURS = 6 * 3600.0
_TOLD_IN_STREAMS = (
    "ERR-*", "SSE-*", "STRM-*", "STOOL-*", "CRESP-*", "CREQ-*", "SO-*", "TRANS-*", "USAGE-*", "TOOL-*", "RT-*", "RSN-*",
)  # fmt: skip
"""What is asked of a refusal, and of a stream, where a refusal becomes a stream."""


def _streaming(response: Response, *body: Act) -> Response:
    """In place of a refusal a stream that begins as if all were well."""
    headers = response.with_header("Content-Type", "text/event-stream; charset=utf-8")
    return replace(response, status=200, headers=headers, stream=True, body=body)


def _said(response: Response) -> bytes:
    return b"".join(act.data for act in response.body if isinstance(act, Send))


def _message(response: Response) -> str:
    """The words of a refusal."""
    try:
        told = json.loads(_said(response))["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return "unspecified error"
    return str(told)


@fault(
    "refusals-unframed-in-streams", at=RESPONSE, level="must", of=streamed, takes=["the body of errors"],
    sources=["lemonade-sdk/lemonade#2826"],
    primary=["ERR-028"], cascades=_TOLD_IN_STREAMS,
)  # fmt: skip
def refusals_unframed_in_streams(response: Response) -> Response:
    """What the backend refuses of a stream comes as its JSON without `data:`, in an event stream with status 200."""
    if response.status != ERROR:
        return response
    return _streaming(response, Send(_said(response)))


def _with_image(request: HttpRequest) -> bool:
    listed: Any = request.json.get("messages")
    contents = [each.get("content") for each in listed or () if isinstance(each, dict)]
    parts = [part for parts in contents if isinstance(parts, list) for part in parts]
    return streamed(request) and any(
        isinstance(part, dict) and part.get("type") == "image_url" for part in parts
    )


@fault(
    "refused-images-told-in-comments", at=RESPONSE, level="must", of=_with_image, takes=["the body of errors"],
    sources=["ai-dynamo/dynamo#8674"],
    primary=["ERR-028"], cascades=_TOLD_IN_STREAMS,
)  # fmt: skip
def refused_images_told_in_comments(response: Response) -> Response:
    """An image that cannot be had is told of in a stream, by an event without data and a comment."""
    if not ERROR <= response.status < 500:  # noqa: PLR2004
        return response
    words = " ".join(_message(response).split())
    return _streaming(response, Send(f"event: error\n: {words}\n\n".encode()))


def _wants_none(request: HttpRequest) -> bool:
    number = request.json.get("n")
    streams = request.json.get("stream") is True and (chat(request) or texts(request))
    return streams and isinstance(number, int) and number < 1


@fault(
    "no-choices-and-no-end", at=RESPONSE, level="must", of=_wants_none, takes=["the body of errors"],
    sources=["EricLBuehler/mistral.rs#1874"],
    primary=["ERR-028"], cascades=_TOLD_IN_STREAMS,
)  # fmt: skip
def no_choices_and_no_end(response: Response) -> Response:
    """A stream of no choices is one event of plain words, and stays open."""
    told = Send(b"data: Number of choices must be greater than 0.\n\n")
    return _streaming(response, told, Pause(_HOURS))


def _streamed_response(request: HttpRequest) -> bool:
    return responding(request) and request.json.get("stream") is True


@fault(
    "streamed-responses-fail-without-a-word", at=RESPONSE, level="must", of=_streamed_response,
    takes=["the body of errors"], sources=["ai-dynamo/dynamo#12442"],
    primary=["ERR-028"], cascades=["ERR-*", "RESP-*", "RSTRM-*", "SSE-*", "TRANS-*", "RT-*", "CREQ-*", "SO-*"],
)  # fmt: skip
def streamed_responses_fail_without_a_word(response: Response) -> Response:
    """What the backend refuses of a streamed response is status 200 and `response.failed`, with null for an error."""
    if response.status != ERROR:
        return response
    begun: Json = {
        "id": "resp_backend",
        "object": "response",
        "created_at": int(parsedate_to_datetime(dict(response.headers)["Date"]).timestamp()),
        "status": "in_progress",
        "model": "backend",
        "output": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "top_p": 1.0,
    }
    told = ("response.created", begun), ("response.failed", {**begun, "status": "failed"})
    events = (
        {"type": name, "sequence_number": number, "response": held}
        for number, (name, held) in enumerate(told)
    )
    body = (
        Send(f"event: {each['type']}\ndata: ".encode() + compact(each) + b"\n\n") for each in events
    )
    return _streaming(response, *body)


@fault(
    "refused-streams-hang", at=SCRIPT, level="must", of=streamed, takes=["the body of errors"],
    sources=["easychen/openai-api-proxy#33"],
    primary=["ERR-028"], cascades=["AUTH-008", "AUTH-*", *_TOLD_IN_STREAMS],
)  # fmt: skip
def refused_streams_hang(script: Script) -> Script:
    """A proxy waits for events: what upstream refuses of a stream is never answered."""
    first = next((act.data for act in script if isinstance(act, Send)), b"")
    return (Pause(_HOURS), *script) if first[9:10] in (b"4", b"5") else script


@fault(
    "upstream-address-holds-the-key", at=REQUEST, level="must", of=chat, when=every(10),
    takes=["the body of answers"], sources=["zuisong/gemini-openai-proxy#39"],
    primary=["AUTH-007"], cascades=REFUSED,
)  # fmt: skip
def upstream_address_holds_the_key(request: HttpRequest) -> HttpRequest:
    """Each tenth request is one too many for upstream; the error quotes upstream's address, with the key in it."""
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    if not key:
        return request
    address = f"https://upstream.example/v1beta/models/some:generateContent?key={key}"
    raise Refusal(
        f"Error fetching from {address}: [429 Too Many Requests] Resource has been exhausted.",
        status=429,
        code="rate_limit_exceeded",
        kind="rate_limit_error",
    )


@fault(
    "response-errors-coded-by-status", at=REPLY, level="should", of=responding, takes=["the body of errors"],
    sources=["sgl-project/sglang#32808"],
    primary=["ERR-004"], cascades=["RESP-026", "ERR-011", "ERR-021", "ERR-032"],
)  # fmt: skip
def response_errors_coded_by_status(reply: Reply) -> Reply:
    """Errors of responses have the status for a code, as a number."""
    return error(reply, lambda inner: {"error": {**inner, "code": reply.status}})


@fault(
    "unknown-model-503", at=REPLY, level="must", takes=["the body of errors"],
    sources=["Wei-Shaw/sub2api#1489"],
    primary=["ERR-011"],
    cascades=["ERR-*", "AUTH-004", "CREQ-001", "RESP-026", "CMPL-001", "EMB-001", "MODELS-011"],
)  # fmt: skip
def unknown_model_503(reply: Reply) -> Reply:
    """A model that nobody serves is told as an outage that will pass."""
    held = reply.document if isinstance(reply.document, dict) else {}
    inner = held.get("error")
    if not isinstance(inner, dict) or inner.get("code") != "model_not_found":
        return reply
    told = {"type": "api_error", "message": "Service temporarily unavailable"}
    return Reply(status=503, document={"error": told})


@fault(
    "full-queue-told-in-streams", at=REPLY, level="must", of=streamed, when=busy(4), takes=["the body of answers"],
    sources=["sgl-project/sglang#28175"],
    primary=["ERR-028"], cascades=[*REFUSED, *NO_ANSWER],
)  # fmt: skip
def full_queue_told_in_streams(reply: Reply) -> Reply:
    """While four requests are in flight a stream has status 200, and one event that says that the queue is full."""
    told = {
        "object": "error",
        "message": "The request queue is full.",
        "type": "ServiceUnavailable",
        "param": None,
        "code": 503,
    }
    return Reply(chunks=({"error": told},), stream=True) if reply.stream else reply
