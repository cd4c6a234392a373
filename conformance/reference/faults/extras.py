"""More than was asked for, where it changes what was: extras that are not additive."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, REFUSED
from conformance.reference.circumstances import chat, listing_models, streamed, whole
from conformance.reference.edit import EVENT_END, each_choice, each_chunk, each_chunk_choice
from conformance.reference.edit import whole as completion
from conformance.reference.fault import RESPONSE, SCRIPT
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import HangUp, Pause, Script, Send
from conformance.reference.turned import having, in_entry, turned

_turned = partial(turned, area=__name__)
_LONG = 512
"""Tokens that an answer may have, so that it takes its time."""
_TAKES = 5.2
"""Seconds."""
_FILTERED = {"hate": {"filtered": True, "severity": "high"}}


def _without_alternatives(request: HttpRequest) -> bool:
    return chat(request) and request.json.get("logprobs") is True and not request.json.get("top_logprobs")  # fmt: skip


def _long(request: HttpRequest) -> bool:
    most = request.json.get("max_tokens")
    return whole(request) and isinstance(most, int) and most >= _LONG


def _models(reply: Reply) -> Reply:
    held = reply.document
    if not isinstance(held, dict) or not isinstance(held.get("data"), list):
        return reply
    data = [{**each, "root": each["id"], "created": "2026-01-01"} for each in held["data"]]
    return replace(reply, document={**held, "data": data})


def _filtered(reply: Reply) -> Reply:
    edit = having(content_filter_results=_FILTERED)
    return each_chunk_choice(each_choice(reply, edit), edit)


def _same_alternative(entry: Json) -> Json:
    told = {name: entry[name] for name in ("token", "logprob", "bytes")}
    return {**entry, "top_logprobs": [told]}


def _running(chunk: Json) -> Json:
    return {**chunk, "usage": len(chunk["choices"])} if chunk["choices"] else chunk


def _so_far(reply: Reply) -> Reply:
    """Texts of the first choice, each with all that came before."""
    texts = [_text(chunk) for chunk in reply.chunks]
    told = zip(reply.chunks, accumulate(texts), texts, strict=True)
    return replace(reply, chunks=tuple(_saying(chunk, so_far) if own else chunk for chunk, so_far, own in told))  # fmt: skip


def _text(chunk: Json) -> str:
    first = [each for each in chunk["choices"] if each["index"] == 0]
    return (first[0]["delta"].get("content") or "") if first else ""


def _saying(chunk: Json, text: str) -> Json:
    def told(choice: Json) -> Json:
        if choice["index"]:
            return choice
        return {**choice, "delta": {**choice["delta"], "content": text}}

    return {**chunk, "choices": [told(each) for each in chunk["choices"]]}


def _joined(response: Response) -> Response:
    """Events end with two vertical tabs, so that there is one line in all."""
    if not response.stream:
        return response

    def ended(act: Any) -> Any:
        joined = isinstance(act, Send) and act.data.endswith(EVENT_END)
        return Send(act.data[: -len(EVENT_END)] + b"\v\v") if joined else act

    return replace(response, body=tuple(map(ended, response.body)))


def _given_up(_script: Script) -> Script:
    return (Pause(_TAKES), HangUp())


_turned("metadata-unasked", "CRESP-032", "Answers have `metadata` that nobody asked for.",
        lambda reply: completion(reply, having(metadata={"tier": "free"})), level="may", cascades=["CRESP-025"])  # fmt: skip
_turned("filtered-text-ends-with-stop", "CRESP-019 STRM-032", "What was filtered says so in a vendor's words, and ends as if nothing was.",
        _filtered, level="may", of=chat, cascades=["CRESP-025", "STRM-*"])  # fmt: skip
_turned("more-of-models-changes-the-rest", "MODELS-006", "Models have a root, and tell their time in words.",
        _models, level="may", of=listing_models, cascades=["MODELS-*"])  # fmt: skip
_turned("alternatives-unasked", "LOGP-004", "Each token has an alternative where none was asked for.",
        in_entry(_same_alternative), of=_without_alternatives, cascades=["LOGP-*"])  # fmt: skip
_turned("running-count-is-a-number", "STRM-021", "Each chunk has a running count, which is a number.",
        lambda reply: each_chunk(reply, _running), level="may", of=streamed, cascades=["USAGE-*", "STRM-*", "CRESP-031"])  # fmt: skip
_turned("deltas-hold-all-so-far", "STRM-012", "Each delta holds the whole text so far.", _so_far, of=streamed,
        cascades=["STRM-*", "CRESP-*", "CREQ-*", "SO-*", "TOOL-*", "STOOL-*", "USAGE-*", "RSN-*", "RT-*", "LOGP-*", "STAT-*"])  # fmt: skip
_turned("lines-end-with-tabs", "SSE-002", "Events of a stream end with vertical tabs.", _joined, at=RESPONSE, of=streamed,
        cascades=[*REFUSED, *LOST_STREAM, "TRANS-007", "USAGE-*"])  # fmt: skip
_turned("slow-answers-are-given-up", "TRANS-019", "The connection is closed after some seconds without a byte.",
        _given_up, level="should", at=SCRIPT, of=_long, cascades=REFUSED)  # fmt: skip
