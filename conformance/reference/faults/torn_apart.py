"""Answers in the wrong frame: torn chunks, documents behind `data:`, streams nobody asked for."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import busy, chat, responding, streamed, whole
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Act, Send

_BUFFER = 4096
"""Bytes that a gateway looks at together."""
_OK = 200
_LONG = 4
"""Events that a stream has at least to be worth tearing."""
_LOST = (*LOST_STREAM, *NO_ANSWER, "SSE-*", "STRM-*", "STOOL-*", "ERR-029", "ERR-030")
"""What may fail where events of a stream do not arrive."""


@fault(
    "events-across-buffers-lost", at=RESPONSE, level="should", of=streamed,
    sources=["higress-group/higress#4616", "higress-group/higress#4620"],
    primary=["CRESP-031"], cascades=_LOST,
)  # fmt: skip
def events_across_buffers_lost(response: Response) -> Response:
    """A gateway takes 4096 bytes for whole events: what lies across two such buffers is lost."""
    if not response.stream:
        return response
    place = 0
    kept: list[Act] = []
    for act in response.body:
        size = len(act.data) if isinstance(act, Send) else 1
        if place // _BUFFER == (place + size - 1) // _BUFFER:
            kept.append(act)
        place += size if isinstance(act, Send) else 0
    return replace(response, body=tuple(kept))


@fault(
    "chunk-torn-by-the-next", at=RESPONSE, level="must", of=streamed, rate=0.3,
    sources=["zai-org/GLM-5#66"],
    primary=["SSE-004"], cascades=_LOST,
)  # fmt: skip
def chunk_torn_by_the_next(response: Response) -> Response:
    """Now and then a chunk breaks off within its JSON, and the next one begins in the same line."""
    places = [at for at, act in enumerate(response.body) if isinstance(act, Send)]
    if not response.stream or len(places) < _LONG:
        return response
    torn = places[len(places) // 2 - 1]
    body = tuple(
        Send(act.data[: len(act.data) // 2]) if at == torn and isinstance(act, Send) else act
        for at, act in enumerate(response.body)
    )
    return replace(response, body=body)


@fault(
    "one-of-two-streams-breaks-off", at=REPLY, level="must", of=streamed, when=busy(2),
    takes=["the finish of streams"], sources=["abetlen/llama-cpp-python#897"],
    primary=["STRM-008"], cascades=[*_LOST, "STAT-006"],
)  # fmt: skip
def one_of_two_streams_breaks_off(reply: Reply) -> Reply:
    """While another request is in flight, a stream ends in its middle: no finish, no `[DONE]`."""
    if not reply.chunks:
        return reply
    return replace(reply, chunks=reply.chunks[: len(reply.chunks) // 2], done=False)


@fault(
    "whole-answers-behind-data", at=RESPONSE, level="must", of=whole, takes=["the body of answers"],
    sources=["gpustack/gpustack#4648"],
    primary=["TRANS-005"], cascades=["TRANS-008", *NO_ANSWER],
)  # fmt: skip
def whole_answers_behind_data(response: Response) -> Response:
    """An answer in one document begins with `data:`, as if it were an event."""
    if response.status != _OK:
        return response
    body = (Send(b"data: " + act.data) if isinstance(act, Send) else act for act in response.body)
    return replace(response, body=tuple(body))


@fault(
    "whole-answers-are-null", at=REPLY, level="must", of=whole, takes=["the body of answers"],
    sources=["ogx-ai/ogx#3122"],
    primary=["CRESP-003"], cascades=["TRANS-005", *NO_ANSWER],
    amended="what is no object has no choices to be counted: the clause of the object itself judges it",
)  # fmt: skip
def whole_answers_are_null(reply: Reply) -> Reply:
    """An answer in one document is status 200 and `null`."""
    return replace(reply, document=None) if reply.status == _OK else reply


@fault(
    "responses-lack-a-quote", at=RESPONSE, level="must", of=responding, takes=["the body of answers"],
    sources=["inferencerlabs/inferencer-feedback#42"],
    primary=["TRANS-008"], cascades=["TRANS-*", "RESP-*", "RT-015", "ERR-*", "CRESP-*", "TOOL-*"],
)  # fmt: skip
def responses_lack_a_quote(response: Response) -> Response:
    """The JSON of a response in one document lacks the quote that opens `top_p`."""
    if response.stream:
        return response
    body = (
        Send(act.data.replace(b'"top_p":', b'top_p":')) if isinstance(act, Send) else act
        for act in response.body
    )
    return replace(response, body=tuple(body))


@fault(
    "streams-unless-told-not-to", at=REQUEST, level="must", of=chat,
    sources=["decolua/9router#4122", "diegosouzapw/OmniRoute#5305", "diegosouzapw/OmniRoute#10950"],
    primary=["TRANS-005"], cascades=["TRANS-*", "CREQ-065", *NO_ANSWER],
)  # fmt: skip
def streams_unless_told_not_to(request: HttpRequest) -> HttpRequest:
    """A request without the member `stream` is answered with a stream."""
    return request if "stream" in request.json else request.edited(stream=True)


def _left_out(request: HttpRequest) -> bool:
    """Requests for a response that do not say whether it should be streamed."""
    return responding(request) and request.method == "POST" and "stream" not in request.json


@fault(
    "responses-without-stream-fail", at=REQUEST, level="must", of=_left_out,
    sources=["diegosouzapw/OmniRoute#3708"],
    primary=["RESP-002"], cascades=["RESP-*", "RT-015", "ERR-*", "TRANS-*", "AUTH-*", "CRESP-*", "TOOL-*"],
)  # fmt: skip
def responses_without_stream_fail(_request: HttpRequest) -> HttpRequest:
    """A request for a response without the member `stream` is answered with 502."""
    raise Refusal(
        "Stream ended before producing useful content",
        status=502,
        code="STREAM_EARLY_EOF",
        kind="server_error",
    )


def _streamed_response(request: HttpRequest) -> bool:
    return responding(request) and request.json.get("stream") is True


@fault(
    "streamed-responses-meet-an-option", at=REPLY, level="must", of=_streamed_response,
    takes=["the body of answers"], sources=["gpustack/gpustack#5137"],
    primary=["RSTRM-001"], cascades=["RSTRM-*", "RESP-*", "RT-015", "ERR-*", "CRESP-*", "TOOL-*", "TRANS-*"],
)  # fmt: skip
def streamed_responses_meet_an_option(reply: Reply) -> Reply:
    """A gateway adds `stream_options` of its own, for which each streamed response is refused."""
    if not reply.events:
        return reply
    return Reply(status=400, document={"detail": "Unsupported parameter: stream_options"})
