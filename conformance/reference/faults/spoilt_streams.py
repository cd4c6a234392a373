"""Streams whose chunks lack something, or say it in another member, and reasoning in the wrong place."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, OTHER_WORDS
from conformance.reference.circumstances import both_of, chat, streamed, thinking
from conformance.reference.edit import (
    each_choice,
    each_chunk,
    each_chunk_choice,
    each_delta,
    each_said,
    without,
)
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_THOUGHT = both_of(thinking, streamed)


@fault(
    "finish-while-reasoning", at=REPLY, level="must", of=_THOUGHT, takes=["the finish of streams"],
    sources=["open-webui/open-webui#16377"], field=["finish-stop-on-reasoning-chunks"],
    primary=["STRM-008"], cascades=["STRM-013", "STRM-014", "STRM-025", "CRESP-*", "RSN-*", "SO-*", "TOOL-*"],
)  # fmt: skip
def finish_while_reasoning(reply: Reply) -> Reply:
    """Each chunk with reasoning has `finish_reason: stop`."""

    def ended(choice: Json) -> Json:
        thought = choice["delta"].get("reasoning_content")
        return {**choice, "finish_reason": "stop"} if thought else choice

    return each_chunk_choice(reply, ended)


@fault(
    "message-in-chunks", at=REPLY, level="must", of=streamed, takes=["the deltas"],
    sources=["songquanpeng/one-api#1688"], field=["stream-choices-hold-message"],
    primary=["STRM-007"], cascades=["*"],
)  # fmt: skip
def message_in_chunks(reply: Reply) -> Reply:
    """Choices of chunks have `message` in place of `delta`."""
    return each_chunk_choice(
        reply, lambda choice: {**without(choice, "delta"), "message": choice["delta"]}
    )


@fault(
    "streamed-text-blank", at=REPLY, level="should", of=streamed, takes=["the text of deltas"],
    sources=["prantlf/ovai#5"], field=["stream-content-empty-strings"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def streamed_text_blank(reply: Reply) -> Reply:
    """Every delta of text is an empty string, though its tokens are counted."""
    return each_delta(
        reply, lambda delta: {**delta, "content": ""} if delta.get("content") else delta
    )


@fault(
    "usage-chunk-without-choices", at=REPLY, level="must", of=streamed,
    sources=["ROCm/ATOM#1711"], field=["usage-chunk-without-choices"],
    primary=["STRM-005"], cascades=["STRM-017", "STRM-019", "STRM-025"],
)  # fmt: skip
def usage_chunk_without_choices(reply: Reply) -> Reply:
    """The usage chunk has no member `choices`."""
    chunks = (each if each["choices"] else without(each, "choices") for each in reply.chunks)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "usage-of-no-members", at=REPLY, level="must", of=streamed,
    sources=["BerriAI/litellm#1371"], field=["usage-empty-object-in-chunks"],
    primary=["USAGE-001"], cascades=["STRM-017", "STRM-018", "STRM-019", "STRM-020", "RSN-004"],
)  # fmt: skip
def usage_of_no_members(reply: Reply) -> Reply:
    """Each chunk but the last has `usage: {}`."""
    return each_chunk(reply, lambda chunk: chunk if chunk.get("usage") else {**chunk, "usage": {}})


@fault(
    "content-lost-with-the-cut", at=REPLY, level="must", of=chat,
    sources=["raullenchai/Rapid-MLX#724"], field=["content-missing-when-cut-in-reasoning"],
    primary=["CRESP-009"], cascades=["RSN-007", "CRESP-013", "CRESP-031", *NO_ANSWER],
)  # fmt: skip
def content_lost_with_the_cut(reply: Reply) -> Reply:
    """Where the cap ends the reasoning, the message has no member `content`."""

    def cut(choice: Json) -> Json:
        message = choice["message"]
        lost = message.get("reasoning_content") and not message.get("content")
        if choice["finish_reason"] != "length" or not lost:
            return choice
        return {**choice, "message": without(message, "content")}

    return each_choice(reply, cut)


def _answered(request: HttpRequest) -> bool:
    listed = request.json.get("messages")
    told = listed if isinstance(listed, list) else []
    return _THOUGHT(request) and any(
        isinstance(each, dict) and each.get("role") == "tool" for each in told
    )


@fault(
    "think-tags-after-results", at=COMPLETION, level="must", of=_answered, takes=["the reasoning"],
    sources=["vllm-project/vllm#27703"], field=["think-leak-after-tool-results"],
    primary=["RSN-018"], cascades=["RSN-*", "CRESP-026", "CRESP-028", "CRESP-031", "RT-*", "STOOL-015"],
    amended="tags before a further call stand beside it: STOOL-015",
)  # fmt: skip
def think_tags_after_results(completion: Completion) -> Completion:
    """Once the conversation holds results of tools, the reasoning streams as content, in think tags."""

    def leaking(choice: Choice) -> Choice:
        if not choice.thought or choice.text is None:
            return choice
        pieces = (*tokens.split("<think>" + "".join(choice.thought) + "</think>"), *choice.tokens)
        return replace(choice, thought=(), tokens=pieces, text="".join(pieces), spent=len(pieces))

    return each_said(completion, leaking)
