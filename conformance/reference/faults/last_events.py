"""Last events of streams: without their prefix, torn off, never there, or not the last word."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER, OTHER_WORDS, UNTOLD
from conformance.reference.circumstances import streamed, texts
from conformance.reference.dress import compact
from conformance.reference.edit import DONE, each_event, finishing, is_streamed
from conformance.reference.fault import REPLY, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import HangUp, Pause, Script, Send

_HOURS = 6 * 3600.0
_LONG = 48
"""Events of an answer that is longer than a sentence or two."""
_WORD = "final_text"
_GONE = (*LOST_STREAM, *NO_ANSWER, "SSE-*", "STRM-*", "STOOL-*")
"""What may fail where a stream has no end that can be read."""


def _counted(request: HttpRequest) -> bool:
    """Requests for a stream that ask what it costs."""
    options: Any = request.json.get("stream_options")
    return streamed(request) and isinstance(options, dict) and options.get("include_usage") is True


def _chunk(event: bytes) -> Json:
    """What an event holds; empty where it is no chunk."""
    if not event.startswith(b"data: {"):
        return {}
    held: Json = json.loads(event.removeprefix(b"data: "))
    return held


@fault(
    "finish-unframed-where-usage-is-asked", at=RESPONSE, level="must", of=_counted,
    takes=["the finish of streams"], sources=["gpustack/gpustack#6155", "gpustack/gpustack#3950"],
    primary=["SSE-004"],
    cascades=[*UNTOLD, "SSE-*", "STRM-*", "CREQ-064", "TRANS-007", "STOOL-*", "TOOL-*", "RT-*", "RSN-*", "SO-*"],
)  # fmt: skip
def finish_unframed_where_usage_is_asked(response: Response) -> Response:
    """Where a stream is to tell its usage, the chunk with the finish comes without `data:`."""

    def bare(event: bytes) -> bytes:
        chunk = _chunk(event)
        return event.removeprefix(b"data: ") if chunk.get("choices") and finishing(chunk) else event

    return each_event(response, bare)


@fault(
    "longer-streams-stay-open", at=SCRIPT, level="must", of=streamed, takes=["the end of the stream"],
    sources=["waybarrios/vllm-mlx#101"],
    primary=["SSE-010"], cascades=_GONE,
)  # fmt: skip
def longer_streams_stay_open(script: Script) -> Script:
    """After the finish of a longer answer no `[DONE]` comes, and the connection stays open."""
    if not is_streamed(script) or sum(isinstance(act, Send) for act in script) < _LONG:
        return script
    ends = (at for at, act in enumerate(script) if isinstance(act, Send) and DONE in act.data)
    return (*script[: next(ends, len(script))], Pause(_HOURS))


@fault(
    "finished-streams-end-in-an-error", at=RESPONSE, level="must", of=streamed,
    takes=["the end of the stream"], sources=["BerriAI/litellm#39507"],
    primary=["SSE-010"], cascades=[*_GONE, "ERR-*"],
)  # fmt: skip
def finished_streams_end_in_an_error(response: Response) -> Response:
    """A gateway reads upstream's `[DONE]` as JSON: a stream that is complete ends in an error."""
    told = {
        "message": "Chunk cannot be parsed as JSON: Expecting value: line 1 column 3 (char 2)",
        "type": "server_error",
        "param": None,
        "code": "500",
    }
    error = b"data: " + compact({"error": told}) + b"\n\n"
    return each_event(response, lambda event: error if event == DONE else event)


@fault(
    "asked-usage-ends-the-stream", at=SCRIPT, level="must", of=_counted, takes=["the end of the stream"],
    sources=["Portkey-AI/gateway#1072"],
    primary=["SSE-010"], cascades=[*_GONE, "CREQ-064"],
    amended="a stream that is cut before its end may still have had its usage to come: it lacks [DONE]",
)  # fmt: skip
def asked_usage_ends_the_stream(script: Script) -> Script:
    """Where the usage of a stream is asked for, the connection ends as that is to be told."""
    if not is_streamed(script):
        return script
    sent = ((at, act.data) for at, act in enumerate(script) if isinstance(act, Send))
    place = next((at for at, data in sent if b'"choices":[]' in data), None)
    return script if place is None else (*script[:place], HangUp())


@fault(
    "comments-behind-the-end", at=RESPONSE, level="should", of=streamed,
    sources=["diegosouzapw/OmniRoute#10524"],
    primary=["SSE-011"],
)  # fmt: skip
def comments_behind_the_end(response: Response) -> Response:
    """After `[DONE]` a gateway tells in comments what the stream cost, and how long it took."""
    told = b": x-latency-ms=1207\n: x-cache-hit=false\n: x-tokens-out=12\n\n"
    return each_event(response, lambda event: event + told if event == DONE else event)


@fault(
    "ids-in-events-of-their-own", at=RESPONSE, level="must", of=streamed,
    sources=["diegosouzapw/OmniRoute#10017"],
    primary=["SSE-008"], cascades=["STRM-025", "SSE-009", *LOST_STREAM],
)  # fmt: skip
def ids_in_events_of_their_own(response: Response) -> Response:
    """After each chunk comes an event of `id:` alone, and before `[DONE]` one of `event:` alone."""
    seen: list[bytes] = []

    def numbered(event: bytes) -> bytes:
        if event == DONE:
            return b"event: done\n\n" + event
        seen.append(event)
        return event + b"id: %d\n\n" % (len(seen) - 1)

    return each_event(response, numbered)


def _streaming(request: HttpRequest) -> bool:
    """Requests for a stream, of a chat or of a text."""
    return streamed(request) or (texts(request) and request.json.get("stream") is True)


def _worded(chunk: Json) -> tuple[Json, ...]:
    """A chunk; where it ends texts, one before it that says a word more in each."""
    ended = [each for each in chunk["choices"] if each["finish_reason"] in ("stop", "length")]
    if not ended:
        return (chunk,)
    said: Json = {"text": _WORD} if "text" in ended[0] else {"delta": {"content": _WORD}}
    more = [{**each, **said, "finish_reason": None} for each in ended]
    return ({**chunk, "choices": more}, chunk)


@fault(
    "streams-end-with-a-word-of-the-servers-own", at=REPLY, level="should", of=_streaming,
    sources=["tenstorrent/tt-inference-server#2551"],
    primary=["CRESP-031"], cascades=[*OTHER_WORDS, "CMPL-*", "STOOL-*", "TOOL-*"],
)  # fmt: skip
def streams_end_with_a_word_of_the_servers_own(reply: Reply) -> Reply:
    """The last delta of a streamed text is `final_text`, the name of a member within the server."""
    chunks = tuple(more for each in reply.chunks for more in _worded(each))
    told = tuple(more for each in reply.texts for more in _worded(each))
    return replace(reply, chunks=chunks, texts=told)
