"""Thoughts and notes about them in the wrong place, and who said what before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Json
from conformance.reference.breaks import OTHER_WORDS
from conformance.reference.circumstances import both_of, chat, thinking, whole
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_CHANNEL = "<|channel>thought\nThe user wants an answer.<channel|>"
_NOTE = "[The reasoning was cut off.]"


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
