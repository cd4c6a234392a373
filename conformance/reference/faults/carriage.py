"""What carries an answer: lengths, limits and waits in heads, bodies left unread, models left unlisted."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER, REFUSED
from conformance.reference.circumstances import (
    Circumstances,
    chat,
    every,
    just_abandoned,
    listing_models,
    streamed,
)
from conformance.reference.dress import compact
from conformance.reference.edit import is_model_list, is_streamed
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Pause, Script, Send

_HOURS = 6 * 3600.0
_MEBIBYTE = 1024 * 1024
_UNSENT = 120
"""Bytes that a length promises, and that never come."""


def _after_a_refused_key(now: Circumstances) -> bool:
    """On a connection whose last request had a body, and another key than this one."""
    last = now.before
    keys = now.request.headers.get("authorization"), last and last.headers.get("authorization")
    return last is not None and bool(last.body) and keys[0] != keys[1]


@fault(
    "refused-body-left-unread", at=RESPONSE, level="should", when=_after_a_refused_key,
    takes=["the body of answers"], sources=["JustVugg/colibri#610"],
    primary=["TRANS-020"], cascades=[*REFUSED, "MODELS-*"],
)  # fmt: skip
def refused_body_left_unread(response: Response) -> Response:
    """Who is refused for the key is not read to the end: the body is taken for the next request's first line."""
    page = b"<html><body><h1>Error response</h1><p>Error code: 400</p></body></html>"
    headers = response.with_header("Content-Type", "text/html;charset=utf-8")
    return replace(response, status=400, headers=headers, stream=False, body=(Send(page),))


@fault(
    "stream-with-the-length-of-a-document", at=SCRIPT, level="should", of=streamed, takes=["the end of the stream"],
    sources=["braintrustdata/braintrust-proxy#1124"],
    primary=["SSE-016"], cascades=[*LOST_STREAM, *NO_ANSWER, "SSE-*", "STRM-*", "STOOL-*", "TRANS-007"],
)  # fmt: skip
def stream_with_the_length_of_a_document(script: Script) -> Script:
    """A stream made of one document keeps its `Content-Length`, and ends before it has so many bytes."""
    if not is_streamed(script):
        return script
    bare = [
        Send(act.data.partition(b"\r\n")[2][:-2])
        if isinstance(act, Send) and not act.data.startswith(b"HTTP/")
        else act
        for act in script
        if act != Send(b"0\r\n\r\n")
    ]
    size = sum(
        len(act.data) for act in bare if isinstance(act, Send) and not act.data.startswith(b"HTTP/")
    )
    length = b"Content-Length: %d" % (size + _UNSENT)
    return tuple(
        Send(act.data.replace(b"Transfer-Encoding: chunked", length, 1))
        if isinstance(act, Send)
        else act
        for act in bare
    )


@fault(
    "length-beside-chunks", at=RESPONSE, level="should", of=streamed,
    sources=["timoklimmer/powerproxy-aoai#53"],
    primary=["SSE-016"], cascades=["TRANS-007"],
)  # fmt: skip
def length_beside_chunks(response: Response) -> Response:
    """A stream comes in chunks, and has a `Content-Length` beside them."""
    if not response.stream:
        return response
    return replace(response, headers=response.with_header("Content-Length", "0"))


@fault(
    "charset-refused", at=REQUEST, level="must", sources=["openai/openai-openapi#194"],
    primary=["TRANS-003"], cascades=["TRANS-004"],
)  # fmt: skip
def charset_refused(request: HttpRequest) -> HttpRequest:
    """JSON that names its charset is refused for its content type."""
    if "charset" in request.headers.get("content-type", "").lower():
        kind = request.headers["content-type"]
        raise Refusal(
            f"Unsupported content type: '{kind}'. This API method only accepts 'application/json'.",
            status=415,
            code="unsupported_content_type",
        )
    return request


