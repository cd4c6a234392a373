"""Bytes that are not what HTTP promises: framing, heads, answers that stop, connections that break."""

from __future__ import annotations

import gzip
from dataclasses import replace

from conformance.reference.answer import Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import (
    accepting,
    chat,
    listing_models,
    reused,
    streamed,
    whole,
)
from conformance.reference.edit import at_byte, at_event, at_once, is_streamed
from conformance.reference.fault import RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import HangUp, Pause, Script, Send

_OK = b"HTTP/1.1 200"
_HOURS = 6 * 3600.0


def _succeeds(script: Script) -> bool:
    first = next((act for act in script if isinstance(act, Send)), None)
    return first is not None and first.data.startswith(_OK)


def _length(script: Script) -> int:
    return sum(len(act.data) for act in script if isinstance(act, Send))


@fault(
    "chunk-size-garbled", at=SCRIPT, level="must", of=streamed, rate=0.3, takes=["the end of the stream"],
    sources=["openai/openai-python#2065", "chatchat-space/Langchain-Chatchat#4383"],
    primary=["SSE-010"], cascades=[*LOST_STREAM, *NO_ANSWER, "SSE-011"],
)  # fmt: skip
def chunk_size_garbled(script: Script) -> Script:
    """In mid-stream the size of a chunk is not a number."""
    return at_event(script, 3, Send(b"size\r\ndata: {}\n\n\r\n"), HangUp())


@fault(
    "json-cut-off", at=SCRIPT, level="must", of=whole, rate=0.2, takes=["the body of answers"],
    sources=["proxies that give up an answer: incomplete body, connection closed"],
    primary=["TRANS-005"], cascades=["TRANS-021", "TRANS-008", *NO_ANSWER],
    amended="the answer to a request that was announced is cut as well: TRANS-021",
)  # fmt: skip
def json_cut_off(script: Script) -> Script:
    """The connection closes within the last bytes of a JSON answer."""
    return at_byte(script, _length(script) - 20, HangUp()) if _succeeds(script) else script


@fault(
    "head-garbled", at=SCRIPT, level="must", of=listing_models,
    sources=["gateways that copy header values with their line breaks"],
    primary=["TRANS-005"], cascades=["MODELS-*", "TRANS-020"],
    amended="what is not HTTP is no response with status 200; that clause, not the list's: TRANS-005",
)  # fmt: skip
def head_garbled(script: Script) -> Script:
    """The head of the list of models holds a line that is not a header."""
    if not _succeeds(script):
        return script
    broken = (
        Send(act.data.replace(b"\r\nDate:", b"\r\nupstream said:\x00hello\r\nno colon\r\nDate:", 1))
        if isinstance(act, Send)
        else act
        for act in script
    )
    return tuple(broken)


def _hot(request: HttpRequest) -> bool:
    warmth = request.json.get("temperature")
    return chat(request) and isinstance(warmth, int | float) and warmth > 1


@fault(
    "answer-stalls", at=SCRIPT, level="must", of=_hot, takes=["the end of the stream", "the body of answers"],
    sources=["vllm-project/vllm-ascend#8017"],
    field=["temperature-hangs-server-310p"],
    primary=["CREQ-023"],
    cascades=[*LOST_STREAM, "TRANS-005", "TRANS-007", "TRANS-008", "CREQ-025", "CREQ-026", "CREQ-036"],
)  # fmt: skip
def answer_stalls(script: Script) -> Script:
    """At a temperature above 1 the head of the answer comes, and then nothing any more."""
    first = next((act.data for act in script if isinstance(act, Send)), b"")
    head = first.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return at_byte(script, len(head), Pause(_HOURS)) if _succeeds(script) else script


@fault(
    "blank-lines-for-an-answer", at=RESPONSE, level="must", of=whole, rate=0.2, takes=["the body of answers"],
    sources=["DeepSeek API: Rate Limit (keep-alive)", "langgenius/dify#13068"],
    field=["nonstream-200-then-empty-body-timeout"],
    primary=["TRANS-005"], cascades=["TRANS-008", *NO_ANSWER],
)  # fmt: skip
def blank_lines_for_an_answer(response: Response) -> Response:
    """Status 200 and blank lines to keep the connection, but the answer never follows."""
    return response if response.status != 200 else replace(response, body=(Send(b"\n" * 8),))  # noqa: PLR2004


@fault(
    "second-answer-reset", at=SCRIPT, level="should", of=whole, when=reused, takes=["the body of answers"],
    sources=["balancers that forget kept-alive connections"],
    primary=["TRANS-020"], cascades=["TRANS-*", "ERR-*", "AUTH-*", *NO_ANSWER],
)  # fmt: skip
def second_answer_reset(script: Script) -> Script:
    """A connection serves one request; the answer to the next one is reset half way."""
    return at_byte(script, _length(script) // 2, Pause(0.02), HangUp("reset"))


@fault(
    "compressed-without-saying", at=RESPONSE, level="must", of=whole, when=accepting("gzip"), rate=0.3,
    takes=["the body of answers"], sources=["proxies that strip Content-Encoding"],
    primary=["TRANS-005", "TRANS-009"], cascades=["TRANS-008", *NO_ANSWER],
)  # fmt: skip
def compressed_without_saying(response: Response) -> Response:
    """Who accepts gzip gets it, without `Content-Encoding`."""
    if response.status != 200:  # noqa: PLR2004
        return response
    pauses, data = at_once(response.body)
    return replace(response, body=(*pauses, Send(gzip.compress(data))))


@fault(
    "multibyte-cuts-stream", at=SCRIPT, level="must", of=streamed, takes=["the end of the stream"],
    sources=["vllm-project/vllm-ascend#3750"],
    field=["proxy-utf8-decode-error-mid-stream"],
    primary=["SSE-010"], cascades=[*LOST_STREAM, "SSE-015", "CRESP-027", "TRANS-004"],
)  # fmt: skip
def multibyte_cuts_stream(script: Script) -> Script:
    """A proxy that decodes what it reads hangs up at the first character beyond ASCII."""
    place = 0
    for act in script if is_streamed(script) else ():
        data = act.data if isinstance(act, Send) else b""
        if not data.isascii():
            within = next(at for at, byte in enumerate(data) if byte > 127)  # noqa: PLR2004
            return at_byte(script, place + within + 1, HangUp("reset"))
        place += len(data)
    return script
