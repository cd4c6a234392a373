"""Events of a stream that are not what they must be, and errors that come as such."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import streamed
from conformance.reference.edit import DONE, ERROR, each_event
from conformance.reference.fault import RESPONSE
from conformance.reference.script import Send
from conformance.reference.turned import turned

_turned = partial(turned, area=__name__, cascades=["STRM-025"])
_TEXT = ("STRM-*", "CRESP-*", "CREQ-*", "SO-*", "RT-*", "LOGP-*", "TOOL-*", "STOOL-*")
"""What may fail where the text of a stream is not what it was."""


def _middle(event: bytes) -> Any:
    """Half of the chunks, then an event of an error's, then `[DONE]`."""

    def edited(response: Response) -> Response:
        if not response.stream:
            return response
        sends = [act for act in response.body if isinstance(act, Send)]
        kept = sends[: max(1, len(sends) // 2)]
        return replace(response, body=(*kept, Send(event), Send(DONE)))

    return edited


def _refused_as_stream(reply: Reply) -> Reply:
    if reply.status < ERROR or not isinstance(reply.document, dict):
        return reply
    inner = {**reply.document["error"], "type": "invalid_request_error"}
    return replace(reply, status=200, stream=True, document=None, chunks=({"error": inner},))


def _spread(event: bytes) -> bytes:
    """The JSON of an event over several data lines."""
    if event == DONE:
        return event
    name, _, data = event.partition(b"data: ")
    lines = json.dumps(json.loads(data), indent=0, ensure_ascii=False).encode().split(b"\n")
    return name + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


def _uncached(response: Response) -> Response:
    kept = tuple(pair for pair in response.headers if pair[0] != "Cache-Control")
    return replace(response, headers=kept) if response.stream else response


# fmt: off
_turned("data-is-no-json", "SSE-004", "The first chunk has single quotes.",
        lambda response: each_event(response, lambda event: event.replace(b'"role":"assistant"', b"'role':'assistant'")),
        at=RESPONSE, cascades=["STRM-*", "CRESP-*", "SSE-005", "SSE-014", "CREQ-011", "RT-*", "RSTRM-*"],
        amended="what the lost chunk told is missing in the message sent back as well: CREQ-011, RT-*; and in a streamed response: RSTRM-*")
_turned("speaks-after-done", "SSE-010 SSE-011", "An event follows `[DONE]`.",
        lambda response: each_event(response, lambda event: event + b"data: {}\n\n" if event == DONE else event),
        at=RESPONSE)
_turned("events-have-names", "SSE-009", "Events are called `thread.message.delta`.",
        lambda response: each_event(response, lambda event: event if event == DONE else b"event: thread.message.delta\n" + event),
        level="should", at=RESPONSE, cascades=[*_TEXT, "USAGE-*"])
_turned("json-over-several-lines", "SSE-005", "The JSON of a chunk spreads over several data lines.",
        lambda response: each_event(response, _spread), level="should", at=RESPONSE, cascades=["SSE-014", "STRM-025"])
_turned("stream-cached", "SSE-016", "A stream does not tell caches to keep off.", _uncached, level="should",
        at=RESPONSE)
_turned("json-with-line-breaks", "SSE-014", "Line breaks within JSON are not escaped.",
        lambda response: each_event(response, lambda event: event.replace(b',"choices"', b',\n"choices"')),
        at=RESPONSE, cascades=["SSE-003", "SSE-004", "SSE-015", *LOST_STREAM, *_TEXT, "USAGE-*", "TRANS-*", "CMPL-*"],
        amended="the text of a streamed text completion is not what it was, either: CMPL-*; and a stream that cannot be read comes in no pieces: SSE-015")
_turned("refused-as-stream", "ERR-028", "A refusal comes as an event of a stream with status 200.",
        _refused_as_stream, of=streamed, field=["stream-error-raw-event-with-200"],
        cascades=["ERR-*", "AUTH-*", "CREQ-*", "SO-*", "TOOL-*", "RT-*", "STRM-*", "MODELS-*", "TRANS-*"])
_turned("late-error-in-words", "ERR-029", "In mid-stream an error is a text.",
        _middle(b'data: {"error":"upstream is gone"}\n\n'), at=RESPONSE, of=streamed, rate=0.3,
        cascades=["SSE-004", "SSE-015", *LOST_STREAM, *NO_ANSWER, "ERR-030", "STRM-*", "STOOL-*"],
    amended="a stream that ends in an error is served in no form of lines: SSE-004, SSE-015")
_turned("late-error-lost", "ERR-030", "In mid-stream an error stands at the top level.",
        _middle(b'data: {"object":"error","message":"upstream is gone","code":502}\n\n'), at=RESPONSE, of=streamed,
        rate=0.3, cascades=["SSE-004", "SSE-015", *LOST_STREAM, *NO_ANSWER, "ERR-029", "STRM-*", "STOOL-*"],
    amended="a stream that ends in an error is served in no form of lines: SSE-004, SSE-015")
