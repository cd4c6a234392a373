"""Answers that come late, or not at all, where tools are offered."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import both_of, streamed, with_tools
from conformance.reference.edit import joined_choices
from conformance.reference.fault import REPLY, SCRIPT, fault
from conformance.reference.script import HangUp, Script

_STREAMED_WITH_TOOLS = both_of(streamed, with_tools)


@fault(
    "text-held-back-beside-tools", at=REPLY, level="should", of=_STREAMED_WITH_TOOLS,
    sources=["ggml-org/llama.cpp#15681"], field=["content-buffered-until-end-by-parser"],
    primary=["STRM-026"], cascades=["TRANS-007", "SSE-017", "CRESP-031"],
    amended="asked whole and streamed, answers are compared: CRESP-031",
)  # fmt: skip
def text_held_back_beside_tools(reply: Reply) -> Reply:
    """Where tools are offered, the text of a stream comes in one delta, just before its finish."""
    held: Json | None = None
    chunks: list[Json] = []
    for chunk in reply.chunks:
        choices = chunk["choices"]
        if len(choices) == 1 and choices[0]["delta"].get("content"):
            said = choices[0] if held is None else joined_choices(held["choices"][0], choices[0])
            held = {**chunk, "choices": [said]}
            continue
        if held is not None and choices and choices[0]["finish_reason"]:
            chunks.append(held)
            held = None
        chunks.append(chunk)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "tools-without-an-answer", at=SCRIPT, level="must", of=with_tools, rate=0.2,
    sources=["vllm-project/vllm-ascend#16313"], field=["tool-flags-make-server-slow-or-dead"],
    primary=["CREQ-049"],
    cascades=[*NO_ANSWER, *LOST_STREAM, "STRM-*", "STOOL-*", "SSE-*", "TRANS-*", "ERR-*"],
)  # fmt: skip
def tools_without_an_answer(_script: Script) -> Script:
    """Requests with tools get no answer now and then: the connection ends."""
    return (HangUp(),)
