"""What is seen and heard, and by whom: pictures of an earlier request, sounds that are dropped, others' characters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import OTHER_WORDS, REFUSED
from conformance.reference.circumstances import all_of, busy, chat, streamed, struck
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_STRAY = "拆"
_PENALTY = 1.05


def _each_part(messages: Any, edit: Callable[[Json], Json | None]) -> Any:
    """Messages with every part of their contents edited, or dropped where None."""
    if not isinstance(messages, list):
        return messages

    def inside(held: Any) -> Any:
        parts = held.get("content") if isinstance(held, dict) else None
        if not isinstance(parts, list):
            return held
        told = (edit(each) if isinstance(each, dict) else each for each in parts)
        return {**held, "content": [each for each in told if each is not None]}

    return [*map(inside, messages)]


def _pictures(request: HttpRequest) -> list[str]:
    """The addresses of all its pictures, as JSON."""
    seen: list[str] = []

    def look(part: Json) -> Json:
        if part.get("type") == "image_url":
            seen.append(json.dumps(part.get("image_url")))
        return part

    _each_part(request.json.get("messages"), look)
    return seen


def _words(request: HttpRequest) -> str:
    """What is said, whatever its pictures show."""
    blank = _each_part(
        request.json.get("messages"),
        lambda part: {"type": "image_url"} if part.get("type") == "image_url" else part,
    )
    return json.dumps(blank)


def _seeing(request: HttpRequest) -> bool:
    return chat(request) and bool(_pictures(request))


@fault(
    "pictures-are-the-servers-fault", at=REQUEST, level="may", of=_seeing,
    sources=["ggml-org/llama.cpp#12947"],
    primary=["CREQ-007"], cascades=REFUSED,
    amended="500 may be an outage; that an image is taken or refused with 400 is CREQ-007",
)  # fmt: skip
def pictures_are_the_servers_fault(_request: HttpRequest) -> HttpRequest:
    """A model without eyes answers a picture with 500, as if it were worth another try."""
    raise Refusal(
        "Failed to parse messages: Unsupported content part type: image_url",
        status=500,
        kind="server_error",
    )


@fault(
    "picture-of-an-earlier-request", at=REQUEST, level="may", of=_seeing,
    sources=["waybarrios/vllm-mlx#718", "exo-explore/exo#2272", "vllm-project/vllm#20261"],
    primary=["CREQ-007"], cascades=["USAGE-010", "USAGE-012"],
)  # fmt: skip
def picture_of_an_earlier_request(request: HttpRequest) -> HttpRequest:
    """The cache knows a prompt by its words: who asks the same about another picture is told of the first one."""
    said = _words(request)
    alike = [each for each in request.earlier if _seeing(each) and _words(each) == said]
    return request.edited(messages=alike[-1].json["messages"]) if alike else request


@fault(
    "same-picture-fails-the-second-time", at=REQUEST, level="may", of=_seeing,
    sources=["vllm-project/vllm#7797"],
    primary=["CREQ-007"], cascades=REFUSED,
)  # fmt: skip
def same_picture_fails_the_second_time(request: HttpRequest) -> HttpRequest:
    """A request about a picture, asked once more word for word, is answered with 500."""
    if any(each.body == request.body for each in request.earlier):
        raise Refusal(
            "Attempted to assign 1 x 2509 = 2509 image tokens to 0 placeholders",
            status=500,
            kind="server_error",
        )
    return request


@fault(
    "sounds-dropped-in-silence", at=REQUEST, level="may", of=chat,
    sources=["raullenchai/Rapid-MLX#466"],
    primary=["CREQ-008"], cascades=["CREQ-007"],
)  # fmt: skip
def sounds_dropped_in_silence(request: HttpRequest) -> HttpRequest:
    """A model without ears leaves sounds out of a prompt, and answers as if there had been none."""
    heard = _each_part(
        request.json.get("messages"),
        lambda part: None if part.get("type") == "input_audio" else part,
    )
    return request.edited(messages=heard) if heard != request.json.get("messages") else request


@fault(
    "characters-of-another-stream", at=COMPLETION, level="should", of=streamed, when=busy(2),
    sources=["BerriAI/litellm#35023"],
    primary=["CRESP-031"], cascades=[*OTHER_WORDS, "TOOL-*", "STOOL-*"],
    amended="whose character it is nobody can tell, and STAT-006 looks for words: a stream that says more than the whole answer is CRESP-031",
)  # fmt: skip
def characters_of_another_stream(completion: Completion) -> Completion:
    """While others are being answered, a character of another stream gets into one."""

    def strayed(choice: Choice) -> Choice:
        if not choice.text:
            return choice
        place = len(choice.tokens) // 2
        said = (*choice.tokens[:place], choice.tokens[place] + _STRAY, *choice.tokens[place + 1 :])
        return replace(choice, tokens=said, text="".join(said))

    return each_said(completion, strayed)


def _penalised(request: HttpRequest) -> bool:
    return bool(request.json.get("frequency_penalty"))


@fault(
    "penalty-of-a-neighbour", at=ASK, level="should", of=chat, when=all_of(busy(2), struck(_penalised, 2)),
    sources=["huggingface/text-generation-inference#1765", "huggingface/text-generation-inference#1811"],
    primary=["CREQ-024"], cascades=["STAT-001", "STAT-006", "CRESP-031", "LOGP-013", "CREQ-038"],
)  # fmt: skip
def penalty_of_a_neighbour(ask: Ask) -> Ask:
    """A penalty that one request asks for holds for those that are being answered with it."""
    return replace(ask, frequency_penalty=ask.frequency_penalty or _PENALTY)
