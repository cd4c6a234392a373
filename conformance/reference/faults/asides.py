"""Thoughts and notes about them in the wrong place, and who said what before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, OTHER_WORDS
from conformance.reference.circumstances import (
    both_of,
    chat,
    streamed,
    thinking,
    whole,
    with_tools,
)
from conformance.reference.edit import both, each_chunk_choice, each_said
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_CHANNEL = "<|channel>thought\nThe user wants an answer.<channel|>"
_NOTE = "[The reasoning was cut off.]"
_TAGS = ("<think>", "</think>")
_EMPTY = "<think>\n\n</think>\n\n"
_STREAMED = both_of(thinking, streamed)


def _told_by_the_system(request: HttpRequest) -> bool:
    """Requests of a model that does not reason, with a message of the system or the developer."""
    listed: Any = request.json.get("messages") if chat(request) else None
    roles = {each.get("role") for each in listed or () if isinstance(each, dict)}
    return bool(roles & {"system", "developer"}) and not thinking(request)


@fault(
    "system-message-opens-a-channel", at=COMPLETION, level="must", of=_told_by_the_system,
    sources=["Blaizzy/mlx-vlm#899"],
    primary=["RSN-018", "CRESP-026"], cascades=[*OTHER_WORDS, "TOOL-013", "STOOL-015"],
    amended="where a call is demanded, the thought is a text in its place: TOOL-013, STOOL-015",
)  # fmt: skip
def system_message_opens_a_channel(completion: Completion) -> Completion:
    """Where there is a system message, the model thinks, and its thought comes in the content, in marks."""

    def leaked(choice: Choice) -> Choice:
        cap = completion.ask.cap
        said = (*tokens.split(_CHANNEL), *choice.tokens)
        if choice.text is None or (cap is not None and len(said) > cap):
            return choice
        return replace(choice, text="".join(said), tokens=said, spent=len(said), likely=())

    return each_said(completion, leaked)


@fault(
    "cut-thought-noted-in-the-content", at=COMPLETION, level="should", of=thinking,
    sources=["raullenchai/Rapid-MLX#1009", "raullenchai/Rapid-MLX#448"],
    primary=["RSN-007"], cascades=["RSN-002", "CRESP-026", "LOGP-*", "STRM-025", "USAGE-*", "CRESP-031"],
)  # fmt: skip
def cut_thought_noted_in_the_content(completion: Completion) -> Completion:
    """Where the cap ends the reasoning, a note of the server's own stands in the content."""

    def noted(choice: Choice) -> Choice:
        if choice.text or not choice.thought or choice.finish != "length":
            return choice
        return replace(choice, text=_NOTE, tokens=tokens.split(_NOTE))

    return each_said(completion, noted)


@fault(
    "whole-answer-as-reasoning-when-off", at=COMPLETION, level="should", of=both_of(thinking, whole),
    takes=["the reasoning"], sources=["vllm-project/vllm#30139"],
    primary=["RSN-009"], cascades=["RSN-*", "CRESP-*", "CREQ-*", "SO-*", "LOGP-*", "RT-*", "USAGE-*"],
)  # fmt: skip
def whole_answer_as_reasoning_when_off(completion: Completion) -> Completion:
    """Where the model does not reason, an answer in one piece stands in `reasoning_content`, and content is null."""

    def swallowed(choice: Choice) -> Choice:
        if choice.thought or not choice.text:
            return choice
        return replace(choice, thought=choice.tokens, text=None, tokens=())

    return each_said(completion, swallowed)


@fault(
    "earlier-of-two-users-lost", at=REQUEST, level="should", of=chat,
    sources=["coasys/ad4m#854"],
    primary=["CREQ-016"], cascades=["CREQ-078", "USAGE-010", "ERR-021", "CREQ-018", "CREQ-007"],
)  # fmt: skip
def earlier_of_two_users_lost(request: HttpRequest) -> HttpRequest:
    """Of messages of the user in a row the last is read, and nobody hears of the others."""
    listed = request.json.get("messages")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return request
    laters: list[Json] = [*listed[1:], {}]
    kept = [
        each
        for each, later in zip(listed, laters, strict=False)
        if not each.get("role") == later.get("role") == "user"
    ]
    return request.edited(messages=kept)