def _over_a_mebibyte(request: HttpRequest) -> bool:
    return len(request.body) > _MEBIBYTE


@fault(
    "large-bodies-find-nothing", at=REPLY, level="must", of=_over_a_mebibyte, takes=["the body of errors"],
    sources=["mnfst/llm-gateway#2126"],
    primary=["TRANS-018"], cascades=["ERR-*", "CREQ-007", *NO_ANSWER],
)  # fmt: skip
def large_bodies_find_nothing(_reply: Reply) -> Reply:
    """A body of more than a mebibyte is answered as an unknown path, in the framework's own words."""
    told = {"message": "Cannot POST /v1/chat/completions", "error": "Not Found", "statusCode": 404}
    return Reply(status=404, document=told)


@fault(
    "limits-untold-in-streams", at=RESPONSE, level="should", sources=["BerriAI/litellm#27748"],
    primary=["TRANS-014"],
)  # fmt: skip
def limits_untold_in_streams(response: Response) -> Response:
    """Whole answers tell their rate limits; streams do not."""
    if not response.stream:
        return response
    kept = tuple(pair for pair in response.headers if not pair[0].startswith("x-ratelimit-"))
    return replace(response, headers=kept)


@fault(
    "waits-below-zero", at=RESPONSE, level="should", of=chat, when=every(10), takes=["the body of answers"],
    sources=["stuartleeks/aoai-simulated-api#57"],
    primary=["ERR-017"], cascades=["TRANS-014"],
)  # fmt: skip
def waits_below_zero(response: Response) -> Response:
    """Each tenth request is one too many, and is to come again 43 seconds ago."""
    kind = "rate_limit_exceeded"
    told = {"message": "Too many requests.", "type": kind, "param": None, "code": kind}
    response = replace(response, headers=response.with_header("x-ratelimit-reset-requests", "-43"))
    response = replace(response, headers=response.with_header("Content-Type", "application/json"))
    headers = response.with_header("Retry-After", "-43")
    body = (Send(compact({"error": told})),)
    return replace(response, status=429, headers=headers, stream=False, body=body)


@fault(
    "models-created-in-words", at=REPLY, level="should", of=listing_models,
    sources=["nomic-ai/gpt4all#1353"],
    primary=["MODELS-004"], cascades=["MODELS-006"],
    amended="models have more members here, and words are no number: MODELS-006",
)  # fmt: skip
def models_created_in_words(reply: Reply) -> Reply:
    """When a listed model was made is told in words."""
    held = reply.document
    if not isinstance(held, dict) or not is_model_list(held):
        return reply
    listed = [{**each, "created": "who can keep track?"} for each in held["data"]]
    return replace(reply, document={**held, "data": listed})


@fault(
    "added-models-not-listed", at=REPLY, level="may", of=listing_models,
    sources=["decolua/9router#496"],
    changes=["models/configured-model"],
    amended="was said to break MODELS-008; but that lets a model be served unlisted, where it is told",
)  # fmt: skip
def added_models_not_listed(reply: Reply) -> Reply:
    """A model that was configured is served, and does not stand in the list."""
    held = reply.document
    if not isinstance(held, dict) or not is_model_list(held):
        return reply
    return replace(reply, document={**held, "data": held["data"][1:]})


@fault(
    "streams-hang-after-a-hang-up", at=SCRIPT, level="should", of=streamed, when=just_abandoned(24),
    takes=["the end of the stream"], sources=["InternLM/lmdeploy#548"],
    primary=["TRANS-024"], cascades=["STRM-031", *REFUSED],
    amended="not the clauses: the streams of 24 requests hang in place of three, for others are asked meanwhile",
)  # fmt: skip
def streams_hang_after_a_hang_up(script: Script) -> Script:
    """After a client hung up on a stream, the next ones begin and never go on."""
    if not is_streamed(script):
        return script
    place = next(at for at, act in enumerate(script) if isinstance(act, Send))
    return (*script[: place + 1], Pause(_HOURS))
