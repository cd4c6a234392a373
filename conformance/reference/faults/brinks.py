"""At the brink: caps of one or beyond the context, prompts that do not fit, seeds of many bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, OTHER_WORDS, REFUSED
from conformance.reference.circumstances import chat, struck
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model.complete import CONTEXT
from conformance.reference.refusal import Refusal, crash

_TOO_LONG = "context_length_exceeded"
_CAPS = ("max_tokens", "max_completion_tokens")
_BITS = 63
"""Of a whole number with a sign, as engines hold it."""
_STEP = 4
"""Tokens that are guessed ahead, and taken or left together."""
_MORE = " more"
"""One token."""
_CALLED = ("TOOL-*", "STOOL-*", "RT-*")
_OVERFLOW = ("ERR-*", "TRANS-018", "CREQ-078")
"""What may fail where a prompt that does not fit is refused in another way."""


def _code(reply: Reply) -> str | None:
    held: Json = reply.document if isinstance(reply.document, dict) else {}
    inner = held.get("error")
    return inner.get("code") if isinstance(inner, dict) else None


def _dead(message: str) -> Reply:
    told = {"message": message, "type": "internal_server_error", "param": None, "code": None}
    return Reply(status=500, document={"error": told})


def _caps(request: HttpRequest) -> list[int]:
    """The caps of a request, under both names."""
    held: list[Any] = [request.json.get(name) for name in _CAPS]
    return [each for each in held if type(each) is int]


@fault(
    "cap-of-one-crashes", at=REQUEST, level="must", of=chat,
    sources=["mistralai/mistral-inference#122"],
    primary=["CREQ-020"], cascades=[*NO_ANSWER, "ERR-*", "STRM-*", "SSE-*"],
)  # fmt: skip
def cap_of_one_crashes(request: HttpRequest) -> HttpRequest:
    """A cap of one token is answered with 500."""
    if 1 in _caps(request):
        raise crash()
    return request


def _several(request: HttpRequest) -> bool:
    number: Any = request.json.get("n")
    return chat(request) and isinstance(number, int) and number > 1


@fault(
    "several-choices-refused-as-a-success", at=REPLY, level="must", of=_several,
    takes=["the body of answers"], sources=["raullenchai/Rapid-MLX#471"],
    primary=["ERR-007"], cascades=[*REFUSED, "MODELS-*"],
)  # fmt: skip
def several_choices_refused_as_a_success(reply: Reply) -> Reply:
    """More than one choice is refused in `detail`, with status 200."""
    return replace(
        reply, status=200, stream=False, chunks=(), document={"detail": "n > 1 is not supported"}
    )


def _seeded_beyond(request: HttpRequest) -> bool:
    seed: Any = request.json.get("seed")
    return chat(request) and type(seed) is int and seed.bit_length() > _BITS


@fault(
    "seed-of-many-bits-kills-the-engine", at=REPLY, level="must", of=chat, when=struck(_seeded_beyond, 6),
    takes=["the body of answers"], sources=["vllm-project/vllm#4529"],
    primary=["ERR-008"], cascades=REFUSED,
)  # fmt: skip
def seed_of_many_bits_kills_the_engine(_reply: Reply) -> Reply:
    """A seed of more than 64 bits ends the engine: it and what comes next is answered with 500."""
    return _dead("Overflow when unpacking long")


def _roomy(request: HttpRequest) -> bool:
    return chat(request) and any(each > CONTEXT for each in _caps(request))


@fault(
    "room-beyond-the-context-kills-the-engine", at=REPLY, level="must", of=chat, when=struck(_roomy, 6),
    takes=["the body of answers"], sources=["vllm-project/vllm#1543"],
    primary=["CREQ-020"], cascades=REFUSED,
    amended="a failure that calls itself the server's own is no permanent one: the clause of caps forbids it",
)  # fmt: skip
def room_beyond_the_context_kills_the_engine(_reply: Reply) -> Reply:
    """A cap beyond the context ends the engine: it and what comes next is answered with 500."""
    return _dead("Background loop has errored already.")


def _uncapped(request: HttpRequest) -> bool:
    return chat(request) and not _caps(request)


@fault(
    "overflow-without-a-cap-crashes", at=REPLY, level="should", of=_uncapped, takes=["the body of errors"],
    sources=["abetlen/llama-cpp-python#983"],
    primary=["ERR-021"], cascades=_OVERFLOW,
)  # fmt: skip
def overflow_without_a_cap_crashes(reply: Reply) -> Reply:
    """A prompt that is too long is answered with 500 where no cap stands beside it."""
    if _code(reply) != _TOO_LONG:
        return reply
    return _dead("unsupported operand type(s) for +: 'NoneType' and 'int'")


@fault(
    "overflow-told-as-a-negative-cap", at=REPLY, level="should", of=chat, takes=["the body of errors"],
    sources=["vllm-project/vllm#4667"],
    primary=["ERR-021"], cascades=_OVERFLOW,
)  # fmt: skip
def overflow_told_as_a_negative_cap(reply: Reply) -> Reply:
    """A prompt that is too long is refused for a cap of -186, which nobody asked for."""
    if _code(reply) != _TOO_LONG:
        return reply
    told = "max_tokens must be at least 1, got -186."
    error = {"message": told, "type": "BadRequestError", "param": None, "code": None}
    return replace(reply, document={"error": error})


@fault(
    "overflow-crashes-now-and-then", at=REPLY, level="should", of=chat, rate=0.5, takes=["the body of errors"],
    sources=["ggml-org/llama.cpp#19774"],
    primary=["ERR-021"], cascades=["ERR-032", *_OVERFLOW],
    amended="the first 500 breaks ERR-021 already; that another time it is 400 takes nothing from that",
)  # fmt: skip
def overflow_crashes_now_and_then(reply: Reply) -> Reply:
    """A prompt that is too long is refused with 400, or now and then with 500."""
    return _dead("Context size has been exceeded.") if _code(reply) == _TOO_LONG else reply


@fault(
    "end-missed-in-the-last-step", at=COMPLETION, level="must", of=chat,
    sources=["sgl-project/sglang#30291"],
    primary=["CRESP-015"], cascades=[*OTHER_WORDS, *_CALLED],
)  # fmt: skip
def end_missed_in_the_last_step(completion: Completion) -> Completion:
    """An answer that ends by itself within four tokens of its cap goes on up to it, and is cut."""
    cap = completion.ask.cap

    def run_on(choice: Choice) -> Choice:
        left = -1 if cap is None else cap - choice.spent
        ends = choice.finish == "stop" and choice.text is not None and not choice.likely
        if not ends or not 0 <= left < _STEP:
            return choice
        said = (*choice.tokens, *(_MORE,) * left)
        spent = choice.spent + left
        return replace(choice, text="".join(said), tokens=said, finish="length", spent=spent)

    return each_said(completion, run_on)


@fault(
    "outages-told-as-bad-requests", at=REQUEST, level="must", of=chat, rate=0.1,
    sources=["maximhq/bifrost#3927", "tontinton/maki#777"],
    primary=["ERR-019"], cascades=REFUSED,
)  # fmt: skip
def outages_told_as_bad_requests(_request: HttpRequest) -> HttpRequest:
    """Now and then upstream is gone or overloaded, and a gateway says so with 400."""
    raise Refusal(
        "Our servers are currently overloaded. Please try again later.",
        code="provider_connection_failed",
    )