@fault(
    "cut-thought-is-the-content", at=COMPLETION, level="must", of=thinking, takes=["the reasoning"],
    sources=["openvinotoolkit/model_server#4495"],
    primary=["RSN-018", "CRESP-026"], cascades=OTHER_WORDS,
)  # fmt: skip
def cut_thought_is_the_content(completion: Completion) -> Completion:
    """Where the cap ends the reasoning, it is the content, behind its opening tag."""

    def leaked(choice: Choice) -> Choice:
        cut = choice.thought and choice.finish == "length" and not choice.calls
        if not cut or choice.text or choice.refusal:
            return choice
        said = tokens.split(f"{_TAGS[0]}\n{''.join(choice.thought)}")
        return replace(choice, text="".join(said), tokens=said, thought=())

    return each_said(completion, leaked)


@fault(
    "empty-think-tags-when-off", at=COMPLETION, level="should", of=thinking,
    sources=["inferencerlabs/inferencer-feedback#219", "xorbitsai/inference#3647"],
    primary=["RSN-009"], cascades=[*OTHER_WORDS, "TOOL-013", "STOOL-015"],
)  # fmt: skip
def empty_think_tags_when_off(completion: Completion) -> Completion:
    """Where the model is told not to reason, a text begins with an empty pair of think tags."""
    asked = completion.ask

    def opened(choice: Choice) -> Choice:
        if choice.thought or not choice.text or asked.shape.kind != "text":
            return choice
        said = (*tokens.split(_EMPTY), *choice.tokens)
        kept = said if asked.cap is None else said[: asked.cap]
        finish = choice.finish if kept == said else "length"
        text = "".join(kept)
        return replace(choice, text=text, tokens=kept, likely=(), finish=finish, spent=len(kept))

    return each_said(completion, opened)


@fault(
    "no-choices-for-cut-thoughts", at=REPLY, level="must", of=both_of(thinking, whole),
    sources=["langwatch/langwatch#6290"],
    primary=["CRESP-006"], cascades=NO_ANSWER,
)  # fmt: skip
def no_choices_for_cut_thoughts(reply: Reply) -> Reply:
    """Where the cap ends the reasoning, `choices` is null, with status 200 and a usage."""

    def emptied(document: Json) -> Json:
        said = [each["message"] for each in document["choices"]]
        nothing = not any(each["content"] or each.get("tool_calls") for each in said)
        cut = all(each["finish_reason"] == "length" for each in document["choices"])
        return {**document, "choices": None} if nothing and cut else document

    return both(reply, emptied)


@fault(
    "first-token-after-streamed-thoughts-lost", at=REPLY, level="should",
    of=both_of(_STREAMED, with_tools), sources=["vllm-project/vllm#30671"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def first_token_after_streamed_thoughts_lost(reply: Reply) -> Reply:
    """Where tools are offered, the first delta of text after streamed reasoning says null."""
    thinks: set[int] = set()

    def lost(choice: Json) -> Json:
        delta = choice["delta"]
        if delta.get("reasoning_content"):
            thinks.add(choice["index"])
        elif delta.get("content") and choice["index"] in thinks:
            thinks.discard(choice["index"])
            return {**choice, "delta": {**delta, "content": None}}
        return choice

    return each_chunk_choice(reply, lost)


def _heard(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces but those that were held back as the begin of a think tag, and were none."""
    held = ""
    for piece in pieces:
        held += piece
        if any(tag.startswith(held) and tag != held for tag in _TAGS):
            continue
        yield held if held in _TAGS else piece
        held = ""


@fault(
    "begun-tags-lost-in-streams", at=COMPLETION, level="should", of=_STREAMED,
    sources=["sgl-project/sglang#8569"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def begun_tags_lost_in_streams(completion: Completion) -> Completion:
    """In streams what begins like a think tag, as any tag of HTML does, is lost."""

    def lossy(choice: Choice) -> Choice:
        kept = tuple(_heard(choice.tokens))
        if not choice.text or len(kept) == len(choice.tokens):
            return choice
        return replace(choice, text="".join(kept), tokens=kept, likely=())

    return each_said(completion, lossy)
